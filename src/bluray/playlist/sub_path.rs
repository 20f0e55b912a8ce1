//! Sub-paths: clips that play beside the play items (`SubPath`).

use super::play_item::{ClipRef, Connection};
use crate::base::time::Ticks45;
use crate::bluray::TableError;
use crate::bluray::clip::stc;
use crate::bluray::cursor::Cursor;

/// What a sub-path is for (`SubPath_type`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SubPathKind {
    /// Sound of a slide show (2).
    SlideShowAudio,
    /// Menus (3).
    Menu,
    /// Text subtitles (4).
    TextSubtitles,
    /// Elementary streams out of the mux, in step with the film (5).
    OutOfMux,
    /// Picture in picture out of the mux, not in step (6).
    OutOfMuxAsynchronous,
    /// Picture in picture in the mux (7).
    InMux,
    /// The other eye of a 3D film (8).
    DependentView,
    /// Dolby Vision enhancement layer (10).
    DolbyVision,
    /// None of those.
    Unknown(u8),
}

impl SubPathKind {
    fn from_byte(byte: u8) -> Self {
        match byte {
            2 => Self::SlideShowAudio,
            3 => Self::Menu,
            4 => Self::TextSubtitles,
            5 => Self::OutOfMux,
            6 => Self::OutOfMuxAsynchronous,
            7 => Self::InMux,
            8 => Self::DependentView,
            10 => Self::DolbyVision,
            other => Self::Unknown(other),
        }
    }
}

/// A part of a clip in a sub-path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SubPlayItem {
    /// The clip.
    pub clip: ClipRef,
    /// The further clips, of a multi-clip item.
    pub other_clips: Vec<ClipRef>,
    /// How it joins the item before.
    pub connection: Connection,
    /// Where it starts, on the clip's clock.
    pub in_time: Ticks45,
    /// Where it ends, on the clip's clock; not before `in_time`.
    pub out_time: Ticks45,
    /// The play item on whose clock it starts.
    pub sync_item: u16,
    /// When it starts, on that item's clock.
    pub sync_time: Ticks45,
}

/// A sub-path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SubPath {
    /// What it is for.
    pub kind: SubPathKind,
    /// Whether it starts again when it ends.
    pub repeats: bool,
    /// Its parts.
    pub items: Vec<SubPlayItem>,
}

/// One sub-path with its length.
pub(in crate::bluray) fn parse(c: &mut Cursor<'_>) -> Result<SubPath, TableError> {
    let mut c = c.block_u32("sub-path")?;
    c.skip(1)?;
    let kind = SubPathKind::from_byte(c.u8()?);
    let repeats = c.u16()? & 1 != 0;
    c.skip(1)?;
    let count = c.u8()?;
    let items = (0..count).map(|_| item(&mut c)).collect::<Result<_, _>>()?;
    Ok(SubPath { kind, repeats, items })
}

fn item(c: &mut Cursor<'_>) -> Result<SubPlayItem, TableError> {
    let mut c = c.block_u16("sub-path item")?;
    let (clip, flags) = ClipRef::parse(&mut c, 4)?;
    let times = c;
    let (in_time, out_time) = (Ticks45(c.u32()?), Ticks45(c.u32()?));
    if stc::played(in_time, out_time).is_none() {
        return Err(times.error("OUT lies before IN"));
    }
    let (sync_item, sync_time) = (c.u16()?, Ticks45(c.u32()?));
    let mut other_clips = Vec::new();
    if flags & 1 != 0 {
        let clips = c.u8()?;
        c.skip(1)?;
        for _ in 1..clips {
            other_clips.push(ClipRef::parse(&mut c, 0)?.0);
        }
    }
    let connection = Connection::from_nibble((flags >> 1 & 15) as u8);
    Ok(SubPlayItem { clip, other_clips, connection, in_time, out_time, sync_item, sync_time })
}
