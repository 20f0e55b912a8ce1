//! The seam between a splitter and who takes its frames.

use super::arena::Stamp;
use super::facts::TrackFacts;
use super::frame::{Frame, Lost};
use crate::base::time::Ticks90;

/// Takes what a splitter finds.
pub trait Output {
    /// A frame is complete.
    fn frame(&mut self, frame: Frame<'_>);

    /// Frames are missing.
    fn lost(&mut self, lost: Lost);

    /// A track begins with frames, in the stretch `skipped`, that cannot be decoded: the first at which decoding can begin is
    /// behind them.
    fn undecodable(&mut self, skipped: Lost);
}

/// What comes of the stream that holds a track's enhancement layer, in the order of the calls of a [`Splitter`].
#[derive(Clone, Copy, Debug)]
pub enum Enhancement<'a> {
    /// A packet begins.
    Start(Stamp),
    /// Payload of the packet.
    Payload(&'a [u8]),
    /// The packet is complete.
    End,
    /// Bytes are missing here.
    Discontinuity,
}

/// Cuts one elementary stream into frames. Calls come in the order of the stream:
/// `start`, any number of `payload`, `end`; the next packet. How the payload is cut into slices does not matter.
pub trait Splitter: Send {
    /// A PES packet begins. `extension` is its `stream_id_extension`.
    fn start(&mut self, stamp: Stamp, extension: Option<u8>, out: &mut dyn Output);

    /// Payload of the packet.
    fn payload(&mut self, bytes: &[u8]);

    /// The packet is complete.
    fn end(&mut self, out: &mut dyn Output);

    /// Bytes are missing here: frames that were complete come out, the one under way is dropped, and the next is
    /// one at which decoding can resume.
    fn discontinuity(&mut self, out: &mut dyn Output);

    /// The stream is over: the last frames come out.
    fn finish(&mut self, out: &mut dyn Output);

    /// What is known of a track, [`MAIN`](super::MAIN) or [`CORE`](super::CORE); `None` until its parameters are proven,
    /// and for a track that the stream does not have.
    fn facts(&self, track: u8) -> Option<&TrackFacts>;

    /// Bytes of memory that what waits here takes; [`Splitter::discontinuity`] gives nearly all of it back.
    fn memory(&self) -> usize;

    /// Frames may be given out with the memory in which they were gathered, so that whoever keeps them need not copy them.
    /// It is bounded, but larger than what is kept.
    fn share(&mut self) {}

    /// Takes what comes of the stream with the track's enhancement layer. Only splitters of
    /// [`layered_splitter`](super::layered_splitter) do something with it.
    fn enhancement(&mut self, event: Enhancement<'_>, out: &mut dyn Output) {
        let _ = (event, out);
    }

    /// Start of a frame that is complete but waits to know how long it lasts (subtitles).
    fn waiting_since(&self) -> Option<Ticks90> {
        None
    }

    /// Gives the waiting frame out without its duration.
    fn release(&mut self, out: &mut dyn Output) {
        let _ = out;
    }
}
