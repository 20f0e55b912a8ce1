use super::*;
use crate::codec::Lost;
use crate::codec::recorder::{Recorder, split};
use proptest::prelude::*;

/// An access unit of 48 kHz 5.1 in two substreams; a major one carries the sync.
fn unit(is_major: bool, seed: u8) -> Vec<u8> {
    let mut unit = vec![0, 0, 0, seed];
    if is_major {
        unit.extend(SYNC);
        // 48 kHz; six-channel assignment L/R, C, LFE, Ls/Rs.
        unit.extend(0x0007_8000u32.to_be_bytes());
        unit.extend(SIGNATURE);
        unit.extend([0, 0, 0, 0, 0, 0, 0x20, 0]);
        unit.resize(SYNC_OFFSET + MAJOR_BYTES, 0);
    }
    unit.extend([0x10, 4, 0x10, 8]);
    unit.resize(unit.len() + 20 + usize::from(seed % 8) * 2, seed);
    let words = unit.len() as u16 / 2;
    unit[..2].copy_from_slice(&words.to_be_bytes());
    let directory = if is_major { SYNC_OFFSET + MAJOR_BYTES } else { SYNC_OFFSET };
    let sum = unit[..4].iter().chain(&unit[directory..directory + 4]).fold(0, |a, b| a ^ b);
    unit[0] |= (((sum >> 4) ^ sum) & 15 ^ 15) << 4;
    unit
}

fn stream(units: u8) -> Vec<u8> {
    (0..units).flat_map(|i| unit(i % 8 == 0, i)).collect()
}

#[test]
fn units_are_walked_and_only_major_syncs_are_keys() {
    let mut splitter = TrueHdSplitter::new();
    let out = split(&mut splitter, &stream(20), 33);
    assert_eq!(out.frames.len(), 20);
    for (i, frame) in out.frames.iter().enumerate() {
        assert_eq!((frame.pts, frame.key, &frame.bytes), (i as i64 * 75, i % 8 == 0, &unit(i % 8 == 0, i as u8)));
    }
    let audio = splitter.facts(MAIN).unwrap().audio.unwrap();
    assert_eq!((audio.channels, audio.sample_rate, audio.frame_samples), (6, 48_000, Some(40)));
    assert_eq!(splitter.facts(CORE), None);
}

#[test]
fn behind_a_loss_it_goes_on_at_a_major_sync() {
    let mut splitter = TrueHdSplitter::new();
    let mut out = Recorder::default();
    let units: Vec<Vec<u8>> = (0..24).map(|i| unit(i % 8 == 0, i)).collect();
    let mut packet = |range: std::ops::Range<usize>, cut: usize, out: &mut Recorder| {
        splitter.start(Stamp { pts: Some(Ticks90(range.start as i64 * 75)), dts: None }, Some(0x72), out);
        let data = units[range].concat();
        splitter.payload(&data[..data.len() - cut]);
        if cut == 0 { splitter.end(out) } else { splitter.discontinuity(out) }
    };
    packet(0..6, 0, &mut out);
    packet(6..8, 5, &mut out);
    packet(10..18, 0, &mut out);
    packet(18..24, 0, &mut out);
    splitter.finish(&mut out);
    let pts: Vec<i64> = out.frames.iter().map(|f| f.pts / 75).collect();
    // Unit 16 begins inside a packet whose stamp belongs to unit 10: its time is counted from there.
    assert_eq!(pts, [0, 1, 2, 3, 4, 5, 6, 16, 17, 18, 19, 20, 21, 22, 23]);
    assert!(out.frames[7].key);
    assert_eq!(out.lost, [Lost { track: MAIN, from: Some(Ticks90(7 * 75)), until: Some(Ticks90(16 * 75)) }]);
}

#[test]
fn units_in_front_of_the_first_major_sync_are_told() {
    let (mut splitter, mut out) = (TrueHdSplitter::new(), Recorder::default());
    for first in [3u8, 6] {
        splitter.start(Stamp { pts: Some(Ticks90(i64::from(first) * 75)), dts: None }, Some(0x72), &mut out);
        let units: Vec<u8> = (first..if first == 3 { 6 } else { 12 }).flat_map(|i| unit(i % 8 == 0, i)).collect();
        splitter.payload(&units);
        splitter.end(&mut out);
    }
    splitter.finish(&mut out);
    assert_eq!(out.frames.iter().map(|f| f.pts / 75).collect::<Vec<_>>(), [8, 9, 10, 11]);
    assert_eq!(out.undecodable, [Lost { track: MAIN, from: Some(Ticks90(3 * 75)), until: Some(Ticks90(8 * 75)) }]);
    assert_eq!(out.lost, []);
}

#[test]
fn a_broken_check_nibble_costs_the_units_up_to_the_next_major_sync() {
    let mut data = stream(24);
    let at = stream(10).len();
    data[at] ^= 0x10;
    let mut splitter = TrueHdSplitter::new();
    let mut out = Recorder::default();
    for (i, chunk) in data.chunks(64).enumerate() {
        // A stamp with every packet, so that the clock finds back.
        splitter.start(Stamp { pts: Some(Ticks90(i as i64 * 128)), dts: None }, None, &mut out);
        splitter.payload(chunk);
        splitter.end(&mut out);
    }
    splitter.finish(&mut out);
    let bytes: Vec<_> = out.frames.iter().map(|f| f.bytes.clone()).collect();
    assert_eq!(bytes[..10], (0..10).map(|i| unit(i % 8 == 0, i)).collect::<Vec<_>>());
    assert!(out.frames[10].key);
    assert_eq!(out.frames[10].bytes, unit(true, 16));
}

#[test]
fn channels_follow_the_assignment() {
    assert_eq!(channels(0b1111), 6);
    assert_eq!(channels(0b100_1111), 8);
    assert_eq!(channels(1), 2);
}

#[test]
fn the_presentation_with_most_channels_counts_and_objects_need_a_fourth_substream() {
    let mut objects = unit(true, 0);
    // Eight-channel assignment L/R, C, LFE, Ls/Rs, Lrs/Rrs beside the six-channel one.
    objects[SYNC_OFFSET + 4..SYNC_OFFSET + 8].copy_from_slice(&0x0007_804Fu32.to_be_bytes());
    let found = major(&objects).unwrap();
    assert_eq!((found.channels, found.rate, found.atmos), (8, 48_000, false));
    objects[SYNC_OFFSET + 16] = 0x40;
    objects[SYNC_OFFSET + 17] = 0x80;
    assert!(major(&objects).unwrap().atmos);
}

#[test]
fn mlp_is_named_and_not_split() {
    let mut data = unit(true, 0);
    data[SYNC_OFFSET..SYNC_OFFSET + 4].copy_from_slice(&MLP_SYNC);
    let mut splitter = TrueHdSplitter::new();
    assert_eq!(split(&mut splitter, &data.repeat(3), 50), Recorder::default());
    assert_eq!(splitter.facts(MAIN).map(|facts| facts.codec), Some(Codec::Mlp));
    assert_eq!(splitter.facts(CORE), None);
}

#[test]
fn a_stream_without_major_sync_is_no_track() {
    let data: Vec<u8> = (1..8).flat_map(|i| unit(false, i)).collect();
    let mut splitter = TrueHdSplitter::new();
    assert_eq!(split(&mut splitter, &data, 100), Recorder::default());
    assert_eq!(splitter.facts(MAIN), None);
}

proptest! {
    #[test]
    fn the_cut_does_not_matter_even_in_damaged_streams(
        flips in prop::collection::vec((0usize..1000, any::<u8>()), 0..5),
        a in 1usize..300, b in 1usize..300,
    ) {
        let mut data = stream(20);
        let size = data.len();
        for (at, value) in flips { data[at % size] ^= value; }
        let run = |packet| split(&mut TrueHdSplitter::new(), &data, packet);
        prop_assert_eq!(run(a), run(b));
    }
}
