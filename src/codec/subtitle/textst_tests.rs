use super::*;
use crate::codec::recorder::Recorder;
use crate::codec::{Lost, Stamp};
use proptest::prelude::*;

const STYLE_SEGMENT: [u8; 9] = [STYLE, 0, 6, 0x80, 0, 0, 0, 0, 0];

/// A region's text: strings and commands.
fn string(text: &[u8]) -> Vec<u8> {
    [&[0x1B, 1, text.len() as u8], text].concat()
}

fn dialog(start: i64, end: i64, regions: &[(bool, Vec<u8>)]) -> Vec<u8> {
    let mut body = Vec::new();
    for time in [start, end] {
        body.extend(&time.rem_euclid(WRAP).to_be_bytes()[3..]);
    }
    body.extend([0, regions.len() as u8]);
    for (forced, text) in regions {
        body.extend([if *forced { 0x40 } else { 0 }, 0]);
        body.extend((text.len() as u16).to_be_bytes());
        body.extend(text);
    }
    [&[DIALOG], &(body.len() as u16).to_be_bytes()[..], &body].concat()
}

fn feed(splitter: &mut TextStSplitter, pts: i64, data: &[u8], out: &mut Recorder) {
    splitter.start(Stamp { pts: Some(Ticks90(pts)), dts: None }, None, out);
    data.chunks(5).for_each(|part| splitter.payload(part));
    splitter.end(out);
}

fn texts(out: &Recorder) -> Vec<String> {
    out.frames.iter().map(|f| String::from_utf8(f.bytes.clone()).unwrap()).collect()
}

#[test]
fn text_has_its_lines_its_letters_and_its_times() {
    let italic = [&[0x1B, 3, 3, 2, 0, 0][..], &string("größer".as_bytes()), &[0x1B, 0x0B, 0]].concat();
    let lines = [string(b"first "), italic, vec![0x1B, 0x0A, 0], string(b"second")].concat();
    let (mut splitter, mut out) = (TextStSplitter::text(Characters::Utf8), Recorder::default());
    let data = [&STYLE_SEGMENT[..], &dialog(9000, 18_000, &[(true, lines)])].concat();
    feed(&mut splitter, 9000, &data, &mut out);
    feed(&mut splitter, 20_000, &dialog(20_000, 21_000, &[(true, string(b"a")), (false, string(b"b"))]), &mut out);
    assert_eq!(texts(&out), ["first <i>größer</i>\nsecond", "a\nb"]);
    let times: Vec<_> = out.frames.iter().map(|f| (f.pts, f.duration, f.forced)).collect();
    assert_eq!(times, [(9000, Some(9000), true), (20_000, Some(1000), false)]);
    let facts = splitter.facts(MAIN).unwrap();
    assert_eq!((facts.codec, facts.private.len()), (Codec::Text(Characters::Utf8), 0));
}

#[test]
fn utf_16_becomes_utf_8() {
    let units: Vec<u8> = "Zoë 𝄞\u{7}".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let (mut splitter, mut out) = (TextStSplitter::text(Characters::Utf16), Recorder::default());
    feed(&mut splitter, 0, &[&STYLE_SEGMENT[..], &dialog(0, 9, &[(false, string(&units))])].concat(), &mut out);
    assert_eq!(texts(&out), ["Zoë 𝄞"]);
}

#[test]
fn segments_stay_as_they_are_with_the_style_as_private_data() {
    let segment = dialog(WRAP - 100, 500, &[(false, string(b"x"))]);
    let (mut splitter, mut out) = (TextStSplitter::segments(), Recorder::default());
    feed(&mut splitter, 3 * WRAP - 90, &STYLE_SEGMENT, &mut out);
    feed(&mut splitter, 3 * WRAP - 90, &segment, &mut out);
    assert_eq!(out.frames[0].bytes, segment);
    // Times go on where 33 bits end.
    assert_eq!((out.frames[0].pts, out.frames[0].duration), (3 * WRAP - 100, Some(600)));
    assert_eq!(splitter.facts(MAIN).unwrap().private, STYLE_SEGMENT);
}

#[test]
fn a_loss_is_told_and_a_text_that_is_empty_is_none() {
    let (mut splitter, mut out) = (TextStSplitter::text(Characters::Utf8), Recorder::default());
    feed(&mut splitter, 0, &[&STYLE_SEGMENT[..], &dialog(0, 100, &[(false, string(b"x"))])].concat(), &mut out);
    feed(&mut splitter, 150, &dialog(150, 160, &[(false, Vec::new())]), &mut out);
    splitter.start(Stamp { pts: Some(Ticks90(200)), dts: None }, None, &mut out);
    splitter.payload(&dialog(200, 300, &[(false, string(b"y"))])[..9]);
    splitter.discontinuity(&mut out);
    feed(&mut splitter, 400, &dialog(400, 500, &[(false, string(b"z"))]), &mut out);
    assert_eq!(texts(&out), ["x", "z"]);
    assert_eq!(out.lost, [Lost { track: MAIN, from: Some(Ticks90(100)), until: Some(Ticks90(400)) }]);
}

proptest! {
    #[test]
    fn whatever_text_goes_in_comes_out(lines in prop::collection::vec("[^\\p{Cc}]{1,40}", 1..4), cut in 1usize..50) {
        let text = lines.iter().map(|line| string(line.as_bytes())).collect::<Vec<_>>().join(&[0x1B, 0x0A, 0][..]);
        let data = [&STYLE_SEGMENT[..], &dialog(5, 10, &[(false, text)])].concat();
        let (mut splitter, mut out) = (TextStSplitter::text(Characters::Utf8), Recorder::default());
        splitter.start(Stamp { pts: Some(Ticks90(0)), dts: None }, None, &mut out);
        data.chunks(cut).for_each(|part| splitter.payload(part));
        splitter.end(&mut out);
        prop_assert_eq!(texts(&out), [lines.join("\n")]);
    }

    #[test]
    fn any_bytes_do_no_harm(
        flips in prop::collection::vec((0usize..200, any::<u8>()), 0..8),
        packets in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..4),
    ) {
        let mut data = [&STYLE_SEGMENT[..], &dialog(0, 10, &[(true, string(b"some text")), (false, string(b"more"))])].concat();
        let size = data.len();
        for (at, value) in flips { data[at % size] ^= value; }
        for mut splitter in [TextStSplitter::segments(), TextStSplitter::text(Characters::Utf16)] {
            let mut out = Recorder::default();
            feed(&mut splitter, 0, &data, &mut out);
            packets.iter().for_each(|packet| feed(&mut splitter, 0, packet, &mut out));
            splitter.finish(&mut out);
            prop_assert!(out.frames.len() <= 20);
        }
    }
}
