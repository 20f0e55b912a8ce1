//! What takes the streams of a part apart, whichever kind of multiplex they lie in.

use crate::base::time::Ticks90;
use crate::demux::{Sink, m2ts, ps};
use crate::title::model::{Owner, Packets};
use crate::title::streams::StreamId;

/// A demultiplexer.
#[derive(Debug)]
pub(in crate::mux) enum Demux {
    Transport(m2ts::Demux),
    Program(Box<ps::Demux>),
}

impl Demux {
    /// For bytes that begin at `start` of a file. `owner` says which units of them are meant, where others lie between.
    pub(in crate::mux) fn new(packets: Packets, start: u64, owner: Option<Owner>) -> Self {
        match packets {
            Packets::Transport { layout, .. } => Self::Transport(m2ts::Demux::new(layout, start)),
            Packets::Program => {
                let mut demux = Box::new(ps::Demux::new(start));
                demux.own(owner);
                Self::Program(demux)
            }
        }
    }

    /// The same for one who wants to know of the heads of packets only.
    pub(in crate::mux) fn of_heads(packets: Packets, start: u64, owner: Option<Owner>) -> Self {
        match packets {
            Packets::Transport { layout, .. } => Self::Transport(m2ts::Demux::of_heads(layout, start)),
            Packets::Program => Self::new(packets, start, owner),
        }
    }

    /// Says where the clock that all streams share is.
    pub(in crate::mux) fn expect(&mut self, time: Ticks90) {
        match self {
            Self::Transport(demux) => demux.clock().expect(time),
            Self::Program(demux) => demux.clock().expect(time),
        }
    }

    /// Selects a stream and gives its slot.
    pub(in crate::mux) fn select(&mut self, stream: StreamId) -> Option<u8> {
        match self {
            Self::Transport(demux) => demux.select(stream.id),
            Self::Program(demux) => demux.select(u8::try_from(stream.id).ok()?, stream.sub_id),
        }
    }

    /// Takes the next bytes of the file.
    pub(in crate::mux) fn push<S: Sink + ?Sized>(&mut self, data: &[u8], sink: &mut S) {
        match self {
            Self::Transport(demux) => demux.push(data, sink),
            Self::Program(demux) => demux.push(data, sink),
        }
    }

    /// The bytes up to `position` are missing.
    pub(in crate::mux) fn hole<S: Sink + ?Sized>(&mut self, position: u64, sink: &mut S) {
        match self {
            Self::Transport(demux) => demux.hole(position, sink),
            Self::Program(demux) => demux.hole(position, sink),
        }
    }

    /// The stream goes on at `position` of the same or another file; of the bytes there, `owner` says which are meant.
    pub(in crate::mux) fn jump<S: Sink + ?Sized>(&mut self, position: u64, owner: Option<Owner>, sink: &mut S) {
        match self {
            Self::Transport(demux) => demux.jump(position, sink),
            Self::Program(demux) => {
                demux.jump(position, sink);
                demux.own(owner);
            }
        }
    }

    /// The file ends.
    pub(in crate::mux) fn finish<S: Sink + ?Sized>(&mut self, sink: &mut S) {
        match self {
            Self::Transport(demux) => demux.finish(sink),
            Self::Program(demux) => demux.finish(sink),
        }
    }

    /// Packets that are marked as scrambled.
    pub(in crate::mux) fn scrambled(&self) -> u64 {
        match self {
            Self::Transport(demux) => demux.scrambling().packets,
            Self::Program(demux) => demux.scrambled(),
        }
    }
}
