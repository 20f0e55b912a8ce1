//! Text subtitles of Blu-ray: dialog segments with their times, as they are or as plain text with line breaks.

use crate::base::time::Ticks90;
use crate::codec::arena::{Arena, Stamp};
use crate::codec::subtitle::textst_dialog::{self, Dialog};
use crate::codec::{Characters, Codec, Frame, Lost, MAIN, Output, Payload, Splitter, TrackFacts};

/// Sets the look of all that follows; comes first.
const STYLE: u8 = 0x81;
/// Text, from when until when.
const DIALOG: u8 = 0x82;
const HEAD: usize = 3;
/// Time stamps inside segments have 33 bits.
const WRAP: i64 = 1 << 33;

/// Splits text subtitles.
#[derive(Debug)]
pub struct TextStSplitter {
    /// `None`: segments stay as they are.
    characters: Option<Characters>,
    arena: Arena,
    cursor: u64,
    /// The last time stamp of a packet, by which those of segments are unwrapped.
    near: Option<Ticks90>,
    text: String,
    facts: Option<TrackFacts>,
    end: Option<Ticks90>,
    lost: bool,
}

impl TextStSplitter {
    /// A splitter whose frames are dialog segments as the disc has them, the style segment being the private data.
    #[must_use]
    pub fn segments() -> Self {
        Self::new(None)
    }

    /// A splitter whose frames are text in UTF-8; on the disc it has these characters.
    #[must_use]
    pub fn text(characters: Characters) -> Self {
        Self::new(Some(characters))
    }

    fn new(characters: Option<Characters>) -> Self {
        Self {
            characters,
            arena: Arena::default(),
            cursor: 0,
            near: None,
            text: String::new(),
            facts: None,
            end: None,
            lost: false,
        }
    }

    fn run(&mut self, out: &mut dyn Output) {
        loop {
            let data = self.arena.from(self.cursor);
            let Some(&[kind, high, low]) = data.first_chunk::<HEAD>() else { break };
            let size = HEAD + usize::from(u16::from_be_bytes([high, low]));
            if !matches!(kind, STYLE | DIALOG) {
                // No segment: the rest of the packet is foreign.
                self.drop_partial();
                break;
            }
            if data.len() < size {
                break;
            }
            self.near = self.arena.take_stamp(self.cursor).pts.or(self.near);
            if kind == STYLE {
                self.learn(size);
            } else {
                self.dialog(size, out);
            }
            self.cursor += size as u64;
        }
        self.arena.release(self.cursor);
    }

    /// The style segment at the cursor: the first one is what a container keeps.
    fn learn(&mut self, size: usize) {
        let style = self.arena.range(self.cursor, self.cursor + size as u64);
        let (codec, private) = match self.characters {
            None => (Codec::TextSt, style.to_vec()),
            Some(_) => (Codec::Text(Characters::Utf8), Vec::new()),
        };
        self.facts.get_or_insert(TrackFacts { codec, private, video: None, audio: None, subtitle: None });
    }

    /// The dialog segment at the cursor.
    fn dialog(&mut self, size: usize, out: &mut dyn Output) {
        let segment = self.arena.range(self.cursor, self.cursor + size as u64);
        let dialog = segment.get(HEAD..).and_then(|body| textst_dialog::parse(body).ok());
        let (Some(Dialog { start, end, forced, regions }), Some(near)) = (dialog, self.near) else {
            self.lost = true;
            return;
        };
        let pts = near + nearest(start - near.0.rem_euclid(WRAP));
        let duration = nearest(end - start).max(Ticks90::ZERO);
        let payload = match self.characters {
            None => segment,
            Some(characters) => {
                self.text.clear();
                textst_dialog::write(&regions, characters, &mut self.text);
                self.text.as_bytes()
            }
        };
        if self.facts.is_none() || payload.is_empty() {
            return;
        }
        if std::mem::take(&mut self.lost) {
            out.lost(Lost { track: MAIN, from: self.end, until: Some(pts) });
        }
        self.end = Some(pts + duration);
        out.frame(Frame {
            track: MAIN,
            payload: Payload::Bytes(payload),
            pts,
            dts: None,
            duration: Some(duration),
            key: true,
            discardable: false,
            leading: false,
            forced,
        });
    }

    fn drop_partial(&mut self) {
        self.arena.clear();
        self.cursor = self.arena.start();
        self.lost = true;
    }
}

/// A difference of two time stamps of 33 bits, the smaller way round.
fn nearest(ticks: i64) -> Ticks90 {
    Ticks90((ticks + WRAP / 2).rem_euclid(WRAP) - WRAP / 2)
}

impl Splitter for TextStSplitter {
    fn start(&mut self, stamp: Stamp, _extension: Option<u8>, _out: &mut dyn Output) {
        self.arena.stamp(stamp);
    }

    fn payload(&mut self, bytes: &[u8]) {
        if !self.arena.extend(bytes) {
            self.drop_partial();
        }
    }

    fn end(&mut self, out: &mut dyn Output) {
        self.run(out);
    }

    fn discontinuity(&mut self, out: &mut dyn Output) {
        self.run(out);
        self.drop_partial();
    }

    fn finish(&mut self, out: &mut dyn Output) {
        self.run(out);
        if std::mem::take(&mut self.lost) {
            out.lost(Lost { track: MAIN, from: self.end, until: None });
        }
    }

    fn memory(&self) -> usize {
        self.arena.memory() + self.text.capacity()
    }

    fn facts(&self, track: u8) -> Option<&TrackFacts> {
        self.facts.as_ref().filter(|_| track == MAIN)
    }
}

#[cfg(test)]
#[path = "textst_tests.rs"]
mod tests;
