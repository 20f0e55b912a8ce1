//! Dolby Vision of profile 7: two streams made one.
//!
//! On disc the pictures for everybody (base layer) and what improves them (enhancement layer and metadata) are two
//! streams. In a file they are one: behind the units of a picture come those of its enhancement layer, each wrapped in
//! a unit of type 63, and last the metadata, a unit of type 62.

use std::collections::VecDeque;

use crate::base::time::Ticks90;
use crate::codec::dolby_vision::{DolbyVision, METADATA, WRAPPED};
use crate::codec::video::nal::hevc::HevcSplitter;
use crate::codec::{Enhancement, Frame, Lost, MAIN, Output, Payload, Splitter, Stamp, TrackFacts};

/// Unit types of HEVC.
const DELIMITER: u8 = 35;
const END_OF_SEQUENCE: u8 = 36;
const END_OF_STREAM: u8 = 37;
/// Header of a unit that wraps another: type 63, layer 0, temporal id 0.
const WRAPPER: [u8; 2] = [WRAPPED << 1, 1];

/// Pictures that may wait for their enhancement layer, or the other way round.
const MOST_WAITING: usize = 64;
/// How far apart the stamps of a picture and its addition may lie: those of another clip come by way of the title's clock, whose
/// parts start at ticks of 45 kHz.
const NEAR: Ticks90 = Ticks90(2);
/// How long a picture is shown where its stream does not say.
const SHOWN: Ticks90 = Ticks90(Ticks90::SECOND.0 / 24);
/// Bytes of them.
const MOST_BYTES: usize = 12 << 20;

/// A picture of the base layer that waits, its bytes as they go into a block, or a loss behind such.
#[derive(Debug)]
enum Waiting {
    Picture(Picture),
    Lost(Lost),
    Undecodable(Lost),
}

#[derive(Debug)]
struct Picture {
    bytes: Vec<u8>,
    /// Where units begin that must be the last ones.
    tail: usize,
    pts: Ticks90,
    dts: Option<Ticks90>,
    key: bool,
    discardable: bool,
    leading: bool,
}

/// What belongs to the picture of that time: wrapped units and metadata.
#[derive(Debug)]
struct Addition {
    bytes: Vec<u8>,
    pts: Ticks90,
    /// The first behind something that is missing.
    resumes: bool,
}

/// Splits HEVC whose enhancement layer is a stream of its own.
#[derive(Debug)]
pub struct LayeredSplitter {
    base: HevcSplitter,
    enhancement: HevcSplitter,
    pictures: VecDeque<Waiting>,
    additions: VecDeque<Addition>,
    /// Bytes of both.
    waiting: usize,
    /// Metadata was found.
    has_metadata: bool,
    /// Something of the enhancement layer is missing, and the pictures have not come to where it goes on.
    is_broken: bool,
    /// It has not gone on yet.
    is_lost: bool,
    facts: Option<TrackFacts>,
}

impl LayeredSplitter {
    /// A splitter at the start of both streams.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: HevcSplitter::new(),
            enhancement: HevcSplitter::new(),
            pictures: VecDeque::new(),
            additions: VecDeque::new(),
            waiting: 0,
            has_metadata: false,
            is_broken: false,
            is_lost: false,
            facts: None,
        }
    }

    /// Does something to the base layer.
    fn on_base(&mut self, out: &mut dyn Output, work: impl FnOnce(&mut HevcSplitter, &mut dyn Output)) {
        let mut found = Base { pictures: &mut self.pictures, waiting: &mut self.waiting };
        work(&mut self.base, &mut found);
        self.learn();
        self.join(out);
    }

    /// Does something to the enhancement layer.
    fn on_enhancement(&mut self, out: &mut dyn Output, work: impl FnOnce(&mut HevcSplitter, &mut dyn Output)) {
        let mut found = Layer {
            additions: &mut self.additions,
            waiting: &mut self.waiting,
            has_metadata: &mut self.has_metadata,
            is_lost: &mut self.is_lost,
        };
        work(&mut self.enhancement, &mut found);
        self.learn();
        self.join(out);
    }

    fn learn(&mut self) {
        let Some(base) = self.base.facts(MAIN) else { return };
        let mut facts = base.clone();
        if let Some(video) = facts.video.as_mut().filter(|_| self.has_metadata) {
            let size = (video.width, video.height);
            let rate = video.frame_rate.map(|rate| (rate.num, rate.den));
            video.dolby_vision = Some(DolbyVision::of(7, true, size, rate, video.colour.transfer));
        }
        if self.facts.as_ref() != Some(&facts) {
            self.facts = Some(facts);
        }
    }

    /// Gives out the pictures whose addition has come, or comes no more.
    fn join(&mut self, out: &mut dyn Output) {
        loop {
            let pts = match self.pictures.front() {
                None => break,
                Some(Waiting::Lost(_) | Waiting::Undecodable(_)) => {
                    self.give(None, out);
                    continue;
                }
                Some(Waiting::Picture(picture)) => picture.pts,
            };
            match self.additions.iter().position(|addition| addition.pts.distance(pts) <= NEAR) {
                Some(at) => {
                    // Those in front belong to pictures that are not there.
                    self.give_up(at);
                    let addition = self.additions.pop_front();
                    self.give(addition, out);
                }
                None if self.is_later() => self.give(None, out),
                None if self.is_crowded() => {
                    // Its addition comes too late, or not at all.
                    (self.is_broken, self.is_lost) = (true, true);
                    self.give(None, out);
                }
                None => break,
            }
        }
        let surplus = self.additions.len().saturating_sub(MOST_WAITING);
        if surplus > 0 {
            self.give_up(surplus);
            // Should their pictures come all the same, they lack them.
            self.is_broken = true;
            self.additions.front_mut().into_iter().for_each(|first| first.resumes = true);
        }
    }

    /// Gives up the first additions. Where the layer goes on behind something that is missing stays known.
    fn give_up(&mut self, count: usize) {
        let mut resumes = false;
        for orphan in self.additions.drain(..count) {
            self.waiting -= orphan.bytes.len();
            resumes |= orphan.resumes;
        }
        match self.additions.front_mut() {
            Some(first) => first.resumes |= resumes,
            None => self.is_lost |= resumes,
        }
    }

    /// Whether the first addition that came is of a later picture than the first.
    fn is_later(&self) -> bool {
        let first = self.additions.front().map(|addition| addition.pts);
        let is_later = |waiting: &Waiting| match waiting {
            Waiting::Picture(picture) => first.is_some_and(|first| picture.pts.distance(first) <= NEAR),
            Waiting::Lost(_) | Waiting::Undecodable(_) => false,
        };
        first.is_some() && self.pictures.iter().any(is_later)
    }

    /// Whether too much waits.
    fn is_crowded(&self) -> bool {
        self.pictures.len() > MOST_WAITING || self.waiting > MOST_BYTES
    }

    /// Gives out what is first, with its addition.
    fn give(&mut self, addition: Option<Addition>, out: &mut dyn Output) {
        if let Some(addition) = &addition {
            self.waiting -= addition.bytes.len();
        }
        match self.pictures.pop_front() {
            None => {}
            Some(Waiting::Lost(lost)) => out.lost(lost),
            Some(Waiting::Undecodable(skipped)) => out.undecodable(skipped),
            Some(Waiting::Picture(mut picture)) => {
                self.waiting -= picture.bytes.len();
                match addition {
                    Some(addition) => {
                        picture.bytes.splice(picture.tail..picture.tail, addition.bytes);
                        self.is_broken &= !addition.resumes;
                    }
                    // The picture is there all the same, but not as it should look.
                    None if self.is_broken => {
                        out.lost(Lost { track: MAIN, from: Some(picture.pts), until: Some(picture.pts + self.step()) })
                    }
                    None => {}
                }
                let Picture { bytes, pts, dts, key, discardable, leading, .. } = picture;
                out.frame(Frame {
                    track: MAIN,
                    payload: Payload::Bytes(&bytes),
                    pts,
                    dts,
                    duration: None,
                    key,
                    discardable,
                    leading,
                    forced: false,
                });
            }
        }
    }

    /// How long a picture is shown.
    fn step(&self) -> Ticks90 {
        let rate = self.facts.as_ref().and_then(|facts| facts.video.as_ref()?.frame_rate);
        rate.map_or(SHOWN, |rate| Ticks90::from_count(rate.den.into(), rate.num).max(Ticks90(1)))
    }

    /// Gives out everything that waits.
    fn flush(&mut self, out: &mut dyn Output) {
        self.join(out);
        while !self.pictures.is_empty() {
            self.give(None, out);
            self.join(out);
        }
        self.additions.clear();
        self.waiting = 0;
    }
}

impl Default for LayeredSplitter {
    fn default() -> Self {
        Self::new()
    }
}

impl Splitter for LayeredSplitter {
    fn start(&mut self, stamp: Stamp, extension: Option<u8>, out: &mut dyn Output) {
        self.on_base(out, |base, found| base.start(stamp, extension, found));
    }

    fn payload(&mut self, bytes: &[u8]) {
        self.base.payload(bytes);
    }

    fn end(&mut self, out: &mut dyn Output) {
        self.on_base(out, |base, found| base.end(found));
    }

    fn discontinuity(&mut self, out: &mut dyn Output) {
        self.on_base(out, |base, found| base.discontinuity(found));
    }

    fn finish(&mut self, out: &mut dyn Output) {
        self.on_enhancement(out, |layer, found| layer.finish(found));
        self.on_base(out, |base, found| base.finish(found));
        self.flush(out);
    }

    fn facts(&self, track: u8) -> Option<&TrackFacts> {
        self.facts.as_ref().filter(|_| track == MAIN)
    }

    fn memory(&self) -> usize {
        self.base.memory() + self.enhancement.memory() + self.waiting
    }

    fn enhancement(&mut self, event: Enhancement<'_>, out: &mut dyn Output) {
        match event {
            Enhancement::Start(stamp) => self.on_enhancement(out, |layer, found| layer.start(stamp, None, found)),
            Enhancement::Payload(bytes) => self.enhancement.payload(bytes),
            Enhancement::End => self.on_enhancement(out, |layer, found| layer.end(found)),
            Enhancement::Discontinuity => {
                self.on_enhancement(out, |layer, found| layer.discontinuity(found));
                (self.is_broken, self.is_lost) = (true, true);
            }
        }
    }
}

/// Takes the pictures of the base layer.
struct Base<'a> {
    pictures: &'a mut VecDeque<Waiting>,
    waiting: &'a mut usize,
}

impl Output for Base<'_> {
    fn frame(&mut self, frame: Frame<'_>) {
        let mut bytes = Vec::with_capacity(frame.payload.len());
        frame.payload.append_to(&mut bytes);
        let ends = units(frame.payload).rev().take_while(|unit| matches!(kind(unit), END_OF_SEQUENCE | END_OF_STREAM));
        let tail = bytes.len() - ends.map(|unit| 4 + unit.len()).sum::<usize>();
        *self.waiting += bytes.len();
        let Frame { pts, dts, key, discardable, leading, .. } = frame;
        self.pictures.push_back(Waiting::Picture(Picture { bytes, tail, pts, dts, key, discardable, leading }));
    }

    fn lost(&mut self, lost: Lost) {
        self.pictures.push_back(Waiting::Lost(lost));
    }

    fn undecodable(&mut self, skipped: Lost) {
        self.pictures.push_back(Waiting::Undecodable(skipped));
    }
}

/// Takes the pictures of the enhancement layer.
struct Layer<'a> {
    additions: &'a mut VecDeque<Addition>,
    waiting: &'a mut usize,
    has_metadata: &'a mut bool,
    is_lost: &'a mut bool,
}

impl Output for Layer<'_> {
    fn frame(&mut self, frame: Frame<'_>) {
        let mut bytes = Vec::with_capacity(frame.payload.len() + 64);
        let is_metadata = |unit: &&[u8]| kind(unit) == METADATA;
        for unit in units(frame.payload).filter(|unit| !matches!(kind(unit), DELIMITER | METADATA)) {
            bytes.extend(((unit.len() + WRAPPER.len()) as u32).to_be_bytes());
            bytes.extend(WRAPPER);
            bytes.extend_from_slice(unit);
        }
        for unit in units(frame.payload).filter(is_metadata) {
            *self.has_metadata = true;
            bytes.extend((unit.len() as u32).to_be_bytes());
            bytes.extend_from_slice(unit);
        }
        *self.waiting += bytes.len();
        let resumes = std::mem::take(self.is_lost);
        self.additions.push_back(Addition { bytes, pts: frame.pts, resumes });
    }

    /// The pictures are there all the same, in the base layer.
    fn lost(&mut self, _: Lost) {}

    fn undecodable(&mut self, _: Lost) {}
}

fn units(payload: Payload<'_>) -> impl DoubleEndedIterator<Item = &[u8]> {
    let (data, nals): (&[u8], &[(u32, u32)]) = match payload {
        Payload::Nals { data, nals, .. } => (&data[..], nals),
        Payload::Bytes(_) | Payload::Gathered(_) => (&[], &[]),
    };
    nals.iter().filter_map(|(from, to)| data.get(*from as usize..*to as usize))
}

fn kind(unit: &[u8]) -> u8 {
    unit.first().map_or(0, |byte| byte >> 1 & 0x3F)
}

#[cfg(test)]
#[path = "layers_tests.rs"]
mod tests;
