//! How long commands are.

use crate::base::media::Media;
use crate::base::sector::SectorRange;
use crate::recovery::params::Params;
use crate::recovery::sweep::read_length::*;

#[test]
fn commands_end_on_unit_boundaries_and_shrink_to_one_unit_near_damage() {
    let mut length = ReadLength::far(&Params::preset(Media::Dvd).for_source(60).checked());
    let command = |length: &ReadLength, start, end| length.command(SectorRange::new(start, end));
    assert_eq!(command(&length, 0, 1000), SectorRange::new(0, 48));
    assert_eq!(command(&length, 5, 1000), SectorRange::new(5, 48));
    assert_eq!(command(&length, 32, 40), SectorRange::new(32, 40));
    length.fail();
    assert_eq!(command(&length, 5, 1000), SectorRange::new(5, 16));
    length.read(511);
    assert_eq!(command(&length, 16, 1000), SectorRange::new(16, 32));
    length.read(1);
    assert_eq!(command(&length, 16, 1000), SectorRange::new(16, 64));
}

#[test]
fn a_source_that_takes_less_than_a_unit_gets_what_it_takes() {
    let length = ReadLength::far(&Params::preset(Media::Bd).for_source(12).checked());
    assert_eq!(length.command(SectorRange::new(0, 1000)), SectorRange::new(0, 12));
    assert_eq!(length.command(SectorRange::new(24, 1000)), SectorRange::new(24, 32));
}
