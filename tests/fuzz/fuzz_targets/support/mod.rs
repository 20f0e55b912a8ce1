//! Feeds bytes to a splitter, cut and holed as the bytes themselves say.

use freemkv::base::time::Ticks90;
use freemkv::codec::{self, Codec, Frame, Lost, Output, Stamp};

/// What was given out.
#[derive(Default)]
struct Counter {
    bytes: usize,
    keys: usize,
}

impl Output for Counter {
    fn frame(&mut self, frame: Frame<'_>) {
        let mut bytes = Vec::new();
        frame.payload.append_to(&mut bytes);
        assert_eq!(bytes.len(), frame.payload.len());
        self.bytes += bytes.len();
        self.keys += usize::from(frame.key);
    }

    fn lost(&mut self, _: Lost) {}

    fn undecodable(&mut self, _: Lost) {}
}

pub fn split(codec: Codec, data: &[u8]) {
    let Some(mut splitter) = codec::splitter(codec) else { return };
    let mut out = Counter::default();
    let (control, data) = data.split_at(data.len().min(4));
    let cut = 1 + control.iter().fold(0, |a, b| a * 7 + usize::from(*b)) % 5000;
    for (i, chunk) in data.chunks(cut).enumerate() {
        let pts = (i % 3 == 0).then_some(Ticks90(i as i64 * 3000));
        splitter.start(Stamp { pts, dts: None }, None, &mut out);
        splitter.payload(chunk);
        match control.first() {
            Some(n) if i % 16 == usize::from(*n) => splitter.discontinuity(&mut out),
            _ => splitter.end(&mut out),
        }
    }
    splitter.release(&mut out);
    splitter.finish(&mut out);
    // More bytes than its stream has a frame only by lengths of NAL units, and by parameter sets, which decoding begins with.
    assert!(out.bytes <= (data.len() * 4 + 4) * (1 + out.keys));
}
