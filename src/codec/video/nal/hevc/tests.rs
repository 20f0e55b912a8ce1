use super::*;
use crate::base::time::Ticks90;
use crate::codec::recorder::{Recorder, split};
use crate::codec::{Lost, MAIN, Splitter, Stamp};
use proptest::prelude::*;

/// Parameter sets of a 1920×1080 ten-bit stream at 24000/1001, as x265 wrote them.
const SETS: [&[u8]; 3] = [
    &[
        0x40, 0x01, 0x0C, 0x01, 0xFF, 0xFF, 0x02, 0x20, 0x00, 0x00, 0x03, 0x00, 0x90, 0x00, 0x00, 0x03, 0x00, 0x00,
        0x03, 0x00, 0x78, 0x95, 0x98, 0x09,
    ],
    &[],
    &[0x44, 0x01, 0xC1, 0x72, 0xB4, 0x62, 0x40],
];

/// A set of 64×64 pixels, written bit by bit.
fn sps() -> Vec<u8> {
    let mut bits = String::new();
    let ue = |value: u32| {
        let code = format!("{:b}", value + 1);
        format!("{}{code}", "0".repeat(code.len() - 1))
    };
    // VPS 0, one layer, nested; profile 2, compatibility, flags, level 120.
    bits += "0000";
    bits += "000";
    bits += "1";
    bits += &format!("{:08b}{:032b}{:048b}{:08b}", 2, 0x2000_0000u32, 0x9000_0000_0000u64, 120);
    for value in [0, 1, 64, 64] {
        bits += &ue(value);
    }
    bits += "0";
    for value in [2, 2, 4] {
        bits += &ue(value);
    }
    bits += "1";
    for value in [4, 2, 0, 0, 3, 0, 3, 0, 0] {
        bits += &ue(value);
    }
    // No scaling lists; AMP, SAO; no PCM; no reference sets; no long-term ones; two flags; no VUI; no extension.
    bits += "0110";
    bits += &ue(0);
    bits += "0";
    bits += "11";
    bits += "0";
    bits += "0";
    bits += "1";
    while !bits.len().is_multiple_of(8) {
        bits.push('0');
    }
    let mut nal = vec![0x42, 0x01];
    for at in (0..bits.len()).step_by(8) {
        let byte = u8::from_str_radix(&bits[at..at + 8], 2).unwrap();
        if nal.ends_with(&[0, 0]) && byte <= 3 {
            nal.push(3);
        }
        nal.push(byte);
    }
    nal
}

fn nal(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind << 1, 1], body].concat()
}

fn picture(kind: u8) -> Vec<u8> {
    annexb(&[nal(35, &[0x50]), nal(kind, &[0xE0, 0x55, 0xAA]), nal(kind, &[0x60, 0x55, 0xAA])])
}

fn annexb(nals: &[Vec<u8>]) -> Vec<u8> {
    nals.iter().flat_map(|nal| [&[0, 0, 1], &nal[..]].concat()).collect()
}

fn sets() -> Vec<u8> {
    annexb(&[nal(35, &[0x10]), SETS[0].to_vec(), sps(), SETS[2].to_vec()])
}

/// CRA with two leading pictures, a trailing one, a second CRA with one of each leading kind.
fn stream() -> Vec<(i64, Vec<u8>)> {
    let first = [sets(), picture(21)[6..].to_vec()].concat();
    vec![
        (20, first),
        (10, picture(8)),
        (15, picture(7)),
        (30, picture(1)),
        (60, picture(21)),
        (40, picture(9)),
        (50, picture(6)),
        (70, picture(0)),
    ]
}

fn packet(splitter: &mut HevcSplitter, pts: i64, data: &[u8], out: &mut Recorder) {
    splitter.start(Stamp { pts: Some(Ticks90(pts)), dts: None }, None, out);
    splitter.payload(data);
    splitter.end(out);
}

#[test]
fn keys_and_leading_pictures_follow_the_unit_types() {
    let mut splitter = HevcSplitter::new();
    let mut out = Recorder::default();
    for (pts, data) in stream() {
        packet(&mut splitter, pts, &data, &mut out);
    }
    splitter.finish(&mut out);
    let seen: Vec<_> = out.frames.iter().map(|f| (f.pts, f.key, f.leading, f.discardable)).collect();
    assert_eq!(
        seen,
        [
            (20, true, false, false),
            (10, false, true, true),
            (15, false, false, false),
            (30, false, false, false),
            (60, true, false, false),
            (40, false, true, false),
            (50, false, false, true),
            (70, false, false, true),
        ]
    );
    let facts = splitter.facts(MAIN).unwrap();
    let video = facts.video.as_ref().unwrap();
    assert_eq!((video.width, video.height, video.bit_depth), (64, 64, 10));
    assert_eq!(facts.private[..2], [1, 2]);
    assert_eq!(facts.private[12..23], [120, 0xF0, 0, 0xFC, 0xFD, 0xFA, 0xFA, 0, 0, 0x0F, 3]);
}

#[test]
fn behind_a_loss_it_goes_on_at_a_key_without_the_pictures_that_refer_back() {
    let mut splitter = HevcSplitter::new();
    let mut out = Recorder::default();
    let units = stream();
    packet(&mut splitter, units[0].0, &units[0].1, &mut out);
    splitter.start(Stamp { pts: Some(Ticks90(30)), dts: None }, None, &mut out);
    splitter.payload(&units[3].1[..10]);
    splitter.discontinuity(&mut out);
    for (pts, data) in &units[3..] {
        packet(&mut splitter, *pts, data, &mut out);
    }
    splitter.finish(&mut out);
    assert_eq!(out.frames.iter().map(|f| f.pts).collect::<Vec<_>>(), [20, 60, 50, 70]);
    assert_eq!(out.lost, [Lost { track: MAIN, from: Some(Ticks90(20)), until: Some(Ticks90(60)) }]);
}

#[test]
fn hdr_messages_are_read_in_their_order() {
    let mut body = vec![137, 24];
    for value in [1u16, 2, 3, 4, 5, 6, 7, 8] {
        body.extend(value.to_be_bytes());
    }
    body.extend(10_000_000u32.to_be_bytes());
    body.extend(50u32.to_be_bytes());
    body.extend([144, 4, 3, 0xE8, 1, 0x90, 0x80]);
    let mut hevc = Hevc::default();
    let mut sei = nal(39, &[]);
    for byte in body {
        if sei.ends_with(&[0, 0]) && byte <= 3 {
            sei.push(3);
        }
        sei.push(byte);
    }
    hevc.look(&sei, true);
    let mastering = hevc.mastering.unwrap();
    assert_eq!(mastering.primaries, [(5, 6), (1, 2), (3, 4)]);
    assert_eq!((mastering.white, mastering.max_luminance, mastering.min_luminance), ((7, 8), 10_000_000, 50));
    assert_eq!(hevc.light_level, Some((1000, 400)));
}

#[test]
fn a_key_frame_has_the_sets_that_it_needs_behind_its_delimiter() {
    let mut splitter = HevcSplitter::new();
    let mut out = Recorder::default();
    packet(&mut splitter, 0, &[sets(), picture(19)[6..].to_vec()].concat(), &mut out);
    packet(&mut splitter, 10, &picture(1), &mut out);
    packet(&mut splitter, 20, &picture(19), &mut out);
    splitter.finish(&mut out);
    let wanted = [vec![DELIMITER << 1, 1, 0x50], SETS[0].to_vec(), sps(), SETS[2].to_vec()];
    let prefixed: Vec<u8> =
        wanted.iter().flat_map(|nal| [&(nal.len() as u32).to_be_bytes()[..], nal].concat()).collect();
    assert_eq!(out.frames[2].bytes[..prefixed.len()], prefixed);
    assert_eq!(out.frames[1].bytes[..7], [0, 0, 0, 3, DELIMITER << 1, 1, 0x50]);
    assert_eq!(out.frames[0].bytes.len(), out.frames[2].bytes.len());
}

#[test]
fn an_intra_picture_with_sets_opens_a_stream_that_marks_no_entry() {
    // First slice, picture set 0, no extra bits; the slice type is I or P.
    let slice = |intra: bool| nal(1, &[if intra { 0b1101_1000 } else { 0b1101_0000 }, 0x55, 0xAA]);
    let intra = [sets(), annexb(&[slice(true)])].concat();
    let mut splitter = HevcSplitter::new();
    let mut out = Recorder::default();
    for (pts, data) in [(0, annexb(&[slice(false)])), (10, intra.clone()), (20, annexb(&[slice(false)])), (30, intra)] {
        packet(&mut splitter, pts, &data, &mut out);
    }
    packet(&mut splitter, 40, &picture(19), &mut out);
    splitter.finish(&mut out);
    let seen: Vec<_> = out.frames.iter().map(|f| (f.pts, f.key)).collect();
    assert_eq!(seen, [(10, true), (20, false), (30, true), (40, true)]);
}

proptest! {
    #[test]
    fn the_cut_does_not_matter_even_in_damaged_streams(
        flips in prop::collection::vec((0usize..500, any::<u8>()), 0..6),
        a in 1usize..80, b in 1usize..80,
    ) {
        let mut data: Vec<u8> = stream().into_iter().flat_map(|(_, unit)| unit).collect::<Vec<_>>().repeat(3);
        let size = data.len();
        for (at, value) in flips { data[at % size] ^= value; }
        let run = |packet| split(&mut HevcSplitter::new(), &data, packet);
        prop_assert_eq!(run(a), run(b));
    }

    #[test]
    fn mutated_parameter_sets_do_no_harm(
        flips in prop::collection::vec((1usize..40, any::<u8>()), 1..6),
        tail in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        let mut set = sps();
        for (at, value) in flips { let at = at % set.len(); set[at] ^= value; }
        sps::parse(&set[2..]);
        set.truncate(20);
        set.extend(tail);
        sps::parse(&set[2..]);
    }
}
