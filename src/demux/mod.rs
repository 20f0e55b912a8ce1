//! Level 1: transport and program streams taken apart. Bytes in, elementary streams out; no I/O.
//!
//! [`m2ts::Demux`] walks packets and hands payload on as it lies in the caller's buffer; what becomes of it
//! (gathering into frames) is the business of the [`Sink`].

pub mod joint;
mod layout;
pub mod m2ts;
pub mod pes;
pub mod ps;
pub mod psi;
mod slot;
pub mod timestamp;
pub mod watch;

use std::ops::Range;

use pes::PesHead;

/// Takes what a demultiplexer finds. A slot is the number under which a stream was selected.
pub trait Sink {
    /// A PES packet of `slot` begins. One that is still open is complete without further notice
    /// ([`Sink::end`] is called before).
    fn start(&mut self, slot: u8, head: &PesHead);

    /// More payload of the packet last begun in `slot`.
    fn payload(&mut self, slot: u8, bytes: &[u8]);

    /// The packet of `slot` is complete.
    fn end(&mut self, slot: u8);

    /// Something of `slot` is missing. A packet that was open is void, and nothing comes for the slot
    /// until the next [`Sink::start`].
    fn lost(&mut self, slot: u8, loss: Loss);

    /// These bytes of the file are no packets; whose packets they were, [`Sink::lost`] tells later, of each slot that may
    /// lack some.
    fn gap(&mut self, _bytes: Range<u64>) {}
}

/// A place where bytes of a stream are missing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Loss {
    /// Byte in the file where the damage was noticed.
    pub position: u64,
    /// How it was noticed.
    pub kind: LossKind,
}

/// How missing bytes were noticed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LossKind {
    /// The continuity counter jumps.
    Continuity,
    /// The packet carries the transport error indicator.
    ErrorIndicator,
    /// The sync byte is not where it should be.
    Sync,
    /// The reader said that bytes are missing here.
    Hole,
    /// A PES header makes no sense, or the packet ends before its declared length.
    Packet,
    /// The payload is scrambled.
    Scrambled,
}
