//! A title of which some parts are not played: its clock, chapters, tracks and sub-paths as they are then. Pure.

use crate::base::time::Ticks90;
use crate::title::clock::PartClock;
use crate::title::model::{Chapter, Join, Part, SubPath, Title, Track};
use crate::title::streams::Streams;

/// The last chapter is none where it starts later than this before the end.
const LAST_CHAPTER: Ticks90 = Ticks90::SECOND;

/// A part that stays.
#[derive(Clone, Copy)]
struct Kept {
    /// Which part of the title it was.
    number: usize,
    /// Where it started and ended on the title's clock.
    start: Ticks90,
    end: Ticks90,
    /// Where it starts now.
    new_start: Ticks90,
}

impl Title {
    /// The title without the mark of its end: discs put one there, and a player would show it as a chapter.
    #[must_use]
    pub fn without_end_mark(&self) -> Self {
        let mut title = self.clone();
        let is_mark = |last: &Chapter| last.start > Ticks90::ZERO && last.start + LAST_CHAPTER > self.duration();
        let _ = title.chapters.pop_if(|last| is_mark(last));
        title
    }

    /// The title without the parts of these numbers, which ascend: those behind them move forward. Tracks and chapters that
    /// were nowhere else are gone. A title that plays until its bytes end has one part, and keeps it.
    #[must_use]
    pub fn without(&self, left_out: &[usize]) -> Self {
        if self.parts.iter().any(|part| part.clock.is_open()) {
            return self.clone();
        }
        let kept = kept(&self.parts, left_out);
        let parts = kept.iter().filter_map(|kept| Some(moved(self.parts.get(kept.number)?, *kept, left_out)));
        let parts: Vec<Part> = parts.collect();
        let tracks = self.tracks.iter().map(|track| {
            let enhancement = track.enhancement.as_ref().map(|streams| renumbered(streams, &kept));
            let enhancement = enhancement.filter(|streams| streams.first().is_some());
            Track { streams: renumbered(&track.streams, &kept), enhancement, ..track.clone() }
        });
        let sub_path = |path: &SubPath| {
            let parts = path.parts.iter().flat_map(|part| pieces(part, &kept)).collect();
            SubPath { number: path.number, parts }
        };
        Self {
            chapters: chapters(&self.chapters, &kept),
            tracks: tracks.filter(|track| track.streams.first().is_some()).collect(),
            sub_paths: self.sub_paths.iter().map(sub_path).collect(),
            parts,
            ..self.clone()
        }
    }
}

fn kept(parts: &[Part], left_out: &[usize]) -> Vec<Kept> {
    let mut new_start = Ticks90::ZERO;
    let stays = parts.iter().enumerate().filter(|(number, _)| left_out.binary_search(number).is_err());
    let kept = stays.map(|(number, part)| {
        let (start, end) = (part.clock.start(), part.clock.end());
        let kept = Kept { number, start, end, new_start };
        new_start += end - start;
        kept
    });
    kept.collect()
}

/// A part where it is now. Behind one that is not played, nothing goes on.
fn moved(part: &Part, kept: Kept, left_out: &[usize]) -> Part {
    let clock = &part.clock;
    let clock = PartClock::new(clock.number(), clock.in_time()..clock.out_time(), kept.new_start);
    let is_cut = kept.number.checked_sub(1).is_some_and(|before| left_out.binary_search(&before).is_ok());
    let join = if is_cut { Join::Break } else { part.join };
    Part { clock, join, ..part.clone() }
}

fn renumbered(streams: &Streams, kept: &[Kept]) -> Streams {
    kept.iter().enumerate().filter_map(|(new, kept)| Some((new, streams.at(kept.number)?))).collect()
}

/// What stays of a part of a sub-path: a piece for each stretch of parts that follow each other and all stay.
fn pieces(part: &Part, kept: &[Kept]) -> Vec<Part> {
    let clock = &part.clock;
    let stretches = kept.chunk_by(|a, b| a.number + 1 == b.number);
    let piece = |stretch: &[Kept]| {
        let (first, last) = stretch.first().zip(stretch.last())?;
        let (from, to) = (clock.start().max(first.start), clock.end().min(last.end));
        // An empty part at a place that stays is one all the same.
        if from > to || (from == to && clock.start() < clock.end()) {
            return None;
        }
        let in_time = clock.in_time() + (from - clock.start());
        let start = first.new_start + (from - first.start);
        // Behind a part that is not played nothing goes on here either.
        let goes_on = from == clock.start() && (from > first.start || first.number == 0);
        let join = if goes_on { part.join } else { Join::Break };
        let clock = PartClock::new(clock.number(), in_time..in_time + (to - from), start);
        Some(Part { clock, join, ..part.clone() })
    };
    stretches.filter_map(piece).collect()
}

/// The chapters that start in parts that stay. A title with chapters has one at its start.
fn chapters(all: &[Chapter], kept: &[Kept]) -> Vec<Chapter> {
    let moved = |chapter: &Chapter| {
        let at = kept.iter().find(|kept| kept.start <= chapter.start && chapter.start < kept.end)?;
        Some(Chapter { start: at.new_start + (chapter.start - at.start), ..chapter.clone() })
    };
    let mut chapters: Vec<Chapter> = all.iter().filter_map(moved).collect();
    let has_start = chapters.first().is_none_or(|first| first.start == Ticks90::ZERO);
    if !all.is_empty() && (!has_start || chapters.is_empty()) {
        chapters.insert(0, Chapter::at(Ticks90::ZERO));
    }
    chapters
}

#[cfg(test)]
#[path = "kept_tests.rs"]
mod tests;
