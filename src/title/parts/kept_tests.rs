use super::super::fixture::{self, seconds};
use super::*;
use proptest::prelude::*;

/// A part that plays its clip from a minute on for `length` seconds, and starts at `start`.
fn part(clip: usize, length: u64, start: Ticks90) -> Part {
    let clock = PartClock::new(0, seconds(60)..seconds(60 + length), start);
    fixture::part(&format!("{clip:05}"), 0..1000, clock, Join::SeamlessNewClock)
}

/// Parts of these seconds, a chapter at the start of each, and a sub-path that begins a second late and plays through.
fn title(lengths: &[u64]) -> Title {
    let mut parts: Vec<Part> = Vec::new();
    for (clip, length) in lengths.iter().enumerate() {
        let start = parts.last().map_or(Ticks90::ZERO, |part| part.clock.end());
        parts.push(part(clip, *length, start));
    }
    let chapters = parts.iter().map(|part| Chapter::at(part.clock.start())).collect();
    let all: Vec<usize> = (0..lengths.len()).collect();
    let outside = part(99, lengths.iter().sum::<u64>() - 1, seconds(1));
    let track = |parts: &[usize], pid: u16| fixture::track(parts.iter().map(|part| (*part, pid)));
    Title {
        sub_paths: vec![SubPath { number: 0, parts: vec![outside] }],
        chapters,
        ..fixture::title(parts, vec![track(&all, 0x1100), track(&all[..1], 0x1101)])
    }
}

fn times(part: &Part) -> (u64, u64, u64) {
    let clock = &part.clock;
    (clock.start().whole_seconds(), clock.in_time().whole_seconds(), clock.out_time().whole_seconds())
}

#[test]
fn what_is_behind_moves_forward() {
    let whole = title(&[5, 100, 7, 200]);
    let rest = whole.without(&[0, 2]);
    assert_eq!(rest.parts.iter().map(times).collect::<Vec<_>>(), [(0, 60, 160), (100, 60, 260)]);
    assert_eq!(rest.parts.iter().map(|part| part.clip()).collect::<Vec<_>>(), ["00001", "00003"]);
    assert!(rest.parts.iter().all(|part| part.join == Join::Break));
    assert_eq!(rest.chapters.iter().map(|c| c.start.whole_seconds()).collect::<Vec<_>>(), [0, 100]);
    // A track of the first part alone is gone.
    let streams: Vec<Vec<usize>> =
        rest.tracks.iter().map(|t| t.streams.iter().map(|(part, _)| part).collect()).collect();
    assert_eq!(streams, [vec![0, 1]]);
    // The sub-path plays on its own clock what it plays beside the two.
    assert_eq!(rest.sub_paths[0].parts.iter().map(times).collect::<Vec<_>>(), [(0, 64, 164), (100, 171, 371)]);
    assert_eq!(whole.without(&[]), whole);
}

#[test]
fn beside_what_is_not_played_nothing_goes_on() {
    let mut whole = title(&[5, 100, 7, 200]);
    // A clip beside each part, and one that begins inside the last.
    let mut beside: Vec<Part> = whole.parts.iter().map(|main| part(50, 5, main.clock.start())).collect();
    beside.push(part(51, 5, seconds(117)));
    whole.sub_paths[0].parts = beside;
    let joins = |left_out: &[usize]| -> Vec<Join> {
        whole.without(left_out).sub_paths[0].parts.iter().map(|part| part.join).collect()
    };
    let on = Join::SeamlessNewClock;
    assert_eq!(joins(&[]), [on; 5]);
    assert_eq!(joins(&[0]), [Join::Break, on, on, on]);
    assert_eq!(joins(&[2]), [on, on, Join::Break, on]);
}

#[test]
fn a_title_with_chapters_keeps_one_at_its_start() {
    let whole = Title { chapters: [0, 20].map(|at| Chapter::at(seconds(at))).to_vec(), ..title(&[5, 100]) };
    let starts = |title: &Title| title.chapters.iter().map(|c| c.start.whole_seconds()).collect::<Vec<_>>();
    assert_eq!(starts(&whole.without(&[0])), [0, 15]);
    assert_eq!(starts(&Title { chapters: Vec::new(), ..whole }.without(&[0])), [0; 0]);
}

#[test]
fn the_mark_of_the_end_alone_is_no_chapter() {
    let film = |chapters: &[i64]| {
        let chapters = chapters.iter().map(|tenths| Chapter::at(Ticks90(tenths * 9000))).collect();
        Title { chapters, ..title(&[2]) }
            .without_end_mark()
            .chapters
            .iter()
            .map(|c| c.start.0 / 9000)
            .collect::<Vec<_>>()
    };
    assert_eq!([film(&[0, 5, 11]), film(&[0, 10]), film(&[0, 12, 15])], [vec![0, 5], vec![0, 10], vec![0, 12]]);
    assert_eq!([film(&[0]), film(&[])], [vec![0], vec![]]);
}

proptest! {
    /// Whatever is left out: parts follow each other, and a sub-path plays as long as what it plays beside.
    #[test]
    fn parts_and_sub_paths_fit(lengths in prop::collection::vec(2u64..50, 1..8), out in prop::collection::btree_set(0usize..8, 0..8)) {
        let whole = title(&lengths);
        let out: Vec<usize> = out.into_iter().filter(|n| *n < lengths.len()).collect();
        let rest = whole.without(&out);
        let left: u64 = lengths.iter().enumerate().filter(|(n, _)| !out.contains(n)).map(|(_, l)| l).sum();
        prop_assert_eq!(rest.duration(), seconds(left));
        prop_assert!(rest.parts.windows(2).all(|pair| pair[0].clock.end() == pair[1].clock.start()));
        let beside = rest.sub_paths[0].parts.iter().map(|p| p.clock.end() - p.clock.start()).fold(Ticks90::ZERO, |a, b| a + b);
        // It begins a second late, in the first part.
        prop_assert_eq!(beside, seconds(if out.contains(&0) { left } else { left - 1 }));
        prop_assert!(rest.chapters.windows(2).all(|pair| pair[0].start < pair[1].start));
    }
}
