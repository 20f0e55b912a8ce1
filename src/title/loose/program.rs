//! The title of a program stream: a VOB file by its navigation packs, another by its time stamps.

use std::ops::Range;

use super::super::TitleError;
use super::super::clock::PartClock;
use super::super::language;
use super::super::model::{Join, Packets, Part, Piece, Purpose, Track, TrackKind};
use super::super::streams::{Origin, StreamId, Streams};
use super::super::{Attributes, AudioFormat, Coding, Kind, Language, VideoFormat};
use super::look::{Stamps, StreamFile};
use crate::base::time::Ticks90;
use crate::demux::pes::PesHead;
use crate::demux::ps::Demux;
use crate::demux::timestamp::step;
use crate::demux::{Loss, Sink};
use crate::dvd::SECTOR;
use crate::dvd::nav::{Nav, is_nav};

/// Bytes looked at at the start of a file, and at its end.
const LOOK: u64 = 6 << 20;
/// Places of a file, beside its start, that are looked at for streams and times.
const PLACES: u64 = 16;
/// Bytes looked at there.
const PLACE: u64 = 1 << 20;
/// Sectors that are looked through for a navigation pack where one is missing.
const GAP: u64 = 4096;
/// How far the start of a unit may lie from the end of the one before and still go on with it.
const NEAR: Ticks90 = Ticks90::SECOND;
/// No unit plays longer; by the format it is a second, at the end of a cell a little more.
const LONGEST: Ticks90 = Ticks90(2 * Ticks90::SECOND.0);
/// How long the last frame lasts, at most.
const LAST_FRAME: Ticks90 = Ticks90(Ticks90::SECOND.0 / 10);
const PRIVATE_1: u8 = 0xBD;

/// Whether a file begins as a program stream.
pub(super) fn is_program(head: &[u8]) -> bool {
    Demux::detect(head)
}

/// The tracks and the parts of a program stream.
pub(super) fn title(file: &StreamFile<'_>) -> Result<(Vec<Track>, Vec<Part>), TitleError> {
    let streams = streams(file)?;
    let mut tracks: Vec<Track> = streams.iter().filter_map(|(id, private)| track(*id, *private)).collect();
    tracks.sort_by_key(|track| track.kind);
    let parts = match units(file)? {
        parts if !parts.is_empty() => parts,
        _ => vec![whole(file, &streams)?],
    };
    for track in &mut tracks {
        let Some(stream) = track.streams.first() else { continue };
        track.streams = (0..parts.len()).map(|part| (part, stream)).collect();
    }
    Ok((tracks, parts))
}

fn none(file: &StreamFile<'_>, what: &'static str) -> TitleError {
    TitleError::NoStream { path: file.path().to_owned(), what }
}

/// The streams in the file, by what lies at its start and at places all over it.
fn streams(file: &StreamFile<'_>) -> Result<Vec<(u8, Option<u8>)>, TitleError> {
    let mut seen: Vec<(u8, Option<u8>)> = Vec::new();
    let places = (1..PLACES).map(|n| file.length() / PLACES * n / SECTOR as u64 * SECTOR as u64);
    for range in std::iter::once(0..LOOK).chain(places.map(|at| at..at + PLACE)) {
        let mut demux = Demux::new(range.start);
        demux.push(&file.read(range)?, &mut Nowhere);
        seen.extend(demux.seen());
    }
    seen.sort_unstable();
    seen.dedup();
    Ok(seen)
}

struct Nowhere;

impl Sink for Nowhere {
    fn start(&mut self, _: u8, _: &PesHead) {}
    fn payload(&mut self, _: u8, _: &[u8]) {}
    fn end(&mut self, _: u8) {}
    fn lost(&mut self, _: u8, _: Loss) {}
}

/// The track of a stream; `None` for one that is no picture, sound or subtitle.
fn track(id: u8, private: Option<u8>) -> Option<Track> {
    let coding = match (id, private) {
        (0xE0..=0xEF, _) => Coding::Mpeg2Video,
        // From 0xD0 on DVDs have the extensions of these, which are nothing by themselves.
        (0xC0..=0xCF, _) => Coding::Mpeg2Audio,
        (PRIVATE_1, Some(0x20..=0x3F)) => Coding::VobSub,
        (PRIVATE_1, Some(0x80..=0x87)) => Coding::Ac3,
        (PRIVATE_1, Some(0x88..=0x8F)) => Coding::Dts,
        (PRIVATE_1, Some(0xA0..=0xA7)) => Coding::DvdLpcm,
        _ => return None,
    };
    let language = Language::default();
    let (kind, attributes) = match coding.kind() {
        Kind::Video => {
            let format = VideoFormat::Unknown(0);
            (TrackKind::Video, Attributes::Video { format, rate: 0, aspect: None, range: None })
        }
        Kind::Audio => (TrackKind::Audio, Attributes::Audio { format: AudioFormat::Unknown(0), rate: 0, language }),
        _ => (TrackKind::Subtitle, Attributes::Graphics { language }),
    };
    Some(Track {
        kind,
        coding,
        attributes,
        language: language::bibliographic(language::UNDETERMINED),
        secondary: false,
        purpose: Purpose::default(),
        private: [].into(),
        streams: Streams::of_one_part(StreamId { origin: Origin::Main, id: id.into(), sub_id: private }),
        enhancement: None,
    })
}

/// A run of units on one clock.
struct Run {
    vob: u16,
    times: Range<Ticks90>,
    bytes: Vec<Range<u64>>,
}

/// What the navigation pack of a unit says.
#[derive(Clone)]
struct Unit {
    vob: u16,
    times: Range<Ticks90>,
    /// When its VOB begins and ends.
    whole: Range<Ticks90>,
    /// It is the first of its VOB.
    is_first: bool,
    bytes: Range<u64>,
}

impl Unit {
    /// By its pack; its times are put on the line nearest to `near`, since those of packs go round.
    fn new(nav: &Nav, near: Option<Ticks90>, bytes: Range<u64>) -> Self {
        let by = near.map_or(Ticks90::ZERO, |near| near + step(near, nav.start) - nav.start);
        Self::by_pack(nav, bytes).moved(by)
    }

    fn moved(self, by: Ticks90) -> Self {
        let moved = |times: Range<Ticks90>| times.start + by..times.end + by;
        Self { times: moved(self.times), whole: moved(self.whole), ..self }
    }

    fn by_pack(nav: &Nav, bytes: Range<u64>) -> Self {
        let end = nav.sequence_end.filter(|end| Self::is_long(&(*end..nav.end))).unwrap_or(nav.end);
        let is_first = nav.cell.cell == 1 && nav.elapsed == Ticks90::ZERO;
        Self { vob: nav.cell.vob, times: nav.start..end, whole: nav.vob_start..nav.vob_end, is_first, bytes }
    }

    /// Whether it is as long as units are.
    fn is_long(times: &Range<Ticks90>) -> bool {
        (Ticks90::ZERO..=LONGEST).contains(&(times.end - times.start))
    }

    /// Believes the units around it where they contradict it: `before`, what came up to it, and the `next` one.
    fn settle(&mut self, before: Option<&Run>, next: Option<&Self>) {
        let near = |told: Ticks90, around: Ticks90| told.distance(around) <= NEAR;
        let before = before.map(|run| (run.vob, run.times.end));
        let start = |vob: u16| before.filter(|before| before.0 == vob).map(|before| before.1);
        let end = |vob: u16| next.filter(|next| next.vob == vob).map(|next| next.times.start);
        let between = |vob: u16, start: Ticks90| Some(start..end(vob)?).filter(Self::is_long);
        if let Some((vob, times)) = before.and_then(|(vob, start)| Some((vob, between(vob, start)?))) {
            self.vob = vob;
            self.times.start = if near(self.times.start, times.start) { self.times.start } else { times.start };
            self.times.end = if near(self.times.end, times.end) { self.times.end } else { times.end };
            return;
        }
        // All units of a VOB say when it begins and ends.
        if let Some(next) = next.filter(|next| self.is_first && next.whole == self.whole)
            && let Some(times) = between(next.vob, self.whole.start)
        {
            self.vob = next.vob;
            self.times.end = if near(self.times.end, times.end) { self.times.end } else { times.end };
            self.times.start = times.start;
            return;
        }
        // None but the first of a VOB begins one.
        let goes_on = before.filter(|before| !self.is_first && near(self.times.start, before.1));
        self.vob = goes_on.map_or(self.vob, |before| before.0);
        // The last one ends with its VOB.
        let is_last = |start: Ticks90| !near(self.times.start, start) && Self::is_long(&(start..self.whole.end));
        if !Self::is_long(&self.times) || start(self.vob).is_some_and(is_last) {
            let start = start(self.vob).unwrap_or(self.times.start);
            let first = self.whole.start..end(self.vob).unwrap_or(self.times.end);
            let times = [start..self.times.end, start..self.whole.end, first].into_iter().find(Self::is_long);
            self.times = times.unwrap_or(self.times.start..self.times.end);
        }
    }
}

/// The parts of a VOB file, by its navigation packs; none where it has none. Of angles that lie mixed the first is taken.
fn units(file: &StreamFile<'_>) -> Result<Vec<Part>, TitleError> {
    let sectors = file.length() / SECTOR as u64;
    let mut runs: Vec<Run> = Vec::new();
    let (mut angle, mut unit): (_, Option<Unit>) = (None, None);
    let mut at = 0;
    while let Some((sector, nav)) = next_unit(file, at, sectors)? {
        if at == 0 && sector > GAP / 2 {
            break;
        }
        let behind = (sector + 1 + u64::from(nav.sectors)).min(sectors);
        at = behind.max(sector + 1);
        if nav.is_interleaved && *angle.get_or_insert(nav.cell.vob) != nav.cell.vob {
            continue;
        }
        angle = angle.filter(|_| nav.is_interleaved);
        let near = unit.as_ref().map(|unit: &Unit| unit.times.start);
        let next = Unit::new(&nav, near, sector * SECTOR as u64..behind * SECTOR as u64);
        if let Some(mut unit) = unit.replace(next.clone()) {
            unit.settle(runs.last(), Some(&next));
            add(&mut runs, unit);
        }
    }
    if let Some(mut last) = unit {
        last.settle(runs.last(), None);
        add(&mut runs, last);
    }
    let mut start = Ticks90::ZERO;
    Ok(runs.into_iter().map(|run| part(file, run, &mut start)).collect())
}

/// Adds a unit to the run that it goes on with, else as a new one.
fn add(runs: &mut Vec<Run>, unit: Unit) {
    let Unit { vob, times, bytes, .. } = unit;
    let times = times.start..times.end.max(times.start);
    match runs.last_mut() {
        Some(run) if run.vob == vob && run.times.end.distance(times.start) <= NEAR => {
            run.times.end = times.end;
            match run.bytes.last_mut() {
                Some(last) if last.end == bytes.start => last.end = bytes.end,
                _ => run.bytes.push(bytes),
            }
        }
        _ => runs.push(Run { vob, times, bytes: vec![bytes] }),
    }
}

fn part(file: &StreamFile<'_>, run: Run, start: &mut Ticks90) -> Part {
    let clock = PartClock::new(run.vob.into(), run.times, *start);
    *start = clock.end();
    let piece = |bytes| Piece {
        path: file.path().to_owned(),
        clip: String::new(),
        bytes: Some(bytes),
        clock_bytes: Piece::ONE_CLOCK,
        owner: None,
    };
    let pieces = run.bytes.into_iter().map(piece).collect();
    Part { pieces, packets: Packets::Program, clock, join: Join::Break, entry_points: 0 }
}

/// The first navigation pack from a sector on that says anything, if one comes soon.
fn next_unit(file: &StreamFile<'_>, from: u64, end: u64) -> Result<Option<(u64, Nav)>, TitleError> {
    let size = SECTOR as u64;
    // Where the one before says, mostly.
    for (start, count) in [(from, 1), (from + 1, GAP)] {
        let bytes = file.read(start * size..(start + count).min(end) * size)?;
        let sectors = (start..).zip(bytes.chunks_exact(SECTOR));
        let filled = |sector: &[u8]| Nav::parse(sector).filter(Nav::is_filled);
        let found = sectors.filter(|(_, sector)| is_nav(sector)).find_map(|(at, sector)| Some((at, filled(sector)?)));
        if found.is_some() || start + count >= end {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The one part of a file without navigation packs. Its time stamps must grow from its start to its end.
fn whole(file: &StreamFile<'_>, streams: &[(u8, Option<u8>)]) -> Result<Part, TitleError> {
    let timed: Vec<_> = streams.iter().filter(|(_, private)| !matches!(private, Some(0x20..=0x3F))).copied().collect();
    let head = file.read(0..LOOK)?;
    let stamps = Stamps::of_program(&head, &timed);
    let first = stamps.first().ok_or_else(|| none(file, "a program stream without time stamps"))?;
    let tail = file.length().saturating_sub(LOOK);
    let places = (1..PLACES).map(|n| file.length() / PLACES * n).filter(|at| *at < tail);
    let mut last = Ticks90::ZERO;
    for at in places.chain([tail]) {
        let stamps = Stamps::of_program(&file.read(at..at + LOOK.min(file.length() - at))?, &timed);
        let Some(end) = stamps.last().map(|end| step(first, end)) else { continue };
        if end < last {
            return Err(none(file, "a program stream whose clock begins again inside it, which cannot be muxed"));
        }
        last = end;
    }
    let piece = Piece {
        path: file.path().to_owned(),
        clip: String::new(),
        bytes: None,
        clock_bytes: Piece::ONE_CLOCK,
        owner: None,
    };
    let clock = PartClock::new(0, first..first + last + LAST_FRAME, Ticks90::ZERO);
    Ok(Part { pieces: vec![piece], packets: Packets::Program, clock, join: Join::Break, entry_points: 0 })
}
