//! One track of the film: how it is cut, and what is held of it.

pub(in crate::mux::film) mod ahead;
pub(in crate::mux::film) mod cut;
pub(in crate::mux::film) mod forced;
pub(in crate::mux::film) mod gaps;
pub(in crate::mux::film) mod held;
pub(in crate::mux::film) mod interleave;
pub(in crate::mux::film) mod losses;
pub(in crate::mux::film) mod pace;

use std::collections::VecDeque;
use std::ops::Range;

use self::cut::{Cut, Decision, PartSpan, Seen};
use self::gaps::Pictures;
use self::held::{Held, PendingFrame};
use self::pace::Pace;
use crate::base::time::{Nanoseconds, Ticks90};
use crate::codec::Codec;
use crate::matroska::builder::Grown;
use crate::matroska::codec_id;
use crate::matroska::element::track::{Kind, Track};

/// A part that is shorter may lie between two pictures, or in front of the first that can be decoded.
const SHORT: i64 = Ticks90::SECOND.0 / 2;
/// A picture that others of a part need, and that is not shown, lies so long before it or the next one, ticks of 90 kHz.
const ON_THE_CUT: i64 = Ticks90::SECOND.0 / 1000;

/// One track.
#[derive(Debug)]
pub(in crate::mux::film) struct Lane {
    /// The path that it comes from.
    pub(in crate::mux::film) path: usize,
    cut: Cut,
    /// Frames of the part under way were not played, or were.
    has_dropped: bool,
    has_played: bool,
    /// Time of the first frame that was played of the part under way.
    begun_at: Option<i64>,
    /// Something of it is in the film.
    has_begun: bool,
    /// Its pictures say themselves where they do not go on from those in front of them.
    tells_links: bool,
    /// The earliest frame in front of that one that cannot be decoded.
    undecoded: Option<i64>,
    pub(in crate::mux::film) is_audio: bool,
    pub(in crate::mux::film) is_subtitle: bool,
    pub(in crate::mux::film) held: Held,
    /// What it turned out to be.
    pub(in crate::mux::film) grown: Grown,
    pub(in crate::mux::film) pictures: Pictures,
    /// How far its pictures lie apart.
    pace: Pace,
    /// The file does not get it where nothing comes for it.
    pub(in crate::mux::film) may_be_omitted: bool,
}

impl Lane {
    /// `track`, whose frames come from `path`.
    pub(in crate::mux::film) fn new(track: &Track, path: usize, may_be_omitted: bool) -> Self {
        let pictures = Pictures::new(track.default_duration);
        let cut = match track.kind {
            Kind::Video(_) => Cut::video(pictures.step()),
            Kind::Audio(_) => Cut::audio(),
            Kind::Subtitle => Cut::Subtitle,
        };
        Self {
            path,
            cut,
            has_dropped: false,
            has_played: false,
            is_audio: matches!(track.kind, Kind::Audio(_)),
            is_subtitle: matches!(track.kind, Kind::Subtitle),
            held: Held::default(),
            grown: Grown::default(),
            pictures,
            pace: Pace::new(track.default_duration),
            begun_at: None,
            has_begun: false,
            tells_links: Some(track.codec_id.as_str()) == codec_id::of(Codec::Hevc),
            undecoded: None,
            may_be_omitted,
        }
    }

    /// Whether it holds pictures.
    pub(in crate::mux::film) fn is_video(&self) -> bool {
        matches!(self.cut, Cut::Video(_))
    }

    /// A new part begins.
    pub(in crate::mux::film) fn begin(&mut self) {
        self.cut.begin();
        (self.has_dropped, self.has_played) = (false, false);
        (self.begun_at, self.undecoded) = (None, None);
    }

    /// What becomes of the next frame, in the order of the stream; and the times up to which frames are lost that cannot be
    /// decoded, where that shows.
    pub(in crate::mux::film) fn judge(&mut self, span: &PartSpan, seen: &Seen) -> (Decision, Option<Range<i64>>) {
        let decision = self.cut.judge(span, seen);
        let lost = match decision {
            Decision::Lose => {
                let time = seen.time.max(span.start);
                if self.begun_at.is_none() {
                    self.undecoded = Some(self.undecoded.map_or(time, |first| first.min(time)));
                }
                self.begun_at.map(|begun| time..begun)
            }
            Decision::Drop => {
                self.has_dropped = true;
                None
            }
            // Held for pictures of the part, of which none may come.
            Decision::Hold | Decision::Replace if self.is_video() => {
                self.has_dropped = true;
                None
            }
            _ => {
                self.has_played = true;
                self.begun_at.get_or_insert(seen.time);
                self.undecoded.take().map(|first| first..seen.time)
            }
        };
        (decision, lost)
    }

    /// Whether a frame is the first of its part, and neither it nor anything behind it goes on from the pictures that the film
    /// has in front of it.
    pub(in crate::mux::film) fn is_unlinked(&self, span: &PartSpan, seen: &Seen, decision: Decision) -> bool {
        let is_first = matches!(decision, Decision::Begin | Decision::Replace);
        // What leads the first picture of a clip is dropped, unless the stream went on seamlessly.
        let is_alone = span.is_break || !self.cut.is_led(span, seen);
        self.tells_links && self.has_begun && is_first && is_alone
    }

    /// The part is over: the times at which frames are lost that could not be decoded, and nothing came behind them.
    pub(in crate::mux::film) fn undecoded(&mut self, span: &PartSpan) -> Option<Range<i64>> {
        self.undecoded.take().map(|first| first..span.end)
    }

    /// Something is missing: what is held of pictures in front of IN helps no longer.
    pub(in crate::mux::film) fn forget_roll(&mut self) {
        if self.cut.forget_roll() {
            self.held.clear();
        }
    }

    /// Whether the part under way had pictures, and none at a time at which it plays: its clock is not the one that it is
    /// said to have.
    pub(in crate::mux::film) fn is_elsewhere(&self, span: &PartSpan) -> bool {
        let is_long = !span.is_open() && span.end - span.start >= SHORT;
        self.is_video() && self.has_dropped && !self.has_played && is_long
    }

    /// A frame of it goes into the film. Gives the end of a picture or of sound; subtitles make no film longer.
    pub(in crate::mux::film) fn play(&mut self, seen: &Seen) -> Option<i64> {
        self.pictures.add(seen.time);
        self.has_begun = true;
        if self.is_video() {
            self.pace.add(seen.time);
        }
        let end = seen.time.saturating_add(seen.duration.max(self.pictures.step()));
        (!self.is_subtitle).then_some(end)
    }

    /// How far its pictures turned out to lie apart, all having come; `None` where it is none of pictures. The number is
    /// `None` where they lie apart by more than one.
    pub(in crate::mux::film) fn take_pace(&mut self) -> Option<Option<Nanoseconds>> {
        self.is_video().then(|| std::mem::replace(&mut self.pace, Pace::new(None)).told())
    }

    /// Takes what is held, moved to `time`.
    pub(in crate::mux::film) fn take_moved(&mut self, time: i64) -> VecDeque<PendingFrame> {
        let moved = |frame: PendingFrame| {
            // What has an end of its own keeps it.
            let left = frame.seen.duration - (time - frame.seen.time).max(0);
            let duration = if frame.seen.duration > 0 { left.max(1) } else { 0 };
            let seen = Seen { time, duration, ..frame.seen };
            PendingFrame { seen, order: frame.order.min(time), ..frame }
        };
        self.held.take().into_iter().map(moved).collect()
    }

    /// Takes pictures outside of `span` that others turned out to need: those in front of it lie on its edge, those behind it,
    /// if it is not the last, in front of the next one's.
    pub(in crate::mux::film) fn take_invisible(&mut self, span: &PartSpan) -> VecDeque<PendingFrame> {
        let hide = |frame: PendingFrame| {
            let time = match frame.seen.time {
                time if time < span.start => span.start - ON_THE_CUT,
                time if span.is_last => time,
                _ => span.end - ON_THE_CUT,
            };
            let seen = Seen { time, ..frame.seen };
            PendingFrame { seen, order: frame.order.min(time), invisible: true, ..frame }
        };
        self.held.take().into_iter().map(hide).collect()
    }

    /// Drops the last frames that are held where the first one of the next part's sound overlaps them.
    pub(in crate::mux::film) fn drop_overlap(&mut self, first: &Seen) {
        let surplus =
            |frame: &PendingFrame| cut::is_surplus(frame.seen.time + frame.seen.duration, first.time, first.duration);
        self.held.drop_last(surplus);
    }
}
