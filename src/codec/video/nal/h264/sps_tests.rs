use super::*;
use proptest::prelude::*;

/// Writes the fields of a set.
#[derive(Clone, Default)]
struct Writer(Vec<bool>);

impl Writer {
    fn u(mut self, width: u32, value: u32) -> Self {
        self.0.extend((0..width).rev().map(|bit| value >> bit & 1 == 1));
        self
    }

    fn ue(self, value: u32) -> Self {
        let width = 32 - (value + 1).leading_zeros();
        self.u(width - 1, 0).u(width, value + 1)
    }

    fn bytes(&self) -> Vec<u8> {
        let bits = self.0.chunks(8);
        bits.map(|c| c.iter().enumerate().fold(0, |byte, (i, bit)| byte | u8::from(*bit) << (7 - i))).collect()
    }
}

/// A set of 1920×1080, up to the flag that says whether there is a VUI.
fn hd(level: u32, interlaced: bool) -> Writer {
    let head = Writer::default().u(8, 100).u(8, 0).u(8, level).ue(3).ue(1).ue(0).ue(0).u(1, 0).u(1, 0);
    let order = head.ue(5).ue(0).ue(6).ue(4).u(1, 0).ue(119);
    let size = if interlaced { order.ue(33).u(1, 0).u(1, 1) } else { order.ue(67).u(1, 1) };
    size.u(1, 1).u(1, 1).ue(0).ue(0).ue(0).ue(if interlaced { 2 } else { 4 })
}

/// Aspect 40:33, BT.709, left chroma, 24000/1001, HRD with delays of 24 and 20 bits, pic_struct.
fn vui(sps: Writer) -> Writer {
    let head = sps.u(1, 1).u(1, 1).u(8, 5).u(1, 0).u(1, 1).u(3, 5).u(1, 0).u(1, 1).u(24, 0x01_0101).u(1, 1).ue(0).ue(0);
    let timing = head.u(1, 1).u(32, 1001).u(32, 48_000).u(1, 1);
    let hrd = timing.u(1, 1).ue(1).u(8, 0).ue(7).ue(7).u(1, 0).ue(8).ue(8).u(1, 0).u(5, 23).u(5, 23).u(5, 19).u(5, 24);
    hrd.u(1, 0).u(1, 0).u(1, 1)
}

#[test]
fn reads_size_depth_and_vui() {
    let sps = parse(&vui(hd(41, true)).u(1, 0).u(1, 1).bytes()).unwrap();
    assert_eq!((sps.id, sps.width, sps.height, sps.frame_num_bits, sps.order_bits), (3, 1920, 1080, 9, Some(10)));
    assert_eq!((sps.luma_depth, sps.chroma_format, sps.frames_only, sps.adaptive_fields), (8, 1, false, true));
    let Vui { aspect, colour, frame_rate, timing_bits } = sps.vui;
    assert_eq!(aspect, Some(Rational { num: 40, den: 33 }));
    assert_eq!((colour.primaries, colour.full_range, colour.chroma_location), (Some(1), Some(false), Some(0)));
    assert_eq!(frame_rate, Some(Rational { num: 24_000, den: 1001 }));
    assert_eq!(timing_bits, Some(44));
}

#[test]
fn a_level_too_low_or_bytes_behind_the_end_do_not_matter() {
    let whole = vui(hd(11, false)).u(1, 0).u(1, 1).bytes();
    let sps = parse(&whole).unwrap();
    assert_eq!((sps.width, sps.height), (1920, 1080));
    assert_eq!(parse(&[&whole[..], &[0x12, 0x34, 0x80]].concat()), Some(sps));
}

#[test]
fn what_a_cut_vui_says_is_kept() {
    let whole = vui(hd(41, false)).bytes();
    let sps = parse(&whole[..whole.len() - 7]).unwrap();
    assert_eq!((sps.width, sps.height), (1920, 1080));
    assert_eq!(sps.vui.aspect, Some(Rational { num: 40, den: 33 }));
    assert_eq!(sps.vui.frame_rate, Some(Rational { num: 24_000, den: 1001 }));
    assert_eq!(sps.vui.timing_bits, None);
}

#[test]
fn a_set_whose_size_cannot_be_read_is_none() {
    assert_eq!(parse(&hd(41, false).bytes()[..6]), None);
    let frame_num = Writer::default().u(8, 77).u(8, 0).u(8, 40).ue(0).ue(13).ue(2).ue(1).u(1, 0).ue(9).ue(9).u(8, 0x90);
    assert_eq!(parse(&frame_num.bytes()), None);
    let huge = Writer::default().u(8, 77).u(8, 0).u(8, 40).ue(0).ue(0).ue(2).ue(1).u(1, 0).ue(1 << 20).ue(9).u(8, 0x90);
    assert_eq!(parse(&huge.bytes()), None);
}

#[test]
fn a_crop_that_leaves_nothing_is_none() {
    let head = Writer::default().u(8, 77).u(8, 0).u(8, 40).ue(0).ue(0).ue(2).ue(1).u(1, 0).ue(9).ue(9).u(1, 1).u(1, 0);
    let cropped = head.u(1, 1).ue(0).ue(u32::MAX - 1).ue(0).ue(4).u(1, 0);
    let sps = parse(&cropped.bytes()).unwrap();
    assert_eq!((sps.width, sps.height), (160, 152));
}

proptest! {
    #[test]
    fn no_bytes_make_it_fail(data in prop::collection::vec(any::<u8>(), 0..80), profile in prop::sample::select(vec![77u8, 100, 244])) {
        if let Some(sps) = parse(&[&[profile][..], &data].concat()) {
            prop_assert!((1..=1 << 16).contains(&sps.width) && (1..=1 << 17).contains(&sps.height));
        }
    }

    #[test]
    fn a_cut_anywhere_behind_the_size_keeps_the_size(cut in 0usize..12, flip in any::<u8>()) {
        let mut whole = vui(hd(41, false)).u(1, 0).u(1, 1).bytes();
        let keep = hd(41, false).bytes().len() + cut;
        whole.truncate(keep + 1);
        if let Some(last) = whole.last_mut() { *last ^= flip; }
        let sps = parse(&whole).unwrap();
        prop_assert_eq!((sps.width, sps.height), (1920, 1080));
    }
}
