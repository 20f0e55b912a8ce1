//! What of the film is missing.

use std::ops::Range;

use super::cut::PartSpan;
use crate::base::time::Ticks90;
use crate::mux::report::{Cause, Loss};

/// More losses than this are counted in the last one of their track: a stream of random bits must not fill memory.
const MOST: usize = 10_000;

/// The end of a gap behind which nothing of the track came in a part that has no end of its own.
pub(in crate::mux) const UNKNOWN: i64 = i64::MAX;

/// A subtitle is in the stream some seconds before it is shown, and is shown for some.
const SUBTITLE: i64 = 10 * Ticks90::SECOND.0;

/// What comes is decoded within so much time, pictures after the longest (ISO/IEC 13818-1 2.5.2.2); sound comes no more than half
/// of it ahead. Subtitles may come at the last moment: among pictures and sound that are due later.
const AHEAD: i64 = Ticks90::SECOND.0;

/// A stretch of a track that is missing, on the title's clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::mux) struct Gap {
    /// Index of the track.
    pub(in crate::mux) track: usize,
    /// Ticks of 90 kHz.
    pub(in crate::mux) from: i64,
    /// Ticks of 90 kHz.
    pub(in crate::mux) to: i64,
    /// Bytes of the source that are damaged.
    pub(in crate::mux) bytes: u64,
    /// Sector of the damage.
    pub(in crate::mux) lba: Option<u64>,
    /// The sector behind the damage, where it is known.
    pub(in crate::mux) end: Option<u64>,
    /// It is known only between which frames it lies, not where.
    pub(in crate::mux) is_vague: bool,
    /// The path of its track, if that has tracks of which frames come all the time: they say when a hole was.
    pub(in crate::mux) path: Option<usize>,
    /// It is of sound.
    pub(in crate::mux) is_sound: bool,
    /// All tracks of its path may be hurt by the same damage, and no damage of another kind took part in it.
    pub(in crate::mux) by_hole: bool,
    /// Whether the track ever came before, or came again; where not, how long it was is not known.
    pub(in crate::mux) is_at_edge: bool,
    /// Why it is missing, where no sector tells.
    pub(in crate::mux) cause: Cause,
}

/// Where bytes of a path are missing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::mux) struct Hole {
    /// Its number.
    pub(in crate::mux) path: usize,
    /// How far it had come, on the title's clock. Ticks of 90 kHz.
    pub(in crate::mux) at: i64,
    /// Sectors of the disc, as [`Gap`] has them.
    pub(in crate::mux) lba: Option<u64>,
    pub(in crate::mux) end: Option<u64>,
    pub(in crate::mux) bytes: u64,
}

impl Gap {
    /// A stretch that no damage tells of: the frames are there, but not at times that are played.
    pub(in crate::mux) fn untold(track: usize, times: Range<i64>) -> Self {
        let (from, to) = (times.start, times.end);
        let cause = Cause::Damaged;
        Self {
            track,
            from,
            to,
            bytes: 0,
            lba: None,
            end: None,
            is_vague: false,
            path: None,
            is_sound: false,
            by_hole: false,
            is_at_edge: true,
            cause,
        }
    }

    /// What of it, from `from` on, the part lacks that plays in `span`.
    pub(in crate::mux) fn within(self, from: i64, span: &PartSpan) -> Self {
        // In front of the first frame of all nothing tells how much is missing, nor behind the last one.
        let is_at_edge = span.is_open() && self.by_hole && (self.from == i64::MIN || self.to == UNKNOWN);
        let from = from.max(span.start);
        // A track may come again in front of the film's start.
        let to = if span.is_open() { self.to.max(from) } else { self.to.min(span.end) };
        Self { from, to, is_at_edge, ..self }
    }

    /// A stretch whose frames are there, and cannot be decoded without others that are not.
    pub(in crate::mux) fn undecodable(track: usize, times: Range<i64>) -> Self {
        Self { is_at_edge: false, cause: Cause::Undecodable, ..Self::untold(track, times) }
    }
}

/// Gathers them.
#[derive(Debug, Default)]
pub(in crate::mux) struct Losses {
    all: Vec<Gap>,
    holes: Vec<Hole>,
}

impl Losses {
    pub(in crate::mux) fn add(&mut self, gap: Gap) {
        if gap.to <= gap.from && !gap.is_at_edge {
            return;
        }
        if self.all.len() >= MOST {
            if let Some(last) = self.all.iter_mut().rev().find(|m| m.track == gap.track) {
                last.to = last.to.max(gap.to);
                last.bytes = last.bytes.saturating_add(gap.bytes);
                return;
            }
            if self.all.len() >= 2 * MOST {
                return;
            }
        }
        self.all.push(gap);
    }

    /// Bytes of a part are missing that plays in `span`, unless what is missing lies behind that.
    pub(in crate::mux) fn hole(&mut self, hole: Hole, span: &PartSpan) {
        let at = hole.at.max(span.start);
        if self.holes.len() < MOST && (span.is_open() || at < span.end) {
            self.holes.push(Hole { at, ..hole });
        }
    }

    /// A part that plays until its bytes end is over, at `end`. What is missing up to its end is as long as its bytes
    /// usually play, of which `bytes` take `ticks`.
    pub(in crate::mux) fn close(&mut self, end: i64, bytes: u64, ticks: i64) {
        for gap in self.all.iter_mut().filter(|gap| gap.to == UNKNOWN) {
            let length = i128::from(gap.bytes) * i128::from(ticks.max(0)) / i128::from(bytes.max(1));
            gap.from = gap.from.min(end);
            gap.to = end.max(gap.from.saturating_add(i64::try_from(length).unwrap_or(i64::MAX / 8)));
        }
    }

    /// All of them in the order of the film.
    pub(in crate::mux) fn report(mut self) -> Vec<Loss> {
        let all = std::mem::take(&mut self.all);
        let exact: Vec<Gap> = all.iter().filter(|gap| !gap.is_vague).copied().collect();
        for gap in all {
            match gap.path {
                Some(path) if gap.is_vague && gap.by_hole && self.holes.len() < MOST => {
                    self.all.extend(narrowed(&gap, &exact, self.holes.iter().filter(|hole| hole.path == path)));
                }
                _ => self.all.push(gap),
            }
        }
        self.all.retain(|m| m.from < m.to || m.is_at_edge);
        self.all.sort_by_key(|m| (m.from, m.track, m.to));
        let seconds = |ticks: i64| Ticks90(ticks).seconds();
        let loss = |m: &Gap| Loss {
            track: m.track + 1,
            cause: m.cause,
            from_seconds: seconds(m.from),
            to_seconds: seconds(m.to),
            bytes: m.bytes,
            lba: m.lba,
            end: m.end,
        };
        self.all.iter().map(loss).collect()
    }
}

/// Sectors of damage, as [`Gap`] has them.
type Sectors = (Option<u64>, Option<u64>);

/// Whether two stretches of damage have sectors in common.
fn share(a: Sectors, b: Sectors) -> bool {
    let end = |(lba, end): Sectors| end.or(lba.map(|lba| lba + 1));
    // Where a file goes on in front of where it began, they may be any.
    let is_any = |sectors: Sectors| end(sectors) < sectors.0;
    a.0 == b.0 || is_any(a) || is_any(b) || (a.0 < end(b) && b.0 < end(a))
}

/// What of a vague gap (between two subtitles, an hour perhaps) may have been sent where there were holes, or where these
/// hurt `exact` ones. Where no hole of the path comes near, it lies outside of the title.
fn narrowed<'a>(gap: &Gap, exact: &[Gap], holes: impl Iterator<Item = &'a Hole>) -> Vec<Gap> {
    let is_of = |lba: Option<u64>, end: Option<u64>| share((lba, end), (gap.lba, gap.end));
    let holes: Vec<&Hole> = holes.filter(|hole| is_of(hole.lba, hole.end)).collect();
    let hits: Vec<&Gap> = exact.iter().filter(|hit| hit.by_hole && is_of(hit.lba, hit.end)).collect();
    let is_by = |hit: &Gap, hole: &Hole| {
        let near = hit.from.saturating_sub(2 * AHEAD)..=hit.to.saturating_add(2 * AHEAD);
        near.contains(&hole.at) && share((hit.lba, hit.end), (hole.lba, hole.end))
    };
    let alone = hits.iter().filter(|hit| !holes.iter().any(|hole| is_by(hit, hole)));
    let alone = alone.map(|hit| Gap { from: hit.from.saturating_sub(AHEAD), to: hit.to, ..**hit });
    let with_hits = holes.iter().map(|hole| {
        let Hole { at, lba, end, bytes, .. } = **hole;
        let own = || hits.iter().filter(|hit| is_by(hit, hole));
        // The earliest: where a clip is played again, the same sectors hurt it again.
        let sound = own().filter(|hit| hit.is_sound).map(|hit| hit.from.saturating_sub(AHEAD / 2)).min();
        let first = at.saturating_sub(AHEAD);
        let (from, to) = (sound.map_or(first, |sound| sound.max(first)), own().map(|hit| hit.to).fold(at, i64::max));
        Gap { from, to, lba, end, bytes, ..*gap }
    });
    let own = |near: Gap| {
        let (from, to) = (gap.from.max(near.from), gap.to.min(near.to.saturating_add(SUBTITLE)));
        Gap { from, to, lba: near.lba, end: near.end, bytes: near.bytes, is_at_edge: false, ..*gap }
    };
    joined(with_hits.chain(alone).map(own).filter(|near| near.from < near.to).collect())
}

/// Stretches of one track that touch as one.
fn joined(mut stretches: Vec<Gap>) -> Vec<Gap> {
    stretches.sort_by_key(|stretch| (stretch.from, stretch.lba));
    let mut joined: Vec<Gap> = Vec::new();
    for next in stretches {
        match joined.last_mut() {
            Some(last) if next.from <= last.to => {
                last.to = last.to.max(next.to);
                let both = if last.lba == next.lba { 0 } else { last.bytes };
                last.bytes = last.bytes.max(next.bytes.saturating_add(both));
                last.end = last.end.max(next.end);
            }
            _ => joined.push(next),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    const HIT: Gap = Gap {
        track: 0,
        from: Ticks90::SECOND.0,
        to: 2 * Ticks90::SECOND.0,
        bytes: 2048,
        lba: Some(7),
        end: None,
        is_vague: false,
        path: Some(0),
        is_sound: true,
        by_hole: true,
        is_at_edge: false,
        cause: Cause::Damaged,
    };

    const VAGUE: Gap = Gap { from: 0, to: seconds(10), is_vague: true, ..HIT };

    const LATER: Gap = Gap { from: seconds(5), to: seconds(6), lba: Some(9), is_sound: false, ..HIT };

    const fn seconds(n: i64) -> i64 {
        n * Ticks90::SECOND.0
    }

    fn add(losses: &mut Losses, holes: &[Hole]) {
        let span = PartSpan::new(Ticks90::ZERO, Ticks90(seconds(100)), true, true);
        holes.iter().for_each(|hole| losses.hole(*hole, &span));
    }

    fn told(losses: Losses) -> Vec<(usize, f64, f64)> {
        losses.report().iter().map(|l| (l.track, l.from_seconds, l.to_seconds)).collect()
    }

    #[test]
    fn a_vague_loss_is_narrowed_to_where_the_damage_is() {
        let hole = |at, lba| Hole { path: 0, at: seconds(at), lba: Some(lba), end: None, bytes: 2048 };
        let mut losses = Losses::default();
        add(&mut losses, &[hole(1, 7), hole(5, 9)]);
        losses.add(Gap { track: 3, to: seconds(100), ..VAGUE });
        losses.add(Gap { track: 3, lba: Some(8), ..VAGUE });
        // It ends where sound is missing from, which comes ahead.
        losses.add(Gap { track: 4, to: seconds(1), ..VAGUE });
        losses.add(Gap { track: 5, lba: LATER.lba, ..VAGUE });
        losses.add(HIT);
        losses.add(LATER);
        losses.add(Gap { from: 5, to: 5, ..HIT });
        let expected = [(4, 0.5, 12.0), (5, 0.5, 1.0), (1, 1.0, 2.0), (6, 4.0, 10.0), (1, 5.0, 6.0)];
        assert_eq!(told(losses), expected);
    }

    #[test]
    fn holes_that_hurt_subtitles_alone_are_told() {
        let hole = |at, lba| Hole { path: 0, at: seconds(at), lba: Some(lba), end: Some(lba + 1), bytes: 2048 };
        let gap = Gap { lba: Some(20), end: Some(31), to: seconds(100), ..VAGUE };
        let mut losses = Losses::default();
        // The second lies between the same subtitles, the third on another path, the last behind the part.
        add(&mut losses, &[hole(50, 20), hole(80, 30), Hole { path: 1, ..hole(20, 25) }, hole(100, 26)]);
        losses.add(Gap { track: 1, ..gap });
        // Nothing says when its hole was.
        losses.add(Gap { track: 2, path: None, ..gap });
        // Something else than holes took part.
        losses.add(Gap { track: 3, by_hole: false, ..gap });
        losses.add(Gap { track: 4, from: seconds(60), to: seconds(70), ..gap });
        assert_eq!(told(losses), [(3, 0.0, 100.0), (4, 0.0, 100.0), (2, 49.0, 60.0), (2, 79.0, 90.0)]);
    }

    #[test]
    fn what_is_missing_at_an_open_end_is_as_long_as_its_bytes_usually_play() {
        let mut losses = Losses::default();
        losses.add(Gap { to: UNKNOWN, bytes: 3000, is_at_edge: true, ..HIT });
        losses.add(Gap { from: 0, to: 0, is_at_edge: true, ..HIT });
        losses.close(Ticks90::SECOND.0, 1000, Ticks90::SECOND.0);
        let report = losses.report();
        assert_eq!(report.iter().map(|l| (l.from_seconds, l.to_seconds)).collect::<Vec<_>>(), [(0.0, 0.0), (1.0, 4.0)]);
    }

    #[test]
    fn endless_damage_takes_no_endless_memory() {
        let mut losses = Losses::default();
        for n in 0..3 * MOST as i64 {
            losses.add(Gap { from: n, to: n + 1, ..HIT });
        }
        assert!(losses.all.len() <= 2 * MOST);
        assert_eq!(losses.all.iter().map(|m| m.bytes).sum::<u64>(), 3 * MOST as u64 * 2048);
    }
}
