//! What `freemkv map show` tells of a map. Exact to the byte: a map of another program need not follow sectors.

use std::fmt::{self, Display};
use std::ops::Range;

use serde::Serialize;

use super::status::{Phase, Status};
use super::text::{Block, MapText};
use super::write::words;
use crate::base::human::{bytes, printable};
use crate::base::sector::{SECTOR_BYTES, SectorRange};
use crate::base::tract::LeftOut;

/// Damaged ranges that a summary lists unless it is asked for more.
pub const LISTED: usize = 20;

/// How much has one status.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize)]
pub struct Share {
    /// Bytes.
    pub bytes: u64,
    /// Part of the map, cut to two digits behind the point: 100 means all of it.
    pub percent: f64,
    /// Number of runs.
    pub areas: u64,
}

/// How much has each status.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize)]
pub struct Shares {
    /// `+`
    pub rescued: Share,
    /// `?`
    pub non_tried: Share,
    /// `*`
    pub non_trimmed: Share,
    /// `/`
    pub non_scraped: Share,
    /// `-`
    pub bad: Share,
}

/// A stretch that was tried in vain: `*`, `/` and `-` without a gap.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct DamagedRange {
    /// First byte.
    pub position_bytes: u64,
    /// Length in bytes.
    pub size_bytes: u64,
    /// Sector of the first byte.
    pub first_sector: u64,
    /// Sector of the last byte.
    pub last_sector: u64,
}

/// A map in figures.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Summary {
    /// The map, safe to print.
    pub map: String,
    /// Where the rescue stands, bytes.
    pub position_bytes: u64,
    /// What it was doing there: `copying`, `trimming`, `finished` …
    pub phase: &'static str,
    /// Pass of that phase.
    pub pass: u32,
    /// When the rescue began, as the map has it.
    pub start_time: Option<String>,
    /// First byte that the map speaks of.
    pub begin_bytes: u64,
    /// One past the last byte that the map speaks of.
    pub end_bytes: u64,
    /// Bytes between them.
    pub size_bytes: u64,
    /// Whether all of it is rescued, but for what is left out.
    pub complete: bool,
    /// Tracts that hold no data; they are neither missing nor damaged, whatever status they have.
    pub left_out: LeftOut,
    /// How much has each status.
    pub totals: Shares,
    /// Bytes tried in vain.
    pub damaged_bytes: u64,
    /// Number of damaged ranges.
    pub damaged_areas: u64,
    /// Length of the longest one.
    pub largest_damaged_bytes: u64,
    /// The first damaged ranges.
    pub damaged: Vec<DamagedRange>,
    /// How many more there are.
    pub damaged_not_listed: u64,
}

impl Summary {
    /// The figures of `text`, which came from the file `name`; lists at most `listed` damaged ranges.
    #[must_use]
    pub fn new(name: &str, text: &MapText, listed: usize) -> Self {
        let begin_bytes = text.blocks.first().map_or(0, |b| b.pos);
        let end_bytes = text.end();
        let size_bytes = end_bytes.saturating_sub(begin_bytes);
        let mut summary = Self {
            map: printable(name),
            position_bytes: text.status.position,
            phase: words(text.status.phase),
            pass: text.status.pass,
            start_time: text.start_time.as_deref().map(printable),
            begin_bytes,
            end_bytes,
            size_bytes,
            complete: false,
            left_out: text.left_out.clone(),
            totals: shares(text, size_bytes),
            damaged_bytes: 0,
            damaged_areas: 0,
            largest_damaged_bytes: 0,
            damaged: Vec::new(),
            damaged_not_listed: 0,
        };
        let is_wanted =
            |block: &Block| block.status != Status::Finished && outside(block, &text.left_out).next().is_some();
        summary.complete = size_bytes > 0 && !text.blocks.iter().any(is_wanted);
        summary.add_damage(text, listed);
        summary
    }

    fn add_damage(&mut self, text: &MapText, listed: usize) {
        for (position, size) in damage(text) {
            self.damaged_bytes += size;
            self.damaged_areas += 1;
            self.largest_damaged_bytes = self.largest_damaged_bytes.max(size);
            if self.damaged.len() < listed {
                self.damaged.push(DamagedRange {
                    position_bytes: position,
                    size_bytes: size,
                    first_sector: position / SECTOR_BYTES,
                    last_sector: (position + size - 1) / SECTOR_BYTES,
                });
            }
        }
        self.damaged_not_listed = self.damaged_areas - self.damaged.len() as u64;
    }

    /// What a person calls the state of the rescue.
    fn progress(&self) -> String {
        let sector = self.position_bytes / SECTOR_BYTES;
        match self.phase {
            phase if phase == words(Phase::Finished) => phase.to_owned(),
            phase => format!("{phase}, pass {}, at byte {} (sector {sector})", self.pass, self.position_bytes),
        }
    }
}

/// Several lines, the last one ended.
impl Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.map, self.progress())?;
        if let Some(time) = &self.start_time {
            writeln!(f, "begun {time}")?;
        }
        if self.size_bytes == 0 {
            return writeln!(f, "The map is empty: nothing was tried.");
        }
        write!(f, "{} ({} bytes)", bytes(self.size_bytes), self.size_bytes)?;
        match self.begin_bytes {
            0 => writeln!(f)?,
            begin => writeln!(f, " from byte {begin} on")?,
        }
        writeln!(f)?;
        let t = &self.totals;
        for (name, share) in [
            ("rescued", t.rescued),
            ("not tried", t.non_tried),
            ("not trimmed", t.non_trimmed),
            ("not scraped", t.non_scraped),
            ("bad", t.bad),
        ] {
            line(f, name, share)?;
        }
        for tract in self.left_out.tracts().iter().take(LISTED) {
            writeln!(f, "  left out: {tract}")?;
        }
        match self.left_out.tracts().len().saturating_sub(LISTED) {
            0 => {}
            more => writeln!(f, "  left out: {more} more such tracts")?,
        }
        writeln!(f)?;
        self.show_damage(f)
    }
}

impl Summary {
    fn show_damage(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.damaged_areas == 0 {
            return writeln!(f, "No damage.");
        }
        let areas = if self.damaged_areas == 1 { "area" } else { "areas" };
        let largest = bytes(self.largest_damaged_bytes);
        writeln!(
            f,
            "Damaged: {} in {} {areas}, the largest {largest}:",
            bytes(self.damaged_bytes),
            self.damaged_areas
        )?;
        for range in &self.damaged {
            let DamagedRange { position_bytes, size_bytes, first_sector, last_sector } = *range;
            let sectors = match last_sector == first_sector {
                true => format!("sector {first_sector}"),
                false => format!("sectors {first_sector}-{last_sector}"),
            };
            writeln!(f, "  0x{position_bytes:08X}  0x{size_bytes:08X}  {sectors} ({})", bytes(size_bytes))?;
        }
        match self.damaged_not_listed {
            0 => Ok(()),
            more => writeln!(f, "  … and {more} more"),
        }
    }
}

fn line(f: &mut fmt::Formatter<'_>, name: &str, share: Share) -> fmt::Result {
    let percent = match share.percent {
        p if p == 0.0 && share.bytes > 0 => "<0.01".to_owned(),
        p => format!("{p:.2}"),
    };
    let areas = if share.areas == 1 { "area" } else { "areas" };
    writeln!(
        f,
        "  {name:<11} {:>10}  {percent:>6} %  {:>15} bytes in {} {areas}",
        bytes(share.bytes),
        share.bytes,
        share.areas
    )
}

fn shares(text: &MapText, size: u64) -> Shares {
    let of = |status: Status| {
        let mut share = Share::default();
        for block in text.blocks.iter().filter(|b| b.status == status) {
            share.bytes += block.size;
            share.areas += 1;
        }
        // Cut, not rounded: a map that lacks one sector is not 100 % rescued.
        let hundredths = (u128::from(share.bytes) * 10_000).checked_div(u128::from(size)).unwrap_or(0);
        share.percent = hundredths as f64 / 100.0;
        share
    };
    Shares {
        rescued: of(Status::Finished),
        non_tried: of(Status::NonTried),
        non_trimmed: of(Status::NonTrimmed),
        non_scraped: of(Status::NonScraped),
        bad: of(Status::Bad),
    }
}

/// Position and size of each stretch of bytes that were tried in vain and are not left out.
fn damage(text: &MapText) -> impl Iterator<Item = (u64, u64)> + '_ {
    let failed = text.blocks.iter().filter(|b| !matches!(b.status, Status::NonTried | Status::Finished));
    let mut pieces = failed.flat_map(move |block| outside(block, &text.left_out)).peekable();
    std::iter::from_fn(move || {
        let first = pieces.next()?;
        let mut end = first.end;
        while let Some(next) = pieces.next_if(|piece| piece.start == end) {
            end = next.end;
        }
        Some((first.start, end - first.start))
    })
}

/// The bytes of a block that lie in no tract, ascending.
fn outside<'a>(block: &Block, left_out: &'a LeftOut) -> impl Iterator<Item = Range<u64>> + use<'a> {
    let (start, end) = (block.pos, block.end());
    let sectors = SectorRange::new(start / SECTOR_BYTES, end.div_ceil(SECTOR_BYTES));
    let bytes = move |sector: u64| sector.saturating_mul(SECTOR_BYTES).clamp(start, end);
    let tracts = left_out.within(sectors).map(move |tract| bytes(tract.range.start())..bytes(tract.range.end()));
    let mut at = start;
    tracts
        .chain(std::iter::once(end..end))
        .map(move |tract| {
            let before = at..tract.start;
            at = tract.end;
            before
        })
        .filter(|piece| !piece.is_empty())
}

#[cfg(test)]
#[path = "summary_tests.rs"]
mod tests;
