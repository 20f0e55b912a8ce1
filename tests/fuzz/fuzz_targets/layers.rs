#![no_main]

//! Packets of both layers of Dolby Vision in any order, with holes in either.

use freemkv::base::time::Ticks90;
use freemkv::codec::{self, Codec, Enhancement, Frame, Lost, Output, Stamp};

struct Counter(usize);

impl Output for Counter {
    fn frame(&mut self, frame: Frame<'_>) {
        self.0 += frame.payload.len();
    }

    fn lost(&mut self, _: Lost) {}

    fn undecodable(&mut self, _: Lost) {}
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some(mut splitter) = codec::layered_splitter(Codec::Hevc) else { return };
    let mut out = Counter(0);
    let mut rest = data;
    // What comes next, when it is shown, and how many bytes it has.
    while let Some((&[what, time, high, low], body)) = rest.split_first_chunk() {
        let (packet, behind) = body.split_at(usize::from(u16::from_be_bytes([high, low])).min(body.len()));
        let stamp = Stamp { pts: Some(Ticks90(i64::from(time) * 3750)), dts: None };
        match what & 7 {
            0 => splitter.discontinuity(&mut out),
            1 => splitter.enhancement(Enhancement::Discontinuity, &mut out),
            2..=4 => {
                splitter.start(stamp, None, &mut out);
                splitter.payload(packet);
                splitter.end(&mut out);
            }
            _ => {
                splitter.enhancement(Enhancement::Start(stamp), &mut out);
                splitter.enhancement(Enhancement::Payload(packet), &mut out);
                splitter.enhancement(Enhancement::End, &mut out);
            }
        }
        rest = behind;
    }
    splitter.finish(&mut out);
});
