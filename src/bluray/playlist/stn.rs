//! The streams that a play item offers (`STN_table`).

use crate::bluray::TableError;
use crate::bluray::cursor::Cursor;
use crate::bluray::stream_info::{self, StreamInfo, Within};

/// Where a stream of a play item comes from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Origin {
    /// The play item's own clip.
    Clip,
    /// A clip of a sub-path (out of mux).
    SubPath {
        /// Which sub-path.
        path: u8,
        /// Which of its clips; 0 but for multi-clip sub-paths.
        clip: u8,
    },
    /// The play item's own clip, played by a sub-path (in mux).
    InMux {
        /// Which sub-path.
        path: u8,
    },
    /// A kind that is not known.
    Unknown(u8),
}

/// A stream of a play item.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stream {
    /// Where it comes from.
    pub origin: Origin,
    /// PID in the transport stream.
    pub pid: u16,
    /// What is said of it.
    pub info: StreamInfo,
    /// Numbers of the primary audio streams (secondary audio: that may be mixed with it; secondary video: of the
    /// secondary audio streams that belong to it), counted from 0 in the table.
    pub audio_references: Vec<u8>,
}

/// The streams of a play item, in the order of the player's stream numbers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Streams {
    /// Primary video.
    pub video: Vec<Stream>,
    /// Primary audio.
    pub audio: Vec<Stream>,
    /// Subtitles (presentation graphics and text).
    pub subtitles: Vec<Stream>,
    /// Subtitles that are shown with the picture in picture.
    pub picture_in_picture_subtitles: Vec<Stream>,
    /// Menus.
    pub menus: Vec<Stream>,
    /// Audio of commentaries and of the picture in picture.
    pub secondary_audio: Vec<Stream>,
    /// Picture in picture.
    pub secondary_video: Vec<Stream>,
    /// Dolby Vision enhancement layers.
    pub dolby_vision: Vec<Stream>,
}

impl Streams {
    /// All streams, in the order of the table.
    pub fn all(&self) -> impl Iterator<Item = &Stream> {
        let lists = [
            &self.video,
            &self.audio,
            &self.subtitles,
            &self.picture_in_picture_subtitles,
            &self.menus,
            &self.secondary_audio,
            &self.secondary_video,
            &self.dolby_vision,
        ];
        lists.into_iter().flatten()
    }
}

/// What follows the attributes of an entry.
#[derive(Clone, Copy)]
enum Tail {
    Nothing,
    AudioReferences,
    AudioAndSubtitleReferences,
}

/// The table with its length.
pub(in crate::bluray) fn parse(c: &mut Cursor<'_>) -> Result<Streams, TableError> {
    let mut table = c.block_u16("stream table")?;
    table.skip(2)?;
    let [video, audio, pg, ig, audio2, video2, pip_pg, vision] = table.array::<8>()?;
    table.skip(4)?;
    Ok(Streams {
        video: entries(&mut table, video, Tail::Nothing)?,
        audio: entries(&mut table, audio, Tail::Nothing)?,
        subtitles: entries(&mut table, pg, Tail::Nothing)?,
        picture_in_picture_subtitles: entries(&mut table, pip_pg, Tail::Nothing)?,
        menus: entries(&mut table, ig, Tail::Nothing)?,
        secondary_audio: entries(&mut table, audio2, Tail::AudioReferences)?,
        secondary_video: entries(&mut table, video2, Tail::AudioAndSubtitleReferences)?,
        dolby_vision: entries(&mut table, vision, Tail::Nothing)?,
    })
}

fn entries(table: &mut Cursor<'_>, count: u8, tail: Tail) -> Result<Vec<Stream>, TableError> {
    (0..count).map(|_| entry(table, tail)).collect()
}

fn entry(table: &mut Cursor<'_>, tail: Tail) -> Result<Stream, TableError> {
    let mut place = table.block_u8("stream entry")?;
    let (origin, pid) = match place.u8()? {
        1 => (Origin::Clip, place.u16()?),
        2 => (Origin::SubPath { path: place.u8()?, clip: place.u8()? }, place.u16()?),
        3 | 4 => (Origin::InMux { path: place.u8()? }, place.u16()?),
        other => (Origin::Unknown(other), 0),
    };
    let info = stream_info::parse(table, Within::Playlist)?;
    let audio_references = match tail {
        Tail::Nothing => Vec::new(),
        Tail::AudioReferences => references(table)?,
        Tail::AudioAndSubtitleReferences => {
            let audio = references(table)?;
            references(table)?;
            audio
        }
    };
    Ok(Stream { origin, pid: pid & 0x1fff, info, audio_references })
}

/// A list of stream numbers, padded to an even length.
fn references(table: &mut Cursor<'_>) -> Result<Vec<u8>, TableError> {
    let count = usize::from(table.u8()?);
    table.skip(1)?;
    let references = table.take(count)?.to_vec();
    table.skip(count % 2)?;
    Ok(references)
}
