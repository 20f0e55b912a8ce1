//! What `freemkv map show` tells of a map. Exact to the byte: a map of another program need not follow sectors.

use std::fmt::{self, Display};

use serde::Serialize;

use super::ops::missing::{Content, Figures, MissingList, MissingRange};
use super::status::{Phase, Status};
use super::text::MapText;
use super::text::write::words;
use crate::base::human::{bytes, counted, printable};
use crate::base::sector::tract::LeftOut;
use crate::base::sector::{SECTOR_BYTES, SectorRange};

/// Missing ranges that a summary shows a person who does not ask for more. Programs get all of them.
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

/// A map in figures.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Summary<'a> {
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
    /// What else than the size that was taken was told of the disc.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_note: Option<String>,
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
    /// Bytes that are missing, not tried and failed together.
    pub missing_bytes: u64,
    /// Bytes of them that were tried in vain.
    pub failed_bytes: u64,
    /// Stretches that are missing, whatever their statuses.
    pub missing_areas: u64,
    /// Length of the longest one.
    pub largest_missing_bytes: u64,
    /// Every missing range, each with one status.
    pub missing: MissingList<'a>,
    /// What lies in the image where the map says this or that, when it was looked at.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub lies: Option<Lies>,
    /// Missing ranges that a person is shown.
    #[serde(skip)]
    listed: usize,
    /// How many there are.
    #[serde(skip)]
    ranges: u64,
}

/// What lies in an image, beside the contents of the missing ranges.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Lies {
    /// The image, safe to print.
    pub image: String,
    /// Bytes that the map calls rescued and that have no room in the file, or lie behind its end.
    pub rescued_in_holes_bytes: u64,
    /// Where they lie; the first [`HOLES_MAX`].
    pub rescued_in_holes: Vec<HoleRange>,
}

/// Most holes under rescued ranges that are named.
pub const HOLES_MAX: usize = 100_000;

/// Bytes that are called rescued and are not in the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct HoleRange {
    /// First byte.
    pub position_bytes: u64,
    /// Number of bytes.
    pub size_bytes: u64,
}

impl<'a> Summary<'a> {
    /// The figures of `text`, which came from the file `name`; shows a person at most `listed` missing ranges.
    #[must_use]
    pub fn new(name: &str, text: &'a MapText, listed: usize) -> Self {
        let begin_bytes = text.blocks.first().map_or(0, |b| b.pos);
        let end_bytes = text.end();
        let size_bytes = end_bytes.saturating_sub(begin_bytes);
        let figures = Figures::of(text);
        Self {
            map: printable(name),
            position_bytes: text.status.position,
            phase: words(text.status.phase),
            pass: text.status.pass,
            start_time: text.start_time.as_deref().map(printable),
            size_note: text.size_note.as_deref().map(printable),
            begin_bytes,
            end_bytes,
            size_bytes,
            complete: size_bytes > 0 && figures.bytes == 0,
            left_out: text.left_out.clone(),
            totals: shares(text, size_bytes),
            missing_bytes: figures.bytes,
            failed_bytes: figures.failed_bytes,
            missing_areas: figures.areas,
            largest_missing_bytes: figures.largest,
            missing: MissingList { text, contents: Vec::new() },
            lies: None,
            listed,
            ranges: figures.ranges,
        }
    }

    /// The same with what lies in the image: `contents` of each missing range, in order.
    #[must_use]
    pub fn with_image(mut self, contents: Vec<Content>, lies: Lies) -> Self {
        self.missing.contents = contents;
        self.lies = Some(lies);
        self
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
impl Display for Summary<'_> {
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
        if let Some(note) = &self.size_note {
            writeln!(f, "size, as told when the disc was read: {note}")?;
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
            more => writeln!(f, "  left out: {}", counted(more, "more such tract", "more such tracts"))?,
        }
        writeln!(f)?;
        self.show_missing(f)?;
        self.lies.as_ref().map_or(Ok(()), |lies| lies.show(f, self.listed))
    }
}

impl Summary<'_> {
    fn show_missing(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.missing_bytes == 0 {
            return writeln!(f, "Nothing is missing.");
        }
        let largest = match self.missing_areas {
            1 => "1 area".to_owned(),
            areas => format!("{areas} areas, the largest {}", bytes(self.largest_missing_bytes)),
        };
        writeln!(f, "Missing: {} in {largest}:", bytes(self.missing_bytes))?;
        for (range, content) in self.missing.iter().take(self.listed) {
            let MissingRange { pos, size, status } = range;
            let noun = if range.sectors().len() == 1 { "sector" } else { "sectors" };
            let symbol = status.symbol();
            write!(f, "  0x{pos:08X}  0x{size:08X}  {symbol}  {noun} {} ({})", range.sectors(), bytes(size))?;
            match content {
                Some(content) => writeln!(f, ": {}", content.words())?,
                None => writeln!(f)?,
            }
        }
        match self.ranges.saturating_sub(self.listed as u64) {
            0 => Ok(()),
            more => writeln!(f, "  … and {more} more; -v shows all"),
        }
    }
}

impl Lies {
    fn show(&self, f: &mut fmt::Formatter<'_>, listed: usize) -> fmt::Result {
        if self.rescued_in_holes_bytes == 0 {
            return writeln!(f, "{} has everything that the map calls rescued.", self.image);
        }
        let lacking = bytes(self.rescued_in_holes_bytes);
        writeln!(f, "{} has nothing but holes for {lacking} that the map calls rescued:", self.image)?;
        for HoleRange { position_bytes, size_bytes } in self.rescued_in_holes.iter().take(listed) {
            let end = position_bytes.saturating_add(*size_bytes);
            let sectors = SectorRange::new(position_bytes / SECTOR_BYTES, end.div_ceil(SECTOR_BYTES));
            let noun = if sectors.len() == 1 { "sector" } else { "sectors" };
            writeln!(f, "  0x{position_bytes:08X}  0x{size_bytes:08X}  {noun} {sectors}")?;
        }
        match self.rescued_in_holes.len().saturating_sub(listed) {
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

#[cfg(test)]
#[path = "summary_tests.rs"]
mod tests;
