//! Byte streams of NAL units (H.264 and H.265 annex B) cut into frames. What a unit means is the [`Syntax`]'s.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::base::time::Ticks90;
use crate::codec::arena::{Arena, Stamp};
use crate::codec::video::nal::early::{self, Early};
use crate::codec::video::nal::order::OrderClock;
use crate::codec::video::nal::pace::Pace;
use crate::codec::video::nal::syntax::{Look, Picture, Syntax};
use crate::codec::{Lost, MAIN, Output, Payload, Rational, Splitter, TrackFacts};

static START_CODE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(&[0, 0, 1]));

/// More units than any picture has; a stream with more is no video.
const MOST_NALS: usize = 1 << 16;
/// Start codes that are looked for at once: a packet may consist of nothing else.
const CODES: usize = 1024;

/// Splits a NAL unit stream.
#[derive(Debug)]
pub(crate) struct AnnexB<S> {
    arena: Arena,
    syntax: S,
    /// Start codes were looked for up to here.
    scanned: u64,
    found: Vec<u64>,
    /// Start code and first byte of the unit that has no end yet.
    open: Option<(u64, u64)>,
    /// Units of the frame under way, and of the next one from `split` on.
    nals: Vec<(u64, u64)>,
    split: Option<usize>,
    picture: Option<Picture>,
    /// Parameter sets that the frame under way lacks, each with its length in front.
    missing: Vec<u8>,
    stamp: Stamp,
    /// Stamp of the access unit that begins at `split`.
    next_stamp: Stamp,
    ranges: Vec<(u32, u32)>,
    /// Frames in front of the first that has a time.
    early: Vec<Early>,
    facts: Option<TrackFacts>,
    clock: OrderClock,
    pace: Pace,
    /// Latest presentation end so far.
    end: Option<Ticks90>,
    /// Waits for a frame at which decoding can begin.
    waits: bool,
    /// Behind a loss: leading pictures of the first key frame are dropped.
    resumed: bool,
    lost: bool,
    /// The earliest frame in front of the first key frame of the stream.
    undecoded: Option<Ticks90>,
    /// Time of the last key frame that is not closed.
    open_key: Option<Ticks90>,
    /// The stream marks the pictures at which decoding can begin.
    marks_keys: bool,
}

impl<S: Syntax + Default> AnnexB<S> {
    /// A splitter at the start of a stream.
    pub(crate) fn new() -> Self {
        Self {
            arena: Arena::default(),
            syntax: S::default(),
            scanned: 0,
            found: Vec::new(),
            open: None,
            nals: Vec::new(),
            split: None,
            picture: None,
            missing: Vec::new(),
            stamp: Stamp::default(),
            next_stamp: Stamp::default(),
            ranges: Vec::new(),
            early: Vec::new(),
            facts: None,
            clock: OrderClock::default(),
            pace: Pace::default(),
            end: None,
            waits: true,
            resumed: false,
            lost: false,
            undecoded: None,
            open_key: None,
            marks_keys: false,
        }
    }
}

impl<S: Syntax> AnnexB<S> {
    /// Looks at the bytes that came since the last time.
    fn scan(&mut self, out: &mut dyn Output) {
        let mut found = std::mem::take(&mut self.found);
        loop {
            let from = self.scanned.max(self.arena.start());
            let codes = START_CODE.find_iter(self.arena.from(from)).map(|at| from + at as u64);
            found.extend(codes.take(CODES));
            let is_last = found.len() < CODES;
            for code in found.drain(..) {
                self.close_unit(code, true, out);
                self.open = Some((code, code + 3));
                self.scanned = code + 3;
            }
            if is_last {
                break;
            }
        }
        self.found = found;
        self.scanned = self.scanned.max(self.arena.end().saturating_sub(2));
        if self.open.is_none() {
            self.arena.release(self.scanned);
        }
    }

    fn close_unit(&mut self, end: u64, whole: bool, out: &mut dyn Output) {
        let Some((code, start)) = self.open else { return };
        let unit = self.arena.range(start, end);
        // Zeros before a start code belong to it, or to nobody.
        let size = unit.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1);
        if size == 0 {
            return;
        }
        let look = self.syntax.look(&unit[..size], whole);
        if self.place(look, code, out) && self.nals.len() < MOST_NALS {
            self.nals.push((start, start + size as u64));
        }
    }

    /// Finds the frame that a unit belongs to; gives the frame before out where it is complete.
    /// `false`: it belongs to none.
    fn place(&mut self, look: Look, code: u64, out: &mut dyn Output) -> bool {
        match look {
            Look::Prefix => {
                if self.picture.is_some() && self.split.is_none() {
                    self.split = Some(self.nals.len());
                    self.next_stamp = self.arena.take_stamp(code);
                }
                if self.nals.is_empty() {
                    self.stamp = self.arena.take_stamp(code);
                }
            }
            Look::First { picture, joins } => {
                if let Some(current) = &mut self.picture {
                    if self.split.is_none() {
                        self.split = Some(self.nals.len());
                        self.next_stamp = self.arena.take_stamp(code);
                    }
                    if joins {
                        current.reference |= picture.reference;
                        self.split = None;
                        self.next_stamp = Stamp::default();
                        self.syntax.take_missing(&mut self.missing);
                        return true;
                    }
                    self.give(out);
                } else if self.nals.is_empty() {
                    self.stamp = self.arena.take_stamp(code);
                }
                self.picture = Some(picture);
                self.missing.clear();
                self.syntax.take_missing(&mut self.missing);
            }
            Look::More { intra, reference } => {
                let Some(picture) = &mut self.picture else { return false };
                self.split = None;
                picture.intra &= intra;
                picture.reference |= reference;
                self.syntax.take_missing(&mut self.missing);
            }
            Look::Other => return !self.nals.is_empty(),
        }
        true
    }

    /// Gives the frame under way out; what lies behind `split` is the next one's.
    fn give(&mut self, out: &mut dyn Output) {
        let split = self.split.take().unwrap_or(self.nals.len());
        if let (Some(picture), Some((first, _))) = (self.picture.take(), self.nals.first().copied()) {
            self.frame(picture, first, split, out);
        }
        self.nals.drain(..split);
        self.stamp = std::mem::take(&mut self.next_stamp);
        let open = self.open.map_or(self.arena.end(), |(_, start)| start);
        self.arena.release(self.nals.first().map_or(open, |(start, _)| *start));
    }

    fn frame(&mut self, picture: Picture, first: u64, split: usize, out: &mut dyn Output) {
        if self.syntax.changed() {
            self.learn();
        }
        self.measure();
        let is_marked = picture.closed || (picture.recovery && picture.intra);
        self.marks_keys |= is_marked;
        // A stream that marks none is entered where a picture needs no other and brings its sets along.
        let key = is_marked || (!self.marks_keys && picture.intra && picture.has_sets);
        let pts = self.clock.time(self.stamp.pts, picture.order, self.rate(), S::COUNTS_PER_FRAME);
        let is_early = pts.is_none() || !self.early.is_empty();
        let leading = match pts.filter(|_| !is_early) {
            Some(pts) => self.judge(&picture, key, pts, out),
            None => (self.is_wanted(key) || !self.early.is_empty()).then_some(false),
        };
        let Some(leading) = leading else { return };
        let last = self.nals.get(split.saturating_sub(1)).map_or(first, |(_, end)| *end);
        self.ranges.clear();
        self.ranges.extend(self.nals.iter().take(split).map(|(from, to)| ((from - first) as u32, (to - first) as u32)));
        let is_delimited = self.nals.first().is_some_and(|(from, to)| S::is_delimiter(self.arena.range(*from, *to)));
        let data = self.arena.give(first, last);
        let payload = Payload::Nals {
            data: &data,
            nals: &self.ranges,
            sets: if key { &self.missing } else { &[] },
            sets_at: usize::from(is_delimited && self.ranges.len() > 1),
        };
        match pts.filter(|_| !is_early) {
            Some(pts) => out.frame(picture.frame(key, leading, (pts, self.stamp), payload)),
            None => {
                self.early.push(Early { picture, key, stamp: self.stamp, pts, bytes: payload.into() });
                if early::are_ready(&self.early) {
                    self.give_early(out);
                }
            }
        }
    }

    /// Gives out the frames that wait for the first time; without one they are lost.
    fn give_early(&mut self, out: &mut dyn Output) {
        let mut all = std::mem::take(&mut self.early);
        self.lost |= !all.is_empty() && !early::find_times(&mut all, &self.clock, self.rate(), S::COUNTS_PER_FRAME);
        for early in &all {
            let Some(pts) = early.pts else { continue };
            if let Some(leading) = self.judge(&early.picture, early.key, pts, out) {
                out.frame(early.picture.frame(early.key, leading, (pts, early.stamp), early.bytes.payload()));
            }
        }
    }

    /// Whether a frame is given out, and then whether it leads a key frame; asked of each in the order of the stream.
    fn judge(&mut self, picture: &Picture, key: bool, pts: Ticks90, out: &mut dyn Output) -> Option<bool> {
        if key {
            self.open_key = (!picture.closed).then_some(pts);
            self.resumed &= self.waits;
        }
        let before_key = (S::LEADING_BY_TIME || !self.marks_keys) && self.open_key.is_some_and(|key| pts < key);
        let leading = !key && (picture.skipped_leading || before_key);
        if !self.is_wanted(key) || (self.resumed && leading) {
            if !self.resumed {
                self.undecoded = Some(self.undecoded.map_or(pts, |first| first.min(pts)));
            }
            return None;
        }
        self.waits = false;
        if let Some(first) = self.undecoded.take() {
            out.undecodable(Lost { track: MAIN, from: Some(first), until: Some(pts) });
        }
        if std::mem::take(&mut self.lost) {
            out.lost(Lost { track: MAIN, from: self.end, until: Some(pts) });
        }
        let step = self.rate().map_or(Ticks90::ZERO, |rate| Ticks90::from_count(rate.den.into(), rate.num));
        self.end = self.end.max(Some(pts + step));
        Some(leading)
    }

    /// Whether decoding can have begun at a frame or in front of it.
    fn is_wanted(&self, key: bool) -> bool {
        (key || !self.waits) && self.facts.is_some()
    }

    fn rate(&self) -> Option<Rational> {
        self.facts.as_ref().and_then(|facts| facts.video.as_ref()).and_then(|video| video.frame_rate)
    }

    /// Finds out how far apart pictures are.
    fn measure(&mut self) {
        let Some(video) = self.facts.as_mut().and_then(|facts| facts.video.as_mut()) else { return };
        if let Some(rate) = self.stamp.pts.and_then(|pts| self.pace.add(pts, video.frame_rate)) {
            video.frame_rate = Some(rate);
        }
    }

    /// The first facts stay: a container has written them. What only appears later is added.
    fn learn(&mut self) {
        let Some(new) = self.syntax.facts() else { return };
        let Some(facts) = &mut self.facts else {
            self.facts = Some(new);
            return;
        };
        if let (Some(video), Some(new)) = (&mut facts.video, new.video) {
            video.interlaced |= new.interlaced;
            video.mastering = video.mastering.or(new.mastering);
            video.light_level = video.light_level.or(new.light_level);
            video.top_field_first = video.top_field_first.or(new.top_field_first);
            video.dolby_vision = new.dolby_vision.or(video.dolby_vision);
            video.hdr10_plus |= new.hdr10_plus;
        }
    }

    /// Ends the unit and the frame under way, which are known to be whole.
    fn flush(&mut self, out: &mut dyn Output) {
        self.scan(out);
        self.close_unit(self.arena.end(), true, out);
        self.open = None;
        self.give(out);
        self.give_early(out);
    }

    fn reset(&mut self) {
        self.arena.clear();
        self.scanned = self.arena.start();
        self.open = None;
        self.nals.clear();
        self.split = None;
        self.picture = None;
        self.missing.clear();
        self.early = Vec::new();
        self.stamp = Stamp::default();
        self.next_stamp = Stamp::default();
        self.open_key = None;
        self.pace.discontinuity();
        self.clock.discontinuity();
        self.syntax.discontinuity();
        self.waits = true;
        self.resumed = true;
        self.lost = true;
        self.undecoded = None;
    }
}

impl<S: Syntax> Splitter for AnnexB<S> {
    fn start(&mut self, stamp: Stamp, _extension: Option<u8>, _out: &mut dyn Output) {
        self.arena.stamp(stamp);
    }

    fn payload(&mut self, bytes: &[u8]) {
        if !self.arena.extend(bytes) {
            self.reset();
        }
    }

    fn end(&mut self, out: &mut dyn Output) {
        self.scan(out);
    }

    fn discontinuity(&mut self, out: &mut dyn Output) {
        // The unit at the end may be cut short, but its first bytes tell whether the frame before it is whole.
        self.scan(out);
        self.close_unit(self.arena.end(), false, out);
        if self.split.is_some() {
            self.give(out);
        }
        self.give_early(out);
        self.reset();
    }

    fn finish(&mut self, out: &mut dyn Output) {
        self.flush(out);
        if let Some(first) = self.undecoded.take() {
            out.undecodable(Lost { track: MAIN, from: Some(first), until: None });
        }
        if std::mem::take(&mut self.lost) {
            out.lost(Lost { track: MAIN, from: self.end, until: None });
        }
    }

    fn share(&mut self) {
        self.arena.share();
    }

    fn memory(&self) -> usize {
        let units = self.nals.capacity() * size_of::<(u64, u64)>() + self.ranges.capacity() * size_of::<(u32, u32)>();
        self.arena.memory() + units + early::memory(&self.early)
    }

    fn facts(&self, track: u8) -> Option<&TrackFacts> {
        self.facts.as_ref().filter(|_| track == MAIN)
    }
}
