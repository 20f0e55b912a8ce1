//! Any bytes as the captions of pictures, by group and by picture, shown in any order.
#![no_main]

use freemkv::base::time::Ticks90;
use freemkv::codec::{self, CAPTIONS, Codec, Frame, Lost, MAIN, Output, Payload, Splitter, Stamp, TrackFacts};
use libfuzzer_sys::fuzz_target;

/// Gives out a picture for each packet: its user data.
#[derive(Default)]
struct Pictures {
    bytes: Vec<u8>,
    count: i64,
}

impl Splitter for Pictures {
    fn start(&mut self, _: Stamp, _: Option<u8>, _: &mut dyn Output) {}
    fn payload(&mut self, bytes: &[u8]) {
        let head: &[u8] =
            if bytes.first().is_some_and(|first| first % 2 == 0) { b"CC\x01\xF8\xFF" } else { b"GA94\x03\x5F\xFF" };
        self.bytes = [&[0, 0, 1, 0xB2], head, bytes].concat();
    }
    fn end(&mut self, out: &mut dyn Output) {
        let order = self.bytes.last().map_or(0, |last| i64::from(last % 4));
        self.count += 1;
        out.frame(Frame {
            track: MAIN,
            payload: Payload::Bytes(&self.bytes),
            pts: Ticks90((self.count + order) * 3003),
            dts: (order < 3).then_some(Ticks90(self.count * 3003)),
            duration: None,
            key: order == 0,
            discardable: false,
            leading: false,
            forced: false,
        });
    }
    fn discontinuity(&mut self, out: &mut dyn Output) {
        out.lost(Lost { track: MAIN, from: None, until: None });
    }
    fn finish(&mut self, _: &mut dyn Output) {}
    fn facts(&self, _: u8) -> Option<&TrackFacts> {
        None
    }
    fn memory(&self) -> usize {
        0
    }
}

/// Holds texts to what a film needs of them.
#[derive(Default)]
struct Texts {
    last: Option<Ticks90>,
}

impl Output for Texts {
    fn frame(&mut self, frame: Frame<'_>) {
        if frame.track == CAPTIONS {
            let mut bytes = Vec::new();
            frame.payload.append_to(&mut bytes);
            let text = std::str::from_utf8(&bytes).expect("text is UTF-8");
            assert!(text.lines().count() <= 15 && text.chars().count() <= 15 * 33);
            assert!(self.last.is_none_or(|last| last <= frame.pts), "texts come in order");
            self.last = Some(frame.pts);
        }
    }
    fn lost(&mut self, _: Lost) {}

    fn undecodable(&mut self, _: Lost) {}
}

fuzz_target!(|data: &[u8]| {
    let mut splitter = codec::captioned(Codec::Mpeg2Video, Box::new(Pictures::default()));
    let mut out = Texts::default();
    for (n, packet) in data.chunks(48).enumerate() {
        splitter.start(Stamp::default(), None, &mut out);
        splitter.payload(packet);
        splitter.end(&mut out);
        if n % 97 == 96 {
            splitter.discontinuity(&mut out);
        }
    }
    splitter.finish(&mut out);
    assert!(splitter.memory() < 1 << 20);
});
