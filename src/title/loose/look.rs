//! Stretches of a stream file, whatever is missing of them.

use std::ops::Range;

use super::super::TitleError;
use crate::base::time::Ticks90;
use crate::demux::m2ts::{Demux, Layout};
use crate::demux::pes::PesHead;
use crate::demux::ps;
use crate::demux::timestamp::step;
use crate::demux::watch::in_front_of;
use crate::demux::{Loss, Sink};
use crate::fs::{File, FileSystem};

/// Bytes looked at together.
pub(super) const LOOK: u64 = 6 << 20;
/// Bytes that are given up together where the source is damaged.
const BLOCK: usize = 64 << 10;
/// How far stamps of a stream that follow each other lie apart, at most; others do not bear each other out.
const NEXT: Ticks90 = Ticks90::SECOND;
/// Stamps that show where those in front of them belong, and for how many of these they do.
const BEHIND: usize = 8;
const MOST_WRONG: usize = 4;
/// How far streams that begin or end together do so from each other.
const TOGETHER: Ticks90 = Ticks90(10 * Ticks90::SECOND.0);

/// A stream file to be looked into.
pub(super) struct StreamFile<'a> {
    fs: &'a dyn FileSystem,
    file: File,
    path: &'a str,
}

impl<'a> StreamFile<'a> {
    pub(super) fn open(fs: &'a dyn FileSystem, path: &'a str) -> Result<Self, TitleError> {
        let file = fs.open(path).map_err(|source| TitleError::File { path: path.to_owned(), source })?;
        Ok(Self { fs, file, path })
    }

    pub(super) fn path(&self) -> &str {
        self.path
    }

    /// Bytes of the file.
    pub(super) fn length(&self) -> u64 {
        self.file.length()
    }

    /// Bytes of a stretch of the file; those that are missing are zero.
    pub(super) fn read(&self, range: Range<u64>) -> Result<Vec<u8>, TitleError> {
        let end = range.end.min(self.length());
        let mut bytes = vec![0; usize::try_from(end.saturating_sub(range.start)).unwrap_or(0)];
        let mut at = range.start;
        for block in bytes.chunks_mut(BLOCK) {
            let mut done = 0;
            while let Some(rest) = block.get_mut(done..).filter(|rest| !rest.is_empty()) {
                match self.fs.read_at(&self.file, at + done as u64, rest) {
                    Ok(0) => break,
                    Ok(count) => done += count,
                    Err(e) if e.is_damage() => break,
                    Err(source) => return Err(TitleError::File { path: self.path.to_owned(), source }),
                }
            }
            at += block.len() as u64;
        }
        Ok(bytes)
    }
}

/// Presentation times of a stretch of a file, in its order, with the number of their stream.
#[derive(Debug, Default)]
pub(super) struct Stamps(Vec<(u8, Ticks90)>);

impl Stamps {
    /// Those of the streams with these PIDs in `data`.
    pub(super) fn of(data: &[u8], layout: Layout, pids: &[u16]) -> Self {
        let mut demux = Demux::new(layout, 0);
        for pid in pids {
            let _ = demux.select(*pid);
        }
        let mut stamps = Self::default();
        demux.push(data, &mut stamps);
        demux.finish(&mut stamps);
        stamps
    }

    /// Those of the streams of a program stream with these ids, and numbers in private stream 1.
    pub(super) fn of_program(data: &[u8], streams: &[(u8, Option<u8>)]) -> Self {
        let mut demux = ps::Demux::new(0);
        for (id, private) in streams {
            let _ = demux.select(*id, *private);
        }
        let mut stamps = Self::default();
        demux.push(data, &mut stamps);
        stamps
    }

    /// When the streams begin: the earliest of their first stamps that the next ones bear out.
    pub(super) fn first(&self) -> Option<Ticks90> {
        let mut firsts = self.streams().filter_map(|stream| begin(&stream));
        let anchor = firsts.next()?;
        let near = firsts.filter(|first| step(anchor, *first).abs() <= TOGETHER);
        Some(near.map(|first| anchor + step(anchor, first)).fold(anchor, Ticks90::min))
    }

    /// When the streams end: the latest of their last stamps that those before bear out.
    pub(super) fn last(&self) -> Option<Ticks90> {
        let mut lasts = self.streams().filter_map(|mut stream| {
            stream.reverse();
            stream.get(borne_out(&stream, false)).copied()
        });
        let anchor = lasts.next()?;
        let near = lasts.filter(|last| step(anchor, *last).abs() <= TOGETHER);
        Some(near.map(|last| anchor + step(anchor, last)).fold(anchor, Ticks90::max))
    }

    /// The stamps of each stream, the streams in the order in which they begin.
    fn streams(&self) -> impl Iterator<Item = Vec<Ticks90>> {
        let mut order: Vec<u8> = Vec::new();
        for (stream, _) in &self.0 {
            if !order.contains(stream) {
                order.push(*stream);
            }
        }
        order.into_iter().map(|stream| self.0.iter().filter(|s| s.0 == stream).map(|s| s.1).collect())
    }
}

/// When a stream begins. What its first stamps belong to, should they be wrong, is in front of those behind them.
fn begin(stamps: &[Ticks90]) -> Option<Ticks90> {
    match borne_out(stamps, true) {
        0 => stamps.first().copied(),
        wrong => {
            let behind: Vec<Ticks90> = stamps.iter().skip(wrong).take(BEHIND).copied().collect();
            in_front_of(&behind, wrong.min(MOST_WRONG))
        }
    }
}

/// Which is the first stamp that one of the two behind it goes on from, and that not all behind it contradict: at the start of
/// a stream (`forward`) some come later, seen from its end some earlier. The first of all where there is none such.
fn borne_out(stamps: &[Ticks90], forward: bool) -> usize {
    let goes_on = |n: &usize| {
        let Some(stamp) = stamps.get(*n) else { return false };
        let steps = || stamps.iter().skip(n + 1).map(|next| step(*stamp, *next));
        let follows = |by: Ticks90| if forward { by >= Ticks90::ZERO } else { by <= Ticks90::ZERO };
        steps().take(2).any(|by| by.abs() <= NEXT) && steps().take(BEHIND).any(follows)
    };
    (0..stamps.len()).find(goes_on).unwrap_or(0)
}

impl Sink for Stamps {
    fn start(&mut self, stream: u8, head: &PesHead) {
        self.0.extend(head.pts.map(|pts| (stream, pts)));
    }
    fn payload(&mut self, _: u8, _: &[u8]) {}
    fn end(&mut self, _: u8) {}
    fn lost(&mut self, _: u8, _: Loss) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamps(all: &[(u8, f64)]) -> Stamps {
        Stamps(all.iter().map(|(stream, seconds)| (*stream, Ticks90((seconds * 90_000.0).round() as i64))).collect())
    }

    #[test]
    fn one_stamp_that_is_off_tells_neither_the_start_nor_the_end() {
        let pictures = [(0, 500.0), (0, 10.1), (1, 9.98), (1, 5.0), (0, 10.2), (1, 10.05), (0, 10.3), (1, 0.5)];
        let found = stamps(&pictures);
        assert_eq!((found.first(), found.last()), (Some(Ticks90(898_200)), Some(Ticks90(927_000))));
        // The picture with the wrong one is the first of all.
        let pictures = [(0, 500.0), (0, 10.3), (1, 10.05), (0, 10.1), (1, 10.15), (0, 10.2), (0, 10.4)];
        assert_eq!(stamps(&pictures).first(), Some(Ticks90(900_000)));
    }

    #[test]
    fn a_stamp_that_is_a_little_off_is_known_by_all_the_others() {
        let mut pictures: Vec<(u8, f64)> = (0..20).map(|n| (0, 10.0 + f64::from(n) / 25.0)).collect();
        pictures[0].1 += 0.5;
        assert_eq!(stamps(&pictures).first(), Some(Ticks90(900_000)));
        pictures[0].1 -= 0.5;
        pictures[19].1 -= 0.5;
        assert_eq!(stamps(&pictures).last(), Some(Ticks90(900_000 + 18 * 3600)));
        // A picture with others that are shown before it, though they come behind it.
        assert_eq!(stamps(&[(0, 10.08), (0, 10.0), (0, 10.04), (0, 10.2)]).first(), Some(Ticks90(907_200)));
    }

    #[test]
    fn a_start_in_front_of_the_wrap_stays_there() {
        let period = (1i64 << 33) as f64 / 90_000.0;
        let found = stamps(&[(0, period - 0.1), (1, 0.1), (0, 0.0), (1, 0.2)]);
        assert_eq!(found.first(), Some(Ticks90((1 << 33) - 9000)));
        assert_eq!(found.last(), Some(Ticks90(18_000)));
        assert_eq!((stamps(&[]).first(), stamps(&[(0, 3.0)]).last()), (None, Some(Ticks90(270_000))));
    }
}
