//! The parameters of a source.

use crate::base::media::Media;
use crate::recovery::params::*;

#[test]
fn clean_commands_are_whole_units_within_the_limit_of_the_source() {
    let clean = |media, max| Params::preset(media).for_source(max).checked().clean_sectors;
    assert_eq!(clean(Media::Bd, 60), 32);
    assert_eq!(clean(Media::Dvd, 60), 48);
    assert_eq!(clean(Media::Cd, 60), 60);
    assert_eq!(clean(Media::Bd, 1000), 64);
    assert_eq!(clean(Media::Bd, 16), 16);
    assert_eq!(clean(Media::Bd, 0), 1);
    let long = Params::preset(Media::Bd).for_source(500).with_long_commands().checked();
    assert_eq!(long.clean_sectors, 480);
}
