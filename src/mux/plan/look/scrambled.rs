//! Whether streams are encrypted, and whether packets lie where they should.

use super::super::super::MuxError;
use crate::demux::m2ts::Layout;
use crate::title::model::Packets;

/// Scrambled packets or units from which on they are no damage.
const EVIDENCE: u64 = 8;
/// Packets that are looked at together: those of an aligned unit of Blu-ray, which are encrypted together but for the
/// first 16 bytes.
const UNIT_PACKETS: usize = 32;
const SYNC: u8 = 0x47;

/// Whether scrambled packets are more than damage makes, a quarter of all, among `bytes` bytes of packets that lie
/// `stride` apart.
pub(in crate::mux) fn is_scrambled(packets: u64, bytes: u64, stride: u64) -> bool {
    packets >= EVIDENCE && packets.saturating_mul(4 * stride) > bytes
}

pub(in crate::mux) const MARKED: &str = "its packets are marked as scrambled";

pub(super) fn refuse_scrambled(path: &str, is_marked: bool, units: &Units) -> Result<(), MuxError> {
    let evidence = if is_marked {
        MARKED
    } else if units.scrambled >= EVIDENCE && units.scrambled * 2 > units.all {
        "sync bytes are missing inside its aligned units"
    } else {
        return Ok(());
    };
    Err(MuxError::Scrambled { path: path.to_owned(), evidence: evidence.to_owned() })
}

/// Packets in units of [`UNIT_PACKETS`], and units that are encrypted: their first packet has its sync byte and others lack
/// theirs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Units {
    /// How packets lie; `None` where they are none of a transport stream.
    layout: Option<Layout>,
    all: u64,
    scrambled: u64,
    /// Units whose packets have their sync byte where it should be, and those whose packets lie elsewhere.
    on_grid: u64,
    elsewhere: u64,
}

impl Units {
    pub(super) fn new(packets: Packets) -> Self {
        let layout = match packets {
            Packets::Transport { layout, .. } => Some(layout),
            Packets::Program => None,
        };
        Self { layout, all: 0, scrambled: 0, on_grid: 0, elsewhere: 0 }
    }

    pub(super) fn count(&mut self, offset: u64, bytes: &[u8]) {
        let Some(layout) = self.layout else { return };
        let (stride, sync_at) = (layout.stride(), layout.sync_at());
        let size = UNIT_PACKETS * stride;
        let first = (offset.next_multiple_of(size as u64) - offset) as usize;
        for unit in bytes.get(first..).unwrap_or_default().chunks_exact(size) {
            let mut syncs = unit.iter().skip(sync_at).step_by(stride).map(|b| *b == SYNC);
            let starts = syncs.next() == Some(true);
            let others = syncs.filter(|is_sync| *is_sync).count();
            // What the disc does not give is zero.
            let is_there = unit.iter().take(stride).any(|b| *b != 0);
            // Only Blu-ray encrypts units.
            let is_scrambled = layout == Layout::M2ts && starts && others < UNIT_PACKETS / 2;
            self.all += u64::from(is_there);
            let is_on_grid = others + usize::from(starts) > UNIT_PACKETS / 2;
            self.on_grid += u64::from(is_on_grid);
            // Garbage has no grid at all.
            let lies_at = |place: usize| unit.iter().skip(place).step_by(stride).filter(|b| **b == SYNC).count();
            self.elsewhere +=
                u64::from(!is_on_grid && is_there && (0..stride).any(|place| lies_at(place) >= UNIT_PACKETS - 1));
            self.scrambled += u64::from(is_scrambled);
        }
    }

    /// No more units lie off the grid than on it: where nothing can be read, or only garbage, nothing is known to be off.
    pub(super) fn are_on_grid(&self) -> bool {
        self.elsewhere <= self.on_grid
    }
}

#[cfg(test)]
#[path = "scrambled_tests.rs"]
mod tests;
