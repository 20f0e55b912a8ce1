use super::*;
use crate::codec::recorder::Recorder;
use proptest::prelude::*;

/// Parameter sets of 64×64 pixels and ten bits.
const SETS: [&[u8]; 3] = [
    &[0x40, 0x01, 0x0C, 0x01, 0xFF, 0xFF, 0x02, 0x20],
    &[
        0x42, 0x01, 0x01, 0x02, 0x20, 0x00, 0x00, 0x03, 0x00, 0x90, 0x00, 0x00, 0x03, 0x00, 0x00, 0x03, 0x00, 0x78,
        0xA0, 0x20, 0x81, 0x04, 0xD9, 0x65, 0x79, 0x24, 0xDA, 0xC8,
    ],
    &[0x44, 0x01, 0xC1, 0x72, 0xB4, 0x62, 0x40],
];
const IDR: u8 = 19;
const TRAILING: u8 = 1;

fn nal(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind << 1, 1], body].concat()
}

/// A picture whose bytes tell of what it is.
fn base(kind: u8, number: u8) -> Vec<Vec<u8>> {
    let sets = SETS.iter().filter(|_| kind == IDR).map(|set| set.to_vec());
    [nal(DELIMITER, &[0x50])].into_iter().chain(sets).chain([nal(kind, &[0xE0, number, 0xBA])]).collect()
}

fn layer(kind: u8, number: u8) -> Vec<Vec<u8>> {
    [base(kind, number | 0x40), vec![nal(METADATA, &[25, 8, number | 0x80])]].concat()
}

fn annexb(nals: &[Vec<u8>]) -> Vec<u8> {
    nals.iter().flat_map(|nal| [&[0, 0, 1], &nal[..]].concat()).collect()
}

/// What the file has of a picture whose layers are both there.
fn joined(base: &[Vec<u8>], layer: &[Vec<u8>]) -> Vec<u8> {
    let is_metadata = |nal: &&Vec<u8>| kind(nal) == METADATA;
    let wrapped = layer.iter().filter(|nal| !matches!(kind(nal), METADATA | DELIMITER));
    let wrapped = wrapped.map(|nal| [&WRAPPER[..], nal].concat());
    let units = base.iter().cloned().chain(wrapped).chain(layer.iter().filter(is_metadata).cloned());
    units.flat_map(|nal| [&(nal.len() as u32).to_be_bytes()[..], &nal].concat()).collect()
}

#[derive(Clone, Debug)]
enum Call {
    Base(i64, Vec<u8>),
    Layer(i64, Vec<u8>),
    BaseHole,
    LayerHole,
}

fn run(calls: &[Call]) -> (LayeredSplitter, Recorder) {
    let (mut splitter, mut out) = (LayeredSplitter::new(), Recorder::default());
    let stamp = |pts: &i64| Stamp { pts: Some(Ticks90(*pts)), dts: None };
    for call in calls {
        match call {
            Call::Base(pts, data) => {
                splitter.start(stamp(pts), None, &mut out);
                splitter.payload(data);
                splitter.end(&mut out);
            }
            Call::Layer(pts, data) => {
                splitter.enhancement(Enhancement::Start(stamp(pts)), &mut out);
                splitter.enhancement(Enhancement::Payload(data), &mut out);
                splitter.enhancement(Enhancement::End, &mut out);
            }
            Call::BaseHole => splitter.discontinuity(&mut out),
            Call::LayerHole => splitter.enhancement(Enhancement::Discontinuity, &mut out),
        }
    }
    splitter.finish(&mut out);
    (splitter, out)
}

/// Pictures 3750 ticks apart, a key every four.
fn pictures(count: u8) -> Vec<(i64, u8, u8)> {
    (0..count).map(|n| (i64::from(n) * 3750, if n % 4 == 0 { IDR } else { TRAILING }, n)).collect()
}

fn calls(count: u8) -> (Vec<Call>, Vec<Call>) {
    let base = pictures(count).into_iter().map(|(pts, kind, n)| Call::Base(pts, annexb(&base(kind, n))));
    let layer = pictures(count).into_iter().map(|(pts, kind, n)| Call::Layer(pts, annexb(&layer(kind, n))));
    (base.collect(), layer.collect())
}

#[test]
fn both_layers_become_one_track_with_metadata_last() {
    let (base_calls, layer_calls) = calls(6);
    let mixed: Vec<Call> = base_calls.into_iter().zip(layer_calls).flat_map(|(a, b)| [a, b]).collect();
    let (splitter, out) = run(&mixed);
    let wanted: Vec<_> =
        pictures(6).iter().map(|(pts, kind, n)| (*pts, joined(&base(*kind, *n), &layer(*kind, *n)))).collect();
    assert_eq!(out.frames.iter().map(|f| (f.pts, f.bytes.clone())).collect::<Vec<_>>(), wanted);
    assert_eq!(out.frames.iter().map(|f| f.key).collect::<Vec<_>>(), [true, false, false, false, true, false]);
    let found = splitter.facts(MAIN).unwrap().video.as_ref().unwrap().dolby_vision.unwrap();
    assert_eq!((found.profile, found.has_enhancement, found.compatibility), (7, true, 6));
    assert_eq!(splitter.waiting, 0);
}

#[test]
fn the_end_of_the_stream_stays_behind_the_metadata() {
    let end = nal(END_OF_SEQUENCE, &[]);
    let with_end = [base(IDR, 0), vec![end.clone()]].concat();
    let (_, out) = run(&[Call::Base(0, annexb(&with_end)), Call::Layer(0, annexb(&layer(IDR, 0)))]);
    let wanted = [joined(&base(IDR, 0), &layer(IDR, 0)), vec![0, 0, 0, 2], end].concat();
    assert_eq!(out.frames[0].bytes, wanted);
}

#[test]
fn what_one_layer_lacks_does_not_hold_the_other_up() {
    let (mut base_calls, layer_calls) = calls(8);
    // The hole takes pictures 2 and 3 of the enhancement layer, which goes on at its key.
    let mut mixed = Vec::new();
    for (n, (a, b)) in base_calls.drain(..).zip(layer_calls).enumerate() {
        mixed.push(a);
        mixed.push(if n == 2 { Call::LayerHole } else { b });
    }
    let (_, out) = run(&mixed);
    assert_eq!(out.frames.iter().map(|f| f.pts / 3750).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5, 6, 7]);
    let has_metadata = |n: usize| out.frames[n].bytes.windows(2).any(|pair| pair == [METADATA << 1, 1]);
    assert_eq!([0, 2, 3, 4, 7].map(has_metadata), [true, false, false, true, true]);
    // They are there, but do not look as they should.
    let lost: Vec<_> = out.lost.iter().map(|lost| lost.from).collect();
    let lacking = (0..8).filter(|n| !has_metadata(*n)).map(|n| Some(Ticks90(out.frames[n].pts)));
    assert_eq!(lost, lacking.collect::<Vec<_>>());
}

/// The pictures that are as they should be, and those that are told to lack something, by their numbers.
fn outcome(out: &Recorder) -> (Vec<i64>, Vec<i64>) {
    let has_metadata = |bytes: &[u8]| bytes.windows(2).any(|pair| pair == [METADATA << 1, 1]);
    let whole = out.frames.iter().filter(|frame| has_metadata(&frame.bytes)).map(|frame| frame.pts / 3750);
    (whole.collect(), out.lost.iter().filter_map(|lost| Some(lost.from?.0 / 3750)).collect())
}

#[test]
fn a_layer_that_is_too_far_ahead_or_behind_is_told() {
    let most = i64::try_from(MOST_WAITING).unwrap();
    let (base_calls, layer_calls) = calls(100);
    let (_, ahead) = run(&[layer_calls.clone(), base_calls.clone()].concat());
    assert_eq!(outcome(&ahead), ((100 - most - 1..100).collect(), (0..100 - most - 1).collect()));
    let (_, behind) = run(&[base_calls, layer_calls].concat());
    let (whole, lacking) = outcome(&behind);
    assert_eq!(behind.frames.len(), 100);
    let all: std::collections::BTreeSet<i64> = whole.iter().chain(&lacking).copied().collect();
    assert_eq!((all.len(), whole.len() + lacking.len()), (100, 100), "{whole:?} {lacking:?}");
    assert!(lacking.len() as i64 <= 100 - most, "{lacking:?}");
}

#[test]
fn what_is_missing_of_the_pictures_costs_no_other_its_layer() {
    let (base_calls, layer_calls) = calls(12);
    // The layer is ahead by some pictures; of these the fifth to the seventh are missing.
    let (before, behind) = (base_calls[..4].to_vec(), base_calls[8..].to_vec());
    let (_, out) = run(&[layer_calls, before, vec![Call::BaseHole], behind].concat());
    // The last one in front of the hole never came to its end.
    assert_eq!(out.frames.iter().map(|frame| frame.pts / 3750).collect::<Vec<_>>(), [0, 1, 2, 8, 9, 10, 11]);
    // What is told is the hole itself.
    assert_eq!(outcome(&out), (vec![0, 1, 2, 8, 9, 10, 11], vec![2]));
}

#[test]
fn a_stream_whose_layer_never_comes_is_plain_hevc() {
    let (base_calls, _) = calls(200);
    let (splitter, out) = run(&base_calls);
    assert_eq!(out.frames.len(), 200);
    assert_eq!(splitter.facts(MAIN).unwrap().video.as_ref().unwrap().dolby_vision, None);
}

proptest! {
    /// However the packets of the two lie among each other.
    #[test]
    fn the_order_of_the_two_streams_does_not_matter(picks in prop::collection::vec(any::<bool>(), 0..40)) {
        let (base_calls, layer_calls) = calls(16);
        let (mut base_calls, mut layer_calls) = (base_calls.into_iter(), layer_calls.into_iter());
        let mut mixed: Vec<Call> = Vec::new();
        for pick in picks {
            mixed.extend(if pick { base_calls.next() } else { layer_calls.next() });
        }
        mixed.extend(base_calls.chain(layer_calls));
        let (_, out) = run(&mixed);
        let wanted: Vec<_> = pictures(16).iter().map(|(_, kind, n)| joined(&base(*kind, *n), &layer(*kind, *n))).collect();
        prop_assert_eq!(out.frames.iter().map(|f| f.bytes.clone()).collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn damage_does_no_harm(
        events in prop::collection::vec((0u8..20, 0usize..100, any::<u8>()), 0..40),
    ) {
        let (base_calls, layer_calls) = calls(20);
        let mut mixed: Vec<Call> = base_calls.into_iter().zip(layer_calls).flat_map(|(a, b)| [a, b]).collect();
        for (kind, at, value) in events {
            let n = at % mixed.len();
            match (kind, &mut mixed[n]) {
                (0, _) => mixed.insert(n, Call::BaseHole),
                (1, _) => mixed.insert(n, Call::LayerHole),
                (2, _) => drop(mixed.remove(n)),
                (_, Call::Base(_, data) | Call::Layer(_, data)) => {
                    let size = data.len();
                    data[at % size] ^= value;
                }
                _ => {}
            }
        }
        let (splitter, out) = run(&mixed);
        prop_assert!(out.frames.len() <= 40);
        prop_assert_eq!(splitter.waiting, 0);
    }
}
