//! Byte streams of units with start codes and pictures in them (MPEG-1, MPEG-2, VC-1) cut into frames, which keep every
//! byte. What a unit means is the [`Syntax`]'s.

use std::collections::VecDeque;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::base::time::Ticks90;
use crate::codec::arena::{Arena, Stamp};
use crate::codec::video::timeline::{Place, Shown, Time, Timeline};
use crate::codec::{Frame, Lost, MAIN, Output, Payload, Rational, Splitter, TrackFacts};

static START_CODE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(&[0, 0, 1]));
/// Bytes of a start code and the byte behind it, which says what the unit is.
const CODE: u64 = 4;
/// Start codes that are looked for at once: a packet may consist of nothing else.
const CODES: usize = 1024;

/// What a picture's header says of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Picture {
    /// Decoding can begin here.
    pub(crate) key: bool,
    /// Of a key: no picture behind it refers to what was before.
    pub(crate) closed: bool,
    /// Other pictures may refer to it.
    pub(crate) reference: bool,
    /// How long it is shown, in fields.
    pub(crate) fields: u32,
    /// A field whose other one comes as a picture of its own.
    pub(crate) is_half: bool,
    /// It is the second field of the frame under way.
    pub(crate) joins: bool,
    /// Its place among those of its group in the order of showing, where the stream tells.
    pub(crate) order: Option<u16>,
    /// A group begins with it.
    pub(crate) begins: bool,
}

/// What one unit means for the division into frames.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Look {
    /// Stands in front of a picture: behind one it begins a new frame.
    Head,
    /// Begins a picture. What it is, is asked for when its headers are over.
    Start,
    /// Coded data of the picture under way.
    Body,
    /// Belongs to what is in front of it.
    Other,
    /// Ends the frame under way.
    Tail,
}

/// A codec's reading of its units.
pub(crate) trait Syntax: Send {
    /// What a unit with this byte behind its start code is.
    fn look(code: u8) -> Look;

    /// Reads a header: a whole unit that is neither [`Look::Body`] nor [`Look::Tail`].
    fn read(&mut self, code: u8, body: &[u8]);

    /// The picture that began last, its headers being read; `None`: they make no sense. Asked before the next one's are.
    fn picture(&mut self) -> Option<Picture>;

    /// Frames a second, by which fields are counted.
    fn rate(&self) -> Option<Rational>;

    /// Facts from the headers, as soon as they are whole.
    fn facts(&self) -> Option<TrackFacts>;

    /// Whether anything was read since the last call that [`Syntax::facts`] tells of.
    fn changed(&mut self) -> bool;

    /// Bytes are missing: the next picture belongs to none before.
    fn discontinuity(&mut self);
}

/// A frame under way.
#[derive(Clone, Copy, Debug)]
struct Open {
    start: u64,
    picture: Picture,
    stamp: Stamp,
}

/// A frame that is whole and waits for its time.
#[derive(Clone, Copy, Debug)]
struct Whole {
    start: u64,
    end: u64,
    picture: Picture,
    leading: bool,
    /// It is not given out: pictures that it refers to are lost.
    is_void: bool,
}

/// Splits a stream of pictures.
#[derive(Debug)]
pub(crate) struct PictureStream<S> {
    arena: Arena,
    syntax: S,
    /// Start codes were looked for up to here.
    scanned: u64,
    found: Vec<u64>,
    /// Start code of the unit that has no end yet.
    unit: Option<u64>,
    /// Where the heads of the next frame begin.
    head: Option<u64>,
    /// A picture has begun whose headers are not over, and its stamp.
    started: Option<Stamp>,
    open: Option<Open>,
    whole: VecDeque<Whole>,
    timeline: Timeline,
    facts: Option<TrackFacts>,
    /// Latest presentation end so far.
    end: Option<Ticks90>,
    /// Waits for a frame at which decoding can begin.
    waits: bool,
    /// Behind a loss: leading pictures of the first key frame are void.
    resumed: bool,
    lost: bool,
    /// The earliest time stamp in front of the first key frame of the stream.
    undecoded: Option<Ticks90>,
    /// No reference came since the last key frame.
    behind_key: bool,
    /// The last key frame is not closed.
    open_group: bool,
    /// Groups that began.
    groups: u64,
}

impl<S: Syntax + Default> PictureStream<S> {
    /// A splitter at the start of a stream.
    pub(crate) fn new() -> Self {
        Self {
            arena: Arena::default(),
            syntax: S::default(),
            scanned: 0,
            found: Vec::new(),
            unit: None,
            head: None,
            started: None,
            open: None,
            whole: VecDeque::new(),
            timeline: Timeline::default(),
            facts: None,
            end: None,
            waits: true,
            resumed: false,
            lost: false,
            undecoded: None,
            behind_key: false,
            open_group: false,
            groups: 0,
        }
    }
}

impl<S: Syntax> PictureStream<S> {
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
                self.unit = Some(code);
                self.scanned = code + 3;
            }
            if is_last {
                break;
            }
        }
        self.found = found;
        self.scanned = self.scanned.max(self.arena.end().saturating_sub(2));
        self.release();
    }

    /// Gives up the bytes that belong to no frame.
    fn release(&mut self) {
        let first =
            [self.whole.front().map(|whole| whole.start), self.open.map(|open| open.start), self.head, self.unit];
        self.arena.release(first.into_iter().flatten().min().unwrap_or(self.scanned));
    }

    fn close_unit(&mut self, end: u64, whole: bool, out: &mut dyn Output) {
        let Some(start) = self.unit else { return };
        let Some(code) = self.arena.range(start, end).get(3).copied() else { return };
        match S::look(code) {
            look @ (Look::Head | Look::Start) => {
                self.settle(out);
                self.head.get_or_insert(start);
                if look == Look::Start {
                    self.started = Some(self.arena.take_stamp(start));
                }
            }
            Look::Body => return self.settle(out),
            Look::Tail => {
                self.settle(out);
                // Among the heads of the next frame it is one of them.
                if self.head.is_none() {
                    self.give(end, out);
                }
                return;
            }
            Look::Other => {}
        }
        if whole {
            self.syntax.read(code, self.arena.range(start + CODE, end));
        }
    }

    /// The headers of the picture that began last are over, if there is one.
    fn settle(&mut self, out: &mut dyn Output) {
        let Some(stamp) = self.started.take() else { return };
        let Some(start) = self.head.take() else { return };
        let Some(picture) = self.syntax.picture() else { return };
        match &mut self.open {
            Some(open) if picture.joins => {
                open.picture.reference |= picture.reference;
                open.picture.fields += picture.fields;
                open.picture.is_half = false;
            }
            _ => {
                self.give(start, out);
                self.open = Some(Open { start, picture, stamp });
            }
        }
    }

    /// The frame under way ends in front of `end`.
    fn give(&mut self, end: u64, out: &mut dyn Output) {
        let Some(Open { start, picture, stamp }) = self.open.take() else { return };
        if self.syntax.changed() {
            self.learn();
        }
        if (self.waits && !picture.key) || self.facts.is_none() {
            if !self.resumed {
                self.undecoded = self.undecoded.into_iter().chain(stamp.pts).min();
            }
            return;
        }
        if picture.key {
            self.resumed &= self.waits;
            self.behind_key = true;
            self.open_group = !picture.closed;
        } else if picture.reference {
            self.behind_key = false;
        }
        self.waits = false;
        let leading = !picture.key && self.behind_key && self.open_group;
        self.whole.push_back(Whole { start, end, picture, leading, is_void: leading && self.resumed });
        self.timeline.set_rate(self.syntax.rate());
        self.groups += u64::from(picture.begins);
        let place = picture.order.map(|order| Place { group: self.groups, order });
        let shown = Shown { stamp, fields: picture.fields, reference: picture.reference, place };
        if self.timeline.push(shown) {
            self.pass_on(out);
        } else {
            self.reset();
        }
    }

    /// Gives out the frames whose time is known.
    fn pass_on(&mut self, out: &mut dyn Output) {
        while let Some(Time { pts, dts }) = self.timeline.pop() {
            let Some(whole) = self.whole.pop_front() else { return };
            if whole.is_void {
                continue;
            }
            if let Some(first) = self.undecoded.take() {
                out.undecodable(Lost { track: MAIN, from: Some(first), until: Some(pts) });
            }
            if std::mem::take(&mut self.lost) {
                out.lost(Lost { track: MAIN, from: self.end, until: Some(pts) });
            }
            let duration = self.timeline.ticks(whole.picture.fields.into());
            self.end = self.end.max(Some(pts + duration));
            let data = self.arena.give(whole.start, whole.end);
            out.frame(Frame {
                track: MAIN,
                payload: Payload::Gathered(&data),
                pts,
                dts,
                duration: None,
                key: whole.picture.key,
                discardable: !whole.picture.reference,
                leading: whole.leading,
                forced: false,
            });
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
            video.top_field_first = video.top_field_first.or(new.top_field_first);
            video.frame_rate = new.frame_rate.or(video.frame_rate);
        }
    }

    fn reset(&mut self) {
        self.arena.clear();
        self.scanned = self.arena.start();
        self.unit = None;
        self.head = None;
        self.started = None;
        self.open = None;
        self.whole = VecDeque::new();
        self.timeline.reset();
        self.syntax.discontinuity();
        self.waits = true;
        self.resumed = true;
        self.lost = true;
        self.undecoded = None;
    }
}

impl<S: Syntax> Splitter for PictureStream<S> {
    fn start(&mut self, stamp: Stamp, _extension: Option<u8>, _out: &mut dyn Output) {
        self.arena.stamp(stamp);
    }

    fn share(&mut self) {
        self.arena.share();
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
        if let Some(head) = self.head.filter(|_| self.open.is_some_and(|open| !open.picture.is_half)) {
            self.give(head, out);
        }
        self.timeline.interrupt();
        self.pass_on(out);
        self.reset();
    }

    fn finish(&mut self, out: &mut dyn Output) {
        self.scan(out);
        let end = self.arena.end();
        self.close_unit(end, true, out);
        self.unit = None;
        self.settle(out);
        self.give(end, out);
        self.timeline.flush();
        self.pass_on(out);
        if let Some(first) = self.undecoded.take() {
            out.undecodable(Lost { track: MAIN, from: Some(first), until: None });
        }
        if std::mem::take(&mut self.lost) {
            out.lost(Lost { track: MAIN, from: self.end, until: None });
        }
    }

    fn memory(&self) -> usize {
        self.arena.memory() + self.whole.capacity() * size_of::<Whole>()
    }

    fn facts(&self, track: u8) -> Option<&TrackFacts> {
        self.facts.as_ref().filter(|_| track == MAIN)
    }
}
