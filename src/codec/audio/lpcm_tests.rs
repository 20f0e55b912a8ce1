use super::*;
use crate::base::time::Ticks90;
use crate::codec::recorder::Recorder;
use crate::codec::{Lost, Stamp};
use proptest::prelude::*;

/// Channels of a `channel_assignment` as the disc stores them, named by their place in WAVE order; `None` is padding.
const STORED: [(u8, &[Option<usize>]); 10] = [
    (1, &[Some(0), None]),
    (3, &[Some(0), Some(1)]),
    (4, &[Some(0), Some(1), Some(2), None]),
    (5, &[Some(0), Some(1), Some(2), None]),
    (6, &[Some(0), Some(1), Some(2), Some(3)]),
    (7, &[Some(0), Some(1), Some(2), Some(3)]),
    (8, &[Some(0), Some(1), Some(2), Some(3), Some(4), None]),
    // The low-frequency channel is the fourth in WAVE order and the last on the disc.
    (9, &[Some(0), Some(1), Some(2), Some(4), Some(5), Some(3)]),
    // In WAVE order the rear pair precedes the side pair.
    (10, &[Some(0), Some(1), Some(2), Some(5), Some(3), Some(4), Some(6), None]),
    (11, &[Some(0), Some(1), Some(2), Some(6), Some(4), Some(5), Some(7), Some(3)]),
];

/// A packet, and its samples as a container has them.
fn packet(assignment: usize, rate: u8, bits: u8, values: &[u32]) -> (Vec<u8>, Vec<u8>) {
    let (code, stored) = STORED[assignment];
    let channels = stored.iter().flatten().count();
    let width = if bits == 1 { 2 } else { 3 };
    let (mut disc, mut file) = (Vec::<u8>::new(), Vec::<u8>::new());
    for frame in values.chunks_exact(channels) {
        for place in stored {
            let value = place.map_or(0xAAAA_AAAA, |n| frame[n]);
            disc.extend(&value.to_be_bytes()[..width]);
        }
        for value in frame {
            let mut bytes = value.to_be_bytes()[..width].to_vec();
            bytes.reverse();
            file.extend(bytes);
        }
    }
    let mut packet = (disc.len() as u16).to_be_bytes().to_vec();
    packet.extend([code << 4 | rate, bits << 6]);
    packet.extend(disc);
    (packet, file)
}

fn feed(splitter: &mut LpcmSplitter, pts: Option<i64>, packet: &[u8], cut: usize, out: &mut Recorder) {
    splitter.start(Stamp { pts: pts.map(Ticks90), dts: None }, None, out);
    packet.chunks(cut.max(1)).for_each(|part| splitter.payload(part));
    splitter.end(out);
}

#[test]
fn channels_come_in_wave_order_without_padding() {
    // 5.1: L R C Ls Rs LFE.
    let data = [0, 12, 0x91, 0x40, 0, 1, 0, 2, 0, 3, 0, 5, 0, 6, 0, 4];
    let (mut splitter, mut out) = (LpcmSplitter::new(), Recorder::default());
    feed(&mut splitter, Some(900), &data, 99, &mut out);
    splitter.finish(&mut out);
    assert_eq!(out.frames[0].bytes, [1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0]);
    let audio = splitter.facts(MAIN).and_then(|facts| facts.audio).unwrap();
    assert_eq!((audio.channels, audio.sample_rate, audio.bit_depth), (6, 48_000, Some(16)));
}

#[test]
fn twenty_bits_are_the_upper_ones_of_twenty_four() {
    let data = [0, 6, 0x31, 0x80, 0x12, 0x34, 0x50, 0xFF, 0xFF, 0xF0];
    let (mut splitter, mut out) = (LpcmSplitter::new(), Recorder::default());
    feed(&mut splitter, Some(0), &data, 99, &mut out);
    splitter.finish(&mut out);
    assert_eq!(out.frames[0].bytes, [0x50, 0x34, 0x12, 0xF0, 0xFF, 0xFF]);
    assert_eq!(splitter.facts(MAIN).and_then(|facts| facts.audio).unwrap().bit_depth, Some(24));
}

#[test]
fn time_is_counted_in_samples_and_a_loss_is_told() {
    let (data, _) = packet(1, 1, 1, &[7; 480]);
    let (mut splitter, mut out) = (LpcmSplitter::new(), Recorder::default());
    feed(&mut splitter, Some(1000), &data, 99, &mut out);
    feed(&mut splitter, None, &data, 99, &mut out);
    splitter.start(Stamp { pts: Some(Ticks90(1900)), dts: None }, None, &mut out);
    splitter.payload(&data[..50]);
    splitter.discontinuity(&mut out);
    feed(&mut splitter, Some(2350), &data, 99, &mut out);
    splitter.finish(&mut out);
    let times: Vec<_> = out.frames.iter().map(|f| (f.pts, f.duration)).collect();
    assert_eq!(times, [(1000, Some(450)), (1450, Some(450)), (2350, Some(450))]);
    assert_eq!(out.lost, [Lost { track: MAIN, from: Some(Ticks90(1900)), until: Some(Ticks90(2350)) }]);
}

#[test]
fn samples_of_another_format_do_not_get_into_the_track() {
    let (stereo, _) = packet(1, 1, 1, &[7; 480]);
    let (mono, _) = packet(0, 1, 1, &[7; 240]);
    let (mut splitter, mut out) = (LpcmSplitter::new(), Recorder::default());
    for (n, data) in [&stereo, &mono, &stereo].into_iter().enumerate() {
        feed(&mut splitter, Some(n as i64 * 450), data, 99, &mut out);
    }
    assert_eq!(out.frames.iter().map(|f| f.pts).collect::<Vec<_>>(), [0, 900]);
    assert_eq!(out.lost, [Lost { track: MAIN, from: Some(Ticks90(450)), until: Some(Ticks90(900)) }]);
}

proptest! {
    #[test]
    fn every_sample_of_every_layout_comes_out(
        assignment in 0usize..STORED.len(),
        (rate, hertz) in prop::sample::select(vec![(1u8, 48_000u32), (4, 96_000), (5, 192_000)]),
        bits in 1u8..=3,
        values in prop::collection::vec(any::<u32>(), 8..200),
        cut in 1usize..64,
    ) {
        let values: Vec<u32> = values.iter().map(|v| if bits == 2 { v & 0xFFFF_F000 } else { *v }).collect();
        let (data, file) = packet(assignment, rate, bits, &values);
        let (mut splitter, mut out) = (LpcmSplitter::new(), Recorder::default());
        feed(&mut splitter, Some(0), &data, cut, &mut out);
        splitter.finish(&mut out);
        prop_assert_eq!(&out.frames[0].bytes, &file);
        let audio = splitter.facts(MAIN).and_then(|facts| facts.audio).unwrap();
        let channels = STORED[assignment].1.iter().flatten().count();
        prop_assert_eq!((usize::from(audio.channels), audio.sample_rate), (channels, hertz));
    }

    #[test]
    fn any_bytes_do_no_harm(packets in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 0..8)) {
        let (mut splitter, mut out) = (LpcmSplitter::new(), Recorder::default());
        for (n, data) in packets.iter().enumerate() {
            feed(&mut splitter, Some(n as i64 * 450), data, 7, &mut out);
        }
        splitter.finish(&mut out);
        let given: usize = out.frames.iter().map(|f| f.bytes.len()).sum();
        prop_assert!(given <= packets.iter().map(Vec::len).sum());
    }
}
