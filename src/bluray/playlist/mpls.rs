//! Playlists (`PLAYLIST/nnnnn.mpls`), versions 0100 to 0300.

use super::play_item::{self, PlayItem};
use super::sub_path::{self, SubPath};
use crate::base::time::{Ticks45, Ticks90};
use crate::bluray::TableError;
use crate::bluray::cursor::{self, Cursor};

const TABLE: &str = "playlist";

/// Most bytes of a playlist; those with a thousand items have some hundred thousand.
pub const MAX_BYTES: usize = 2 << 20;
/// Bytes of a mark.
const MARK_LENGTH: usize = 14;

/// In which order the items play (`PlayList_playback_type`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Playback {
    /// One after the other (1).
    Sequential,
    /// In a random order, any number of times (2).
    Random,
    /// In a random order, each once (3).
    Shuffle,
    /// None of those.
    Unknown(u8),
}

/// Kinds of marks.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum MarkKind {
    /// A place to jump to: a chapter (1).
    Entry,
    /// A place for links of the disc's programs (2).
    Link,
    /// None of those.
    Unknown(u8),
}

/// A mark.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mark {
    /// What it is for.
    pub kind: MarkKind,
    /// The play item it lies in; smaller than the number of items.
    pub item: u16,
    /// When, on that item's clock.
    pub time: Ticks45,
}

/// Mastering display and light levels of an HDR10 film, from the playlist's extension (3,5).
///
/// Chromaticities are in steps of 0.00002, luminances of the mastering display in candela a square metre
/// (`max_luminance`) and in 0.0001 of it (`min_luminance`), light levels in candela a square metre.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StaticHdr {
    /// The dynamic range it belongs to, as in the stream's attributes.
    pub dynamic_range: u8,
    /// x and y of the three primaries, in the order of the table: green, blue, red.
    pub primaries: [(u16, u16); 3],
    /// x and y of white.
    pub white: (u16, u16),
    /// Brightest white of the display.
    pub max_luminance: u16,
    /// Darkest black of the display.
    pub min_luminance: u16,
    /// Maximum content light level.
    pub max_content_light: u16,
    /// Maximum frame-average light level.
    pub max_frame_average_light: u16,
}

/// What the extension data adds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Extension {
    /// Mastering data, one for each dynamic range.
    pub static_hdr: Vec<StaticHdr>,
    /// Further sub-paths; their numbers go on behind those of [`Playlist::sub_paths`].
    pub sub_paths: Vec<SubPath>,
}

/// A playlist.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Playlist {
    /// Four digits; 0300 is Ultra HD Blu-ray.
    pub version: [u8; 4],
    /// In which order the items play.
    pub playback: Playback,
    /// The parts of clips it plays.
    pub items: Vec<PlayItem>,
    /// What plays beside them.
    pub sub_paths: Vec<SubPath>,
    /// Chapters and other marks, in the order of the table.
    pub marks: Vec<Mark>,
    /// What the extension data adds; empty where there is none, or where it cannot be read.
    pub extension: Extension,
    /// Why the extension data could not be read: the film does not depend on it.
    pub extension_error: Option<TableError>,
}

impl Playlist {
    /// Reads a playlist.
    ///
    /// # Errors
    /// [`TableError`] where the file is no playlist, or is damaged anywhere but in its extension data.
    pub fn parse(file: &[u8]) -> Result<Self, TableError> {
        let version = cursor::version(file, b"MPLS", MAX_BYTES, TABLE)?;
        let playback = app_info(file)?;
        let (items, sub_paths) = play_list(file)?;
        let marks = marks(file, items.len())?;
        let (extension, extension_error) = match extension(file) {
            Ok(extension) => (extension, None),
            Err(e) => (Extension::default(), Some(e)),
        };
        Ok(Self { version, playback, items, sub_paths, marks, extension, extension_error })
    }

    /// Sum of OUT - IN over all items, which may be longer than a clip's clock.
    #[must_use]
    pub fn duration(&self) -> Ticks90 {
        self.items.iter().fold(Ticks90::ZERO, |sum, item| sum + item.duration().into())
    }

    /// Number of angles: of the item that has most.
    #[must_use]
    pub fn angles(&self) -> usize {
        self.items.iter().map(|i| 1 + i.other_angles.len()).max().unwrap_or(1)
    }
}

fn app_info(file: &[u8]) -> Result<Playback, TableError> {
    let mut c = Cursor::at(file, 40, TABLE)?.block_u32("playlist application information")?;
    c.skip(1)?;
    Ok(match c.u8()? {
        1 => Playback::Sequential,
        2 => Playback::Random,
        3 => Playback::Shuffle,
        other => Playback::Unknown(other),
    })
}

fn play_list(file: &[u8]) -> Result<(Vec<PlayItem>, Vec<SubPath>), TableError> {
    let mut c = Cursor::at(file, cursor::required(file, 8, TABLE)?, TABLE)?.block_u32(TABLE)?;
    c.skip(2)?;
    let (items, sub_paths) = (c.u16()?, c.u16()?);
    let items = (0..items).map(|_| play_item::parse(&mut c)).collect::<Result<_, _>>()?;
    let sub_paths = (0..sub_paths).map(|_| sub_path::parse(&mut c)).collect::<Result<_, _>>()?;
    Ok((items, sub_paths))
}

fn marks(file: &[u8], items: usize) -> Result<Vec<Mark>, TableError> {
    let table = "playlist marks";
    let Some(start) = cursor::pointer(file, 12, table)? else { return Ok(Vec::new()) };
    let mut c = Cursor::at(file, start, table)?.block_u32(table)?;
    // An empty table may lack its count.
    let count = if c.remaining() == 0 { 0 } else { c.u16()? };
    let mut marks = Vec::new();
    for _ in 0..count {
        let mut mark = c.sub(MARK_LENGTH, "playlist mark")?;
        mark.skip(1)?;
        let kind = match mark.u8()? {
            1 => MarkKind::Entry,
            2 => MarkKind::Link,
            other => MarkKind::Unknown(other),
        };
        let (item, time) = (mark.u16()?, Ticks45(mark.u32()?));
        // A mark of an item that is not there marks nothing.
        if usize::from(item) < items {
            marks.push(Mark { kind, item, time });
        }
    }
    Ok(marks)
}

/// The extension data that matters: (2,2) further sub-paths, (3,5) mastering data.
fn extension(file: &[u8]) -> Result<Extension, TableError> {
    let table = "playlist extension";
    let mut extension = Extension::default();
    let Some(start) = cursor::pointer(file, 16, table)? else { return Ok(extension) };
    let mut head = Cursor::at(file, start, table)?.block_u32(table)?;
    if head.remaining() == 0 {
        return Ok(extension);
    }
    head.skip(4 + 3)?;
    for _ in 0..head.u8()? {
        let (kind, variant) = (head.u16()?, head.u16()?);
        let (from, length) = (head.u32()? as usize, head.u32()? as usize);
        let at = start.saturating_add(from);
        match (kind, variant) {
            (2, 2) => extension.sub_paths = extra_sub_paths(Cursor::at(file, at, table)?.sub(length, table)?)?,
            (3, 5) => extension.static_hdr = static_hdr(Cursor::at(file, at, table)?.sub(length, table)?)?,
            _ => {}
        }
    }
    Ok(extension)
}

fn extra_sub_paths(mut c: Cursor<'_>) -> Result<Vec<SubPath>, TableError> {
    let mut c = c.block_u32("further sub-paths")?;
    let count = c.u16()?;
    (0..count).map(|_| sub_path::parse(&mut c)).collect()
}

fn static_hdr(mut c: Cursor<'_>) -> Result<Vec<StaticHdr>, TableError> {
    let mut c = c.block_u32("mastering data")?;
    let count = c.u8()?;
    c.skip(3)?;
    let entry = |c: &mut Cursor<'_>| -> Result<StaticHdr, TableError> {
        let dynamic_range = c.u8()? >> 4;
        c.skip(3)?;
        let mut pair = || -> Result<(u16, u16), TableError> { Ok((c.u16()?, c.u16()?)) };
        let primaries = [pair()?, pair()?, pair()?];
        let white = pair()?;
        let (max_luminance, min_luminance) = pair()?;
        let (max_content_light, max_frame_average_light) = pair()?;
        Ok(StaticHdr {
            dynamic_range,
            primaries,
            white,
            max_luminance,
            min_luminance,
            max_content_light,
            max_frame_average_light,
        })
    };
    (0..count).map(|_| entry(&mut c)).collect()
}

#[cfg(test)]
#[path = "mpls_tests.rs"]
mod tests;
