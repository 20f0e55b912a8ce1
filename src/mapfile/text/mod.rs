//! The text of a map, read exactly as GNU ddrescue 1.27 reads it, with two differences:
//! a number above 2^63 - 1 is refused instead of cut, and the status `%` of ddrescue 1.30 is known.

mod comments;
mod line;
pub(super) mod write;

use std::ops::Range;

use super::status::{Phase, Status, StatusLine};
use crate::base::sector::set::SectorSet;
use crate::base::sector::tract::{LeftOut, Tract};
use crate::base::sector::{SECTOR_BYTES, SectorRange};
use line::{Fields, Line, Lines, Number};

pub use super::error::MapError;
pub use write::{Notes, write};

/// Most ranges that a sweep or a patch lets a map come to: with more, it would take more memory than is promised.
pub const MAX_RANGES: u64 = 1_000_000;

/// Most blocks (after joining equal neighbours) that a map may have to be read: a run that ends because of
/// [`MAX_RANGES`] may add some to its map in its last steps, and that map must be read again.
pub const MAX_BLOCKS: usize = 1_001_000;

/// The largest position that a map can name.
const LARGEST: u64 = i64::MAX as u64;

/// The last copying pass of ddrescue 1.27; a resume from a later one begins again.
const LAST_COPY_PASS: u32 = 5;

/// A range of bytes with one status.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Block {
    /// First byte.
    pub pos: u64,
    /// Number of bytes, at least 1.
    pub size: u64,
    /// What became of it.
    pub status: Status,
}

impl Block {
    /// One past the last byte.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.pos.saturating_add(self.size)
    }
}

/// What a map says. Blocks are in bytes: a map of another program need not follow sectors.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MapText {
    /// Where the rescue stands.
    pub status: StatusLine,
    /// The blocks: each begins where the one before ends, neighbours differ in status, none is empty.
    /// Where the size of the input was known they cover it from 0 to its end.
    pub blocks: Vec<Block>,
    /// When the rescue began, as the map's comment says.
    pub start_time: Option<String>,
    /// What else than the size that was taken was told of the disc, as the map's comment says.
    pub size_note: Option<String>,
    /// Tracts that hold no data, as its comments say, but for what was rescued of them: that was no gap.
    pub left_out: LeftOut,
}

impl MapText {
    /// One past the last byte that the map speaks of.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.blocks.last().map_or(0, Block::end)
    }

    /// The sectors of a disc of `size_bytes` that are not good: of which any byte is not rescued or not spoken of.
    #[must_use]
    pub fn missing(&self, size_bytes: u64) -> SectorSet {
        let sectors = size_bytes.div_ceil(SECTOR_BYTES);
        let mut missing = SectorSet::new();
        let mut done = 0;
        let mut good = |bytes: Range<u64>| {
            // A last part of a sector is a sector.
            let end = if bytes.end >= size_bytes { sectors } else { bytes.end / SECTOR_BYTES };
            let start = bytes.start.div_ceil(SECTOR_BYTES);
            if start < end {
                missing.insert(SectorRange::new(done, start));
                done = end;
            }
        };
        let mut rescued = 0..0;
        for block in self.blocks.iter().filter(|block| block.status == Status::Finished) {
            if block.pos != rescued.end {
                good(rescued);
                rescued = block.pos..block.pos;
            }
            rescued.end = block.end();
        }
        good(rescued);
        missing.insert(SectorRange::new(done, sectors));
        missing
    }

    /// The sectors that were tried in vain, by themselves or among others: of which any byte is neither rescued nor not
    /// tried.
    #[must_use]
    pub fn failed(&self) -> SectorSet {
        let is_failed = |block: &&Block| !matches!(block.status, Status::Finished | Status::NonTried);
        let sectors = |block: &Block| SectorRange::new(block.pos / SECTOR_BYTES, block.end().div_ceil(SECTOR_BYTES));
        let mut failed = SectorSet::new();
        self.blocks.iter().filter(is_failed).map(sectors).for_each(|range| failed.insert(range));
        failed
    }
}

/// Reads a map. With `input_size`, the blocks are fitted to an input of this many bytes as ddrescue does:
/// an unfinished last block is cut at the end, what is missing is not tried.
///
/// A text without any line but comments is a map in which nothing was tried.
///
/// # Errors
/// [`MapError`] with the line, when ddrescue would refuse the map too, when a number is larger than
/// 2^63 - 1, or when there are more than [`MAX_BLOCKS`] blocks.
pub fn parse(bytes: &[u8], input_size: Option<u64>) -> Result<MapText, MapError> {
    let mut parser = Parser::new(input_size);
    parser.feed(bytes)?;
    parser.finish()
}

/// Reads a map that arrives in pieces, so that the text need not be in memory as a whole.
#[derive(Debug)]
pub struct Parser {
    lines: Lines,
    content: Content,
}

impl Parser {
    /// A parser at the start of the text; `input_size` as in [`parse`].
    #[must_use]
    pub fn new(input_size: Option<u64>) -> Self {
        Self { lines: Lines::new(), content: Content { input_size, most: MAX_BLOCKS, ..Content::default() } }
    }

    /// Takes the next piece of the text, cut anywhere.
    ///
    /// # Errors
    /// As [`parse`].
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), MapError> {
        let content = &mut self.content;
        self.lines.feed(bytes, &mut |number, line| content.line(number, line))
    }

    /// The map, after the last piece.
    ///
    /// # Errors
    /// As [`parse`].
    pub fn finish(mut self) -> Result<MapText, MapError> {
        let content = &mut self.content;
        self.lines.finish(&mut |number, line| content.line(number, line))?;
        self.content.finish(self.lines.number())
    }
}

#[derive(Debug, Default)]
struct Content {
    input_size: Option<u64>,
    /// Most blocks.
    most: usize,
    status: Option<StatusLine>,
    start_time: Option<String>,
    size_note: Option<String>,
    tracts: Vec<Tract>,
    blocks: Vec<Block>,
    /// The last block as it stands in the text, and its line: only this one is fitted to the input,
    /// and not what it becomes when it is joined with its neighbour.
    last: Option<(u64, Block)>,
}

impl Content {
    fn line(&mut self, number: u64, line: Line<'_>) -> Result<(), MapError> {
        match line {
            Line::Comment(text) if self.status.is_none() => {
                if let Some(tract) = comments::tract(text) {
                    if self.tracts.len() < comments::MAX_TRACTS {
                        self.tracts.push(tract);
                    }
                } else if let Some(note) = comments::size_note(text) {
                    self.size_note = Some(note);
                } else if self.start_time.is_none() {
                    self.start_time = start_time(text);
                }
            }
            Line::Comment(_) => {}
            Line::Text(text) if self.status.is_none() => self.status = Some(status_line(number, text)?),
            Line::Text(text) => self.block(number, block(number, text)?)?,
        }
        Ok(())
    }

    fn block(&mut self, line: u64, block: Block) -> Result<(), MapError> {
        if let Some((line_before, before)) = self.last.replace((line, block)) {
            if before.end() != block.pos {
                return Err(MapError::NotContiguous { line, expected: before.end(), found: block.pos });
            }
            self.push(line_before, before)?;
        } else if self.input_size.is_some() {
            self.push(line, Block { pos: 0, size: block.pos, status: Status::NonTried })?;
        }
        Ok(())
    }

    /// Adds a block behind the last one; joins it with its neighbour.
    fn push(&mut self, line: u64, block: Block) -> Result<(), MapError> {
        let full = self.blocks.len() >= self.most;
        match self.blocks.last_mut() {
            _ if block.size == 0 => {}
            Some(last) if last.status == block.status => last.size += block.size,
            _ if full => return Err(MapError::TooMany { line, most: self.most }),
            _ => self.blocks.push(block),
        }
        Ok(())
    }

    fn finish(mut self, last_line: u64) -> Result<MapText, MapError> {
        let (line, mut last) =
            self.last.take().unwrap_or((last_line, Block { pos: 0, size: 0, status: Status::NonTried }));
        if let Some(input_size) = self.input_size {
            let crosses = last.end() > input_size;
            if last.pos > input_size || (crosses && last.status == Status::Finished) {
                return Err(MapError::PastEnd { line, input_size });
            }
            last.size = last.size.min(input_size - last.pos);
            self.push(line, last)?;
            self.push(line, Block { pos: last.end(), size: input_size - last.end(), status: Status::NonTried })?;
        } else {
            self.push(line, last)?;
        }
        let Self { status, blocks, start_time, size_note, tracts, .. } = self;
        let mut left_out: LeftOut = tracts.into_iter().collect();
        if !left_out.is_empty() {
            let rescued = blocks.iter().filter(|block| block.status == Status::Finished);
            let whole = |b: &Block| SectorRange::new(b.pos.div_ceil(SECTOR_BYTES), b.end() / SECTOR_BYTES);
            left_out.remove(&rescued.map(whole).collect());
        }
        Ok(MapText { status: status.unwrap_or_default(), blocks, start_time, size_note, left_out })
    }
}

/// `current_pos current_status [current_pass]`; what follows is ignored.
fn status_line(line: u64, text: &[u8]) -> Result<StatusLine, MapError> {
    let wrong = || MapError::StatusLine { line };
    let mut fields = Fields::new(text);
    let position = position(line, fields.number()).ok_or_else(wrong)??;
    let phase = fields.symbol().and_then(Phase::from_symbol).ok_or_else(wrong)?;
    let pass = match fields.decimal() {
        // No number there, whatever stands there instead.
        None => 1,
        // ddrescue keeps the low 32 bits, with their sign.
        Some(Number::Value(pass)) => u32::try_from(pass as i32).map_err(|_| wrong())?,
        Some(Number::TooLarge) => return Err(wrong()),
    };
    if pass == 0 {
        return Err(wrong());
    }
    let again = phase == Phase::Copying && pass > LAST_COPY_PASS;
    Ok(StatusLine { position, phase, pass: if again { 1 } else { pass } })
}

/// `pos size status`; what follows is ignored. A size that leaves the largest position is cut there.
fn block(line: u64, text: &[u8]) -> Result<Block, MapError> {
    let wrong = || MapError::Block { line };
    let mut fields = Fields::new(text);
    let pos = position(line, fields.number()).ok_or_else(wrong)??;
    let size = position(line, fields.number()).ok_or_else(wrong)??;
    let status = fields.symbol().and_then(Status::from_symbol).ok_or_else(wrong)?;
    // An empty block says something only of an empty disc.
    if size == 0 && pos != 0 {
        return Err(wrong());
    }
    Ok(Block { pos, size: size.min(LARGEST - pos), status })
}

/// A position or size; `None` when it is no number or negative.
fn position(line: u64, number: Option<Number>) -> Option<Result<u64, MapError>> {
    match number? {
        Number::Value(value) => u64::try_from(value).ok().map(Ok),
        Number::TooLarge => Some(Err(MapError::TooLarge { line })),
    }
}

/// The time in a comment ` Start time:   2026-01-31 12:00:00`.
fn start_time(comment: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(comment).ok()?.trim().strip_prefix("Start time:")?.trim();
    let plain = text.len() <= 40 && text.chars().all(|c| c.is_ascii_alphanumeric() || "-:+ .".contains(c));
    (plain && !text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests;
