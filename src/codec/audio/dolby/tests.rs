use super::*;
use crate::base::time::Ticks90;
use crate::codec::recorder::{Recorder, split};
use crate::codec::{Lost, MAIN};
use proptest::prelude::*;

/// Makes the checksum of a frame right by its last two bytes.
fn seal(mut frame: Vec<u8>) -> Vec<u8> {
    let at = frame.len() - 2;
    let sum = ac3::checksum(&frame[2..at]);
    frame[at..].copy_from_slice(&sum.to_be_bytes());
    assert!(ac3::checks(&frame));
    frame
}

/// AC-3, 48 kHz, 32 kbit/s, stereo: 128 bytes.
fn basic(seed: u8) -> Vec<u8> {
    let mut frame = vec![0x0B, 0x77, 0, 0, 0x00, 0x40, 0x40];
    frame.resize(128, seed);
    seal(frame)
}

/// E-AC-3 of 64 bytes: independent 5.1, or dependent with rear channels.
fn enhanced(dependent: bool, seed: u8) -> Vec<u8> {
    let mut frame = if dependent {
        vec![0x0B, 0x77, 0x40, 31, 0x34, 0x80, 0x10, 0x20, 0]
    } else {
        vec![0x0B, 0x77, 0x00, 31, 0x3F, 0x80, 0, 0, 0]
    };
    frame.resize(64, seed);
    seal(frame)
}

fn start(splitter: &mut DolbySplitter, pts: Option<i64>, data: &[u8], out: &mut Recorder) {
    splitter.start(Stamp { pts: pts.map(Ticks90), dts: None }, None, out);
    splitter.payload(data);
    splitter.end(out);
}

#[test]
fn frames_are_stamped_by_counting_samples() {
    let data: Vec<u8> = (0..5).flat_map(basic).collect();
    let mut splitter = DolbySplitter::ac3();
    let out = split(&mut splitter, &data, 50);
    assert_eq!(out.frames.iter().map(|f| f.pts).collect::<Vec<_>>(), [0, 2880, 5760, 8640, 11_520]);
    assert!(out.frames.iter().enumerate().all(|(i, f)| f.bytes == basic(i as u8) && f.key));
    let audio = splitter.facts(MAIN).unwrap().audio.unwrap();
    assert_eq!((audio.channels, audio.sample_rate, audio.frame_samples), (2, 48_000, Some(1536)));
}

#[test]
fn nothing_is_claimed_of_bytes_that_only_look_like_a_frame() {
    let mut fake = basic(3);
    fake[60] ^= 1;
    let mut splitter = DolbySplitter::ac3();
    let out = split(&mut splitter, &fake.repeat(4), 1000);
    assert_eq!(out.frames, []);
    assert_eq!(splitter.facts(MAIN), None);
}

#[test]
fn dependent_frames_join_their_main_frame_even_from_another_packet() {
    let mut splitter = DolbySplitter::eac3();
    let mut out = Recorder::default();
    for i in 0..3 {
        start(&mut splitter, Some(i64::from(i) * 2880), &enhanced(false, i), &mut out);
        start(&mut splitter, Some(i64::from(i) * 2880), &enhanced(true, i), &mut out);
    }
    splitter.finish(&mut out);
    assert_eq!(out.frames.len(), 3);
    for (i, frame) in out.frames.iter().enumerate() {
        let i = i as u8;
        assert_eq!(frame.bytes, [enhanced(false, i), enhanced(true, i)].concat());
        assert_eq!(frame.pts, i64::from(i) * 2880);
    }
    let facts = splitter.facts(MAIN).unwrap();
    assert_eq!((facts.codec, facts.audio.unwrap().channels), (Codec::Eac3, 8));
}

#[test]
fn a_further_program_is_kept_in_the_block_and_adds_no_channels() {
    let mut program = enhanced(false, 7);
    // Substream 1, which the dependent one behind it belongs to.
    program[2] |= 0x08;
    let block = [enhanced(false, 1), seal(program), enhanced(true, 2)].concat();
    let mut splitter = DolbySplitter::eac3();
    let out = split(&mut splitter, &block.repeat(3), 77);
    assert!(out.frames.len() == 3 && out.frames.iter().all(|f| f.bytes == block));
    assert_eq!(splitter.facts(MAIN).unwrap().audio.unwrap().channels, 6);
}

#[test]
fn an_ac3_core_takes_the_dependent_frame_behind_it() {
    let data: Vec<u8> = (0..3).flat_map(|i| [basic(i), enhanced(true, i)].concat()).collect();
    let mut splitter = DolbySplitter::eac3();
    let out = split(&mut splitter, &data, 77);
    assert_eq!(out.frames.len(), 3);
    assert!(out.frames.iter().all(|f| f.bytes.len() == 192));
}

#[test]
fn behind_a_gap_the_clock_takes_the_new_stamp_and_the_loss_is_told() {
    let mut splitter = DolbySplitter::ac3();
    let mut out = Recorder::default();
    start(&mut splitter, Some(0), &[basic(0), basic(1)].concat(), &mut out);
    splitter.start(Stamp { pts: Some(Ticks90(5760)), dts: None }, None, &mut out);
    splitter.payload(&basic(2)[..60]);
    splitter.discontinuity(&mut out);
    start(&mut splitter, Some(20_000), &[&basic(9)[40..], &basic(4)[..]].concat(), &mut out);
    splitter.finish(&mut out);
    assert_eq!(out.frames.iter().map(|f| f.pts).collect::<Vec<_>>(), [0, 2880, 20_000]);
    assert_eq!(out.frames[2].bytes, basic(4));
    assert_eq!(out.lost, [Lost { track: 0, from: Some(Ticks90(5760)), until: Some(Ticks90(20_000)) }]);
}

#[test]
fn a_loss_at_the_end_is_told_without_an_end() {
    let mut splitter = DolbySplitter::ac3();
    let mut out = Recorder::default();
    start(&mut splitter, Some(0), &basic(0), &mut out);
    splitter.discontinuity(&mut out);
    splitter.finish(&mut out);
    assert_eq!(out.lost, [Lost { track: 0, from: Some(Ticks90(2880)), until: None }]);
}

proptest! {
    #[test]
    fn the_cut_does_not_matter_even_in_damaged_streams(
        flips in prop::collection::vec((0usize..1500, any::<u8>()), 0..6),
        a in 1usize..400, b in 1usize..400,
    ) {
        let mut data: Vec<u8> = (0..8).flat_map(|i| [enhanced(false, i), enhanced(true, i)].concat()).collect();
        let size = data.len();
        for (at, value) in flips { data[at % size] ^= value; }
        let run = |packet| split(&mut DolbySplitter::eac3(), &data, packet);
        prop_assert_eq!(run(a), run(b));
    }
}
