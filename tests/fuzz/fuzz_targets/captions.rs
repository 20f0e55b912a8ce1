//! Any bytes as the captions of pictures, by group and by picture, shown in any order: of each picture what it is (bit 0: by
//! picture; 1 and 2: how much later it is shown; 3: something is lost behind it), the length of its user data, and these.
#![no_main]

use freemkv::base::time::Ticks90;
use freemkv::codec::{self, CAPTIONS, Codec, Frame, Lost, MAIN, Output, Payload, Splitter, Stamp, TrackFacts};
use libfuzzer_sys::fuzz_target;

/// Gives out a picture for each packet: its user data.
#[derive(Default)]
struct Pictures {
    bytes: Vec<u8>,
    /// How many pictures later than its place it is shown.
    order: i64,
    count: i64,
}

impl Splitter for Pictures {
    fn start(&mut self, _: Stamp, _: Option<u8>, _: &mut dyn Output) {}
    fn payload(&mut self, bytes: &[u8]) {
        let [what, user_data @ ..] = bytes else { return };
        let head: &[u8] = if what & 1 == 0 { b"CC\x01\xF8" } else { b"GA94\x03" };
        self.bytes = [&[0, 0, 1, 0xB2], head, user_data].concat();
        self.order = i64::from(what >> 1 & 3);
    }
    fn end(&mut self, out: &mut dyn Output) {
        let order = self.order;
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
    let mut rest = data;
    while let [what, length, behind @ ..] = rest {
        let (user_data, behind) = behind.split_at(behind.len().min(usize::from(*length)));
        splitter.start(Stamp::default(), None, &mut out);
        splitter.payload(&[&[*what], user_data].concat());
        splitter.end(&mut out);
        if what & 8 != 0 {
            splitter.discontinuity(&mut out);
        }
        rest = behind;
    }
    splitter.finish(&mut out);
    assert!(splitter.memory() < 1 << 20);
});
