use super::*;
use crate::demux::m2ts::Layout;
use crate::title::streams::Origin;

const PIDS: [u16; 2] = [0x1011, 0x1100];
const TIMED: [Timed; 2] = [timed(0, false), timed(1, true)];
const PACKETS: Packets = Packets::Transport { layout: Layout::M2ts, on_grid: true };
const SYNC: u8 = 0x47;

const fn timed(stream: usize, is_sound: bool) -> Timed {
    Timed { stream: StreamId { origin: Origin::Main, id: PIDS[stream], sub_id: None }, is_sound }
}

/// One packet of a stream with a stamp, in seconds.
fn packet(stream: usize, seconds: f64) -> Vec<u8> {
    let pts = ((seconds * 90_000.0) as i64).rem_euclid(1 << 33).unsigned_abs();
    let p = |shift: u32| (pts >> shift) as u8;
    let pid = PIDS[stream];
    let mut packet = vec![0, 0, 0, 0, SYNC, 0x40 | (pid >> 8) as u8, pid as u8, 0x10, 0, 0, 1, [0xE0, 0xBD][stream]];
    packet.extend([0, 0, 0x80, 0x80, 5, 0x21 | (p(30) & 7) << 1, p(22), p(14) | 1, p(7), p(0) << 1 | 1]);
    packet.resize(192, 0xFF);
    packet
}

/// Sound and pictures of this many seconds from `start` on, 25 a second; the sound a little earlier.
fn stream(start: f64, pictures: usize) -> Vec<u8> {
    let frame = |n: usize| start + n as f64 / 25.0;
    (0..pictures).flat_map(|n| [packet(0, frame(n) + 0.2), packet(1, frame(n))].concat()).collect()
}

/// The signs of a file, read in blocks of this many packets.
fn signs(file: &[u8], start: f64, packets: usize) -> (Signs, Scout) {
    let mut scout = Scout::new(PACKETS, (0, None), &TIMED, Ticks90((start * 90_000.0) as i64));
    let mut all = Signs::default();
    for (n, block) in file.chunks(192 * packets).enumerate() {
        let end = n * 192 * packets + block.len();
        let mut ahead = |range: Range<u64>| {
            let to = |at: u64| usize::try_from(at).unwrap().min(file.len());
            file[to(range.start)..to(range.end)].to_vec()
        };
        let Signs { wrong, clocks } = scout.bytes(block, end as u64, &mut ahead);
        all.wrong.extend(wrong);
        all.clocks.extend(clocks);
    }
    (all, scout)
}

#[test]
fn joined_streams_begin_another_clock_whatever_the_size_of_reads() {
    for (second, starts) in [(10.0, 10.0), (0.0, 0.0), (9000.0, 9000.0), (9.5, 9.5)] {
        let first = stream(10.0, 100);
        let file = [first.clone(), stream(second, 50)].concat();
        for packets in [1, 7, 1000] {
            let (signs, _) = signs(&file, 10.0, packets);
            let clock = NewClock { at: first.len() as u64, start: Ticks90((starts * 90_000.0) as i64) };
            assert_eq!(signs, Signs { wrong: vec![], clocks: vec![clock] }, "{second} s, {packets} packets");
        }
    }
}

#[test]
fn a_wrong_stamp_is_told_by_its_packet() {
    let mut file = stream(10.0, 100);
    file.splice(192 * 50..192 * 51, packet(0, 7000.0));
    file.splice(192 * 71..192 * 72, packet(1, 3.0));
    for packets in [1, 50, 1000] {
        let (signs, _) = signs(&file, 10.0, packets);
        assert_eq!(signs, Signs { wrong: vec![192 * 50 + 4, 192 * 71 + 4], clocks: vec![] });
    }
}

#[test]
fn what_lies_behind_a_hole_is_on_the_same_clock() {
    let whole = stream(10.0, 2000);
    let mut scout = Scout::new(PACKETS, (0, None), &TIMED, Ticks90(900_000));
    let (before, behind) = (192 * 100, 192 * 3800);
    let mut nothing = |_: Range<u64>| Vec::new();
    assert_eq!(scout.bytes(&whole[..before], before as u64, &mut nothing), Signs::default());
    scout.hole(behind as u64);
    assert_eq!(scout.bytes(&whole[behind..], whole.len() as u64, &mut nothing), Signs::default());
}

#[test]
fn a_stream_is_past_a_time_when_all_of_it_is_or_some_of_it_far() {
    let past = |file: &[u8], seconds: f64| signs(file, 10.0, 50).1.is_past(Ticks90((seconds * 90_000.0) as i64));
    let file = stream(10.0, 100);
    assert!(past(&file, 13.9) && !past(&file, 14.1) && !past(&[], 0.0));
    // Sound that ended long ago does not hold it up.
    let longer = [file, (0..50).flat_map(|n| packet(0, 14.2 + f64::from(n) / 25.0)).collect()].concat();
    assert!(past(&longer, 15.0) && !past(&longer, 15.9));
}
