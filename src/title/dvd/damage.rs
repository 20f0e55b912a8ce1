//! From missing sectors of title VOBs to film time: by the streams beside them, and where these do not tell, by the
//! navigation packs around them.
//!
//! What is told is never smaller than the truth: by the packs, a hole reaches from the unit that it begins in to the first
//! whole one behind it, with what is sent early or late.

use std::collections::BTreeMap;
use std::ops::Range;

use super::super::coding;
use super::super::damage::{Holes, bounded};
use super::super::model::{Part, Piece, Title, TrackKind};
use super::super::streams::StreamId;
use super::exact::Beside;
use super::tables::{Set, Tables};
use crate::base::time::Ticks90;
use crate::codec::Codec;
use crate::dvd::SECTOR;
use crate::fs::{File, FileSystem};

/// Pictures, and sound of them, may lie in the unit before.
const EARLIER: Ticks90 = Ticks90::SECOND;
/// Sound waits in its buffer.
const LATER: Ticks90 = Ticks90::SECOND;
/// Units that are looked at on each side of a hole for one that can be read.
const UNITS: usize = 64;
/// Most holes of a file that are placed one by one.
const HOLES_LIMIT: usize = 1 << 16;

/// Units of the title's own in front of a hole, and behind it, in which its streams show themselves.
const OWN_UNITS: usize = 2;

/// Places holes of the VOBs of a disc.
pub(in crate::title) struct Places<'a> {
    tables: Tables<'a>,
    sets: BTreeMap<u8, Option<Set<'a>>>,
}

impl<'a> Places<'a> {
    pub(in crate::title) fn new(fs: &'a dyn FileSystem) -> Self {
        Self { tables: Tables::new(fs), sets: BTreeMap::new() }
    }

    /// What `part` of a title loses by the holes of a VOB file, as spans of the title's clock. Beside holes, `left` bytes may
    /// be read.
    pub(in crate::title) fn spans(
        &mut self,
        file: (&str, Option<&File>),
        holes: &Holes,
        (title, part): (&Title, &Part),
        left: &mut u64,
    ) -> Vec<Range<Ticks90>> {
        let whole = part.clock.start()..part.clock.end();
        let (path, file) = file;
        let Holes::Bytes(holes) = holes else { return vec![whole] };
        let holes = bounded(holes.clone(), HOLES_LIMIT);
        let hurt: Vec<usize> = hurt(part.pieces.iter().filter(|piece| piece.path == path), &holes).collect();
        if hurt.is_empty() {
            return Vec::new();
        }
        let fs = self.tables.fs;
        let set = set_of(path).and_then(|number| {
            let set = self.sets.entry(number).or_insert_with(|| self.tables.set(number).ok());
            set.as_mut()
        });
        let Some(set) = set else { return vec![whole] };
        let streams = streams(title, part);
        let mut spans = Vec::new();
        for index in hurt {
            let around = |index: Option<usize>| index.and_then(|index| holes.get(index));
            let Some(hole) = around(Some(index)) else { continue };
            let room = around(index.checked_sub(1)).map_or(0, |before| before.end)
                ..around(index.checked_add(1)).map_or(u64::MAX, |next| next.start);
            let Some((by_packs, head, tail)) = by_packs(set, path, hole, part, &room) else {
                return vec![whole];
            };
            if by_packs.is_empty() {
                continue;
            }
            let mut told = (None, None);
            if let Some(file) = file {
                told = Beside { fs, file, part, streams: &streams, left }.sides(head, tail);
            }
            let start = told.0.unwrap_or(by_packs.start).clamp(by_packs.start, by_packs.end);
            let end = told.1.unwrap_or(by_packs.end).clamp(by_packs.start, by_packs.end);
            // Where nothing that is seen or heard is lost, subtitles may be.
            spans.push(if start < end { start..end } else { by_packs });
        }
        spans
    }
}

/// The number in `VIDEO_TS/VTS_nn_m.VOB`.
pub(super) fn set_of(path: &str) -> Option<u8> {
    path.rsplit('/').next()?.get(4..6)?.parse().ok()
}

/// The pictures and the sound of a part.
fn streams(title: &Title, part: &Part) -> Vec<(Codec, StreamId)> {
    let Some(number) = title.parts.iter().position(|other| std::ptr::eq(other, part)) else { return Vec::new() };
    let counted = title.tracks.iter().filter(|track| matches!(track.kind, TrackKind::Video | TrackKind::Audio));
    counted.filter_map(|track| Some((coding::codec(track.coding)?, track.streams.at(number)?))).collect()
}

/// The holes that lie in pieces, by their number.
fn hurt<'p>(pieces: impl Iterator<Item = &'p Piece>, holes: &[Range<u64>]) -> impl Iterator<Item = usize> {
    let mut last = None;
    let all = pieces.filter_map(|piece| piece.bytes.clone()).flat_map(move |piece| {
        let from = holes.partition_point(|hole| hole.end <= piece.start);
        let to = holes.partition_point(|hole| hole.start < piece.end);
        from..to.max(from)
    });
    // One that reaches over several pieces counts once.
    all.filter(move |hole| last.replace(*hole) != Some(*hole))
}

/// What a hole takes by the navigation packs around it, and the bytes in front of it and behind it, within `room`, in which
/// the streams show themselves. `None`: the file is none of the set's.
fn by_packs(
    set: &mut Set<'_>,
    path: &str,
    hole: &Range<u64>,
    part: &Part,
    room: &Range<u64>,
) -> Option<(Range<Ticks90>, Range<u64>, Range<u64>)> {
    let (clock, sector) = (part.clock, SECTOR as u64);
    let first = set.vobs.first_sector(path)?;
    let number = |at: u64| u32::try_from(first + at).unwrap_or(u32::MAX);
    let byte = |unit: u32| u64::from(unit).saturating_sub(first).saturating_mul(sector);
    let (from, to) = (number(hole.start / sector), number(hole.end.div_ceil(sector)));
    let before = set.table.units.within(0..from.saturating_add(1)).iter().rev().take(UNITS).copied();
    let behind = set.table.units.within(to..u32::MAX).iter().take(UNITS).copied();
    let (before, behind): (Vec<u32>, Vec<u32>) = (before.collect(), behind.collect());
    let mut own = |unit: u32| {
        let nav = set.vobs.nav(unit)?;
        let cell = (nav.cell.vob, nav.cell.cell);
        let is_ours = part.pieces.iter().any(|piece| piece.owner.is_some_and(|owner| owner.cell == cell));
        is_ours.then(|| (unit, clock.to_title(nav.start)))
    };
    let before: Vec<(u32, Ticks90)> = before.into_iter().filter_map(&mut own).take(OWN_UNITS).collect();
    let behind: Vec<(u32, Ticks90)> = behind.into_iter().filter_map(&mut own).take(OWN_UNITS + 1).collect();
    let start = before.first().map_or(clock.start(), |(_, time)| *time - EARLIER);
    let end = behind.first().map_or(clock.end(), |(_, time)| *time + LATER);
    let head = before.last().map_or(hole.start, |(unit, _)| byte(*unit)).max(room.start).min(hole.start)..hole.start;
    let last = behind.get(OWN_UNITS).map_or(u64::MAX, |(unit, _)| byte(*unit));
    let played =
        part.pieces.iter().filter(|piece| piece.path == path).filter_map(|piece| Some(piece.bytes.as_ref()?.end));
    let tail = hole.end..last.min(room.end).min(played.max().unwrap_or(hole.end)).max(hole.end);
    Some((start.clamp(clock.start(), clock.end())..end.clamp(clock.start(), clock.end()), head, tail))
}
