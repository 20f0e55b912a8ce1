use super::*;
use crate::base::testing::test_data;
use crate::codec::recorder::{Recorder, split};
use proptest::prelude::*;

fn segment(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut segment = vec![kind];
    segment.extend((body.len() as u16).to_be_bytes());
    segment.extend(body);
    segment
}

fn pcs(state: u8, objects: &[(u16, bool)]) -> Vec<u8> {
    let mut body = vec![0x07, 0x80, 0x04, 0x38, 0x10, 0, 1, state, 0, 0, objects.len() as u8];
    for (id, forced) in objects {
        body.extend(id.to_be_bytes());
        body.extend([0, if *forced { 0x40 } else { 0 }, 0, 10, 0, 10]);
    }
    segment(COMPOSITION, &body)
}

fn ods(id: u16) -> Vec<u8> {
    let mut body = id.to_be_bytes().to_vec();
    body.extend([0, 0xC0, 0, 0, 8, 0, 4, 0, 4, 1, 2, 3, 4]);
    segment(OBJECT, &body)
}

fn end() -> Vec<u8> {
    segment(END, &[])
}

fn shown(id: u16, forced: bool) -> Vec<u8> {
    [pcs(0x80, &[(id, forced)]), segment(WINDOWS, &[0]), segment(PALETTE, &[0, 0]), ods(id), end()].concat()
}

fn packet(splitter: &mut PgsSplitter, pts: i64, data: &[u8], out: &mut Recorder) {
    splitter.start(Stamp { pts: Some(Ticks90(pts)), dts: None }, None, out);
    splitter.payload(data);
    splitter.end(out);
}

#[test]
fn sets_last_until_the_next_and_clear_sets_are_kept() {
    let mut splitter = PgsSplitter::new();
    let mut out = Recorder::default();
    packet(&mut splitter, 1000, &shown(1, true), &mut out);
    assert_eq!(splitter.waiting_since(), Some(Ticks90(1000)));
    let clear = [pcs(0, &[]), end()].concat();
    packet(&mut splitter, 5000, &clear, &mut out);
    packet(&mut splitter, 9000, &shown(2, false), &mut out);
    splitter.finish(&mut out);
    assert_eq!(out.frames.len(), 3);
    assert_eq!(out.frames[0].bytes, shown(1, true));
    assert_eq!((out.frames[0].pts, out.frames[0].duration), (1000, Some(4000)));
    assert!(out.frames[0].forced && out.frames[0].key);
    assert_eq!(out.frames[1].bytes, clear);
    assert!(!out.frames[1].forced && !out.frames[1].key);
    assert_eq!(out.frames[2].duration, None);
    let subtitle = splitter.facts(MAIN).unwrap().subtitle.unwrap();
    assert_eq!((subtitle.width, subtitle.height), (1920, 1080));
}

#[test]
fn segments_in_packets_of_their_own_make_one_set_with_the_first_stamp() {
    let mut splitter = PgsSplitter::new();
    let mut out = Recorder::default();
    for (i, part) in [pcs(0x80, &[(1, false)]), ods(1), end()].iter().enumerate() {
        packet(&mut splitter, 100 + i as i64, part, &mut out);
    }
    splitter.release(&mut out);
    assert_eq!(out.frames.len(), 1);
    assert_eq!((out.frames[0].pts, out.frames[0].duration), (100, None));
    assert_eq!(splitter.waiting_since(), None);
}

#[test]
fn behind_a_hole_a_set_whose_object_is_missing_is_dropped_until_the_epoch_is_whole() {
    let mut splitter = PgsSplitter::new();
    let mut out = Recorder::default();
    packet(&mut splitter, 0, &shown(1, false), &mut out);
    splitter.start(Stamp { pts: Some(Ticks90(1000)), dts: None }, None, &mut out);
    splitter.payload(&shown(2, false)[..30]);
    splitter.discontinuity(&mut out);
    // Refers to an object that went down with the hole, then clears, then a new epoch.
    packet(&mut splitter, 2000, &[pcs(0, &[(2, false)]), end()].concat(), &mut out);
    packet(&mut splitter, 3000, &[pcs(0, &[]), end()].concat(), &mut out);
    packet(&mut splitter, 4000, &shown(3, false), &mut out);
    splitter.finish(&mut out);
    assert_eq!(out.frames.iter().map(|f| f.pts).collect::<Vec<_>>(), [0, 3000, 4000]);
    assert_eq!(out.lost.len(), 1);
    assert_eq!(out.lost[0].until, Some(Ticks90(3000)));
}

#[test]
fn files_of_other_tools_come_out_segment_for_segment() {
    let Some(folder) = test_data() else { return };
    for (name, sets) in [("bdsup2sub-test.sup", None), ("simple.sup", None::<usize>)] {
        let data = std::fs::read(folder.join("samples/pgs").join(name)).unwrap();
        let mut splitter = PgsSplitter::new();
        let mut out = Recorder::default();
        let (mut rest, mut segments, mut ends) = (&data[..], Vec::new(), 0);
        while let Some((head, tail)) = rest.split_at_checked(10) {
            assert_eq!(head[..2], *b"PG");
            let pts = u32::from_be_bytes(head[2..6].try_into().unwrap());
            let size = 3 + usize::from(u16::from_be_bytes([tail[1], tail[2]]));
            packet(&mut splitter, pts.into(), &tail[..size], &mut out);
            segments.extend_from_slice(&tail[..size]);
            ends += usize::from(tail[0] == END);
            rest = &tail[size..];
        }
        splitter.finish(&mut out);
        assert_eq!(out.frames.len(), sets.unwrap_or(ends), "{name}");
        assert!(out.frames.iter().flat_map(|f| f.bytes.clone()).eq(segments), "{name}");
    }
}

proptest! {
    #[test]
    fn damaged_streams_do_no_harm(
        flips in prop::collection::vec((0usize..600, any::<u8>()), 0..8),
        cut in 1usize..200,
    ) {
        let mut data: Vec<u8> = (0..8).flat_map(|id| shown(id, id % 2 == 0)).collect();
        let size = data.len();
        for (at, value) in flips { data[at % size] ^= value; }
        let mut splitter = PgsSplitter::new();
        let out = split(&mut splitter, &data, cut);
        prop_assert!(out.frames.len() <= 9);
    }
}
