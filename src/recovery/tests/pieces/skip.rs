//! How far a sweep leaves damage.

use crate::base::media::Media;
use crate::recovery::params::Params;
use crate::recovery::sweep::skip::*;

const DISC: u64 = 1 << 20;

#[test]
fn skips_grow_up_to_a_twenty_fifth_of_the_disc() {
    let mut skip = Skip::new(&Params::preset(Media::Bd).checked(), DISC);
    let skips: Vec<u64> = (0..8).map(|_| skip.fail()).collect();
    assert_eq!(skips, [96, 3072, 41943, 41943, 41943, 41943, 41943, 41943]);
}

#[test]
fn the_level_falls_with_disc_read_and_not_with_the_number_of_reads() {
    let mut skip = Skip::new(&Params::preset(Media::Dvd).checked(), DISC);
    skip.fail();
    skip.fail();
    for _ in 0..100 {
        skip.read(16);
    }
    assert_eq!(skip.fail(), DISC / 25, "a comb of good reads between failures keeps it up");
    skip.read(3 * DISC / 250);
    assert_eq!(skip.fail(), 48, "far from the damage it has fallen");
}
