use super::super::fixture::{self, seconds};
use super::*;
use crate::base::time::Ticks90;
use crate::title::model::Join;
use crate::title::streams::StreamId;

/// A part that plays these seconds of a clip's clock, from a second before in the file to two behind.
fn part(clip: &str, (from, to): (u64, u64), start: u64, join: Join) -> Part {
    let clock = PartClock::new(0, seconds(from)..seconds(to), seconds(start));
    fixture::part(clip, (from - 1) * 192..(to + 2) * 192, clock, join)
}

/// These parts, and tracks by their PIDs in each part; 0 where a part lacks one.
fn title(parts: Vec<Part>, pids: &[&[u16]]) -> Title {
    let track = |pids: &&[u16]| fixture::track(pids.iter().copied().enumerate().filter(|(_, pid)| *pid > 0));
    fixture::title(parts, pids.iter().map(track).collect())
}

/// Clip, first and last second, start on the title's clock, and bytes of each part.
fn shape(title: &Title) -> Vec<(String, u64, u64, u64, u64)> {
    let shape = |part: &Part| {
        let (clock, bytes) = (&part.clock, part.pieces[0].bytes.clone().unwrap());
        let times = [clock.in_time(), clock.out_time(), clock.start()].map(Ticks90::whole_seconds);
        (part.clip().to_owned(), times[0], times[1], times[2], (bytes.end - bytes.start) / 192)
    };
    title.parts.iter().map(shape).collect()
}

const ON: Join = Join::SeamlessSameClock;

#[test]
fn parts_that_go_straight_on_are_one() {
    let parts = vec![
        part("a", (10, 20), 0, Join::Break),
        part("a", (20, 25), 10, ON),
        part("a", (25, 30), 15, Join::SeamlessNewClock),
        part("b", (5, 9), 20, ON),
        part("b", (9, 12), 24, ON),
    ];
    let whole = title(parts, &[&[1, 1, 1, 2, 2], &[0, 0, 0, 3, 3]]);
    let joined = whole.joined();
    assert_eq!(shape(&joined), [("a".into(), 10, 30, 0, 23), ("b".into(), 5, 12, 20, 10)]);
    assert_eq!((joined.duration(), joined.parts[0].entry_points), (whole.duration(), 6));
    let streams = |n: usize| joined.tracks[n].streams.iter().map(|(part, s)| (part, s.id)).collect::<Vec<_>>();
    assert_eq!((streams(0), streams(1)), (vec![(0, 1), (1, 2)], vec![(1, 3)]));
}

#[test]
fn clips_that_are_one_stream_are_one_part_with_a_piece_each() {
    let straight = Join::SameStream;
    let parts = vec![
        part("a", (10, 20), 0, Join::Break),
        part("b", (20, 25), 10, straight),
        part("b", (25, 27), 15, ON),
        part("c", (27, 30), 17, straight),
        part("d", (31, 32), 20, straight),
    ];
    let joined = title(parts, &[&[1, 1, 1, 1, 1]]).joined();
    let pieces = |part: &Part| -> Vec<(String, std::ops::Range<u64>)> {
        part.pieces.iter().map(|piece| (piece.clip.clone(), piece.bytes.clone().unwrap())).collect()
    };
    let clip = |name: &str, to: u64| (name.to_owned(), 0..to * 192);
    assert_eq!(pieces(&joined.parts[0])[1..], [clip("b", 29), clip("c", 32)]);
    assert_eq!((joined.parts.len(), pieces(&joined.parts[1]).len()), (2, 1), "the last does not go on where c ends");
    assert_eq!(joined.parts[0].clock.out_time(), seconds(30));
}

#[test]
fn what_plays_beside_is_joined_where_it_has_one_stream() {
    let beside = || vec![part("p", (10, 15), 0, Join::Break), part("p", (15, 30), 5, ON), part("p", (31, 32), 20, ON)];
    let with = |streams: &[u16]| {
        let mut whole = title(vec![part("a", (10, 20), 0, Join::Break), part("b", (10, 20), 10, ON)], &[&[1, 1]]);
        whole.sub_paths = vec![SubPath { number: 3, parts: beside() }];
        let streams = streams.iter().enumerate().map(|(n, pid)| (n, StreamId::pid(Origin::SubPath(3), *pid)));
        whole.tracks.push(Track { streams: streams.collect(), ..fixture::track([]) });
        whole.joined().sub_paths[0].parts.iter().map(|part| part.clock.out_time().whole_seconds()).collect::<Vec<_>>()
    };
    assert_eq!((with(&[7, 7]), with(&[7, 8])), (vec![30, 32], vec![15, 30, 32]));
}

#[test]
fn parts_that_do_not_go_on_or_have_other_streams_stay_apart() {
    let second = |second: Part, pids: &[u16]| title(vec![part("a", (10, 20), 0, Join::Break), second], &[pids]);
    for (part, pids) in [
        (part("a", (20, 25), 10, Join::Break), [1, 1]),
        (part("a", (21, 25), 10, ON), [1, 1]),
        (part("a", (19, 25), 10, ON), [1, 1]),
        (part("b", (20, 25), 10, ON), [1, 1]),
        (part("a", (20, 25), 10, ON), [1, 2]),
        (part("a", (20, 25), 10, ON), [1, 0]),
        (
            Part { clock: PartClock::new(1, seconds(20)..seconds(25), seconds(10)), ..part("a", (20, 25), 10, ON) },
            [1, 1],
        ),
    ] {
        let whole = second(part, &pids);
        assert_eq!(whole.joined(), whole);
    }
}
