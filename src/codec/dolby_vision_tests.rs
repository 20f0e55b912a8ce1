use super::*;
use proptest::prelude::*;

const UHD: (u32, u32) = (3840, 2160);
const FILM: Option<(u32, u32)> = Some((24_000, 1001));

#[test]
fn records_are_those_that_the_specification_shows() {
    let record = |profile, enhanced, transfer| DolbyVision::of(profile, enhanced, UHD, FILM, transfer).record();
    assert_eq!(record(7, true, Some(16))[..6], [1, 0, 0x0E, 0x37, 0x60, 0]);
    assert_eq!(record(8, false, Some(16))[..6], [1, 0, 0x10, 0x35, 0x10, 0]);
    assert_eq!(record(8, false, Some(18))[4], 0x40);
    assert_eq!(record(5, false, None)[..6], [1, 0, 0x0A, 0x35, 0, 0]);
}

#[test]
fn levels_follow_the_pixels_a_second() {
    assert_eq!(level((1280, 720), FILM), 1);
    assert_eq!(level((1920, 1080), FILM), 3);
    assert_eq!(level(UHD, FILM), 6);
    assert_eq!(level(UHD, Some((25, 1))), 7);
    assert_eq!(level(UHD, Some((60_000, 1001))), 9);
    assert_eq!(level((u32::MAX, u32::MAX), Some((u32::MAX, 1))), 13);
    assert_eq!(level(UHD, Some((1, 0))), 6);
}

/// Fields of this many bits.
fn bits(fields: &[(u32, u32)]) -> Vec<u8> {
    let bits: Vec<bool> = fields.iter().flat_map(|(w, v)| (0..*w).rev().map(move |bit| v >> bit & 1 == 1)).collect();
    bits.chunks(8).map(|c| c.iter().enumerate().fold(0, |byte, (i, bit)| byte | u8::from(*bit) << (7 - i))).collect()
}

/// The header: profile, full range, the enhancement layer is scaled, there is no residual.
fn header(profile: u32, full_range: u32, scaled: u32, alone: u32) -> Vec<u8> {
    let head = [(8, 25), (6, 2), (11, 18), (4, profile), (4, 0), (1, 1), (1, 0), (2, 0)];
    // 23, 2, 2 and 4 as Exp-Golomb codes.
    let sizes = [(9, 24), (2, 1), (1, full_range), (3, 3), (3, 3), (5, 5), (1, 0), (3, 0)];
    bits(&[&head[..], &sizes, &[(1, scaled), (1, alone), (32, 0)]].concat())
}

#[test]
fn metadata_shows_its_profile() {
    assert_eq!(profile(&header(0, 1, 0, 0)), Some(5));
    assert_eq!(profile(&header(1, 0, 1, 0)), Some(7));
    assert_eq!(profile(&header(1, 0, 0, 1)), Some(8));
    assert_eq!(profile(&[0; 20]), None);
    assert_eq!(profile(&header(1, 0, 0, 1)[..4]), None);
}

proptest! {
    #[test]
    fn no_bytes_make_it_fail(data in prop::collection::vec(any::<u8>(), 0..40)) {
        profile(&[&[25, 8][..], &data].concat());
    }
}
