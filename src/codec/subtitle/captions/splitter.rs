//! A splitter of pictures that gives out their captions too, as text.

use std::collections::{BTreeMap, VecDeque};

use super::timing::Texts;
use super::user_data::{self, Carrier, Field, Pair, Scope};
use crate::base::time::Ticks90;
use crate::codec::{
    CAPTIONS, Characters, Codec, Enhancement, Frame, Lost, MAIN, Output, Payload, Splitter, Stamp, TrackFacts,
};

/// Pictures that may wait for those shown before them; no stream reorders more.
const MOST_WAITING: usize = 32;
/// Groups whose pairs may wait for their first picture.
const MOST_GROUPS: usize = 8;
/// Ticks of a frame: at 25 a second, and at 30000/1001, as line 21 goes.
const TICKS_OF_25: Ticks90 = Ticks90(3600);
const TICKS_OF_30: Ticks90 = Ticks90(3003);

/// Gives out what a splitter of pictures does, as [`MAIN`], and the first channel of their captions, as [`CAPTIONS`]. A text
/// is shown from its time on until the next one; an empty one shows nothing.
pub struct Captioned {
    pictures: Box<dyn Splitter>,
    line: Line,
    facts: TrackFacts,
}

impl Captioned {
    /// `pictures` splits a stream of this codec, one of those that [`Captioned::reads`].
    #[must_use]
    pub fn new(codec: Codec, pictures: Box<dyn Splitter>) -> Self {
        let carrier = match codec {
            Codec::Avc => Carrier::Avc,
            Codec::Hevc => Carrier::Hevc,
            _ => Carrier::Mpeg,
        };
        Self { pictures, line: Line::new(carrier), facts: TrackFacts::of_name(Codec::Text(Characters::Utf8)) }
    }

    /// Whether pictures of this codec may have captions that are known here.
    #[must_use]
    pub fn reads(codec: Codec) -> bool {
        matches!(codec, Codec::Mpeg1Video | Codec::Mpeg2Video | Codec::Avc | Codec::Hevc)
    }
}

impl Splitter for Captioned {
    fn start(&mut self, stamp: Stamp, extension: Option<u8>, out: &mut dyn Output) {
        self.pictures.start(stamp, extension, &mut Tap { line: &mut self.line, out });
    }

    fn payload(&mut self, bytes: &[u8]) {
        self.pictures.payload(bytes);
    }

    fn end(&mut self, out: &mut dyn Output) {
        self.pictures.end(&mut Tap { line: &mut self.line, out });
        if let Some(rate) = self.pictures.facts(MAIN).and_then(|facts| facts.video.as_ref()?.frame_rate) {
            let is_of_25 = rate.num % 25 == 0 && rate.den == 1;
            self.line.step = if is_of_25 { TICKS_OF_25 } else { TICKS_OF_30 };
        }
    }

    fn discontinuity(&mut self, out: &mut dyn Output) {
        self.pictures.discontinuity(&mut Tap { line: &mut self.line, out });
        self.line.finish(true, out);
    }

    fn finish(&mut self, out: &mut dyn Output) {
        self.pictures.finish(&mut Tap { line: &mut self.line, out });
        self.line.finish(false, out);
    }

    fn facts(&self, track: u8) -> Option<&TrackFacts> {
        if track == CAPTIONS { Some(&self.facts) } else { self.pictures.facts(track) }
    }

    fn memory(&self) -> usize {
        self.pictures.memory() + self.line.memory()
    }

    fn enhancement(&mut self, event: Enhancement<'_>, out: &mut dyn Output) {
        self.pictures.enhancement(event, &mut Tap { line: &mut self.line, out });
    }
}

/// Looks at pictures as they come out.
struct Tap<'a> {
    line: &'a mut Line,
    out: &'a mut dyn Output,
}

impl Output for Tap<'_> {
    fn frame(&mut self, frame: Frame<'_>) {
        self.out.frame(frame);
        if frame.track == MAIN {
            self.line.picture(&frame, self.out);
        }
    }

    fn lost(&mut self, lost: Lost) {
        self.out.lost(lost);
        if lost.track == MAIN {
            self.out.lost(Lost { track: CAPTIONS, ..lost });
        }
    }

    fn undecodable(&mut self, skipped: Lost) {
        self.out.undecodable(skipped);
    }
}

/// A picture that waits for its turn to be shown.
#[derive(Debug)]
struct Waiting {
    group: u64,
    pairs: Vec<Pair>,
}

/// Line 21 of pictures, in the order in which they are shown.
#[derive(Debug)]
struct Line {
    carrier: Carrier,
    /// How pairs come; the first kind of a stream that comes counts.
    scope: Option<Scope>,
    step: Ticks90,
    waiting: BTreeMap<(Ticks90, u64), Waiting>,
    pictures: u64,
    /// The number of the group under way, and the pairs of groups of which no picture was shown yet.
    group: u64,
    groups: VecDeque<(u64, Vec<Pair>)>,
    texts: Texts,
    /// End of the last picture shown.
    end: Option<Ticks90>,
    text: String,
}

impl Line {
    fn new(carrier: Carrier) -> Self {
        Self {
            carrier,
            scope: None,
            step: TICKS_OF_30,
            waiting: BTreeMap::new(),
            pictures: 0,
            group: 0,
            groups: VecDeque::new(),
            texts: Texts::default(),
            end: None,
            text: String::new(),
        }
    }

    /// Takes a picture in the order of decoding.
    fn picture(&mut self, frame: &Frame<'_>, out: &mut dyn Output) {
        let found = user_data::of_picture(self.carrier, &frame.payload);
        let found = found.filter(|(scope, _)| *self.scope.get_or_insert(*scope) == *scope);
        let mut pairs = Vec::new();
        match found {
            Some((Scope::Picture, own)) => pairs = own,
            Some((Scope::Group, all)) => {
                self.group += 1;
                self.groups.push_back((self.group, all));
                if self.groups.len() > MOST_GROUPS {
                    self.groups.pop_front();
                }
            }
            // A group without pairs is one too.
            None if frame.key => self.group += 1,
            None => {}
        }
        self.waiting.insert((frame.pts, self.pictures), Waiting { group: self.group, pairs });
        self.pictures += 1;
        // What is decoded later is not shown before this one is decoded.
        self.show_until(frame.dts.unwrap_or(Ticks90::MIN));
        while self.waiting.len() > MOST_WAITING {
            self.show_first();
        }
        self.drain(out);
    }

    /// The stream ends, or bytes of it are missing.
    fn finish(&mut self, is_lost: bool, out: &mut dyn Output) {
        while !self.waiting.is_empty() {
            self.show_first();
        }
        self.groups.clear();
        if let Some(end) = self.end {
            self.texts.end(end, is_lost);
        }
        self.drain(out);
    }

    fn show_until(&mut self, time: Ticks90) {
        while self.waiting.first_key_value().is_some_and(|((pts, _), _)| *pts <= time) {
            self.show_first();
        }
    }

    fn show_first(&mut self) {
        let Some(((pts, _), Waiting { group, pairs })) = self.waiting.pop_first() else { return };
        if self.end.is_none() {
            self.texts.begin(pts);
        }
        self.texts.reach(pts);
        self.line(pts, &pairs);
        while self.groups.front().is_some_and(|(number, _)| *number <= group) {
            if let Some((_, pairs)) = self.groups.pop_front().filter(|(number, _)| *number == group) {
                self.line(pts, &pairs);
            }
        }
        self.end = self.end.max(Some(pts + self.step));
    }

    /// Pairs of frames from `time` on.
    fn line(&mut self, time: Ticks90, pairs: &[Pair]) {
        let of_first = pairs.iter().filter(|pair| pair.field == Field::First);
        for (frame, pair) in (0..).zip(of_first) {
            self.texts.pair(time + self.step.times(frame), pair.bytes);
        }
    }

    fn drain(&mut self, out: &mut dyn Output) {
        while let Some(text) = self.texts.next() {
            self.text = text.text;
            self.give(text.from, out);
        }
    }

    fn give(&self, pts: Ticks90, out: &mut dyn Output) {
        out.frame(Frame {
            track: CAPTIONS,
            payload: Payload::Bytes(self.text.as_bytes()),
            pts,
            dts: None,
            duration: None,
            key: true,
            discardable: false,
            leading: false,
            forced: false,
        });
    }

    fn memory(&self) -> usize {
        let waiting: usize = self.waiting.values().map(|w| size_of::<Waiting>() + 32 + w.pairs.capacity() * 3).sum();
        waiting + self.groups.iter().map(|(_, pairs)| 32 + pairs.capacity() * 3).sum::<usize>()
    }
}

#[cfg(test)]
#[path = "tests/splitter.rs"]
mod tests;
