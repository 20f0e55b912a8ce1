use super::*;
use crate::base::time::Ticks90;
use crate::codec::recorder::{Kept, Recorder, split};
use crate::codec::{Lost, MAIN, Splitter, Stamp};
use proptest::prelude::*;

/// Fields of this many bits as bytes, with zeros behind.
fn bits(fields: &[(u32, u32)]) -> Vec<u8> {
    let bits: Vec<bool> = fields.iter().flat_map(|(w, v)| (0..*w).rev().map(move |bit| v >> bit & 1 == 1)).collect();
    bits.chunks(8).map(|c| c.iter().enumerate().fold(0, |byte, (i, bit)| byte | u8::from(*bit) << (7 - i))).collect()
}

fn unit(code: u8, fields: &[(u32, u32)]) -> Vec<u8> {
    [vec![0, 0, 1, code], bits(fields)].concat()
}

/// Sequence header: size, aspect code, rate code.
fn sequence(width: u32, height: u32, aspect: u32, rate: u32) -> Vec<u8> {
    unit(SEQUENCE, &[(12, width), (12, height), (4, aspect), (4, rate), (18, 0x3FFFF), (1, 1), (10, 112), (3, 0)])
}

fn extension(progressive: bool) -> Vec<u8> {
    let fields =
        [(4, 1), (8, 0x44), (1, u32::from(progressive)), (2, 1), (4, 0), (12, 0), (1, 1), (8, 0), (1, 0), (7, 0)];
    unit(EXTENSION, &fields)
}

fn display(width: u32, height: u32) -> Vec<u8> {
    unit(EXTENSION, &[(4, 2), (3, 2), (1, 1), (8, 6), (8, 6), (8, 6), (14, width), (1, 1), (14, height)])
}

fn group(closed: bool) -> Vec<u8> {
    unit(GROUP, &[(25, 1 << 12), (1, u32::from(closed)), (1, 0)])
}

const I: u32 = 1;
const P: u32 = 2;
const B: u32 = 3;
const FRAME: Scan = Scan { structure: 3, top_field_first: true, repeat_first_field: false, progressive: true };

fn picture(order: u32, coding: u32, scan: Option<Scan>) -> Vec<u8> {
    let mut data = unit(PICTURE, &[(10, order), (3, coding), (16, 0xFFFF)]);
    if let Some(scan) = scan {
        let [first, repeat, progressive] =
            [scan.top_field_first, scan.repeat_first_field, scan.progressive].map(u32::from);
        let flags = [(1, first), (5, 0), (1, repeat), (1, 0), (1, progressive), (1, 0)];
        let head = [(4, 8), (16, 0xFFFF), (2, 0), (2, u32::from(scan.structure))];
        data.extend(unit(EXTENSION, &[&head[..], &flags].concat()));
    }
    data.extend([0, 0, 1, 0xB2, 0x47, 0x41]);
    for slice in 1..4 {
        data.extend([0, 0, 1, slice, 0x5A, coding as u8, order as u8 | 0x80]);
    }
    data
}

fn heads(closed: bool) -> Vec<u8> {
    [sequence(720, 480, 3, 4), extension(false), group(closed)].concat()
}

fn frame(order: u32, coding: u32) -> Vec<u8> {
    picture(order, coding, Some(FRAME))
}

fn packet(splitter: &mut MpegVideoSplitter, pts: Option<i64>, data: &[u8], out: &mut Recorder) {
    splitter.start(Stamp { pts: pts.map(Ticks90), dts: None }, None, out);
    splitter.payload(data);
    splitter.end(out);
}

fn feed(packets: &[(Option<i64>, Vec<u8>)]) -> (MpegVideoSplitter, Recorder) {
    let (mut splitter, mut out) = (MpegVideoSplitter::new(), Recorder::default());
    packets.iter().for_each(|(pts, data)| packet(&mut splitter, *pts, data, &mut out));
    splitter.finish(&mut out);
    (splitter, out)
}

fn video(splitter: &MpegVideoSplitter) -> Video {
    splitter.facts(MAIN).and_then(|facts| facts.video.clone()).unwrap()
}

fn times(frames: &[Kept]) -> Vec<i64> {
    frames.iter().map(|f| f.pts).collect()
}

#[test]
fn frames_keep_every_byte_with_headers_in_front_and_the_end_code_behind() {
    let first = [heads(true), frame(0, I)].concat();
    let last = [frame(1, P), vec![0, 0, 1, SEQUENCE_END]].concat();
    let again = [heads(true), frame(0, I)].concat();
    let (splitter, out) = feed(&[(Some(0), [&first[..], &last, &again].concat())]);
    let bytes: Vec<&[u8]> = out.frames.iter().map(|f| &f.bytes[..]).collect();
    assert_eq!(bytes, [&first[..], &last, &again]);
    let keys: Vec<_> = out.frames.iter().map(|f| (f.key, f.discardable)).collect();
    assert_eq!(keys, [(true, false), (false, false), (true, false)]);
    let facts = splitter.facts(MAIN).unwrap();
    assert_eq!(facts.codec, Codec::Mpeg2Video);
    assert_eq!(facts.private, [sequence(720, 480, 3, 4), extension(false)].concat());
}

#[test]
fn an_end_code_among_heads_is_given_out_once() {
    let (first, end) = ([heads(true), frame(0, I)].concat(), vec![0, 0, 1, SEQUENCE_END]);
    let second = [sequence(720, 480, 3, 4), end, heads(true), frame(0, I)].concat();
    let (_, out) = feed(&[(Some(0), [&first[..], &second].concat())]);
    assert_eq!(out.frames.iter().map(|f| &f.bytes[..]).collect::<Vec<_>>(), [&first[..], &second]);
}

#[test]
fn a_stamp_belongs_to_the_picture_that_starts_in_its_packet_and_not_to_the_header() {
    let whole = [frame(0, I), heads(true), frame(1, I)].concat();
    let at = frame(0, I).len() + 20;
    let packets = [(Some(0), [heads(true), whole[..at].to_vec()].concat()), (Some(9999), whole[at..].to_vec())];
    assert_eq!(times(&feed(&packets).1.frames), [0, 9999]);
}

#[test]
fn two_fields_are_one_frame() {
    let field =
        |order, coding, structure| picture(order, coding, Some(Scan { structure, progressive: false, ..FRAME }));
    let first = [heads(true), field(0, I, TOP), field(0, P, BOTTOM)].concat();
    let second = [field(1, P, TOP), field(1, P, BOTTOM)].concat();
    let (splitter, out) = feed(&[(Some(0), first.clone()), (None, second.clone())]);
    assert_eq!(out.frames.iter().map(|f| &f.bytes[..]).collect::<Vec<_>>(), [&first[..], &second]);
    assert_eq!(times(&out.frames), [0, 3003]);
    assert_eq!(video(&splitter).top_field_first, Some(true));
    assert!(video(&splitter).interlaced);
}

#[test]
fn repeated_fields_of_film_are_counted() {
    let film = |order: u32, coding, n: usize| {
        let scan = [(true, true), (false, false), (false, true), (true, false)][n % 4];
        picture(order, coding, Some(Scan { top_field_first: scan.0, repeat_first_field: scan.1, ..FRAME }))
    };
    let mut packets = vec![(Some(1000), [heads(true), film(0, I, 0)].concat())];
    packets.extend((1..20).map(|n| (None, film(n as u32, P, n))));
    let (splitter, out) = feed(&packets);
    let fields = |n: usize| (0..n).map(|n| if n % 2 == 0 { 3 } else { 2 }).sum::<i64>();
    let wanted: Vec<i64> = (0..20).map(|n| 1000 + (fields(n) * 3003 + 1) / 2).collect();
    assert_eq!(times(&out.frames), wanted);
    assert_eq!(video(&splitter).frame_rate, Some(Rational { num: 24_000, den: 1001 }));
    assert!(!video(&splitter).interlaced);
}

#[test]
fn an_intra_picture_without_header_is_no_key_and_what_is_shown_before_an_open_key_leads() {
    let packets = [
        (Some(0), [heads(true), frame(0, I)].concat()),
        (Some(3003), frame(1, I)),
        (Some(12_012), [group(false), frame(2, I)].concat()),
        (Some(6006), frame(0, B)),
        (Some(9009), frame(1, B)),
        (Some(18_018), frame(4, P)),
        (Some(15_015), frame(3, B)),
    ];
    let (_, out) = feed(&packets);
    let keys: Vec<bool> = out.frames.iter().map(|f| f.key).collect();
    assert_eq!(keys, [true, false, true, false, false, false, false]);
    let leading: Vec<bool> = out.frames.iter().map(|f| f.leading).collect();
    assert_eq!(leading, [false, false, false, true, true, false, false]);
    assert!(out.frames.iter().all(|f| f.discardable == matches!(f.pts, 6006 | 9009 | 15_015)));
}

#[test]
fn behind_a_loss_it_goes_on_at_a_key_without_its_leading_pictures() {
    let (mut splitter, mut out) = (MpegVideoSplitter::new(), Recorder::default());
    packet(&mut splitter, Some(0), &[heads(true), frame(0, I)].concat(), &mut out);
    packet(&mut splitter, None, &frame(1, P)[..30], &mut out);
    splitter.discontinuity(&mut out);
    packet(&mut splitter, Some(6006), &frame(2, P), &mut out);
    packet(&mut splitter, Some(15_015), &[heads(false), frame(2, I)].concat(), &mut out);
    packet(&mut splitter, None, &[frame(0, B), frame(1, B), frame(3, P)].concat(), &mut out);
    splitter.finish(&mut out);
    assert_eq!(times(&out.frames), [0, 15_015, 18_018]);
    assert_eq!(out.lost, [Lost { track: MAIN, from: Some(Ticks90(3003)), until: Some(Ticks90(15_015)) }]);
}

#[test]
fn pictures_in_front_of_the_first_key_are_told() {
    let (mut splitter, mut out) = (MpegVideoSplitter::new(), Recorder::default());
    packet(&mut splitter, Some(9009), &frame(3, P), &mut out);
    packet(&mut splitter, Some(3003), &frame(1, B), &mut out);
    packet(&mut splitter, Some(15_015), &[heads(true), frame(0, I)].concat(), &mut out);
    splitter.finish(&mut out);
    assert_eq!((times(&out.frames), &out.lost[..]), (vec![15_015], &[][..]));
    assert_eq!(out.undecodable, [Lost { track: MAIN, from: Some(Ticks90(3003)), until: Some(Ticks90(15_015)) }]);
}

#[test]
fn in_front_of_a_loss_no_picture_is_shown_in_the_place_of_one_that_is_lost() {
    let (mut splitter, mut out) = (MpegVideoSplitter::new(), Recorder::default());
    packet(&mut splitter, Some(0), &[heads(true), frame(0, I)].concat(), &mut out);
    packet(&mut splitter, None, &[&frame(3, P)[..], &frame(1, B), &frame(2, B)[..30]].concat(), &mut out);
    splitter.discontinuity(&mut out);
    packet(&mut splitter, Some(12_012), &[heads(true), frame(0, I)].concat(), &mut out);
    packet(&mut splitter, Some(21_021), &frame(3, P), &mut out);
    packet(&mut splitter, None, &frame(1, B)[..30], &mut out);
    splitter.discontinuity(&mut out);
    splitter.finish(&mut out);
    assert_eq!(times(&out.frames), [0, 9009, 3003, 12_012, 21_021]);
}

#[test]
fn the_shape_of_pixels_follows_the_display_extension_where_that_makes_sense() {
    let pixel = |units: &[Vec<u8>]| {
        let data = [units.concat(), group(true), frame(0, I)].concat();
        let aspect = video(&feed(&[(Some(0), data)]).0).sample_aspect.unwrap();
        (aspect.num, aspect.den)
    };
    assert_eq!(pixel(&[sequence(720, 480, 3, 4), extension(false)]), (32, 27));
    assert_eq!(pixel(&[sequence(720, 480, 2, 4), extension(false), display(720, 480)]), (8, 9));
    // A 4:3 part of a 16:9 picture.
    assert_eq!(pixel(&[sequence(720, 480, 2, 4), extension(false), display(540, 480)]), (32, 27));
    // Nobody displays that.
    assert_eq!(pixel(&[sequence(720, 576, 2, 3), extension(false), display(176, 144)]), (16, 15));
    assert_eq!(pixel(&[sequence(1920, 1080, 3, 4), extension(false), display(1920, 1088)]), (1, 1));
}

#[test]
fn without_extension_it_is_mpeg_1() {
    let data = [sequence(352, 288, 8, 3), group(true), picture(0, I, None), picture(1, P, None)].concat();
    let (splitter, out) = feed(&[(Some(0), data)]);
    assert_eq!(times(&out.frames), [0, 3600]);
    let facts = splitter.facts(MAIN).unwrap();
    assert_eq!(facts.codec, Codec::Mpeg1Video);
    assert_eq!(facts.video.as_ref().unwrap().sample_aspect, Some(Rational { num: 10_000, den: 9157 }));
}

fn stream() -> Vec<u8> {
    let group = |closed| {
        let pictures = [frame(2, I), frame(0, B), frame(1, B), frame(4, P), frame(3, B)].concat();
        [heads(closed), pictures].concat()
    };
    [group(true), group(false), group(false)].concat()
}

proptest! {
    #[test]
    fn the_cut_does_not_matter_even_in_damaged_streams(
        flips in prop::collection::vec((0usize..2000, any::<u8>()), 0..6),
        a in 1usize..80, b in 1usize..80,
    ) {
        let mut data = stream();
        let size = data.len();
        for (at, value) in flips { data[at % size] ^= value; }
        let run = |slice: usize| {
            let (mut splitter, mut out) = (MpegVideoSplitter::new(), Recorder::default());
            splitter.start(Stamp { pts: Some(Ticks90(0)), dts: None }, None, &mut out);
            for chunk in data.chunks(slice) {
                splitter.payload(chunk);
                splitter.end(&mut out);
            }
            splitter.finish(&mut out);
            out
        };
        prop_assert_eq!(run(a), run(b));
    }

    #[test]
    fn a_sound_stream_comes_out_byte_for_byte(packet in 1usize..300) {
        let out = split(&mut MpegVideoSplitter::new(), &stream(), packet);
        prop_assert!(out.frames.iter().flat_map(|f| f.bytes.iter()).eq(&stream()));
        prop_assert_eq!(out.lost.len(), 0);
    }
}

#[test]
fn pictures_leave_with_the_memory_that_they_were_gathered_in() {
    #[derive(Default)]
    struct Pictures(Vec<bytes::Bytes>);
    impl crate::codec::Output for Pictures {
        fn frame(&mut self, frame: crate::codec::Frame<'_>) {
            let crate::codec::Payload::Gathered(data) = frame.payload else { panic!("{frame:?}") };
            self.0.push(data.clone());
        }
        fn lost(&mut self, _: Lost) {}
        fn undecodable(&mut self, _: Lost) {}
    }
    let stream = [heads(true), frame(0, I), frame(1, P), frame(2, P), frame(3, P)].concat();
    for is_shared in [true, false] {
        let (mut splitter, mut out) = (MpegVideoSplitter::new(), Pictures::default());
        if is_shared {
            splitter.share();
        }
        splitter.start(Stamp { pts: Some(Ticks90::ZERO), dts: None }, None, &mut out);
        splitter.payload(&stream);
        splitter.finish(&mut out);
        assert_eq!(out.0.concat(), stream);
        let touch = |pair: &[bytes::Bytes]| pair[0].as_ptr_range().end == pair[1].as_ptr();
        assert_eq!(out.0.windows(2).all(touch), is_shared);
    }
}
