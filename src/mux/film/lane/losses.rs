//! What of the film is missing.

use std::ops::Range;

use crate::base::time::Ticks90;
use crate::mux::report::{Cause, Loss};

/// More losses than this are counted in the last one of their track: a stream of random bits must not fill memory.
const MOST: usize = 10_000;

/// The end of a gap behind which nothing of the track came in a part that has no end of its own.
pub(in crate::mux) const UNKNOWN: i64 = i64::MAX;

/// A subtitle is in the stream some seconds before it is shown, and is shown for some.
const SUBTITLE: i64 = 10 * Ticks90::SECOND.0;

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
    /// Other tracks are hurt by the same damage.
    pub(in crate::mux) by_hole: bool,
    /// Whether the track ever came before, or came again; where not, how long it was is not known.
    pub(in crate::mux) is_at_edge: bool,
    /// Why it is missing, where no sector tells.
    pub(in crate::mux) cause: Cause,
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
            by_hole: false,
            is_at_edge: true,
            cause,
        }
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

    /// A part that plays until its bytes end is over, at `end`. What is missing up to its end is as long as its bytes
    /// usually play, of which `bytes` take `ticks`.
    pub(in crate::mux) fn close(&mut self, end: i64, bytes: u64, ticks: i64) {
        for gap in self.all.iter_mut().filter(|gap| gap.to == UNKNOWN) {
            let length = i128::from(gap.bytes) * i128::from(ticks.max(0)) / i128::from(bytes.max(1));
            gap.from = gap.from.min(end);
            gap.to = end.max(gap.from.saturating_add(i64::try_from(length).unwrap_or(i64::MAX / 8)));
        }
    }

    /// All of them in the order of the film. A vague one (between two subtitles, an hour perhaps) is narrowed to
    /// what may have been sent where the same damage hurt other tracks; where it hurt none, it lies outside the title.
    pub(in crate::mux) fn report(mut self) -> Vec<Loss> {
        let exact: Vec<Gap> = self.all.iter().filter(|m| !m.is_vague).copied().collect();
        for vague in self.all.iter_mut().filter(|m| m.is_vague) {
            let same = |m: &&Gap| m.lba == vague.lba && m.to > vague.from && m.from < vague.to;
            let hits: Vec<&Gap> = exact.iter().filter(same).collect();
            if let (Some(from), Some(to)) = (hits.iter().map(|m| m.from).min(), hits.iter().map(|m| m.to).max()) {
                (vague.from, vague.to) = (vague.from.max(from), vague.to.min(to + SUBTITLE));
            } else if vague.by_hole {
                vague.to = vague.from;
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
        by_hole: true,
        is_at_edge: false,
        cause: Cause::Damaged,
    };

    #[test]
    fn a_vague_loss_is_narrowed_to_where_the_damage_is() {
        let mut losses = Losses::default();
        losses.add(Gap { track: 3, from: 0, to: 100 * Ticks90::SECOND.0, is_vague: true, ..HIT });
        losses.add(Gap { track: 3, from: 0, to: 10 * Ticks90::SECOND.0, is_vague: true, lba: Some(8), ..HIT });
        losses.add(HIT);
        losses.add(Gap { from: 5, to: 5, ..HIT });
        let report = losses.report();
        assert_eq!(
            report.iter().map(|l| (l.track, l.from_seconds, l.to_seconds)).collect::<Vec<_>>(),
            [(1, 1.0, 2.0), (4, 1.0, 12.0)]
        );
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
