//! The ranges of a map that are missing: not finished, and in no tract that holds no data.

use std::ops::Range;

use serde::{Serialize, Serializer};

use super::super::status::Status;
use super::super::text::{Block, MapText};
use crate::base::sector::tract::LeftOut;
use crate::base::sector::{SECTOR_BYTES, SectorRange};

/// What lies in an image where its map has a missing range.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// No room in the file: it reads as zero.
    Hole,
    /// Zeros, at least some of them with room in the file.
    Zeros,
    /// Something else than zeros somewhere in it: what a drive gave of it, or what was there before.
    Data,
    /// The file ends before the range does, and has nothing but zeros of it.
    PastEnd,
}

impl Content {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Hole => "a hole",
            Self::Zeros => "zeros",
            Self::Data => "data",
            Self::PastEnd => "behind the end of the file",
        }
    }
}

/// A range of bytes with the status of a map.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MissingRange {
    /// First byte.
    pub pos: u64,
    /// Number of bytes, at least 1.
    pub size: u64,
    /// What the map says of it; never [`Status::Finished`].
    pub status: Status,
}

impl MissingRange {
    /// One past the last byte.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.pos.saturating_add(self.size)
    }

    /// The sectors that it has bytes of.
    #[must_use]
    pub fn sectors(&self) -> SectorRange {
        SectorRange::new(self.pos / SECTOR_BYTES, self.end().div_ceil(SECTOR_BYTES))
    }
}

/// The missing ranges of a map, ascending; each has one status.
pub fn missing(text: &MapText) -> impl Iterator<Item = MissingRange> + '_ {
    let missing = text.blocks.iter().filter(|block| block.status != Status::Finished);
    missing.flat_map(move |block| {
        let range =
            |bytes: Range<u64>| MissingRange { pos: bytes.start, size: bytes.end - bytes.start, status: block.status };
        outside(block, &text.left_out).map(range)
    })
}

/// How much is missing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Figures {
    /// Bytes.
    pub bytes: u64,
    /// Bytes of them that were tried in vain.
    pub failed_bytes: u64,
    /// Longest stretches, whatever the status.
    pub areas: u64,
    /// Bytes of the longest stretch.
    pub largest: u64,
    /// Stretches of one status: as many as [`missing`] has.
    pub ranges: u64,
}

impl Figures {
    /// The figures of a map.
    #[must_use]
    pub fn of(text: &MapText) -> Self {
        let mut figures = Self::default();
        let mut stretch = 0..0;
        for range in missing(text) {
            if figures.ranges == 0 || range.pos != stretch.end {
                figures.areas += 1;
                stretch = range.pos..range.pos;
            }
            stretch.end = range.end();
            figures.ranges += 1;
            figures.bytes += range.size;
            figures.failed_bytes += if range.status == Status::NonTried { 0 } else { range.size };
            figures.largest = figures.largest.max(stretch.end - stretch.start);
        }
        figures
    }
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

/// All missing ranges of a map as a JSON array, with what lies there when that was looked at. It is made as it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct MissingList<'a> {
    /// The map.
    pub text: &'a MapText,
    /// What lies in each, in the same order; empty where nobody looked.
    pub contents: Vec<Content>,
}

/// One range in JSON.
#[derive(Serialize)]
struct Listed {
    position_bytes: u64,
    size_bytes: u64,
    first_sector: u64,
    last_sector: u64,
    status: char,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Content>,
}

impl MissingList<'_> {
    /// The ranges, and what lies in each.
    pub fn iter(&self) -> impl Iterator<Item = (MissingRange, Option<Content>)> + '_ {
        missing(self.text).enumerate().map(|(index, range)| (range, self.contents.get(index).copied()))
    }
}

impl Serialize for MissingList<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(|(range, content)| Listed {
            position_bytes: range.pos,
            size_bytes: range.size,
            first_sector: range.sectors().start(),
            last_sector: range.sectors().end().saturating_sub(1),
            status: range.status.symbol(),
            content,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::text::parse;
    use super::*;

    #[test]
    fn stretches_are_counted_whatever_their_statuses() {
        let text = parse(b"0 + 1\n0 10 +\n10 10 -\n20 5 ?\n25 5 +\n30 20 /\n", None).unwrap();
        let ranges: Vec<_> = missing(&text).map(|range| (range.pos, range.size, range.status.symbol())).collect();
        assert_eq!(ranges, [(10, 10, '-'), (20, 5, '?'), (30, 20, '/')]);
        let figures = Figures::of(&text);
        assert_eq!(figures, Figures { bytes: 35, failed_bytes: 30, areas: 2, largest: 20, ranges: 3 });
        let figures = Figures::of(&parse(b"0 + 1\n0 10 -\n10 10 ?\n20 10 +\n", None).unwrap());
        assert_eq!((figures.areas, figures.ranges, figures.largest), (1, 2, 20), "the first one begins with the disc");
    }

    #[test]
    fn what_is_left_out_is_not_missing() {
        let head = "# Left out: sectors 2-2, audio\n0 + 1\n";
        let text = parse(format!("{head}0 2048 +\n2048 6144 -\n8192 2048 +\n10240 100 ?\n").as_bytes(), None).unwrap();
        let sectors: Vec<_> = missing(&text).map(|range| range.sectors().to_string()).collect();
        assert_eq!(sectors, ["1", "3", "5"]);
        assert_eq!(Figures::of(&text).areas, 3);
        let list = MissingList { text: &text, contents: vec![Content::Hole, Content::PastEnd] };
        let json = serde_json::to_value(&list).unwrap();
        let expected = serde_json::json!({"position_bytes": 6144, "size_bytes": 2048, "first_sector": 3, "last_sector": 3,
            "status": "-", "content": "past_end"});
        assert_eq!((&json[1], json.as_array().unwrap().len()), (&expected, 3));
    }
}
