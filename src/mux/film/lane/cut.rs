//! Which frames of a part belong to the title, and how the sound of two parts meets. Pure; all times are ticks of
//! 90 kHz on the title's clock.

use crate::base::time::Ticks90;

/// IN and OUT are in ticks of 45 kHz: a frame may be stamped up to two ticks of 90 kHz in front of them.
const ROUNDING: i64 = 2;

/// Pictures behind OUT that are kept for those in front of it that refer to them; no stream reorders more.
const MOST_BEYOND: usize = 16;

/// The end of a part that plays until its bytes end: none that any film reaches.
const OPEN_END: i64 = i64::MAX / 4;

/// Where a part plays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::mux) struct PartSpan {
    /// Its start.
    pub(in crate::mux) start: i64,
    /// Its end.
    pub(in crate::mux) end: i64,
    /// It is the title's first.
    pub(in crate::mux) is_first: bool,
    /// It is the title's last.
    pub(in crate::mux) is_last: bool,
    /// Pictures cannot refer to those of the part before.
    pub(in crate::mux) is_break: bool,
    /// What is shown over its start may have begun in the part before.
    pub(in crate::mux) goes_on: bool,
}

impl PartSpan {
    /// A part from `start` to `end` of the title. From here on, times are plain numbers of ticks: all that is done with them is
    /// to compare, add and halve them.
    pub(in crate::mux) fn new(start: Ticks90, end: Ticks90, is_first: bool, is_break: bool) -> Self {
        Self { start: start.0, end: end.0, is_first, is_last: false, is_break, goes_on: !is_break }
    }

    /// A part that plays until its bytes end.
    pub(in crate::mux) fn open(start: Ticks90, is_first: bool) -> Self {
        Self { start: start.0, end: OPEN_END, is_first, is_last: false, is_break: true, goes_on: false }
    }

    /// Whether it plays until its bytes end.
    pub(in crate::mux) fn is_open(&self) -> bool {
        self.end == OPEN_END
    }

    /// The part's start, or the frame's own time.
    pub(in crate::mux) fn clamp(&self, time: i64) -> i64 {
        if self.is_first { time.max(self.start) } else { time.max(0) }
    }

    fn is_before(&self, time: i64) -> bool {
        time < self.start - ROUNDING
    }

    fn is_behind(&self, time: i64) -> bool {
        time >= self.end
    }
}

/// A frame, without its bytes.
#[derive(Clone, Copy, Debug)]
pub(in crate::mux) struct Seen {
    pub(in crate::mux) time: i64,
    /// Of sound only.
    pub(in crate::mux) duration: i64,
    pub(in crate::mux) key: bool,
    pub(in crate::mux) leading: bool,
    pub(in crate::mux) discardable: bool,
    /// A subtitle that shows nothing.
    pub(in crate::mux) clear: bool,
}

/// What becomes of a frame. What was held before is meant by "held".
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::mux) enum Decision {
    /// It goes into the file.
    Keep,
    /// It does not.
    Drop,
    /// It is held.
    Hold,
    /// It goes into the file, those held before it.
    KeepWithHeld,
    /// It belongs to the film, and nothing that is there lets it be decoded.
    Lose,
    /// It goes into the file, and what is held is forgotten.
    Begin,
    /// Sound of a new part: of those held, the last ones go that end too far behind its start, the others go
    /// into the file, then this one (or it is held itself).
    Join {
        /// It may be surplus itself when the next part comes.
        hold: bool,
    },
    /// It is held in the place of the held one.
    Replace,
    /// It does not go into the file, and what is held is forgotten.
    Forget,
}

/// How pictures are cut.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(in crate::mux) struct VideoCut {
    /// How long a picture lasts; 0 where that is not known.
    step: i64,
    /// A picture was kept.
    open: bool,
    /// That was a key frame, and the last one: what came before it is not in the film.
    first_group: bool,
    /// Pictures behind OUT that are held.
    beyond: usize,
    /// Pictures in front of IN that are held, the last key frame and what others need behind it.
    rolled: usize,
    /// A key frame in front of IN came.
    had_key: bool,
}

/// Decides for one track.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::mux) enum Cut {
    Video(VideoCut),
    Audio {
        /// A frame of this part was kept.
        joined: bool,
    },
    Subtitle,
}

impl Cut {
    /// Pictures that last `step` each; 0 where that is not known.
    pub(in crate::mux) fn video(step: i64) -> Self {
        Self::Video(VideoCut { step, ..VideoCut::default() })
    }

    pub(in crate::mux) fn audio() -> Self {
        Self::Audio { joined: false }
    }

    /// A new part begins.
    pub(in crate::mux) fn begin(&mut self) {
        *self = match self {
            Self::Video(video) => Self::video(video.step),
            Self::Audio { .. } => Self::audio(),
            Self::Subtitle => Self::Subtitle,
        };
    }

    /// Whether pictures of the part may be shown before this one, the first that is kept, and lead it.
    pub(in crate::mux) fn is_led(&self, span: &PartSpan, seen: &Seen) -> bool {
        matches!(self, Self::Video(video) if video.is_led(span, seen))
    }

    /// What is held of pictures in front of IN is gone: those behind cannot be decoded from it. Whether any was.
    pub(in crate::mux) fn forget_roll(&mut self) -> bool {
        match self {
            Self::Video(video) => std::mem::take(&mut video.rolled) > 0,
            _ => false,
        }
    }

    /// Looks at the next frame of the track, in the order of the stream.
    pub(in crate::mux) fn judge(&mut self, span: &PartSpan, seen: &Seen) -> Decision {
        match self {
            Self::Video(video) => video.judge(span, seen),
            Self::Audio { joined } => audio(joined, span, seen),
            Self::Subtitle => subtitle(span, seen),
        }
    }
}

impl VideoCut {
    fn judge(&mut self, span: &PartSpan, seen: &Seen) -> Decision {
        if span.is_before(seen.time) {
            return self.in_front(span, seen);
        }
        let is_decoded = self.open || self.rolled > 0;
        if span.is_behind(seen.time + ROUNDING) {
            // Pictures that come later may still be shown before OUT and refer to this one.
            let wanted = is_decoded && !seen.discardable && self.beyond < MOST_BEYOND;
            self.beyond += usize::from(wanted);
            // Those that lead it have the group before to refer to.
            self.first_group &= !(wanted && seen.key);
            return if wanted { Decision::Hold } else { Decision::Drop };
        }
        if !seen.key && !is_decoded {
            return if span.is_open() { Decision::Drop } else { Decision::Lose };
        }
        if !self.open && seen.key && !self.is_led(span, seen) {
            self.rolled = 0;
        }
        if seen.key {
            self.first_group = !self.open && self.rolled == 0;
        } else if seen.leading && self.first_group && span.is_break {
            // What leads the first picture of a clip nobody can decode.
            return if self.had_key { Decision::Lose } else { Decision::Drop };
        }
        let has_held = std::mem::take(&mut self.rolled) + std::mem::take(&mut self.beyond) > 0;
        match (std::mem::replace(&mut self.open, true), has_held) {
            (_, true) => Decision::KeepWithHeld,
            (false, false) => Decision::Begin,
            (true, false) => Decision::Keep,
        }
    }

    /// A picture in front of IN: those behind may refer to it. In front of the film there is no time to put it at.
    fn in_front(&mut self, span: &PartSpan, seen: &Seen) -> Decision {
        if span.is_open() {
            return Decision::Drop;
        }
        self.had_key |= seen.key;
        if span.is_first {
            return Decision::Drop;
        }
        if seen.key && !self.open {
            self.rolled = 1;
            return Decision::Replace;
        }
        // What leads the key frame that is held needs one before it.
        let is_needed = if self.open { self.had_key && !self.first_group } else { self.rolled > 0 && !seen.leading };
        if seen.discardable || !is_needed {
            return Decision::Drop;
        }
        self.rolled += 1;
        Decision::Hold
    }

    /// Whether pictures may lie between IN and this one, the first, which lead it.
    fn is_led(&self, span: &PartSpan, seen: &Seen) -> bool {
        seen.time - span.start >= self.step.max(ROUNDING + 1) - ROUNDING
    }
}

/// Whole frames: those that start before OUT. Where parts meet, the incoming one starts with the frame nearest to
/// IN; the outgoing one's last may then overlap it by half a frame at most, else it is surplus.
fn audio(joined: &mut bool, span: &PartSpan, seen: &Seen) -> Decision {
    let early = if span.is_first { ROUNDING } else { seen.duration / 2 };
    if seen.time < span.start - early || span.is_behind(seen.time) {
        return Decision::Drop;
    }
    let hold = seen.time + seen.duration > span.end;
    if !*joined {
        if !seen.key {
            return if span.is_open() { Decision::Drop } else { Decision::Lose };
        }
        *joined = true;
        return Decision::Join { hold };
    }
    if hold { Decision::Hold } else { Decision::Keep }
}

/// A subtitle that is shown over IN is moved onto it, if it can be drawn by itself and the part goes on from the one before:
/// else it belongs to something that is not played.
fn subtitle(span: &PartSpan, seen: &Seen) -> Decision {
    if span.is_behind(seen.time) {
        return Decision::Drop;
    }
    if !span.is_before(seen.time) {
        return Decision::KeepWithHeld;
    }
    let is_over = seen.duration > 0 && span.is_before(seen.time + seen.duration);
    match (seen.clear, seen.key) {
        _ if is_over || !span.goes_on => Decision::Drop,
        (true, _) => Decision::Forget,
        (false, true) => Decision::Replace,
        (false, false) => Decision::Drop,
    }
}

/// Whether a frame of the part before that ends at `end` is surplus to one that starts at `start`.
pub(in crate::mux) fn is_surplus(end: i64, start: i64, duration: i64) -> bool {
    end - start > duration / 2
}

#[cfg(test)]
#[path = "cut_tests.rs"]
mod tests;
