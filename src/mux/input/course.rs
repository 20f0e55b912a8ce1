//! From where to where a piece is read. What the tables of the disc say of it is a hint: the stream's own clock decides.

use std::ops::Range;

use super::scout::{Scout, Signs, Timed};
use super::walk::Walk;
use crate::base::time::Ticks90;
use crate::demux::joint;
use crate::title::clock::PartClock;
use crate::title::model::{Packets, Part, Piece};

/// Bytes looked at to see whether a place is where the tables say.
const LOOK: u64 = 1 << 20;
/// How far in front of a wrong place to look for a right one, in bytes; in vain, all of the file is read.
const EARLIER: [u64; 3] = [8 << 20, 64 << 20, 512 << 20];
/// A picture at which decoding can begin comes as often, at least.
const GROUP: Ticks90 = Ticks90(2 * Ticks90::SECOND.0);
/// Entry points are in steps of 256 ticks of 45 kHz.
const ENTRY_STEP: Ticks90 = Ticks90(512);
/// Read on at a time behind a wrong end.
const FURTHER: u64 = 4 << 20;
/// How long before OUT the last packets of a whole stream may be stamped for decoding.
const LAST_FRAMES: Ticks90 = Ticks90(Ticks90::SECOND.0 / 5);

/// The way through the bytes of a piece.
pub(in crate::mux) struct Course {
    /// `None`: no stream has a clock that could be looked at.
    scout: Option<Scout>,
    /// The tables of the disc place what is played by sectors: where it begins and ends is no matter of its clock.
    is_placed: bool,
    packets: Packets,
    clock: PartClock,
    /// The piece ends where its part does.
    is_last: bool,
    /// Where the tables say that the piece ends.
    end: u64,
    /// The same of the last piece of the part in the same file.
    part_end: u64,
    /// Another clock began behind the end.
    is_over: bool,
    /// Behind the piece's own end another clock begins here.
    over_at: Option<u64>,
    path: String,
    begins_elsewhere: bool,
    ends_elsewhere: bool,
    /// Packets whose stamps are not believed.
    wrong: usize,
}

impl Course {
    /// Begins a piece of `part`, and moves `walk` where the tables say that it begins too late. The pieces of a part are `before`
    /// each other on one clock.
    pub(in crate::mux) fn new(
        part: &Part,
        timed: &[Timed],
        piece: &Piece,
        before: Option<Self>,
        walk: &mut Walk<'_>,
    ) -> Self {
        let is_placed = part.packets == Packets::Program;
        let place = (walk.position(), piece.owner);
        let scout = match before.and_then(|before| before.scout) {
            Some(mut scout) => {
                scout.jump(place.0, place.1);
                Some(scout)
            }
            None => (!timed.is_empty()).then(|| Scout::new(part.packets, place, timed, part.clock.in_time())),
        };
        let in_file = part.pieces.iter().filter(|other| other.path == piece.path);
        let part_end = in_file.filter_map(|piece| Some(piece.bytes.as_ref()?.end)).max().unwrap_or(u64::MAX);
        let mut course = Self {
            scout,
            is_placed,
            packets: part.packets,
            clock: part.clock,
            is_last: part.pieces.last() == Some(piece),
            end: walk.end(),
            part_end,
            is_over: false,
            over_at: None,
            path: piece.path.clone(),
            begins_elsewhere: false,
            ends_elsewhere: false,
            wrong: 0,
        };
        if part.pieces.first() == Some(piece) && !course.clock.is_open() && !is_placed {
            course.find_start(walk);
        }
        if !course.is_last && !is_placed {
            // The next piece goes on where the file ends.
            walk.go_on(walk.file().length());
        }
        course
    }

    /// Goes back where the picture that the part is to begin with does not lie where the walk begins.
    fn find_start(&mut self, walk: &mut Walk<'_>) {
        let Some(scout) = &mut self.scout else { return };
        let start = walk.position();
        let is_right = |at: u64, latest: Ticks90, walk: &Walk<'_>| {
            let data = walk.ahead(at..at.saturating_add(LOOK));
            scout.first_picture(at, &data).map(|(place, behind)| (place == at, behind <= latest))
        };
        // Where nothing can be read, nothing is known to be wrong.
        if start <= walk.first() || matches!(is_right(start, ENTRY_STEP, walk), None | Some((true, true))) {
            return;
        }
        let earlier = EARLIER.iter().map(|by| start.saturating_sub(*by)).take_while(|at| *at > walk.first());
        let found = earlier.into_iter().find(|at| matches!(is_right(*at, -GROUP, walk), Some((_, true))));
        let at = walk.begin_at(found.unwrap_or_else(|| walk.first()));
        scout.begin_at(at);
        self.begins_elsewhere = true;
    }

    /// The bytes that were read at `offset`; gives what their stamps show.
    pub(in crate::mux) fn bytes(&mut self, offset: u64, bytes: &[u8], walk: &Walk<'_>) -> Signs {
        let Some(scout) = &mut self.scout else { return Signs::default() };
        let has_begun = scout.has_begun();
        // Behind the pieces of a part that is placed lies what is not its own, on another clock perhaps.
        let last = if self.is_placed { self.part_end } else { u64::MAX };
        let mut ahead = |range: Range<u64>| walk.ahead(range.start.min(last)..range.end.min(last));
        let mut signs = scout.bytes(bytes, offset + bytes.len() as u64, &mut ahead);
        self.wrong += signs.wrong.len();
        if self.is_placed {
            signs.clocks.clear();
        } else if !self.clock.is_open() {
            // The tables of the disc say which clock plays; behind the end that they say it is another part's, which is not
            // played.
            // Where the tables are wrong about the start, so they are about the end.
            let end = if self.begins_elsewhere || !has_begun { u64::MAX } else { self.end };
            let beyond = signs.clocks.iter().map(|clock| clock.at).find(|at| *at >= end);
            self.is_over |= beyond.is_some();
            self.over_at = self.over_at.or(beyond);
            signs.clocks.clear();
            let is_beyond = offset + bytes.len() as u64 > self.end;
            self.ends_elsewhere |= is_beyond && self.over_at.is_none_or(|at| at > self.end);
        }
        signs
    }

    /// Those of the bytes that were read at `offset` that the part can play: none of another clock behind its end.
    pub(in crate::mux) fn playable(&self, offset: u64, inside: Range<usize>) -> Range<usize> {
        let count = self.over_at.map_or(u64::MAX, |at| at.saturating_sub(offset));
        let count = usize::try_from(count).unwrap_or(usize::MAX).min(inside.len());
        inside.start..inside.start + count
    }

    /// Bytes up to `end` are missing.
    pub(in crate::mux) fn hole(&mut self, end: u64) {
        self.scout.iter_mut().for_each(|scout| scout.hole(end));
    }

    /// Whether bytes that the file does not have, though it should, are no loss: the clock has come to the part's end.
    pub(in crate::mux) fn needs_nothing(&mut self, range: &Range<u64>, walk: &Walk<'_>) -> bool {
        let is_behind = !self.is_placed && self.is_last && !self.clock.is_open() && range.start >= walk.file().length();
        let needs_nothing =
            is_behind && self.scout.as_ref().is_some_and(|s| s.is_past(self.clock.out_time() - LAST_FRAMES));
        self.ends_elsewhere |= needs_nothing;
        needs_nothing
    }

    /// Whether bytes that the file does not have, though it should, are no loss since the `next` piece goes on where it ends.
    pub(in crate::mux) fn next_goes_on(&mut self, range: &Range<u64>, walk: &Walk<'_>, next: &Walk<'_>) -> bool {
        let (length, Some(scout), Packets::Transport { layout, .. }) =
            (walk.file().length(), &self.scout, self.packets)
        else {
            return false;
        };
        if range.start < length {
            return false;
        }
        let last = length.saturating_sub(LOOK).next_multiple_of(layout.stride() as u64);
        let (end, first) = (walk.ahead(last..length), next.ahead(0..LOOK));
        let goes_on = joint::is_whole(layout, &end, &first) && scout.is_continued(0, &first, LAST_FRAMES);
        self.ends_elsewhere |= goes_on;
        goes_on
    }

    /// Whether the piece goes on behind its end, which the clock has not come to: then the walk does too.
    pub(in crate::mux) fn goes_on(&mut self, walk: &mut Walk<'_>) -> bool {
        let is_done = self.is_placed || self.is_over || !self.is_last || self.clock.is_open();
        if is_done || self.scout.as_ref().is_none_or(|scout| scout.is_past(self.clock.out_time())) {
            return false;
        }
        walk.go_on(FURTHER)
    }

    /// What of the tables did not fit, a sentence each.
    pub(in crate::mux) fn warnings(&self) -> Vec<String> {
        let told = |is_wrong: bool, what: &str| {
            let path = &self.path;
            is_wrong
                .then(|| format!("{path}: {what} elsewhere than the clip information says; its own clock was followed"))
        };
        let begins = told(self.begins_elsewhere, "what is played begins");
        let ends = told(self.ends_elsewhere, "what is played ends");
        let wrong = (self.wrong > 0).then(|| {
            let (path, count) = (&self.path, self.wrong);
            format!("{path}: {count} time stamps are contradicted by those beside them, which were followed")
        });
        begins.into_iter().chain(ends).chain(wrong).collect()
    }
}
