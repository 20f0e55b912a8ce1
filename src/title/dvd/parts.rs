//! The parts of a title: runs of cells that play on one clock, and where their sectors lie.

use std::ops::Range;

use super::super::clock::PartClock;
use super::super::model::{Join, Owner, Packets, Part, Piece};
use super::chain::{Played, Playlist};
use super::tables::Set;
use crate::base::time::Ticks90;
use crate::demux::timestamp::step;
use crate::dvd::cell::Cell;
use crate::dvd::nav::{Nav, is_nav};

/// How far the start of a cell may lie from the end of the one before and still go on with it.
const NEAR: Ticks90 = Ticks90::SECOND;
/// Half ticks of a field, at 25 and at 30000/1001 frames a second, and how far from a whole number of them is none.
const FIELD_25: i64 = 3600;
const FIELD_30: i64 = 3003;
const FIELD_NEAR: i64 = 8;
/// A frame at 30000/1001 a second: what of a cell was played is counted in whole ones.
const FRAME: Ticks90 = Ticks90(3003);
/// How far the table of cells may be off by its rounding, and a unit by the sound in it.
const TABLE_NEAR: Ticks90 = Ticks90(Ticks90::SECOND.0 / 10);
/// Stretches of sectors that a title may have; a film that is mixed with others from start to end has some thousands.
const STRETCHES: usize = 1 << 15;
/// Seconds of a picture that stands until somebody presses a button.
const FOREVER: u8 = 255;
/// Units of a cell that are looked at for one that can be read.
const UNITS: usize = 64;
/// Sectors of a cell that are looked through for units where no table says where they begin: more than two of the longest.
const SCANNED: u32 = 2048;
/// Units that say when a cell starts: one, and two that may contradict it.
const WITNESSES: usize = 3;
/// No unit plays longer; by the format it is a second, at the end of a cell a little more.
const LONGEST_UNIT: Ticks90 = Ticks90(2 * Ticks90::SECOND.0);

/// The parts of a title and the cells in them.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    pub(super) parts: Vec<Part>,
    /// Of each part the chain that plays it, as an index.
    pub(super) chains: Vec<usize>,
    /// Where each cell of the playlist starts on the title's clock; `None` of one that is left out.
    pub(super) starts: Vec<Option<Ticks90>>,
    pub(super) problems: Vec<String>,
}

/// A cell with its place in the VOBs and on its clock.
struct Placed {
    played: Played,
    sectors: Vec<Range<u32>>,
    is_vouched: bool,
    start: Ticks90,
}

/// Cells that play on one clock, one behind the other.
struct Run {
    cells: Vec<Placed>,
    chain: usize,
}

/// How far two times of a clock lie apart, which may have gone round between them.
fn apart(a: Ticks90, b: Ticks90) -> Ticks90 {
    step(a, b).abs()
}

/// Puts the cells of a playlist on clocks. Cells that are no cells are left out, with a sentence.
pub(super) fn timeline(set: &mut Set<'_>, list: &Playlist) -> Timeline {
    let mut timeline = Timeline::default();
    let mut run: Option<Run> = None;
    let mut left = STRETCHES;
    for (number, played) in list.cells.iter().enumerate() {
        timeline.starts.push(None);
        let placed = match place(set, *played, run.as_ref(), &mut left) {
            Ok(placed) => placed,
            Err(why) => {
                timeline.problems.push(format!("cell {} is left out: {why}", number + 1));
                continue;
            }
        };
        match &mut run {
            Some(run) if goes_on(run, &placed, list) => run.cells.push(placed),
            _ => {
                timeline.close(set, run.take());
                run = Some(Run { chain: placed.played.chain, cells: vec![placed] });
            }
        }
        timeline.open_cell(run.as_ref(), number);
    }
    timeline.close(set, run);
    timeline
}

impl Timeline {
    /// Where the title has come to.
    fn end(&self) -> Ticks90 {
        self.parts.last().map_or(Ticks90::ZERO, |part| part.clock.end())
    }

    /// Notes where the cell that came last starts.
    fn open_cell(&mut self, run: Option<&Run>, number: usize) {
        let Some((first, last)) = run.and_then(|run| run.cells.first().zip(run.cells.last())) else { return };
        let start = self.end() + step(first.start, last.start);
        if let Some(place) = self.starts.get_mut(number) {
            *place = Some(start);
        }
    }

    /// The part that a run is.
    fn close(&mut self, set: &mut Set<'_>, run: Option<Run>) {
        let Some(run) = run else { return };
        let Some((first, last)) = run.cells.first().zip(run.cells.last()) else { return };
        // Nothing comes while its last picture stands; what plays next does so behind that.
        let times = first.start..first.start + step(first.start, end(set, last)) + stands(&last.played.cell);
        let clip = format!("VTS_{:02} VOB {}", set.number, first.played.cell.id.vob);
        let clock = PartClock::new(first.played.cell.id.vob.into(), times, self.end());
        let mut entry_points = 0;
        let mut pieces = Vec::new();
        for placed in &run.cells {
            let cell = placed.played.cell.id;
            let owner = Owner { cell: (cell.vob, cell.cell), is_vouched: placed.is_vouched };
            for sectors in &placed.sectors {
                entry_points += set.table.units.within(sectors.clone()).len();
                pieces.extend(set.vobs.stretches(sectors).map(|stretch| Piece {
                    path: stretch.path,
                    clip: clip.clone(),
                    bytes: Some(stretch.bytes),
                    clock_bytes: Piece::ONE_CLOCK,
                    owner: Some(owner),
                }));
            }
        }
        self.parts.push(Part { pieces, packets: Packets::Program, clock, join: Join::Break, entry_points });
        self.chains.push(run.chain);
    }
}

/// How long the last picture of a cell stands. One that stands until somebody presses a button is shown as long as it plays.
fn stands(cell: &Cell) -> Ticks90 {
    if cell.still == FOREVER { Ticks90::ZERO } else { Ticks90::from_seconds(cell.still.into()) }
}

/// Whether a cell goes on where the run ends: in the same VOB, in the next sectors or cell, at the time it ends, none of
/// whose pictures stands, with the same streams behind the same numbers.
fn goes_on(run: &Run, next: &Placed, list: &Playlist) -> bool {
    let Some(last) = run.cells.last() else { return false };
    let (before, cell) = (last.played.cell, next.played.cell);
    let streams = |chain: usize| list.chains.get(chain).map(|pgc| (&pgc.audio, &pgc.subpictures));
    let follows = before.last.checked_add(1) == Some(cell.first)
        || (before.is_interleaved && before.first < cell.first && before.id.cell.checked_add(1) == Some(cell.id.cell));
    let expected = last.start + before.time;
    before.id.vob == cell.id.vob
        && stands(&before) == Ticks90::ZERO
        && follows
        && step(last.start, next.start) > Ticks90::ZERO
        && apart(next.start, expected) <= NEAR
        && streams(last.played.chain) == streams(next.played.chain)
}

/// A start for a cell none of whose units can be read: where the run ends, if it goes on there.
fn guess(run: Option<&Run>, cell: &Cell) -> Ticks90 {
    let last = run.and_then(|run| run.cells.last());
    let goes_on = |last: &&Placed| last.played.cell.last.checked_add(1) == Some(cell.first);
    last.filter(goes_on).map_or(Ticks90::ZERO, |last| last.start + last.played.cell.time)
}

/// Where a cell lies, and when it starts on the clock of its VOB; `run` came before it. An error says why it is none.
/// Of stretches of sectors, `left` are left for the title.
fn place(set: &mut Set<'_>, played: Played, run: Option<&Run>, left: &mut usize) -> Result<Placed, String> {
    let cell = played.cell;
    if cell.last < cell.first || cell.last == u32::MAX {
        return Err("it ends before it begins".to_owned());
    }
    let all = set.vobs.sectors();
    if u64::from(cell.first) >= all {
        return Err(format!("it begins in sector {} of VOBs that have {all}", cell.first));
    }
    let whole = cell.first..cell.last + 1;
    let addressed: Vec<Range<u32>> = set.table.cells.within(cell.id, whole.clone()).take(*left + 1).collect();
    let is_whole = addressed.len() <= *left
        && addressed.first().is_some_and(|first| first.start == whole.start)
        && addressed.last().is_some_and(|last| last.end == whole.end);
    // Where the table of addresses does not fit, navigation packs alone tell what is ours between other angles.
    let (sectors, is_vouched) = if is_whole { (addressed, true) } else { (vec![whole], !cell.is_interleaved) };
    *left = left.saturating_sub(sectors.len());
    let start = start(set, &cell, &sectors, run)?.unwrap_or_else(|| guess(run, &cell));
    Ok(Placed { played, sectors, is_vouched, start })
}

/// When a cell starts, by the first of its units that can be read, unless the next ones contradict it. An error: there are units,
/// and all are those of others.
fn start(set: &mut Set<'_>, cell: &Cell, sectors: &[Range<u32>], run: Option<&Run>) -> Result<Option<Ticks90>, String> {
    let mut units: Vec<u32> = vec![cell.first];
    let known = sectors.iter().flat_map(|sectors| set.table.units.within(sectors.clone()));
    units.extend(known.filter(|unit| **unit != cell.first).take(UNITS));
    if units.len() == 1 {
        let behind = cell.first.saturating_add(1)..=cell.last.min(cell.first.saturating_add(SCANNED));
        units.extend(behind.filter(|sector| set.vobs.sector(*sector).is_some_and(|bytes| is_nav(&bytes))));
    }
    let mut foreign = None;
    let mut own: Vec<(u32, Nav)> = Vec::new();
    for unit in units {
        match set.vobs.nav(unit) {
            Some(nav) if nav.cell == cell.id => own.push((unit, nav)),
            Some(nav) => foreign = Some(nav.cell),
            None => {}
        }
        if own.len() == WITNESSES {
            break;
        }
    }
    match (&own[..], foreign) {
        ([(unit, first), rest @ ..], _) => {
            let start = if *unit == cell.first { first.start } else { start_before(set, first, run) };
            let other = rest.first().map(|(_, next)| start_before(set, next, run));
            Ok(Some(other.filter(|_| is_contradicted(start, rest, run)).unwrap_or(start)))
        }
        ([], Some(other)) => Err(format!("its sectors are those of cell {} of VOB {}", other.cell, other.vob)),
        ([], None) => Ok(None),
    }
}

/// Whether a start of a cell is contradicted by its next units: two of them agree on another one, or one and the end of what
/// came before it, or, of the first cell of a VOB, the start of that.
fn is_contradicted(start: Ticks90, next: &[(u32, Nav)], run: Option<&Run>) -> bool {
    let about = |nav: &Nav| nav.start - nav.elapsed;
    let Some(((_, next), rest)) = next.split_first() else { return false };
    let end = run.and_then(|run| run.cells.last()).map(|last| last.start + last.played.cell.time);
    let vob_start = Some(next.vob_start).filter(|_| next.cell.cell == 1);
    let mut witnesses = rest.iter().map(|(_, nav)| about(nav)).chain(end).chain(vob_start);
    let is_near = |a: Ticks90, b: Ticks90| apart(a, b) <= FRAME.times(2);
    !is_near(start, about(next)) && witnesses.any(|witness| is_near(witness, about(next)))
}

/// When the cell of a unit starts that is not its first, whose own is lost: about as much before it as was played. The start
/// of its VOB, or the end of the cell in front of it, is exact where it is that time.
fn start_before(set: &mut Set<'_>, nav: &Nav, run: Option<&Run>) -> Ticks90 {
    let about = nav.start - nav.elapsed;
    let before = run.and_then(|run| run.cells.last()).map(|last| last.played.cell);
    let before =
        before.filter(|before| before.id.vob == nav.cell.vob).and_then(|before| set.vobs.nav(before.last_vobu));
    let exact = [Some(nav.vob_start), before.map(|before| before.end)];
    exact.into_iter().flatten().find(|exact| apart(*exact, about) <= FRAME).unwrap_or(about)
}

/// When a cell ends whose last unit is lost: where the next cell of its VOB starts, or with the last whole frame in front of
/// the end of the VOB, where sound ends that is longer than the pictures. `None`: nothing is left that tells.
fn end_without_last(set: &mut Set<'_>, placed: &Placed) -> Option<Ticks90> {
    let (cell, start) = (placed.played.cell, placed.start);
    let by_table = start + cell.time;
    let is_near = |end: &Ticks90| apart(*end, by_table) <= TABLE_NEAR;
    let next = set.vobs.nav(cell.last.checked_add(1)?).filter(|nav| nav.cell.vob == cell.id.vob);
    if let Some(end) = next.map(|nav| nav.start).filter(is_near) {
        return Some(end);
    }
    let units: Vec<u32> =
        placed.sectors.iter().flat_map(|s| set.table.units.within(s.clone())).take(UNITS).copied().collect();
    let end = units.into_iter().filter_map(|unit| set.vobs.nav(unit)).find(|nav| nav.cell == cell.id)?.vob_end;
    let frame = if set.table.streams.video.is_pal { FIELD_25 } else { FIELD_30 };
    Some(end).filter(is_near).map(|end| end - Ticks90(step(start, end).0 % frame))
}

/// Whether the end of a cell's last unit is contradicted: by the table of cells, and by the unit's own start or what comes behind
/// the cell.
fn is_end_contradicted(set: &mut Set<'_>, placed: &Placed, last: &Nav) -> bool {
    let by_table = placed.start + placed.played.cell.time;
    let is_unit = (Ticks90(1)..=LONGEST_UNIT).contains(&step(last.start, last.end))
        && apart(last.start - last.elapsed, placed.start) <= FRAME.times(2);
    apart(last.end, by_table) > TABLE_NEAR && (!is_unit || end_without_last(set, placed).is_some())
}

/// When a cell ends: with the last picture of its last unit. Units are made whose end is that of their sound, which is no
/// whole number of fields behind the start; there the table is nearer.
fn end(set: &mut Set<'_>, placed: &Placed) -> Ticks90 {
    let cell = placed.played.cell;
    let by_table = placed.start + cell.time;
    let is_behind = |end: Ticks90| step(placed.start, end) > Ticks90::ZERO;
    let last = set.vobs.nav(cell.last_vobu).filter(|nav| nav.cell == cell.id && is_behind(nav.end));
    let Some(last) = last.filter(|last| !is_end_contradicted(set, placed, last)) else {
        return end_without_last(set, placed).unwrap_or(by_table);
    };
    // There it is exact.
    if let Some(end) = last.sequence_end.filter(|end| is_behind(*end) && step(*end, last.end) >= Ticks90::ZERO) {
        return end;
    }
    let field = if set.table.streams.video.is_pal { FIELD_25 } else { FIELD_30 };
    // In halves of a tick.
    let rest = step(placed.start, last.end).times(2).0 % field;
    let is_whole = rest <= FIELD_NEAR || field - rest <= FIELD_NEAR;
    if is_whole || apart(last.end, by_table) > TABLE_NEAR { last.end } else { by_table }
}
