#![allow(clippy::single_range_in_vec_init, reason = "spans are lists of ranges")]

use proptest::prelude::*;

use super::*;
use crate::base::time::Ticks45;
use crate::bluray::clip::ep_map::EntryPoint;
use crate::demux::m2ts::Layout;
use crate::title::clock::PartClock;
use crate::title::damage::joined;
use crate::title::model::{Join, Packets, Piece};

/// In ticks of 45 kHz.
const SECOND: u32 = Ticks45::SECOND.0;

fn clip(packets: u32, clocks: &[(u32, u32)], points: &[(u32, u32)]) -> Clip {
    let ends = clocks.iter().skip(1).map(|c| c.0).chain([packets]);
    let clocks = (0..).zip(clocks.iter().zip(ends)).map(|(stc_id, ((first_packet, start), end_packet))| StcSequence {
        stc_id,
        pcr_pid: 0x1001,
        first_packet: *first_packet,
        end_packet,
        start: Ticks45(*start),
        end: Ticks45::MAX,
    });
    let points = points.iter().map(|(time, packet)| EntryPoint { time: Ticks45(*time), packet: *packet }).collect();
    Clip {
        version: *b"0200",
        application: 1,
        bytes_per_second: 6_000_000,
        packets,
        clocks: clocks.collect(),
        programs: Vec::new(),
        entry_points: vec![EpMap { pid: 0x1011, points }],
        entry_points_error: None,
    }
}

/// A part that plays times of 45 kHz and starts at a tick of 90 kHz.
fn part(stc_id: u32, in_time: u32, out_time: u32, start: i64) -> Part {
    let times = Ticks45(in_time).into()..Ticks45(out_time).into();
    Part {
        pieces: vec![Piece {
            path: "BDMV/STREAM/00001.m2ts".into(),
            clip: "00001".into(),
            bytes: None,
            clock_bytes: Piece::ONE_CLOCK,
            owner: None,
        }],
        packets: Packets::Transport { layout: Layout::M2ts, on_grid: true },
        clock: PartClock::new(stc_id, times, Ticks90(start)),
        join: Join::Break,
        entry_points: 0,
    }
}

fn ticks(spans: Vec<Range<Ticks90>>) -> Vec<Range<i64>> {
    spans.into_iter().map(|span| span.start.0..span.end.0).collect()
}

fn packets(range: Range<u64>) -> Holes {
    Holes::Bytes(std::iter::once(range.start * SOURCE_PACKET_BYTES..range.end * SOURCE_PACKET_BYTES).collect())
}

/// A clip with an entry point each second from second 10 on, a thousand packets apart.
fn film() -> Clip {
    let points: Vec<(u32, u32)> = (0..100).map(|n| ((10 + n) * SECOND, n * 1000)).collect();
    clip(100_000, &[(0, 10 * SECOND)], &points)
}

#[test]
fn a_hole_reaches_from_its_entry_point_to_the_next_with_margins() {
    let hurt = HurtClip::new(&packets(20_500..20_600), Some(&film()));
    // Second 30 of the clip is second 20 of the part, and 25 of the title.
    let spans = hurt.spans(&part(0, 10 * SECOND, 110 * SECOND, 5 * 90_000));
    assert_eq!(ticks(spans), [(25 - 2) * 90_000..(25 + 1 + 1) * 90_000 + 512]);
}

#[test]
fn what_is_not_played_is_not_lost() {
    let hurt = HurtClip::new(&packets(20_500..20_600), Some(&film()));
    assert!(hurt.spans(&part(0, 40 * SECOND, 60 * SECOND, 0)).is_empty());
    assert!(hurt.spans(&part(0, 10 * SECOND, 28 * SECOND, 0)).is_empty());
    assert_eq!(ticks(hurt.spans(&part(0, 10 * SECOND, 29 * SECOND, 0))), [18 * 90_000..19 * 90_000]);
    let nothing = HurtClip::new(&Holes::Bytes(Vec::new()), Some(&film()));
    assert!(nothing.spans(&part(0, 10 * SECOND, 110 * SECOND, 0)).is_empty());
}

#[test]
fn the_ends_of_a_clip_have_no_entry_points_to_go_by() {
    let all = part(0, 0, u32::MAX, 0);
    let before = HurtClip::new(&packets(0..1), Some(&clip(100, &[(0, 0)], &[(SECOND, 50)])));
    assert_eq!(ticks(before.spans(&all)), [0..(2 * 90_000 + 512)]);
    let behind = HurtClip::new(&packets(60..61), Some(&clip(100, &[(0, 0)], &[(5 * SECOND, 50)])));
    assert_eq!(ticks(behind.spans(&all)), [3 * 90_000..i64::from(u32::MAX) * 2]);
    let past_the_tables = HurtClip::new(&packets(1000..1001), Some(&clip(100, &[(0, 0)], &[(5 * SECOND, 50)])));
    assert_eq!(past_the_tables.spans(&all), behind.spans(&all));
}

#[test]
fn clocks_of_a_clip_are_hurt_apart() {
    let two = clip(200, &[(0, 0), (100, 0)], &[(10 * SECOND, 0), (20 * SECOND, 100), (30 * SECOND, 150)]);
    let hurt = HurtClip::new(&packets(120..130), Some(&two));
    assert!(hurt.spans(&part(0, 0, 60 * SECOND, 0)).is_empty());
    assert_eq!(ticks(hurt.spans(&part(1, 0, 60 * SECOND, 0))), [18 * 90_000..31 * 90_000 + 512]);
}

#[test]
fn what_cannot_be_placed_takes_the_whole_part() {
    let part = part(0, 10 * SECOND, 20 * SECOND, 90_000);
    let unknown_clock = self::part(7, 10 * SECOND, 20 * SECOND, 90_000);
    let without_points = clip(100, &[(0, 0)], &[]);
    let all = [90_000..11 * 90_000];
    assert_eq!(ticks(HurtClip::new(&packets(5..6), None).spans(&part)), all);
    assert_eq!(ticks(HurtClip::new(&Holes::Everything, Some(&film())).spans(&part)), all);
    assert_eq!(ticks(HurtClip::new(&packets(5..6), Some(&film())).spans(&unknown_clock)), all);
    assert_eq!(ticks(HurtClip::new(&packets(5..6), Some(&without_points)).spans(&part)), all);
}

#[test]
fn spans_that_meet_are_one_and_too_many_are_bounded() {
    assert_eq!(bounded(vec![5..7, 1..2, 2..3, 6..9, 4..4], 9), [1..3, 4..4, 5..9]);
    assert_eq!(bounded(vec![0..1, 10..11, 13..14, 20..21, 24..25], 3), [0..1, 10..14, 20..25]);
    let many: Vec<Range<u32>> = (0..=SPANS_LIMIT as u32).map(|n| n * 2..n * 2 + 1).collect();
    assert_eq!(bounded(many, SPANS_LIMIT), [0..2 * SPANS_LIMIT as u32 + 1]);
}

/// Something shown: from when to when, in ticks of 45 kHz, and the packets it needs.
#[derive(Clone, Debug)]
struct Shown {
    time: Range<u32>,
    needs: Range<u64>,
}

/// A stream as discs have them: groups of pictures, the first of which is an entry point; some pictures of a group are
/// sent behind its entry point and shown before it, and need the group before, too. Sound is sent up to a second
/// behind the pictures of its time, or a little before them.
fn stream() -> impl Strategy<Value = (Clip, Vec<Shown>)> {
    let group = (4u32..30, 0u32..4, 1u64..40, 0u32..45_000, 0u32..20_000);
    prop::collection::vec(group, 1..30).prop_map(|groups| {
        const PICTURE: u32 = 1877;
        let (mut packet, mut time) = (0u64, 10 * SECOND);
        let (mut points, mut shown) = (Vec::new(), Vec::new());
        let mut group_before = 0u64;
        for (pictures, leading, size, skew, ahead) in groups {
            let leading = leading.min(pictures - 1);
            let first = packet;
            let end = first + u64::from(pictures) * size;
            // Entry points are rounded down.
            let entry = time + leading * PICTURE;
            points.push((entry & !0xff, u32::try_from(first).unwrap()));
            for number in 0..pictures {
                let at = time + number * PICTURE;
                let needs = if number < leading { group_before } else { first };
                let sent = first + u64::from(number + 1) * size;
                shown.push(Shown { time: at..at + PICTURE, needs: needs..sent.min(end) });
                let sound = (at + ahead).saturating_sub(skew);
                let place = first + u64::from(number) * size;
                shown.push(Shown { time: sound..sound + 1440, needs: place..place + 1 });
            }
            group_before = first;
            packet = end;
            time += pictures * PICTURE;
        }
        (clip(u32::try_from(packet).unwrap(), &[(0, 10 * SECOND)], &points), shown)
    })
}

proptest! {
    #[test]
    fn spans_are_never_smaller_than_the_truth(
        (clip, shown) in stream(),
        holes in prop::collection::vec((0u64..1000, 1u64..20_000), 1..4),
        (from, to) in (0u32..30, 1u32..60),
        start in 0i64..1 << 40,
    ) {
        let bytes = u64::from(clip.packets) * SOURCE_PACKET_BYTES;
        let holes: Vec<Range<u64>> = holes.iter().map(|(at, length)| {
            let at = bytes * at / 1000;
            at..at + length
        }).collect();
        let holes = joined(holes);
        let part = part(0, (10 + from) * SECOND, (10 + from + to) * SECOND, start);
        let spans = HurtClip::new(&Holes::Bytes(holes.clone()), Some(&clip)).spans(&part);
        prop_assert!(spans.windows(2).all(|pair| pair[0].end < pair[1].start));
        prop_assert!(spans.iter().all(|s| part.clock.start() <= s.start && s.end <= part.clock.end()));
        for Shown { time, needs } in shown {
            let bytes = needs.start * SOURCE_PACKET_BYTES..needs.end * SOURCE_PACKET_BYTES;
            let lost = holes.iter().any(|h| h.start < bytes.end && bytes.start < h.end);
            let time = time.start.max((10 + from) * SECOND)..time.end.min((10 + from + to) * SECOND);
            if lost && time.start < time.end {
                let at = |t: u32| part.clock.to_title(Ticks45(t).into());
                let covered = spans.iter().any(|s| s.start <= at(time.start) && at(time.end) <= s.end);
                prop_assert!(covered, "{time:?} is lost and not told: {spans:?}");
            }
        }
    }

    #[test]
    fn lying_tables_bring_nothing_down(
        points in prop::collection::vec((any::<u32>(), any::<u32>()), 0..20),
        holes in prop::collection::vec((any::<u64>(), any::<u64>()), 0..10),
        clocks in prop::collection::vec((any::<u32>(), any::<u32>()), 0..3),
        packets: u32, stc_id in 0u32..3, in_time: u32, out_time: u32, start in 0i64..1 << 62,
    ) {
        let holes = Holes::Bytes(holes.into_iter().map(|(a, b)| a..b).collect());
        let clip = clip(packets, &clocks, &points);
        let part = part(stc_id, in_time, out_time, start);
        for span in HurtClip::new(&holes, Some(&clip)).spans(&part) {
            prop_assert!(part.clock.start() <= span.start && span.end <= part.clock.end());
        }
    }
}
