use super::*;
use crate::codec::recorder::Recorder;
use crate::codec::{Lost, Stamp};
use proptest::prelude::*;

/// Samples of all channels in turn, as the disc and as a container have them.
fn stored(bits: u8, channels: usize, values: &[u32]) -> (Vec<u8>, Vec<u8>) {
    let group = 2 * channels;
    let (mut disc, mut file) = (Vec::<u8>::new(), Vec::<u8>::new());
    for group in values.chunks_exact(group) {
        group.iter().for_each(|value| disc.extend(&value.to_be_bytes()[..2]));
        match bits {
            20 => {
                disc.extend(group.chunks(2).map(|pair| pair[0].to_be_bytes()[2] & 0xF0 | pair[1].to_be_bytes()[2] >> 4))
            }
            24 => disc.extend(group.iter().map(|value| value.to_be_bytes()[2])),
            _ => {}
        }
        for value in group {
            let [top, middle, low, _] = value.to_be_bytes();
            match bits {
                16 => file.extend([middle, top]),
                20 => file.extend([low & 0xF0, middle, top]),
                _ => file.extend([low, middle, top]),
            }
        }
    }
    (disc, file)
}

fn head(bits: u8, rate: u8, channels: usize, pointer: u16) -> [u8; HEAD] {
    let [high, low] = pointer.to_be_bytes();
    [1, high, low, 0, ((bits - 16) / 4) << 6 | rate << 4 | (channels as u8 - 1), 0x80]
}

/// Cuts samples into packets of `size` bytes; the first frame of each begins with the first whole unit in it.
fn packets(bits: u8, channels: usize, disc: &[u8], size: usize) -> Vec<(i64, Vec<u8>)> {
    let format = Format::parse(head(bits, 0, channels, 0)[4]).unwrap();
    let (unit, unit_bytes) = format.least();
    disc.chunks(size)
        .enumerate()
        .map(|(n, body)| {
            let at = (n * size).next_multiple_of(unit_bytes);
            let pointer = at - n * size + POINTER_OF_FIRST;
            let pts = 9000 + (at / unit_bytes * unit * 90_000 / 48_000) as i64;
            (pts, [&head(bits, 0, channels, pointer as u16)[..], body].concat())
        })
        .collect()
}

fn feed(splitter: &mut DvdLpcmSplitter, pts: Option<i64>, packet: &[u8], out: &mut Recorder) {
    splitter.start(Stamp { pts: pts.map(Ticks90), dts: None }, None, out);
    packet.chunks(100).for_each(|part| splitter.payload(part));
    splitter.end(out);
}

#[test]
fn low_bits_come_back_to_their_samples() {
    let mut file = Vec::new();
    Format::parse(0x41).unwrap().convert(&[1, 2, 3, 4, 5, 6, 7, 8, 0xAB, 0xCD], &mut file);
    assert_eq!(file, [0xA0, 2, 1, 0xB0, 4, 3, 0xC0, 6, 5, 0xD0, 8, 7]);
    file.clear();
    Format::parse(0x80).unwrap().convert(&[1, 2, 3, 4, 0xA, 0xB, 5, 6, 7, 8, 0xC, 0xD], &mut file);
    assert_eq!(file, [0xA, 2, 1, 0xB, 4, 3, 0xC, 6, 5, 0xD, 8, 7]);
    file.clear();
    // Two samples of each of three channels.
    let upper = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    Format::parse(0x82).unwrap().convert(&[&upper[..], &[0xA, 0xB, 0xC, 0xD, 0xE, 0xF]].concat(), &mut file);
    assert_eq!(file, [0xA, 2, 1, 0xB, 4, 3, 0xC, 6, 5, 0xD, 8, 7, 0xE, 10, 9, 0xF, 12, 11]);
}

#[test]
fn a_stream_entered_anywhere_begins_at_the_first_frame_that_is_pointed_at() {
    let (disc, file) = stored(24, 2, &(0..4000).map(|n| n << 12).collect::<Vec<_>>());
    let packets = packets(24, 2, &disc[100..], 2008);
    let (mut splitter, mut out) = (DvdLpcmSplitter::new(), Recorder::default());
    // The bytes in front of the pointer are the end of a group that began before.
    let skip = 108 - 100;
    let mut first = packets[0].1.clone();
    first[..HEAD].copy_from_slice(&head(24, 0, 2, skip + 4));
    feed(&mut splitter, Some(500), &first, &mut out);
    splitter.finish(&mut out);
    let whole: Vec<u8> = out.frames.iter().flat_map(|f| f.bytes.clone()).collect();
    assert_eq!(whole[..], file[108..][..whole.len()]);
    assert_eq!((out.frames[0].pts, out.frames[0].duration), (500, Some(600)));
    assert!(whole.len() > 1900);
}

#[test]
fn behind_a_loss_samples_go_on_where_a_frame_begins() {
    let (disc, _) = stored(20, 2, &vec![0x1234_5000; 16_000]);
    let packets = packets(20, 2, &disc, 2002);
    let (mut splitter, mut out) = (DvdLpcmSplitter::new(), Recorder::default());
    for (n, (pts, packet)) in packets.iter().enumerate() {
        if n == 4 {
            splitter.discontinuity(&mut out);
        } else {
            feed(&mut splitter, Some(*pts), packet, &mut out);
        }
    }
    splitter.finish(&mut out);
    assert!(out.frames.iter().all(|f| f.bytes.chunks(3).all(|sample| sample == [0x50, 0x34, 0x12])));
    let [Lost { from: Some(from), until: Some(until), .. }] = out.lost[..] else { panic!("{:?}", out.lost) };
    // A packet of 2002 bytes lasts 400 samples.
    assert!((until - from).distance(Ticks90::from_count(400, 48_000)) <= Ticks90(8), "{from:?} {until:?}");
}

proptest! {
    #[test]
    fn every_sample_comes_out_however_packets_cut_them(
        bits in prop::sample::select(vec![16u8, 20, 24]),
        channels in 1usize..=8,
        seed in any::<u32>(),
        size in 300usize..2010,
    ) {
        let values: Vec<u32> = (0..channels as u32 * 1200).map(|n| n.wrapping_mul(seed | 1).rotate_left(n % 31)).collect();
        let (disc, file) = stored(bits, channels, &values);
        let (mut splitter, mut out) = (DvdLpcmSplitter::new(), Recorder::default());
        for (pts, packet) in packets(bits, channels, &disc, size) {
            feed(&mut splitter, Some(pts), &packet, &mut out);
        }
        splitter.finish(&mut out);
        prop_assert_eq!(&out.lost, &[]);
        prop_assert!(out.frames.iter().flat_map(|f| f.bytes.iter()).eq(&file));
        for (n, frame) in out.frames.iter().enumerate() {
            prop_assert!(frame.pts.abs_diff(9000 + n as i64 * 600) <= 1);
        }
    }

    #[test]
    fn any_bytes_do_no_harm(packets in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..900), 0..8)) {
        let (mut splitter, mut out) = (DvdLpcmSplitter::new(), Recorder::default());
        for (n, data) in packets.iter().enumerate() {
            feed(&mut splitter, Some(n as i64 * 450), data, &mut out);
        }
        splitter.finish(&mut out);
        let given: usize = out.frames.iter().map(|f| f.bytes.len()).sum();
        prop_assert!(given <= 2 * packets.iter().map(Vec::len).sum::<usize>());
    }
}
