use super::*;
use crate::base::time::Ticks90;
use crate::codec::recorder::{Recorder, split};
use crate::codec::{Lost, MAIN, Splitter, Stamp};
use proptest::prelude::*;

/// A unit of fields of this many bits, with emulation prevention bytes.
fn unit(code: u8, fields: &[(u32, u32)]) -> Vec<u8> {
    let bits: Vec<bool> = fields.iter().flat_map(|(w, v)| (0..*w).rev().map(move |bit| v >> bit & 1 == 1)).collect();
    let mut unit = vec![0, 0, 1, code];
    let mut zeros = 0;
    for chunk in bits.chunks(8) {
        let byte = chunk.iter().enumerate().fold(0, |byte, (i, bit)| byte | u8::from(*bit) << (7 - i));
        if zeros >= 2 && byte <= 3 {
            unit.push(3);
            zeros = 0;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        unit.push(byte);
    }
    unit
}

#[derive(Clone, Copy)]
struct Kind {
    pulldown: bool,
    interlace: bool,
    segmented: bool,
}

const PLAIN: Kind = Kind { pulldown: false, interlace: false, segmented: false };

fn sequence(width: u32, height: u32, kind: Kind) -> Vec<u8> {
    let [pulldown, interlace, segmented] = [kind.pulldown, kind.interlace, kind.segmented].map(u32::from);
    let fields = [
        (2, 3),
        (3, 3),
        (2, 1),
        (3, 7),
        (5, 31),
        (1, 0),
        (12, width / 2 - 1),
        (12, height / 2 - 1),
        (1, pulldown),
        (1, interlace),
        (1, 0),
        (1, 0),
        (1, 1),
        (1, segmented),
        // Display: size, pixels 1:1, 24000/1001, BT.709.
        (1, 1),
        (14, width - 1),
        (14, height - 1),
        (1, 1),
        (4, 1),
        (1, 1),
        (1, 0),
        (8, 1),
        (4, 2),
        (1, 1),
        (8, 1),
        (8, 1),
        (8, 1),
        (1, 0),
        (1, 1),
    ];
    unit(SEQUENCE, &fields)
}

fn entry(closed: bool) -> Vec<u8> {
    unit(ENTRY, &[(1, 0), (1, u32::from(closed)), (16, 0x0B00), (1, 1)])
}

/// A frame that begins with `head`.
fn frame(head: &[(u32, u32)]) -> Vec<u8> {
    unit(FRAME, &[head, &[(32, 0x00C0_FFEE), (32, 1), (8, 0x80)]].concat())
}

const I: &[(u32, u32)] = &[(3, 0b110)];
const P: &[(u32, u32)] = &[(1, 0)];
const B: &[(u32, u32)] = &[(2, 0b10)];
const BI: &[(u32, u32)] = &[(4, 0b1110)];
const SKIPPED: &[(u32, u32)] = &[(4, 0b1111)];

fn feed(packets: &[(Option<i64>, Vec<u8>)]) -> (Vc1Splitter, Recorder) {
    let (mut splitter, mut out) = (Vc1Splitter::new(), Recorder::default());
    for (pts, data) in packets {
        splitter.start(Stamp { pts: pts.map(Ticks90), dts: None }, None, &mut out);
        splitter.payload(data);
        splitter.end(&mut out);
    }
    splitter.finish(&mut out);
    (splitter, out)
}

fn heads(closed: bool) -> Vec<u8> {
    [sequence(1280, 720, PLAIN), entry(closed)].concat()
}

#[test]
fn entry_points_with_intra_pictures_are_keys_and_intra_pictures_alone_are_not() {
    let packets = [
        (Some(0), [heads(true), frame(I)].concat()),
        (Some(3754), frame(I)),
        (Some(7508), [entry(true), frame(I)].concat()),
        (Some(11_261), [heads(true), frame(P)].concat()),
        (Some(15_015), frame(BI)),
        (Some(18_769), frame(SKIPPED)),
    ];
    let (splitter, out) = feed(&packets);
    assert_eq!(out.frames.iter().map(|f| f.key).collect::<Vec<_>>(), [true, false, true, false, false, false]);
    assert_eq!(out.frames.iter().map(|f| f.discardable).collect::<Vec<_>>(), [false, false, false, false, true, false]);
    assert!(out.frames.iter().zip(&packets).all(|(frame, (_, data))| frame.bytes == *data));
    let facts = splitter.facts(MAIN).unwrap();
    let video = facts.video.as_ref().unwrap();
    assert_eq!((video.width, video.height, video.interlaced), (1280, 720, false));
    assert_eq!(video.frame_rate, Some(Rational { num: 24_000, den: 1001 }));
    assert_eq!(video.colour.primaries, Some(1));
}

#[test]
fn the_private_data_is_a_bitmap_header_with_the_first_headers() {
    let (splitter, _) = feed(&[(Some(0), [heads(true), frame(I), heads(false), frame(I)].concat())]);
    let private = &splitter.facts(MAIN).unwrap().private;
    assert_eq!(private[..4], (private.len() as u32).to_le_bytes());
    assert_eq!(private[4..12], [0, 5, 0, 0, 0xD0, 2, 0, 0]);
    assert_eq!(&private[12..20], [&[1, 0, 24, 0], &b"WVC1"[..]].concat());
    assert_eq!(private[40..], [&[0], &heads(true)[..]].concat());
}

#[test]
fn fields_stay_with_their_frame_and_tell_which_comes_first() {
    let kind = Kind { pulldown: true, interlace: true, ..PLAIN };
    let heads = [sequence(1920, 1080, kind), entry(true)].concat();
    // Field interlace, I/P, bottom field first, one field repeated.
    let by_fields =
        |kinds| [frame(&[(2, 0b11), (3, kinds), (1, 0), (1, 1)]), unit(FIELD, &[(32, 0xFFFF_FFFF)])].concat();
    let whole = [heads, by_fields(1)].concat();
    let (splitter, out) = feed(&[(Some(0), whole.clone()), (None, by_fields(3)), (None, by_fields(4))]);
    assert_eq!(out.frames[0].bytes, whole);
    assert_eq!(out.frames.iter().map(|f| f.key).collect::<Vec<_>>(), [true, false, false]);
    // The last one, of B fields, is shown before the second.
    assert_eq!(out.frames.iter().map(|f| f.pts).collect::<Vec<_>>(), [0, 11_261, 5631]);
    let video = splitter.facts(MAIN).unwrap().video.clone().unwrap();
    assert_eq!((video.interlaced, video.top_field_first), (true, Some(false)));
}

#[test]
fn whole_pictures_sent_as_fields_are_not_interlaced() {
    let kind = Kind { pulldown: true, interlace: true, segmented: true };
    let heads = [sequence(1920, 1080, kind), entry(true)].concat();
    let picture = |repeat| frame(&[(2, 0b10), (3, 0b110), (2, repeat)]);
    let (splitter, out) = feed(&[(Some(0), [heads, picture(2), picture(0)].concat())]);
    assert_eq!(out.frames.iter().map(|f| f.pts).collect::<Vec<_>>(), [0, 11_261]);
    assert!(!splitter.facts(MAIN).unwrap().video.as_ref().unwrap().interlaced);
}

#[test]
fn what_an_open_entry_point_shows_before_it_leads_and_goes_behind_a_loss() {
    let group = [
        (Some(22_522), [heads(false), frame(I)].concat()),
        (Some(15_015), frame(B)),
        (Some(18_769), frame(B)),
        (Some(26_276), frame(P)),
    ];
    let packets = [&[(Some(0), [heads(true), frame(I)].concat())], &group[..]].concat();
    let (_, out) = feed(&packets);
    assert_eq!(out.frames.iter().map(|f| f.leading).collect::<Vec<_>>(), [false, false, true, true, false]);
    let (mut splitter, mut out) = (Vc1Splitter::new(), Recorder::default());
    for (n, (pts, data)) in packets.iter().enumerate() {
        splitter.start(Stamp { pts: pts.map(Ticks90), dts: None }, None, &mut out);
        splitter.payload(data);
        splitter.end(&mut out);
        if n == 0 {
            // The next frame's start tells that this one is whole.
            splitter.payload(&[0, 0, 1, FRAME]);
            splitter.discontinuity(&mut out);
        }
    }
    splitter.finish(&mut out);
    assert_eq!(out.frames.iter().map(|f| f.pts).collect::<Vec<_>>(), [0, 22_522, 26_276]);
    assert_eq!(out.lost, [Lost { track: MAIN, from: Some(Ticks90(3754)), until: Some(Ticks90(22_522)) }]);
}

#[test]
fn another_profile_is_no_track() {
    let data = [unit(SEQUENCE, &[(2, 1), (32, 0xFFFF_FFFF)]), entry(true), frame(I)].concat();
    let (splitter, out) = feed(&[(Some(0), data)]);
    assert_eq!(splitter.facts(MAIN), None);
    assert_eq!(out, Recorder::default());
}

fn stream() -> Vec<u8> {
    [true, false, false]
        .iter()
        .flat_map(|closed| [heads(*closed), frame(I), frame(B), frame(P), frame(B)].concat())
        .collect()
}

#[test]
fn a_sound_stream_comes_out_whole_when_it_comes_byte_by_byte() {
    let out = split(&mut Vc1Splitter::new(), &stream(), 1);
    assert!(out.frames.iter().flat_map(|f| f.bytes.iter()).eq(&stream()));
}

proptest! {
    #[test]
    fn a_sound_stream_comes_out_byte_for_byte(packet in 1usize..300) {
        let out = split(&mut Vc1Splitter::new(), &stream(), packet);
        prop_assert!(out.frames.iter().flat_map(|f| f.bytes.iter()).eq(&stream()));
    }

    #[test]
    fn damaged_streams_do_no_harm(
        flips in prop::collection::vec((0usize..2000, any::<u8>()), 0..8),
        packet in 1usize..80,
    ) {
        let mut data = stream();
        let size = data.len();
        for (at, value) in flips { data[at % size] ^= value; }
        let out = split(&mut Vc1Splitter::new(), &data, packet);
        prop_assert!(out.frames.iter().map(|f| f.bytes.len()).sum::<usize>() <= data.len());
    }
}
