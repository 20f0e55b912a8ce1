use super::super::fixture::{ERASE, odd, popped, twice};
use super::*;
use crate::codec::recorder::Recorder;

/// A picture that the splitter below gives out.
#[derive(Clone)]
struct Shot {
    pts: i64,
    dts: Option<i64>,
    key: bool,
    bytes: Vec<u8>,
}

/// Gives out one of its pictures for each packet.
struct Shots(VecDeque<Shot>);

impl Splitter for Shots {
    fn start(&mut self, _: Stamp, _: Option<u8>, _: &mut dyn Output) {}
    fn payload(&mut self, _: &[u8]) {}
    fn end(&mut self, out: &mut dyn Output) {
        let Some(Shot { pts, dts, key, bytes }) = self.0.pop_front() else { return };
        out.frame(Frame {
            track: MAIN,
            payload: Payload::Bytes(&bytes),
            pts: Ticks90(pts),
            dts: dts.map(Ticks90),
            duration: None,
            key,
            discardable: false,
            leading: false,
            forced: false,
        });
    }
    fn discontinuity(&mut self, out: &mut dyn Output) {
        out.lost(Lost { track: MAIN, from: None, until: None });
    }
    fn finish(&mut self, out: &mut dyn Output) {
        while !self.0.is_empty() {
            self.end(out);
        }
    }
    fn facts(&self, _: u8) -> Option<&TrackFacts> {
        None
    }
    fn memory(&self) -> usize {
        0
    }
}

fn unit(body: &[u8]) -> Vec<u8> {
    [&[0, 0, 1, 0xB2], body, &[0, 0, 1, 1, 7]].concat()
}

/// Pairs of field 1 for the frames of a group.
fn of_group(pairs: &[[u8; 2]]) -> Vec<u8> {
    let triples = pairs.iter().flat_map(|[a, b]| [0xFF, *a, *b, 0xFE, odd(0), odd(0)]);
    unit(&[b'C', b'C', 1, 0xF8, 0x80].into_iter().chain(triples).collect::<Vec<u8>>())
}

fn of_picture([a, b]: [u8; 2]) -> Vec<u8> {
    unit(&[b'G', b'A', b'9', b'4', 3, 0x41, 0xFF, 0xFC, a, b, 0xFF])
}

fn texts(out: &Recorder) -> Vec<(i64, String)> {
    let captions = out.frames.iter().filter(|frame| frame.track == CAPTIONS);
    captions.map(|frame| (frame.pts, String::from_utf8(frame.bytes.clone()).unwrap())).collect()
}

fn run(shots: Vec<Shot>) -> Recorder {
    let pictures = shots.len();
    let mut splitter = Captioned::new(Codec::Mpeg2Video, Box::new(Shots(shots.into())));
    let mut out = Recorder::default();
    splitter.finish(&mut out);
    assert_eq!(out.frames.iter().filter(|frame| frame.track == MAIN).count(), pictures);
    out
}

#[test]
fn pairs_of_a_group_begin_with_the_first_picture_that_it_shows() {
    let all = [popped("HELLO"), twice(0x14, ERASE)].concat();
    let pictures = all.len() as i64;
    // An intra picture is decoded first, and shown third.
    let order = |n: i64| match n {
        0 => 2,
        1 | 2 => n - 1,
        _ => n,
    };
    let shot = |n: i64| Shot {
        pts: 90_000 + order(n) * 3003,
        dts: (n > 0).then_some(90_000 + order(n).min(n - 1) * 3003),
        key: n == 0,
        bytes: if n == 0 { of_group(&all) } else { vec![0, 0, 1, 1, 8] },
    };
    let out = run((0..pictures).map(shot).collect());
    let at = |frame: i64| 90_000 + frame * 3003;
    let expected = [(at(0), String::new()), (at(pictures - 4), "HELLO".into()), (at(pictures - 2), String::new())];
    assert_eq!(texts(&out), expected);
}

#[test]
fn pairs_of_pictures_come_in_the_order_in_which_these_are_shown() {
    let all = popped("HELLO THERE");
    // Each second picture is decoded behind the one that is shown after it.
    let mut shots: Vec<Shot> = (0..)
        .zip(&all)
        .map(|(n, pair): (i64, _)| Shot {
            pts: n * 3003,
            dts: Some((n - 2).max(0) * 3003),
            key: n == 0,
            bytes: of_picture(*pair),
        })
        .collect();
    for two in shots[1..].chunks_mut(2).filter(|two| two.len() == 2) {
        two.swap(0, 1);
        let least = two[0].dts.min(two[1].dts);
        (two[0].dts, two[1].dts) = (least, least);
    }
    assert_eq!(texts(&run(shots.clone())), [(0, String::new()), ((all.len() as i64 - 2) * 3003, "HELLO THERE".into())]);
    // Without times of decoding they are sorted as far as it takes.
    shots.iter_mut().for_each(|shot| shot.dts = None);
    assert_eq!(texts(&run(shots)).len(), 2);
}

#[test]
fn missing_bytes_end_what_is_shown_and_are_told_of_the_captions_too() {
    let pairs = popped("HELLO");
    let shot = Shot { pts: 0, dts: Some(0), key: true, bytes: of_group(&pairs) };
    let mut splitter = Captioned::new(Codec::Mpeg2Video, Box::new(Shots([shot].into())));
    let mut out = Recorder::default();
    splitter.end(&mut out);
    splitter.discontinuity(&mut out);
    let shown = (pairs.len() as i64 - 2) * 3003;
    assert_eq!(texts(&out)[1], (shown, "HELLO".to_owned()));
    assert_eq!(texts(&out)[2].1, "");
    assert_eq!(out.lost.iter().map(|lost| lost.track).collect::<Vec<_>>(), [MAIN, CAPTIONS]);
    assert!(splitter.facts(CAPTIONS).is_some() && splitter.memory() == 0);
}
