//! From missing sectors of title VOBs to film time, by the navigation packs around them.
//!
//! What is told is never smaller than the truth: a hole reaches from the unit that it begins in to the first whole one
//! behind it, with what is sent early or late.

use std::collections::BTreeMap;
use std::ops::Range;

use super::super::damage::{Holes, bounded};
use super::super::model::{Part, Piece};
use super::tables::{Set, Tables};
use crate::base::time::Ticks90;
use crate::dvd::SECTOR;
use crate::fs::FileSystem;

/// Pictures, and sound of them, may lie in the unit before.
const EARLIER: Ticks90 = Ticks90::SECOND;
/// Sound waits in its buffer.
const LATER: Ticks90 = Ticks90::SECOND;
/// Units that are looked at on each side of a hole for one that can be read.
const UNITS: usize = 64;
/// Most holes of a file that are placed one by one.
const HOLES_LIMIT: usize = 1 << 16;

/// Places holes of the VOBs of a disc.
pub(in crate::title) struct Places<'a> {
    tables: Tables<'a>,
    sets: BTreeMap<u8, Option<Set<'a>>>,
}

impl<'a> Places<'a> {
    pub(in crate::title) fn new(fs: &'a dyn FileSystem) -> Self {
        Self { tables: Tables::new(fs), sets: BTreeMap::new() }
    }

    /// What a part loses by the holes of the VOB file `path`, as spans of the title's clock.
    pub(in crate::title) fn spans(&mut self, path: &str, holes: &Holes, part: &Part) -> Vec<Range<Ticks90>> {
        let whole = part.clock.start()..part.clock.end();
        let pieces = part.pieces.iter().filter(|piece| piece.path == path);
        let Holes::Bytes(holes) = holes else { return vec![whole] };
        let holes = bounded(holes.clone(), HOLES_LIMIT);
        let set = set_of(path).and_then(|number| {
            let set = self.sets.entry(number).or_insert_with(|| self.tables.set(number).ok());
            set.as_mut()
        });
        let mut hurt = hurt(pieces, &holes).peekable();
        match set {
            _ if hurt.peek().is_none() => Vec::new(),
            None => vec![whole],
            Some(set) => hurt.map(|bytes| span(set, path, &bytes, part)).filter(|span| !span.is_empty()).collect(),
        }
    }
}

/// The number in `VIDEO_TS/VTS_nn_m.VOB`.
pub(super) fn set_of(path: &str) -> Option<u8> {
    path.rsplit('/').next()?.get(4..6)?.parse().ok()
}

/// The holes as far as they lie in pieces.
fn hurt<'p>(pieces: impl Iterator<Item = &'p Piece>, holes: &[Range<u64>]) -> impl Iterator<Item = Range<u64>> {
    pieces.filter_map(|piece| piece.bytes.clone()).flat_map(move |piece| {
        let from = holes.partition_point(|hole| hole.end <= piece.start);
        let here = holes.get(from..).unwrap_or_default().iter().take_while(move |hole| hole.start < piece.end);
        here.map(move |hole| hole.start.max(piece.start)..hole.end.min(piece.end))
    })
}

/// What bytes of a file play.
fn span(set: &mut Set<'_>, path: &str, bytes: &Range<u64>, part: &Part) -> Range<Ticks90> {
    let (clock, sector) = (part.clock, SECTOR as u64);
    let Some(first) = set.vobs.first_sector(path) else { return clock.start()..clock.end() };
    let number = |at: u64| u32::try_from(first + at).unwrap_or(u32::MAX);
    let (from, to) = (number(bytes.start / sector), number(bytes.end.div_ceil(sector)));
    let before = set.table.units.within(0..from.saturating_add(1)).iter().rev().take(UNITS).copied();
    let behind = set.table.units.within(to..u32::MAX).iter().take(UNITS).copied();
    let (before, behind): (Vec<u32>, Vec<u32>) = (before.collect(), behind.collect());
    let mut time = |unit: u32| {
        let nav = set.vobs.nav(unit)?;
        let cell = (nav.cell.vob, nav.cell.cell);
        let is_ours = part.pieces.iter().any(|piece| piece.owner.is_some_and(|owner| owner.cell == cell));
        is_ours.then(|| clock.to_title(nav.start))
    };
    let start = before.into_iter().find_map(&mut time).map_or(clock.start(), |time| time - EARLIER);
    let end = behind.into_iter().find_map(&mut time).map_or(clock.end(), |time| time + LATER);
    start.clamp(clock.start(), clock.end())..end.clamp(clock.start(), clock.end())
}
