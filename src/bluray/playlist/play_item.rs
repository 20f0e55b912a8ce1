//! Play items: which part of which clip, and how it joins the one before (`PlayItem`).

use std::fmt;

use super::stn::{self, Streams};
use crate::base::time::Ticks45;
use crate::bluray::TableError;
use crate::bluray::clip::stc;
use crate::bluray::cursor::Cursor;

/// Name of a clip: five digits, without the extension of its files.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ClipName([u8; 5]);

impl ClipName {
    /// A name from the bytes of a table; only digits and letters, as it becomes a part of a path.
    pub(in crate::bluray) fn parse(c: &mut Cursor<'_>) -> Result<Self, TableError> {
        let at = *c;
        let name: [u8; 5] = c.array()?;
        if name.iter().all(u8::is_ascii_alphanumeric) {
            Ok(Self(name))
        } else {
            Err(at.error("the name of a clip is none"))
        }
    }
}

/// `00012`.
impl fmt::Display for ClipName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{}", char::from(*b)))
    }
}

/// A clip on one of its clocks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ClipRef {
    /// The clip.
    pub name: ClipName,
    /// Which of the clip's STC sequences (clocks) the times are on.
    pub stc_id: u8,
}

impl ClipRef {
    /// Name, kind of clip and STC sequence, as tables have them together. `between` are bytes in front of the last.
    pub(in crate::bluray) fn parse(c: &mut Cursor<'_>, between: usize) -> Result<(Self, u32), TableError> {
        let name = ClipName::parse(c)?;
        // "M2TS", or "FMTS" for discs that are updated.
        c.skip(4)?;
        let flags = c.take(between)?.iter().fold(0, |word, b| word << 8 | u32::from(*b));
        Ok((Self { name, stc_id: c.u8()? }, flags))
    }
}

/// How an item joins the one before it (`connection_condition`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Connection {
    /// Not seamless: the decoder may start again (1).
    Break,
    /// Seamless, on a new clock; sound may overlap (5).
    SeamlessNewClock,
    /// Seamless, the clock goes on (6).
    SeamlessSameClock,
    /// A number that is not known.
    Unknown(u8),
}

impl Connection {
    pub(in crate::bluray) fn from_nibble(nibble: u8) -> Self {
        match nibble {
            1 => Self::Break,
            5 => Self::SeamlessNewClock,
            6 => Self::SeamlessSameClock,
            other => Self::Unknown(other),
        }
    }
}

/// How long an item's picture stands still (`still_mode`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Still {
    /// Not at all.
    No,
    /// For this many seconds.
    Seconds(u16),
    /// Until the viewer acts.
    Forever,
}

/// A part of a clip, played in its turn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlayItem {
    /// The clip of the first angle.
    pub clip: ClipRef,
    /// The clips of the further angles.
    pub other_angles: Vec<ClipRef>,
    /// How it joins the item before.
    pub connection: Connection,
    /// Where it starts, on the clip's clock.
    pub in_time: Ticks45,
    /// Where it ends, on the clip's clock; not before `in_time`.
    pub out_time: Ticks45,
    /// Whether its last picture stands still.
    pub still: Still,
    /// The streams it offers.
    pub streams: Streams,
}

impl PlayItem {
    /// OUT - IN.
    #[must_use]
    pub fn duration(&self) -> Ticks45 {
        stc::played(self.in_time, self.out_time).unwrap_or_default()
    }
}

/// One item with its length.
pub(in crate::bluray) fn parse(c: &mut Cursor<'_>) -> Result<PlayItem, TableError> {
    let mut c = c.block_u16("play item")?;
    let (clip, flags) = ClipRef::parse(&mut c, 2)?;
    let times = c;
    let (in_time, out_time) = (Ticks45(c.u32()?), Ticks45(c.u32()?));
    if stc::played(in_time, out_time).is_none() {
        return Err(times.error("OUT lies before IN"));
    }
    // User operation mask, random access flag.
    c.skip(8 + 1)?;
    let (mode, seconds) = (c.u8()?, c.u16()?);
    let still = match mode {
        1 => Still::Seconds(seconds),
        2 => Still::Forever,
        _ => Still::No,
    };
    let mut other_angles = Vec::new();
    if flags & 0x10 != 0 {
        let angles = c.u8()?;
        c.skip(1)?;
        for _ in 1..angles {
            other_angles.push(ClipRef::parse(&mut c, 0)?.0);
        }
    }
    let connection = Connection::from_nibble((flags & 15) as u8);
    let streams = stn::parse(&mut c)?;
    Ok(PlayItem { clip, other_angles, connection, in_time, out_time, still, streams })
}
