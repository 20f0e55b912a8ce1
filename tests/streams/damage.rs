//! Holes and noise in a stream cost what they hit, and nothing moves.

use std::collections::BTreeSet;

use freemkv::codec::{CORE, MAIN};
use proptest::prelude::*;

use crate::support::{Kept, Tracks, open, run, stream_file};
use crate::testing::test_data;

/// A hole of sectors, told to the demultiplexer.
fn with_hole(data: &[u8], from: usize, to: usize) -> Tracks {
    let (mut demux, mut tracks) = open(data);
    demux.push(&data[..from], &mut tracks);
    demux.hole(to as u64, &mut tracks);
    demux.push(&data[to..], &mut tracks);
    demux.finish(&mut tracks);
    tracks.finish();
    tracks
}

/// Every frame is one of the whole stream, at its time; gives how many are missing.
fn missing(whole: &[&Kept], left: &[&Kept]) -> usize {
    let known: BTreeSet<_> = whole.iter().map(|f| (f.pts, &f.bytes)).collect();
    for frame in left {
        assert!(known.contains(&(frame.pts, &frame.bytes)), "a frame at {} that the stream does not have", frame.pts);
    }
    whole.len() - left.len()
}

#[test]
fn a_hole_costs_the_frames_it_hits_and_moves_no_other() {
    let Some(folder) = test_data() else { return };
    for name in ["bd-basic", "uhd-basic"] {
        let data = stream_file(&folder.join(format!("discs/{name}.iso")));
        let whole = run(&data, 1 << 20);
        for at in [1, 2, 3, 5, 7].map(|k| data.len() / 8 / 2048 * 2048 * k) {
            let holed = with_hole(&data, at, at + 64 * 1024);
            let mut zeroed = data.clone();
            zeroed[at..at + 64 * 1024].fill(0);
            let zeroed = run(&zeroed, 1 << 20);
            for damaged in [&holed, &zeroed] {
                for (all, left) in whole.tracks.iter().zip(&damaged.tracks) {
                    for track in [MAIN, CORE] {
                        let lost = missing(&all.out.track(track), &left.out.track(track));
                        let told = left.out.lost.iter().any(|l| l.track == track);
                        assert!(lost == 0 || told, "{name} at {at}: {lost} of PID {:#x} untold", all.pid);
                        // The disc has a key frame a second, audio far more often.
                        let most = if all.pid == 0x1011 { 60 } else { 400 };
                        assert!(lost <= most, "{name} at {at}: {lost} of PID {:#x}", all.pid);
                    }
                    let keys: Vec<bool> = left.out.track(MAIN).iter().map(|f| f.key).collect();
                    assert!(keys.first().is_none_or(|key| *key));
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn noise_in_real_streams_does_no_harm(
        uhd in any::<bool>(),
        seed in any::<u64>(),
        rate in 1usize..4000,
        slice in 1000usize..100_000,
    ) {
        let Some(folder) = test_data() else { return Ok(()) };
        let image = if uhd { "discs/uhd-basic.iso" } else { "discs/bd-basic.iso" };
        let mut data = stream_file(&folder.join(image));
        data.truncate(1 << 20);
        let mut state = seed | 1;
        let mut at = 6144;
        while at < data.len() {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            data[at] ^= state as u8;
            at += 1 + (state >> 20) as usize % (rate * 4);
        }
        let one = run(&data, data.len());
        let other = run(&data, slice);
        for (a, b) in one.tracks.iter().zip(&other.tracks) {
            prop_assert!(a.out == b.out, "PID {:#x}", a.pid);
        }
    }
}
