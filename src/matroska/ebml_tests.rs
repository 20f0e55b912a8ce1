use proptest::prelude::*;

use super::*;
use crate::matroska::reading::elements;

#[test]
fn sizes_avoid_the_all_ones_that_mean_unknown() {
    let widths = [(0, 1), (126, 1), (127, 2), (16_382, 2), (16_383, 3), ((1 << 49) - 1, 8), ((1 << 49) - 2, 7)];
    for (size, width) in widths {
        assert_eq!(size_width(size), width, "{size}");
    }
    let mut out = Vec::new();
    put_size(&mut out, 127);
    assert_eq!(out, [0x40, 0x7F]);
    assert_eq!(size_field(5), [0x01, 0, 0, 0, 0, 0, 0, 5]);
}

#[test]
fn numbers_take_as_few_bytes_as_they_need() {
    let mut out = Vec::new();
    put_uint(&mut out, ids::TRACK_NUMBER, 0);
    put_uint(&mut out, ids::TRACK_NUMBER, 256);
    put_uint(&mut out, ids::TIMESTAMP_SCALE, 1_000_000);
    assert_eq!(out, [0xD7, 0x81, 0, 0xD7, 0x82, 1, 0, 0x2A, 0xD7, 0xB1, 0x83, 0x0F, 0x42, 0x40]);
}

#[test]
fn text_has_no_nul() {
    let mut out = Vec::new();
    put_text(&mut out, ids::CODEC_ID, "a\0b");
    assert_eq!(out, [0x86, 0x82, b'a', b'b']);
}

#[test]
fn crc_is_the_standard_one_stored_low_byte_first() {
    assert_eq!(sealed(b"123456789")[..6], [0xBF, 0x84, 0x26, 0x39, 0xF4, 0xCB]);
}

#[test]
fn an_element_fills_any_space_that_can_hold_it() {
    for content in [0, 1, 125, 126, 127, 128, 16_382, 16_383] {
        let needed = element_len(ids::TAGS, content);
        for space in needed..needed + 300 {
            let mut out = Vec::new();
            assert!(put_fitted(&mut out, ids::TAGS, &vec![0xEC; content], space));
            assert_eq!(out.len(), space);
            assert!(out.starts_with(&ids::TAGS.to_be_bytes()));
            let void = out.len() - needed;
            assert!(void <= 1 || out[needed] == 0xEC);
        }
        let mut out = Vec::new();
        assert!(!put_fitted(&mut out, ids::TAGS, &vec![0; content], needed - 1));
        assert!(out.is_empty());
    }
}

#[test]
fn void_has_the_length_asked_for() {
    for space in (2..400).chain([70_000, 3_000_000]) {
        let mut out = Vec::new();
        put_void(&mut out, space);
        let read = elements(&out, 0);
        assert_eq!((out.len(), read.len(), read[0].id), (space, 1, ids::VOID));
    }
}

proptest! {
    #[test]
    fn sizes_read_back_at_every_width(size in 0..(1u64 << 56) - 1, shift in 0..56, wider in 0..8usize) {
        let size = size >> shift;
        let mut out = Vec::new();
        put_size_wide(&mut out, size, size_width(size) + wider);
        prop_assert_eq!(out.len(), (size_width(size) + wider).min(8));
        prop_assert_eq!(out[0].leading_zeros() as usize + 1, out.len());
        let value = out.iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
        prop_assert_eq!(value ^ 1 << (7 * out.len()), size);
    }
}
