//! Clusters (RFC 9559, section 5.1.3): blocks gathered until it is known how long all of them are.

use bytes::Bytes;

use crate::codec::Piece;
use crate::matroska::ebml::{element_len, put_id, put_size, put_uint, size_field, size_width};
use crate::matroska::ids;

/// A cluster takes no further block that would make it longer than this, in bytes.
pub const MAX_BYTES: usize = 5_000_000;

/// The most that two timestamps in a cluster lie apart, in milliseconds. Far below what the signed 16 bits
/// of a block's relative timestamp could hold.
pub const MAX_SPAN: u64 = 5_000;

/// Bytes of the Cluster's ID and size in front of its content, where relative positions count from.
const HEAD: usize = 12;

/// Shared pieces shorter than this are copied.
const LEAST_SHARED: usize = 2048;

const FLAG_KEY: u8 = 0x80;
const FLAG_INVISIBLE: u8 = 0x08;
const FLAG_DISCARDABLE: u8 = 0x01;

/// A whole cluster, or other bytes of the file: bytes of its own, and shared ones between them.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Cluster {
    own: Vec<u8>,
    /// In front of which of its own bytes shared ones stand, ascending, and these.
    shared: Vec<(usize, Bytes)>,
    /// Bytes of all that is shared.
    shared_bytes: usize,
}

impl Cluster {
    /// Its length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.own.len() + self.shared_bytes
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its bytes, in order.
    pub fn slices(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.shared.iter().map(|(at, _)| *at));
        let ends = self.shared.iter().map(|(at, _)| *at).chain([self.own.len()]);
        let own = starts.zip(ends).map(|(from, to)| self.own.get(from..to).unwrap_or_default());
        let shared = self.shared.iter().map(|(_, bytes)| &bytes[..]).chain([&[][..]]);
        own.zip(shared).flat_map(|(own, shared)| [own, shared]).filter(|slice| !slice.is_empty())
    }

    /// Its bytes in one piece.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        let mut all = Vec::with_capacity(self.len());
        self.slices().for_each(|slice| all.extend_from_slice(slice));
        all
    }

    /// Puts bytes that are its own in the place of those that end at `end`; shared ones stay as they are.
    pub fn overwrite(&mut self, end: usize, bytes: &[u8]) {
        let is_before = |skipped: &mut usize, (at, shared): &(usize, Bytes)| {
            let is_before = *at + *skipped + shared.len() <= end;
            *skipped += if is_before { shared.len() } else { 0 };
            is_before.then_some(*skipped)
        };
        let skipped = self.shared.iter().scan(0, is_before).last().unwrap_or(0);
        let range = end.checked_sub(skipped).and_then(|end| Some(end.checked_sub(bytes.len())?..end));
        if let Some(place) = range.and_then(|range| self.own.get_mut(range)) {
            place.copy_from_slice(bytes);
        }
    }

    /// Gives up room that it does not need.
    pub fn shrink(&mut self) {
        self.own.shrink_to_fit();
        self.shared.shrink_to_fit();
    }

    /// Bytes of memory for what is its own.
    pub(in crate::matroska) fn room(&self) -> usize {
        self.own.capacity()
    }

    /// Gives up its bytes, but not the room for its own.
    pub fn clear(&mut self) {
        self.own.clear();
        self.shared.clear();
        self.shared_bytes = 0;
    }

    fn append(&mut self, piece: Piece<'_>) {
        let bytes = piece.bytes();
        match piece {
            Piece::Shared(all, from, to) if bytes.len() >= LEAST_SHARED => {
                self.shared.push((self.own.len(), all.slice(from as usize..to as usize)));
                self.shared_bytes += bytes.len();
            }
            _ => self.own.extend_from_slice(bytes),
        }
    }
}

impl From<Vec<u8>> for Cluster {
    fn from(own: Vec<u8>) -> Self {
        Self { own, ..Self::default() }
    }
}

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
    pub data: &'a [Piece<'a>],
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
        /// Decoded for others that need it, and not shown.
        invisible: bool,
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
    pub finished: Option<Cluster>,
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
    under_way: Cluster,
    span: Option<Span>,
}

impl ClusterBuilder {
    /// Adds `block`. It opens a new cluster when `cut` asks for it, when the one under way would grow past
    /// [`MAX_BYTES`] or [`MAX_SPAN`], and when there is none; a block longer than `MAX_BYTES` gets one for itself.
    /// `spare` hands over room for the new cluster in exchange for the finished one.
    pub fn push(&mut self, block: &Block<'_>, cut: bool, spare: impl FnOnce() -> Cluster) -> Placed {
        let payload: usize = block.data.iter().map(|piece| piece.bytes().len()).sum();
        let fits = !cut && self.under_way.len().saturating_add(payload) <= MAX_BYTES - 32;
        if let Some(offset) = self.offset(block.timestamp).filter(|_| fits) {
            let relative = self.append(block, offset, payload);
            return Placed { finished: None, relative, end: self.under_way.len() };
        }
        let finished = self.take(spare);
        self.open(block.timestamp);
        let relative = self.append(block, 0, payload);
        Placed { finished, relative, end: self.under_way.len() }
    }

    /// Puts bytes in the place of those that end at `end` of the cluster under way.
    pub fn overwrite(&mut self, end: usize, bytes: [u8; OPEN_DURATION_BYTES]) {
        self.under_way.overwrite(end, &bytes);
    }

    /// Ends the cluster under way, if there is one, and hands it over whole.
    pub fn take(&mut self, spare: impl FnOnce() -> Cluster) -> Option<Cluster> {
        self.span.take()?;
        let mut finished = std::mem::replace(&mut self.under_way, spare());
        let size = size_field((finished.len() - HEAD) as u64);
        finished.own[HEAD - size.len()..HEAD].copy_from_slice(&size);
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
        self.under_way.clear();
        let own = &mut self.under_way.own;
        put_id(own, ids::CLUSTER);
        own.extend_from_slice(&size_field(0));
        put_uint(own, ids::TIMESTAMP, timestamp);
    }

    fn append(&mut self, block: &Block<'_>, offset: i16, payload: usize) -> u64 {
        let relative = self.under_way.len() - HEAD;
        let content = size_width(block.track) + 3 + payload;
        match block.style {
            Style::Simple { key, discardable, invisible } => {
                let flags = [(key, FLAG_KEY), (invisible, FLAG_INVISIBLE), (discardable, FLAG_DISCARDABLE)];
                let flags = flags.iter().filter(|(is_set, _)| *is_set).fold(0, |all, (_, flag)| all | flag);
                self.append_block(ids::SIMPLE_BLOCK, block, offset, flags, content);
            }
            Style::Group { .. } | Style::OpenGroup => {
                let duration = match block.style {
                    Style::Group { duration } => duration.map(duration_element).unwrap_or_default(),
                    _ => open_duration().to_vec(),
                };
                let own = &mut self.under_way.own;
                put_id(own, ids::BLOCK_GROUP);
                put_size(own, (element_len(ids::BLOCK, content) + duration.len()) as u64);
                self.append_block(ids::BLOCK, block, offset, 0, content);
                self.under_way.own.extend_from_slice(&duration);
            }
        }
        relative as u64
    }

    /// Block and SimpleBlock have the same layout (RFC 9559, section 10.1); `content` is its length.
    fn append_block(&mut self, id: u32, block: &Block<'_>, offset: i16, flags: u8, content: usize) {
        let own = &mut self.under_way.own;
        put_id(own, id);
        put_size(own, content as u64);
        put_size(own, block.track);
        own.extend_from_slice(&offset.to_be_bytes());
        own.push(flags);
        block.data.iter().for_each(|piece| self.under_way.append(*piece));
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
pub(in crate::matroska) fn closed_duration(milliseconds: u32) -> [u8; OPEN_DURATION_BYTES] {
    let [a, b, c, d] = milliseconds.to_be_bytes();
    [ids::BLOCK_DURATION as u8, 0x84, a, b, c, d]
}

#[cfg(test)]
#[path = "cluster_tests.rs"]
mod tests;
