//! The clocks of a clip (`STC sequence`), and the packets that they lie on.

use crate::base::time::Ticks45;

/// Bytes of a source packet: a transport packet and its arrival time.
pub const SOURCE_PACKET_BYTES: u64 = 192;

/// A stretch of the clip on one clock (`STC sequence`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StcSequence {
    /// What play items call it.
    pub stc_id: u8,
    /// PID of the clock references.
    pub pcr_pid: u16,
    /// First source packet.
    pub first_packet: u32,
    /// One past its last source packet: where the next sequence starts, or the clip ends.
    pub end_packet: u32,
    /// When the first picture or sound is presented.
    pub start: Ticks45,
    /// When the last one ends.
    pub end: Ticks45,
}
