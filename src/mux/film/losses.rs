//! What of the film is missing.

use super::super::report::Loss;
use crate::base::time::Ticks90;

/// More losses than this are counted in the last one of their track: a stream of random bits must not fill memory.
const MOST: usize = 10_000;

/// A subtitle is in the stream some seconds before it is shown, and is shown for some: ticks of 90 kHz.
const SUBTITLE: i64 = 10 * Ticks90::SECOND.0;

/// A stretch of a track that is missing, on the title's clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::mux) struct Missing {
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
    /// It is known only between which frames it lies, not where.
    pub(in crate::mux) is_vague: bool,
    /// Other tracks are hurt by the same damage.
    pub(in crate::mux) by_hole: bool,
}

/// Gathers them.
#[derive(Debug, Default)]
pub(in crate::mux) struct Losses {
    all: Vec<Missing>,
}

impl Losses {
    pub(in crate::mux) fn add(&mut self, missing: Missing) {
        if missing.to <= missing.from {
            return;
        }
        if self.all.len() >= MOST {
            if let Some(last) = self.all.iter_mut().rev().find(|m| m.track == missing.track) {
                last.to = last.to.max(missing.to);
                last.bytes = last.bytes.saturating_add(missing.bytes);
                return;
            }
            if self.all.len() >= 2 * MOST {
                return;
            }
        }
        self.all.push(missing);
    }

    /// All of them in the order of the film. A vague one (between two subtitles, an hour perhaps) is narrowed to
    /// what may have been sent where the same damage hurt other tracks; where it hurt none, it lies outside the title.
    pub(in crate::mux) fn report(mut self) -> Vec<Loss> {
        let exact: Vec<Missing> = self.all.iter().filter(|m| !m.is_vague).copied().collect();
        for vague in self.all.iter_mut().filter(|m| m.is_vague) {
            let same = |m: &&Missing| m.lba == vague.lba && m.to > vague.from && m.from < vague.to;
            let hits: Vec<&Missing> = exact.iter().filter(same).collect();
            if let (Some(from), Some(to)) = (hits.iter().map(|m| m.from).min(), hits.iter().map(|m| m.to).max()) {
                (vague.from, vague.to) = (vague.from.max(from), vague.to.min(to + SUBTITLE));
            } else if vague.by_hole {
                vague.to = vague.from;
            }
        }
        self.all.retain(|m| m.from < m.to);
        self.all.sort_by_key(|m| (m.from, m.track, m.to));
        let loss = |m: &Missing| Loss {
            track: m.track + 1,
            from_seconds: Ticks90(m.from).seconds(),
            to_seconds: Ticks90(m.to).seconds(),
            bytes: m.bytes,
            lba: m.lba,
        };
        self.all.iter().map(loss).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HIT: Missing =
        Missing { track: 0, from: 90_000, to: 180_000, bytes: 2048, lba: Some(7), is_vague: false, by_hole: true };

    #[test]
    fn a_vague_loss_is_narrowed_to_where_the_damage_is() {
        let mut losses = Losses::default();
        losses.add(Missing { track: 3, from: 0, to: 9_000_000, is_vague: true, ..HIT });
        losses.add(Missing { track: 3, from: 0, to: 900_000, is_vague: true, lba: Some(8), ..HIT });
        losses.add(HIT);
        losses.add(Missing { from: 5, to: 5, ..HIT });
        let report = losses.report();
        assert_eq!(
            report.iter().map(|l| (l.track, l.from_seconds, l.to_seconds)).collect::<Vec<_>>(),
            [(1, 1.0, 2.0), (4, 1.0, 12.0)]
        );
    }

    #[test]
    fn endless_damage_takes_no_endless_memory() {
        let mut losses = Losses::default();
        for n in 0..3 * MOST as i64 {
            losses.add(Missing { from: n, to: n + 1, ..HIT });
        }
        assert!(losses.all.len() <= 2 * MOST);
        assert_eq!(losses.all.iter().map(|m| m.bytes).sum::<u64>(), 3 * MOST as u64 * 2048);
    }
}
