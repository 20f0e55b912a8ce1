//! An output for tests: keeps everything.

use super::{Frame, Lost, Output, Splitter, Stamp};
use crate::base::time::Ticks90;

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Kept {
    pub(crate) track: u8,
    pub(crate) bytes: Vec<u8>,
    pub(crate) pts: i64,
    pub(crate) dts: Option<i64>,
    pub(crate) duration: Option<i64>,
    pub(crate) key: bool,
    pub(crate) discardable: bool,
    pub(crate) leading: bool,
    pub(crate) forced: bool,
}

#[derive(Default, PartialEq, Eq, Debug)]
pub(crate) struct Recorder {
    pub(crate) frames: Vec<Kept>,
    pub(crate) lost: Vec<Lost>,
    pub(crate) undecodable: Vec<Lost>,
}

impl Output for Recorder {
    fn frame(&mut self, f: Frame<'_>) {
        let mut bytes = Vec::new();
        f.payload.append_to(&mut bytes);
        assert_eq!(bytes.len(), f.payload.len());
        let Frame { track, key, discardable, leading, forced, .. } = f;
        let (pts, dts, duration) = (f.pts.0, f.dts.map(|dts| dts.0), f.duration.map(|duration| duration.0));
        self.frames.push(Kept { track, bytes, pts, dts, duration, key, discardable, leading, forced });
    }

    fn lost(&mut self, lost: Lost) {
        self.lost.push(lost);
    }

    fn undecodable(&mut self, skipped: Lost) {
        self.undecodable.push(skipped);
    }
}

/// Runs a bare elementary stream through a splitter, `packet` bytes to a packet, the first one stamped 0.
pub(crate) fn split(splitter: &mut dyn Splitter, data: &[u8], packet: usize) -> Recorder {
    let mut out = Recorder::default();
    for (i, chunk) in data.chunks(packet.max(1)).enumerate() {
        let pts = (i == 0).then_some(Ticks90::ZERO);
        splitter.start(Stamp { pts, dts: None }, None, &mut out);
        splitter.payload(chunk);
        splitter.end(&mut out);
    }
    splitter.finish(&mut out);
    out
}
