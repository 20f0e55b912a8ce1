//! Looks at the time stamps of the bytes that are read, before they are taken apart: which are wrong, where another
//! clock begins, and how far the stream has come.

use std::ops::Range;

use super::streams::Demux;
use crate::base::time::Ticks90;
use crate::demux::pes::PesHead;
use crate::demux::timestamp::step;
use crate::demux::watch::{Judgement, Watch, in_front_of};
use crate::demux::{Loss, LossKind, Sink};
use crate::title::model::{Owner, Packets};
use crate::title::streams::StreamId;

/// Stamps of a stream that are looked at to judge one in front of them.
const NEXT: usize = 4;
/// They must come within as many bytes.
const AHEAD: u64 = 4 << 20;
/// Read at a time to find them.
const AHEAD_STEP: u64 = 512 << 10;
/// Streams of a new clock begin within as many bytes.
const BEGIN: u64 = 2 << 20;
/// First stamps of one clock lie no further apart.
const TOGETHER: Ticks90 = Ticks90(10 * Ticks90::SECOND.0);
/// Sound that is heard at a time is sent after pictures that are shown up to so much later.
const SOUND_BEHIND: Ticks90 = Ticks90::SECOND;
/// Between the decoding and the showing of a picture passes no more than this, where its neighbours do not wait so long.
const WAITS: Ticks90 = Ticks90(Ticks90::SECOND.0 / 2);
/// A stamp of a program stream that none of its stream comes behind lies no further from those of the streams beside it.
const BESIDE: Ticks90 = Ticks90::SECOND;

/// A stream whose stamps are looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::mux) struct Timed {
    pub(in crate::mux) stream: StreamId,
    /// It is sound, whose stamps never go back.
    pub(in crate::mux) is_sound: bool,
}

/// Another clock begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::mux) struct NewClock {
    /// The packet in the file with which it does.
    pub(in crate::mux) at: u64,
    /// The first time on it.
    pub(in crate::mux) start: Ticks90,
}

/// What the stamps of some bytes show, in the order of the file.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(in crate::mux) struct Signs {
    /// Packets ([`PesHead::position`]) whose stamps are wrong.
    pub(in crate::mux) wrong: Vec<u64>,
    /// Clocks that begin.
    pub(in crate::mux) clocks: Vec<NewClock>,
}

/// Reads bytes that lie ahead; those that are missing are zero, and there may be fewer.
pub(in crate::mux) type ReadAhead<'a> = dyn FnMut(Range<u64>) -> Vec<u8> + 'a;

/// Scouts the bytes of the pieces of a part.
pub(in crate::mux) struct Scout {
    packets: Packets,
    /// Which units of the bytes are meant.
    owner: Option<Owner>,
    demux: Demux,
    timed: Vec<Timed>,
    watch: Watch,
    start: Ticks90,
    /// How far behind the start each stream has come.
    reached: Vec<Option<Ticks90>>,
    /// How long pictures of each stream wait, the longest of those that were believed.
    waits: Vec<Ticks90>,
}

impl Scout {
    /// A scout of bytes from `position` on, whose clock is at about `start` there; `owner` says which units of them are meant.
    pub(in crate::mux) fn new(
        packets: Packets,
        (position, owner): (u64, Option<Owner>),
        timed: &[Timed],
        start: Ticks90,
    ) -> Self {
        let watch = Watch::new(start, timed.iter().map(|stream| stream.is_sound));
        let (reached, waits) = (vec![None; timed.len()], vec![Ticks90::ZERO; timed.len()]);
        let demux = demux(packets, (position, owner), timed, Some(start));
        Self { packets, owner, demux, timed: timed.to_vec(), watch, start, reached, waits }
    }

    /// Begins elsewhere: at `position`.
    pub(in crate::mux) fn begin_at(&mut self, position: u64) {
        *self = Self::new(self.packets, (position, self.owner), &self.timed, self.start);
    }

    /// The part goes on in another piece.
    pub(in crate::mux) fn jump(&mut self, position: u64, owner: Option<Owner>) {
        self.owner = owner;
        self.demux.jump(position, owner, &mut Heads::default());
    }

    /// The first picture in `data`, which begins at `from`: the packet with which it begins, and how far behind the start
    /// its time is.
    pub(in crate::mux) fn first_picture(&self, from: u64, data: &[u8]) -> Option<(u64, Ticks90)> {
        let heads = self.heads(from, data);
        let is_picture = |head: &&Head| self.timed.get(head.stream).is_some_and(|stream| !stream.is_sound);
        let (head, (pts, _)) = heads.iter().filter(is_picture).find_map(|head| Some((head, head.stamps?)))?;
        Some((self.begin(head), step(self.start, pts)))
    }

    /// The next bytes. `ahead` reads on behind them where that must be known.
    pub(in crate::mux) fn bytes(&mut self, bytes: &[u8], end: u64, ahead: &mut ReadAhead<'_>) -> Signs {
        let mut heads = Heads::default();
        self.demux.push(bytes, &mut heads);
        self.signs(&heads.0, end, ahead)
    }

    /// The bytes up to `end` are missing.
    pub(in crate::mux) fn hole(&mut self, end: u64) {
        let mut heads = Heads::default();
        self.demux.hole(end, &mut heads);
        (0..self.timed.len()).for_each(|stream| self.watch.missing(stream));
    }

    /// Whether anything of the part's clock has come.
    pub(in crate::mux) fn has_begun(&self) -> bool {
        self.reached.iter().any(Option::is_some)
    }

    /// Whether all that is shown or heard in front of `time` has come: of every stream that came at all something
    /// behind it, or of one something far behind it.
    pub(in crate::mux) fn is_past(&self, time: Ticks90) -> bool {
        let behind = step(self.start, time);
        let mut all = self.reached.iter().flatten().peekable();
        all.peek().is_some()
            && (all.clone().all(|reached| *reached >= behind) || all.any(|reached| *reached >= behind + SOUND_BEHIND))
    }

    /// Whether `data`, which begins at `from`, goes on where the streams have come to, but for `gap` at most.
    pub(in crate::mux) fn is_continued(&self, from: u64, data: &[u8], gap: Ticks90) -> bool {
        let heads = self.heads(from, data);
        let next = |stream: usize| heads.iter().filter(|h| h.stream == stream).find_map(|h| h.stamps);
        let gaps = self.reached.iter().enumerate().filter_map(|(stream, reached)| {
            let (pts, dts) = next(stream)?;
            Some(step(self.start, dts.unwrap_or(pts)) - (*reached)?)
        });
        let gaps: Vec<Ticks90> = gaps.collect();
        !gaps.is_empty() && gaps.iter().all(|between| *between <= gap)
    }

    /// Where the packet begins that holds this one.
    fn begin(&self, head: &Head) -> u64 {
        match self.packets {
            Packets::Transport { layout, .. } => head.position - (layout.sync_at() as u64).min(head.position),
            Packets::Program => head.position,
        }
    }

    fn signs(&mut self, heads: &[Head], end: u64, ahead: &mut ReadAhead<'_>) -> Signs {
        let mut signs = Signs::default();
        for (n, head) in heads.iter().enumerate() {
            let Some((pts, dts)) = head.stamps else {
                self.watch.missing(head.stream);
                continue;
            };
            let rest = heads.get(n + 1..).unwrap_or_default();
            if let Some(dts) = dts
                && self.waits_too_long(head, step(dts, pts), rest, end, ahead)
            {
                signs.wrong.push(head.position);
                continue;
            }
            let judgement = self.watch.stamp(head.stream, pts, dts).map(|odd| {
                let (shown, decoded): (Vec<Ticks90>, Vec<Ticks90>) =
                    self.next(head, rest, end, ahead).into_iter().unzip();
                let is_last = self.packets == Packets::Program && decoded.is_empty();
                let judgement = if is_last { odd.judge_last(BESIDE) } else { odd.judge(&decoded) };
                self.watch.settle(&odd, judgement);
                (judgement, in_front_of(&shown, 1).unwrap_or(pts))
            });
            let mut begins = |start: Ticks90| {
                let at = self.begin(head);
                NewClock { at, start: self.first(head, start, rest, end, ahead) }
            };
            match judgement {
                Some((Judgement::Wrong, _)) => signs.wrong.push(head.position),
                Some((Judgement::NewClock, _)) => signs.clocks.push(begins(pts)),
                Some((Judgement::WrongOnNewClock(_), in_front)) => {
                    signs.wrong.push(head.position);
                    signs.clocks.push(begins(in_front));
                }
                Some((Judgement::Gap, _)) | None => self.reach(head.stream, dts.unwrap_or(pts)),
            }
        }
        signs
    }

    /// Whether a picture that waits so long for being shown contradicts its neighbours.
    fn waits_too_long(
        &mut self,
        head: &Head,
        waits: Ticks90,
        rest: &[Head],
        end: u64,
        ahead: &mut ReadAhead<'_>,
    ) -> bool {
        let Some(usual) = self.waits.get(head.stream).copied() else { return false };
        let is_like = |usual: Ticks90| (Ticks90::ZERO..=WAITS.max(usual.times(2))).contains(&waits);
        let is_wrong = !is_like(usual) && {
            let mut next = self.next(head, rest, end, ahead).into_iter().map(|(pts, dts)| step(dts, pts)).peekable();
            let is_known = next.peek().is_some();
            is_known && !next.any(|other| if waits < Ticks90::ZERO { other < Ticks90::ZERO } else { is_like(other) })
        };
        if let Some(usual) = self.waits.get_mut(head.stream).filter(|_| !is_wrong) {
            *usual = waits.max(*usual);
        }
        is_wrong
    }

    fn reach(&mut self, stream: usize, time: Ticks90) {
        let behind = step(self.start, time);
        if let Some(reached) = self.reached.get_mut(stream) {
            *reached = Some(reached.map_or(behind, |before| before.max(behind)));
        }
    }

    /// The next stamps of the stream of a packet: when something is shown, and when it is decoded.
    fn next(&self, head: &Head, rest: &[Head], end: u64, ahead: &mut ReadAhead<'_>) -> Vec<(Ticks90, Ticks90)> {
        let limit = head.position.saturating_add(AHEAD);
        let stamps = |heads: &[Head]| -> Vec<(Ticks90, Ticks90)> {
            let same = heads.iter().filter(|h| h.stream == head.stream && h.position < limit);
            same.filter_map(|h| h.stamps).map(|(pts, dts)| (pts, dts.unwrap_or(pts))).take(NEXT).collect()
        };
        let mut found = stamps(rest);
        let mut from = end;
        while found.len() < NEXT && from < limit {
            let data = ahead(from..(from + AHEAD_STEP).min(limit));
            if data.is_empty() {
                break;
            }
            found.extend(stamps(&self.heads(from, &data)));
            from += data.len() as u64;
        }
        found.truncate(NEXT);
        found
    }

    /// The first time of the clock that begins with a packet: of the first stamps of all streams the earliest.
    fn first(&self, head: &Head, pts: Ticks90, rest: &[Head], end: u64, ahead: &mut ReadAhead<'_>) -> Ticks90 {
        let limit = head.position.saturating_add(BEGIN);
        let mut heads: Vec<Head> = rest.iter().filter(|h| h.position < limit).copied().collect();
        if end < limit {
            heads.extend(self.heads(end, &ahead(end..limit)));
        }
        let mut first = pts;
        for stream in (0..self.timed.len()).filter(|stream| *stream != head.stream) {
            let stamp = heads.iter().filter(|h| h.stream == stream).find_map(|h| h.stamps);
            let Some((stamp, _)) = stamp else { continue };
            let by = step(pts, stamp);
            if by.abs() <= TOGETHER {
                first = first.min(pts + by);
            }
        }
        first
    }

    /// The packets that begin in bytes that lie ahead.
    fn heads(&self, from: u64, data: &[u8]) -> Vec<Head> {
        let mut demux = demux(self.packets, (from, self.owner), &self.timed, None);
        let mut heads = Heads::default();
        demux.push(data, &mut heads);
        heads.0
    }
}

/// What takes the heads of these streams apart, from a place on.
fn demux(packets: Packets, (position, owner): (u64, Option<Owner>), timed: &[Timed], start: Option<Ticks90>) -> Demux {
    let mut demux = Demux::of_heads(packets, position, owner);
    start.into_iter().for_each(|start| demux.expect(start));
    timed.iter().for_each(|timed| {
        let _ = demux.select(timed.stream);
    });
    demux
}

/// A packet that begins, or a place where something is missing.
#[derive(Clone, Copy, Debug)]
struct Head {
    stream: usize,
    position: u64,
    stamps: Option<(Ticks90, Option<Ticks90>)>,
}

/// Gathers them.
#[derive(Default)]
struct Heads(Vec<Head>);

impl Sink for Heads {
    fn start(&mut self, stream: u8, head: &PesHead) {
        if let Some(pts) = head.pts {
            self.0.push(Head { stream: stream.into(), position: head.position, stamps: Some((pts, head.dts)) });
        }
    }
    fn payload(&mut self, _: u8, _: &[u8]) {}
    fn end(&mut self, _: u8) {}
    fn lost(&mut self, stream: u8, loss: Loss) {
        // A counter that jumps is no hole: it does so where files were joined.
        if !matches!(loss.kind, LossKind::Hole | LossKind::Sync) {
            return;
        }
        self.0.push(Head { stream: stream.into(), position: loss.position, stamps: None });
    }
}

#[cfg(test)]
#[path = "scout_tests.rs"]
mod tests;
