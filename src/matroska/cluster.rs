//! Clusters (RFC 9559, section 5.1.3): blocks gathered into one buffer, which is then written at once.

use super::ebml::{element_len, put_id, put_size, put_uint, size_field, size_width};
use super::ids;

/// A cluster takes no further block that would make it longer than this, in bytes.
pub const MAX_BYTES: usize = 5_000_000;

/// The most that two timestamps in a cluster lie apart, in milliseconds. Far below what the signed 16 bits
/// of a block's relative timestamp could hold.
pub const MAX_SPAN: u64 = 5_000;

/// Bytes of the Cluster's ID and size in front of its content, where relative positions count from.
const HEAD: usize = 12;

const FLAG_KEY: u8 = 0x80;
const FLAG_DISCARDABLE: u8 = 0x01;

/// A block to be put in a cluster.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    /// TrackNumber, from 1.
    pub track: u64,
    /// Milliseconds from the start of the film.
    pub timestamp: u64,
    /// How it is stored.
    pub style: Style,
    /// The frame, in the pieces it lies in.
    pub data: &'a [&'a [u8]],
}

/// How a block is stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// A SimpleBlock.
    Simple {
        /// Decoding can start here.
        key: bool,
        /// No other frame needs this one.
        discardable: bool,
    },
    /// A BlockGroup, with a BlockDuration in milliseconds if it is known.
    Group {
        /// How long the block lasts.
        duration: Option<u64>,
    },
    /// A BlockGroup whose BlockDuration is not known yet: room at the block's end is kept for it, as Void.
    OpenGroup,
}

/// Bytes that [`Style::OpenGroup`] keeps for the BlockDuration: ID, size, and a number of four bytes.
pub const OPEN_DURATION_BYTES: usize = 6;

/// Where a block went.
#[derive(Debug)]
pub struct Placed {
    /// The cluster that ended because of it, whole, without this block.
    pub finished: Option<Vec<u8>>,
    /// Bytes from the start of the new cluster's content to the block: its CueRelativePosition.
    pub relative: u64,
    /// Bytes from the start of the cluster to the end of the block.
    pub end: usize,
}

/// Timestamps in a cluster.
#[derive(Clone, Copy, Debug)]
struct Span {
    base: u64,
    least: u64,
    most: u64,
}

/// Builds one cluster after the other.
#[derive(Debug, Default)]
pub struct ClusterBuilder {
    arena: Vec<u8>,
    span: Option<Span>,
}

impl ClusterBuilder {
    /// Adds `block`. It opens a new cluster when `cut` asks for it, when the one under way would grow past
    /// [`MAX_BYTES`] or [`MAX_SPAN`], and when there is none; a block longer than `MAX_BYTES` gets one for itself.
    /// `spare` hands over an empty buffer for the new cluster in exchange for the finished one.
    pub fn push(&mut self, block: &Block<'_>, cut: bool, spare: impl FnOnce() -> Vec<u8>) -> Placed {
        let payload: usize = block.data.iter().map(|part| part.len()).sum();
        let fits = !cut && self.arena.len().saturating_add(payload) <= MAX_BYTES - 32;
        if let Some(offset) = self.offset(block.timestamp).filter(|_| fits) {
            let relative = self.append(block, offset, payload);
            return Placed { finished: None, relative, end: self.arena.len() };
        }
        let finished = self.take(spare);
        self.open(block.timestamp);
        let relative = self.append(block, 0, payload);
        Placed { finished, relative, end: self.arena.len() }
    }

    /// Puts bytes in the place of those that end at `end` of the cluster under way.
    pub fn overwrite(&mut self, end: usize, bytes: [u8; OPEN_DURATION_BYTES]) {
        if let Some(place) = end.checked_sub(OPEN_DURATION_BYTES).and_then(|start| self.arena.get_mut(start..end)) {
            place.copy_from_slice(&bytes);
        }
    }

    /// Ends the cluster under way, if there is one, and hands it over whole.
    pub fn take(&mut self, spare: impl FnOnce() -> Vec<u8>) -> Option<Vec<u8>> {
        self.span.take()?;
        let mut finished = std::mem::replace(&mut self.arena, spare());
        self.arena.clear();
        let size = size_field((finished.len() - HEAD) as u64);
        finished[HEAD - size.len()..HEAD].copy_from_slice(&size);
        Some(finished)
    }

    /// The timestamp relative to the cluster's, and the span widened for it; `None` when it lies too far away.
    fn offset(&mut self, timestamp: u64) -> Option<i16> {
        let span = self.span.as_mut()?;
        let (least, most) = (span.least.min(timestamp), span.most.max(timestamp));
        if most - least > MAX_SPAN {
            return None;
        }
        let distance = i16::try_from(timestamp.abs_diff(span.base)).ok()?;
        (span.least, span.most) = (least, most);
        Some(if timestamp < span.base { -distance } else { distance })
    }

    fn open(&mut self, timestamp: u64) {
        self.span = Some(Span { base: timestamp, least: timestamp, most: timestamp });
        self.arena.clear();
        self.arena.reserve(MAX_BYTES);
        put_id(&mut self.arena, ids::CLUSTER);
        self.arena.extend_from_slice(&size_field(0));
        put_uint(&mut self.arena, ids::TIMESTAMP, timestamp);
    }

    fn append(&mut self, block: &Block<'_>, offset: i16, payload: usize) -> u64 {
        let relative = self.arena.len() - HEAD;
        let content = size_width(block.track) + 3 + payload;
        match block.style {
            Style::Simple { key, discardable } => {
                let flags = if key { FLAG_KEY } else { 0 } | if discardable { FLAG_DISCARDABLE } else { 0 };
                self.append_block(ids::SIMPLE_BLOCK, block, offset, flags, content);
            }
            Style::Group { .. } | Style::OpenGroup => {
                let duration = match block.style {
                    Style::Group { duration } => duration.map(duration_element).unwrap_or_default(),
                    _ => open_duration().to_vec(),
                };
                put_id(&mut self.arena, ids::BLOCK_GROUP);
                put_size(&mut self.arena, (element_len(ids::BLOCK, content) + duration.len()) as u64);
                self.append_block(ids::BLOCK, block, offset, 0, content);
                self.arena.extend_from_slice(&duration);
            }
        }
        relative as u64
    }

    /// Block and SimpleBlock have the same layout (RFC 9559, section 10.1); `content` is its length.
    fn append_block(&mut self, id: u32, block: &Block<'_>, offset: i16, flags: u8, content: usize) {
        put_id(&mut self.arena, id);
        put_size(&mut self.arena, content as u64);
        put_size(&mut self.arena, block.track);
        self.arena.extend_from_slice(&offset.to_be_bytes());
        self.arena.push(flags);
        block.data.iter().for_each(|part| self.arena.extend_from_slice(part));
    }
}

fn duration_element(milliseconds: u64) -> Vec<u8> {
    let mut out = Vec::new();
    put_uint(&mut out, ids::BLOCK_DURATION, milliseconds);
    out
}

/// A Void as long as [`closed_duration`]: a block whose end never shows has no duration, rather than one of 0.
fn open_duration() -> [u8; OPEN_DURATION_BYTES] {
    [ids::VOID as u8, 0x84, 0, 0, 0, 0]
}

/// The BlockDuration that takes the place of the room kept for it.
pub(super) fn closed_duration(milliseconds: u32) -> [u8; OPEN_DURATION_BYTES] {
    let [a, b, c, d] = milliseconds.to_be_bytes();
    [ids::BLOCK_DURATION as u8, 0x84, a, b, c, d]
}

#[cfg(test)]
#[path = "cluster_tests.rs"]
mod tests;
