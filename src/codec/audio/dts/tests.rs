use proptest::prelude::*;

use super::*;
use crate::base::time::Ticks90;
use crate::codec::Lost;
use crate::codec::audio::dts::fixture::{self as fixture, EXPRESS, Extension as Substream, HIGH_RESOLUTION, LOSSLESS};
use crate::codec::recorder::{Recorder, split};

/// Ticks of 512 samples at 48 kHz.
const FRAME: i64 = 960;

fn core(seed: u8) -> Vec<u8> {
    fixture::Core { seed, ..fixture::Core::default() }.build()
}

fn extension(seed: u8) -> Vec<u8> {
    Substream { seed, ..Substream::default() }.build()
}

fn tracks(out: &Recorder, track: u8) -> Vec<(i64, Vec<u8>)> {
    out.frames.iter().filter(|f| f.track == track).map(|f| (f.pts, f.bytes.clone())).collect()
}

fn packet(splitter: &mut DtsSplitter, pts: Option<i64>, extension: Option<u8>, data: &[u8], out: &mut Recorder) {
    splitter.start(Stamp { pts: pts.map(Ticks90), dts: None }, extension, out);
    splitter.payload(data);
    splitter.end(out);
}

#[test]
fn a_stream_of_cores_has_one_track() {
    let mut splitter = DtsSplitter::new();
    let data: Vec<u8> = (0..5).flat_map(core).collect();
    let out = split(&mut splitter, &data, 77);
    let wanted: Vec<_> = (0..5).map(|n| (i64::from(n) * FRAME, core(n))).collect();
    assert_eq!(tracks(&out, MAIN), wanted);
    let facts = splitter.facts(MAIN).unwrap();
    let audio = facts.audio.unwrap();
    assert_eq!((facts.codec, audio.channels, audio.sample_rate), (Codec::Dts, 6, 48_000));
    assert_eq!((audio.bit_depth, audio.frame_samples), (Some(24), Some(512)));
    assert_eq!(splitter.facts(CORE), None);
}

#[test]
fn a_core_and_its_extensions_are_one_frame_and_the_bare_cores_a_track() {
    let mut splitter = DtsSplitter::new();
    let second = |seed| Substream { index: 1, seed, ..Substream::default() }.build();
    let unit = |n: u8| [core(n), extension(n), second(n)].concat();
    let data: Vec<u8> = (0..4).flat_map(unit).collect();
    let out = split(&mut splitter, &data, 150);
    assert_eq!(tracks(&out, MAIN), (0..4).map(|n| (i64::from(n) * FRAME, unit(n))).collect::<Vec<_>>());
    assert_eq!(tracks(&out, CORE), (0..4).map(|n| (i64::from(n) * FRAME, core(n))).collect::<Vec<_>>());
    let (all, inner) = (splitter.facts(MAIN).unwrap(), splitter.facts(CORE).unwrap());
    assert_eq!((all.codec, inner.codec), (Codec::DtsHdMaster, Codec::Dts));
    let (all, inner) = (all.audio.unwrap(), inner.audio.unwrap());
    assert_eq!((all.channels, all.sample_rate, all.frame_samples), (8, 96_000, Some(1024)));
    assert_eq!((inner.channels, inner.sample_rate, inner.frame_samples), (6, 48_000, Some(512)));
}

#[test]
fn what_the_asset_says_names_the_codec() {
    let express = Substream { coding: EXPRESS, rate_code: 12, duration_code: 7, channels: 6, ..Substream::default() };
    let lossless = Substream { coding: LOSSLESS, ..Substream::default() };
    let high = Substream { coding: HIGH_RESOLUTION, ..Substream::default() };
    let cases = [
        (express.build(), Codec::DtsExpress, 6, 48_000, 4096),
        (lossless.build(), Codec::DtsLossless, 8, 96_000, 1024),
        ([core(0), high.build()].concat(), Codec::DtsHdHighResolution, 8, 96_000, 1024),
    ];
    for (unit, codec, channels, rate, samples) in cases {
        let mut splitter = DtsSplitter::new();
        let out = split(&mut splitter, &unit.repeat(3), 1000);
        let main = tracks(&out, MAIN);
        assert_eq!(main.len(), 3, "{codec}");
        assert!(main.iter().all(|(_, bytes)| *bytes == unit), "{codec}");
        let facts = splitter.facts(MAIN).unwrap();
        let audio = facts.audio.unwrap();
        let found = (facts.codec, audio.channels, audio.sample_rate, audio.frame_samples);
        assert_eq!(found, (codec, channels, rate, Some(samples)));
        assert_eq!(main[1].0, i64::from(samples) * 90_000 / i64::from(rate));
    }
}

#[test]
fn sync_words_inside_an_extension_are_nothing() {
    let mut splitter = DtsSplitter::new();
    let mut noisy = extension(7);
    noisy[100..300].copy_from_slice(&core(9));
    let unit = [core(1), noisy].concat();
    let out = split(&mut splitter, &unit.repeat(6), 64);
    assert!(tracks(&out, MAIN).iter().all(|(_, bytes)| *bytes == unit));
    assert_eq!((tracks(&out, MAIN).len(), &out.lost[..]), (6, &[][..]));
}

#[test]
fn cores_and_extensions_may_come_in_packets_of_their_own() {
    let mut splitter = DtsSplitter::new();
    let mut out = Recorder::default();
    for n in 0..4u8 {
        // Only some cores have a stamp, and those of the extensions are not theirs.
        let pts = (n % 2 == 0).then_some(9000 + i64::from(n) * FRAME);
        packet(&mut splitter, pts, Some(0x71), &core(n), &mut out);
        packet(&mut splitter, Some(9000 + i64::from(n) * FRAME), Some(0x72), &extension(n), &mut out);
    }
    splitter.finish(&mut out);
    let wanted: Vec<_> = (0..4).map(|n| (9000 + i64::from(n) * FRAME, [core(n), extension(n)].concat())).collect();
    assert_eq!(tracks(&out, MAIN), wanted);
}

#[test]
fn behind_a_hole_whole_frames_go_on_and_the_loss_is_told_of_both_tracks() {
    let mut splitter = DtsSplitter::new();
    let mut out = Recorder::default();
    let unit = |n: u8| [core(n), extension(n)].concat();
    packet(&mut splitter, Some(0), None, &[unit(0), unit(1), core(2)].concat(), &mut out);
    splitter.discontinuity(&mut out);
    // The rest of a frame whose core is gone.
    let rest = [extension(4), unit(5), unit(6)].concat();
    packet(&mut splitter, Some(5 * FRAME), None, &rest, &mut out);
    splitter.finish(&mut out);
    let wanted: Vec<_> = [0, 1, 5, 6].map(|n| (i64::from(n) * FRAME, unit(n))).into();
    assert_eq!(tracks(&out, MAIN), wanted);
    assert_eq!(tracks(&out, CORE).len(), 4);
    let (from, until) = (Some(Ticks90(2 * FRAME)), Some(Ticks90(5 * FRAME)));
    assert_eq!(out.lost, [Lost { track: CORE, from, until }, Lost { track: MAIN, from, until }]);
}

#[test]
fn dts_uhd_is_named_and_not_split() {
    let mut splitter = DtsSplitter::new();
    let out = split(&mut splitter, &[&[0x40, 0x41, 0x1B, 0xF2][..], &[5; 400]].concat(), 100);
    assert_eq!((splitter.facts(MAIN).unwrap().codec, out.frames.len()), (Codec::DtsUhd, 0));
}

fn stream() -> Vec<u8> {
    (0..12).flat_map(|n| [core(n), extension(n)].concat()).collect()
}

proptest! {
    #[test]
    fn the_cut_does_not_matter_even_in_damaged_streams(
        flips in prop::collection::vec((0usize..6000, any::<u8>()), 0..6),
        a in 1usize..700, b in 1usize..700,
    ) {
        let mut data = stream();
        let size = data.len();
        for (at, value) in flips { data[at % size] ^= value; }
        let run = |slice: usize| {
            let (mut splitter, mut out) = (DtsSplitter::new(), Recorder::default());
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
    fn a_hole_costs_only_the_frames_it_touches(from in 0usize..6000, length in 1usize..1500) {
        let data = stream();
        let (from, to) = (from.min(data.len()), (from + length).min(data.len()));
        let (mut splitter, mut out) = (DtsSplitter::new(), Recorder::default());
        // A stamp with each frame, as far as frames begin in what is left.
        for (n, unit) in data.chunks(500).enumerate() {
            let (start, end) = (n * 500, n * 500 + unit.len());
            if from > start && from <= end || to > start && to <= end && from <= start {
                let head = &unit[..from.saturating_sub(start).min(unit.len())];
                packet(&mut splitter, Some(n as i64 * FRAME).filter(|_| from > start), None, head, &mut out);
                splitter.discontinuity(&mut out);
                let tail = &unit[to.saturating_sub(start).min(unit.len())..];
                packet(&mut splitter, None, None, tail, &mut out);
            } else if end <= from || start >= to {
                packet(&mut splitter, Some(n as i64 * FRAME), None, unit, &mut out);
            }
        }
        splitter.finish(&mut out);
        let whole: Vec<(i64, Vec<u8>)> = data.chunks(500).enumerate().map(|(n, u)| (n as i64 * FRAME, u.to_vec())).collect();
        for frame in tracks(&out, MAIN) {
            prop_assert!(whole.contains(&frame), "a frame at {} that the stream does not have", frame.0);
        }
        let untouched = whole.iter().enumerate().filter(|(n, _)| (n + 1) * 500 <= from || n * 500 >= to).count();
        prop_assert!(tracks(&out, MAIN).len() + 1 >= untouched, "{} of {untouched}", tracks(&out, MAIN).len());
    }

    #[test]
    fn any_bytes_are_taken(data in prop::collection::vec(any::<u8>(), 0..4000), packet in 1usize..500) {
        let mut splitter = DtsSplitter::new();
        let out = split(&mut splitter, &data, packet);
        prop_assert!(out.frames.iter().map(|f| f.bytes.len()).sum::<usize>() <= 2 * data.len());
    }
}
