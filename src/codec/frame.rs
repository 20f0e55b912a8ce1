//! What a splitter finds: frames, and stretches without.

use bytes::Bytes;

use crate::base::time::Ticks90;

/// Bytes of one frame, as they go into a block.
#[derive(Clone, Copy, Debug)]
pub enum Payload<'a> {
    /// As they are.
    Bytes(&'a [u8]),
    /// As they are, where they were gathered: whoever keeps them need not copy them.
    Gathered(&'a Bytes),
    /// NAL units, to be written with a 4-byte length before each. Ranges of `data`, ascending.
    Nals {
        /// The access unit as it came, start codes and all. Whoever keeps it need not copy it.
        data: &'a Bytes,
        /// Where its NAL units lie: first byte, byte behind.
        nals: &'a [(u32, u32)],
        /// Parameter sets that the frame needs and does not bring along, each with its length in front.
        sets: &'a [u8],
        /// The unit in front of which they go.
        sets_at: usize,
    },
}

impl Payload<'_> {
    /// Bytes that [`Payload::append_to`] writes.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Gathered(bytes) => bytes.len(),
            Self::Nals { nals, sets, .. } => {
                sets.len() + nals.iter().map(|(from, to)| 4 + (to - from) as usize).sum::<usize>()
            }
        }
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends the frame to `out`.
    pub fn append_to(&self, out: &mut Vec<u8>) {
        match self {
            Self::Bytes(bytes) => out.extend_from_slice(bytes),
            Self::Gathered(bytes) => out.extend_from_slice(bytes),
            Self::Nals { data, nals, sets, sets_at } => {
                out.reserve(self.len());
                for (n, (from, to)) in nals.iter().enumerate() {
                    if n == *sets_at {
                        out.extend_from_slice(sets);
                    }
                    let unit = data.get(*from as usize..*to as usize).unwrap_or_default();
                    out.extend_from_slice(&(unit.len() as u32).to_be_bytes());
                    out.extend_from_slice(unit);
                }
            }
        }
    }
}

/// One complete frame: an access unit, an audio frame, a display set.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Which track of the stream: [`MAIN`] the stream itself, [`CORE`] the plainer one inside it.
    pub track: u8,
    /// The bytes.
    pub payload: Payload<'a>,
    /// Presentation time, unwrapped.
    pub pts: Ticks90,
    /// Decoding time where the stream gave one.
    pub dts: Option<Ticks90>,
    /// How long it lasts. Audio: always. Video: never (the next frame ends it). Subtitles: when known.
    pub duration: Option<Ticks90>,
    /// Decoding can begin here.
    pub key: bool,
    /// No other frame refers to it.
    pub discardable: bool,
    /// Shown before the key frame it follows in the stream, and refers to frames before that one:
    /// to be dropped where the frames before are not there.
    pub leading: bool,
    /// A subtitle whose every object is marked forced.
    pub forced: bool,
}

/// Number of the track that a stream is by itself.
pub const MAIN: u8 = 0;

/// Number of the track that a stream carries inside it for players that know no more: the AC-3 between the frames of
/// TrueHD, the core of DTS-HD.
pub const CORE: u8 = 1;

/// Number of the track of captions that pictures carry among them. They have no [`CORE`].
pub const CAPTIONS: u8 = 1;

/// A stretch of a track that is not there. Reported when the next frame is found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lost {
    /// As in [`Frame::track`].
    pub track: u8,
    /// End of the last good frame; `None` when there was none.
    pub from: Option<Ticks90>,
    /// Start of the next one; `None` when the stream ended before.
    pub until: Option<Ticks90>,
}
