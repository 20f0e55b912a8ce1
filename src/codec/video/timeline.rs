//! Times of pictures that have none of their own, from the order in which they are shown and how long each lasts. Pure.

use std::collections::VecDeque;

use crate::base::time::Ticks90;
use crate::codec::arena::Stamp;
use crate::codec::facts::Rational;

/// Pictures that may wait for a time; a stream that gives none in this many is none.
const MOST_WAITING: usize = 512;

/// Fields of two pictures of film, which are shown for two and three in turn, and turns that make film.
const FIELDS_OF_FILM: u32 = 5;
const CADENCE: usize = 4;

/// A picture as the stream has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shown {
    pub(crate) stamp: Stamp,
    /// How long it is shown, in fields.
    pub(crate) fields: u32,
    /// Others may refer to it: it is shown when the next one of its kind comes, others at once.
    pub(crate) reference: bool,
    /// Its place in the order of showing, where the stream tells.
    pub(crate) place: Option<Place>,
}

/// The place of a picture among those of its group, in the order in which they are shown, from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    pub(crate) group: u64,
    pub(crate) order: u16,
}

/// When a picture is shown and decoded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Time {
    pub(crate) pts: Ticks90,
    pub(crate) dts: Option<Ticks90>,
}

/// A picture whose turn to be shown comes.
#[derive(Clone, Copy, Debug)]
struct Turn {
    number: u64,
    fields: u32,
    pts: Option<Ticks90>,
    place: Option<Place>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    pts: Option<Ticks90>,
    dts: Option<Ticks90>,
}

/// A stamp that is not when the pictures before it have been shown: the next one shown that has a stamp decides.
#[derive(Debug)]
struct Doubt {
    /// What it says, and when they have been shown.
    pts: Ticks90,
    expected: Ticks90,
    /// The picture that it belongs to and those without stamps behind it, with the fields shown up to each.
    pictures: Vec<(u64, u64)>,
    /// Fields shown since.
    fields: u64,
}

/// Pictures in the order of decoding go in, the same with their times come out.
///
/// The stamp of a picture is believed unless those that are shown before it and behind it agree with each other and not with
/// it. One without is shown when the one before it, in the order of showing, has been; at the start of a stream, so long
/// before the first that has a stamp.
#[derive(Debug, Default)]
pub(crate) struct Timeline {
    entries: VecDeque<Entry>,
    /// Number of the first entry.
    base: u64,
    /// The reference that is shown when the next comes.
    held: Option<Turn>,
    /// Shown, in this order, before any time was known.
    unknown: Vec<(u64, u32)>,
    /// Time of the last picture shown that had a stamp, and fields shown since its start.
    anchor: Option<Ticks90>,
    fields: u64,
    /// The last stamp, where it is not believed yet; the anchor is that of before.
    doubt: Option<Doubt>,
    /// Place and fields of the last picture shown.
    last: Option<Place>,
    last_fields: Option<u32>,
    /// A picture was shown for more or less than two fields.
    is_uneven: bool,
    /// How often in a row pictures were shown for two and three fields in turn.
    turns: usize,
    /// Frames a second.
    rate: Option<Rational>,
}

impl Timeline {
    /// Sets the frames a second by which fields are counted from now on.
    pub(crate) fn set_rate(&mut self, rate: Option<Rational>) {
        if self.rate != rate {
            self.believe();
            self.anchor = self.now();
            self.fields = 0;
            self.rate = rate;
        }
    }

    /// Ticks of this many fields.
    pub(crate) fn ticks(&self, fields: u64) -> Ticks90 {
        let Some(rate) = self.rate else { return Ticks90::ZERO };
        // Two fields are a frame.
        Ticks90::from_count(fields.saturating_mul(rate.den.into()), rate.num.saturating_mul(2))
    }

    /// The next picture in the order of decoding. `false`: too many wait for a time.
    pub(crate) fn push(&mut self, shown: Shown) -> bool {
        let number = self.base + self.entries.len() as u64;
        let Stamp { pts, dts } = shown.stamp;
        let own = Turn { number, fields: shown.fields, pts, place: shown.place };
        self.entries.push_back(Entry { pts: None, dts: dts.or(pts) });
        if shown.reference {
            let turn = self.show_held();
            self.held = Some(own);
            if let Some(entry) = self.entries.back_mut() {
                // It is decoded while the one before it is shown.
                entry.dts = entry.dts.or(turn);
            }
        } else {
            self.show(own);
        }
        self.entries.len() <= MOST_WAITING
    }

    /// Nothing refers forward any more: what is held is shown.
    pub(crate) fn flush(&mut self) {
        self.show_held();
        self.believe();
    }

    /// Bytes are missing, maybe of pictures that are shown in front of the one that is held. That is shown if it has a time
    /// of its own, or by its place where it shows for how many fields those are shown; else it gets no time.
    pub(crate) fn interrupt(&mut self) {
        if let Some(held) = self.held {
            match self.fields_before(&held) {
                _ if held.pts.is_some() => {
                    // Pictures may be missing in front of it: nothing contradicts its stamp.
                    self.believe();
                    self.anchor = None;
                    self.show_held();
                }
                Some(fields) => {
                    self.count(fields);
                    self.show_held();
                }
                None => {}
            }
        }
        self.believe();
    }

    /// Fields of the pictures between the last one shown and this one of the same group: two each where all had, else, of
    /// film, two and three in turn.
    fn fields_before(&self, held: &Turn) -> Option<u64> {
        let (last, place) = self.last.zip(held.place).filter(|(last, place)| last.group == place.group)?;
        let fields = self.last_fields?;
        let between = u64::from(place.order.checked_sub(last.order)?.checked_sub(1)?);
        if between == 0 || !self.is_uneven {
            return Some(2 * between);
        }
        let (is_film, own) = (self.turns >= CADENCE, u64::from(fields));
        match between % 2 {
            0 if is_film && fields + held.fields == FIELDS_OF_FILM => Some(5 * between / 2),
            // One picture more of the kind that the last one shown is not.
            1 if is_film && fields == held.fields => Some((5 * between + 5 - 2 * own) / 2),
            _ => None,
        }
    }

    /// The time of the first picture that was not given yet, once it is known.
    pub(crate) fn pop(&mut self) -> Option<Time> {
        let entry = *self.entries.front()?;
        let pts = entry.pts?;
        self.entries.pop_front();
        self.base += 1;
        Some(Time { pts, dts: entry.dts })
    }

    /// Forgets all pictures and times.
    pub(crate) fn reset(&mut self) {
        *self = Self { rate: self.rate, is_uneven: self.is_uneven, ..Self::default() };
    }

    fn show_held(&mut self) -> Option<Ticks90> {
        let turn = self.held.take()?;
        self.show(turn)
    }

    fn show(&mut self, turn: Turn) -> Option<Ticks90> {
        let Turn { number, fields, pts, place } = turn;
        let in_turn = self.last_fields.is_some_and(|last| last + fields == FIELDS_OF_FILM);
        self.turns = if in_turn { self.turns.saturating_add(1) } else { 0 };
        self.last_fields = Some(fields);
        self.last = place;
        self.is_uneven |= fields != 2;
        let expected = self.now();
        match (pts, expected) {
            (Some(pts), Some(expected)) if self.doubt.is_none() && self.is_odd(pts, expected) => {
                self.doubt = Some(Doubt { pts, expected, pictures: vec![(number, 0)], fields: 0 });
            }
            (Some(pts), _) => {
                self.decide(expected.is_some_and(|expected| !self.is_odd(pts, expected)));
                self.tell_unknown(pts);
                self.set(number, pts);
                self.anchor = Some(pts);
                self.fields = 0;
            }
            (None, Some(pts)) => match &mut self.doubt {
                Some(doubt) => doubt.pictures.push((number, doubt.fields)),
                None => self.set(number, pts),
            },
            (None, None) => self.unknown.push((number, fields)),
        }
        self.count(fields.into());
        pts.or(expected)
    }

    /// So many fields are shown.
    fn count(&mut self, fields: u64) {
        self.fields += fields;
        self.doubt.iter_mut().for_each(|doubt| doubt.fields += fields);
    }

    /// Whether a stamp is another time than this, by more than a field.
    fn is_odd(&self, pts: Ticks90, expected: Ticks90) -> bool {
        pts.distance(expected) > self.ticks(1)
    }

    /// Nothing tells that the stamp in doubt is wrong: time goes on from it.
    fn believe(&mut self) {
        if let Some((pts, fields)) = self.doubt.as_ref().map(|doubt| (doubt.pts, doubt.fields)) {
            self.decide(false);
            (self.anchor, self.fields) = (Some(pts), fields);
        }
    }

    /// Gives their times to the pictures whose stamp is in doubt.
    fn decide(&mut self, is_wrong: bool) {
        let Some(Doubt { pts, expected, pictures, .. }) = self.doubt.take() else { return };
        let start = if is_wrong { expected } else { pts };
        for (n, (number, fields)) in pictures.into_iter().enumerate() {
            let own = if n == 0 && is_wrong { self.entry(number) } else { None };
            if let Some(entry) = own {
                entry.dts = entry.dts.filter(|dts| *dts != pts);
            }
            self.set(number, start + self.ticks(fields));
        }
    }

    fn tell_unknown(&mut self, next: Ticks90) {
        let mut fields = 0;
        for (number, own) in std::mem::take(&mut self.unknown).into_iter().rev() {
            fields += u64::from(own);
            self.set(number, next - self.ticks(fields));
        }
    }

    fn set(&mut self, number: u64, pts: Ticks90) {
        if let Some(entry) = self.entry(number) {
            entry.pts = Some(pts);
            entry.dts = entry.dts.or(Some(pts));
        }
    }

    fn entry(&mut self, number: u64) -> Option<&mut Entry> {
        number.checked_sub(self.base).and_then(|n| self.entries.get_mut(n as usize))
    }

    fn now(&self) -> Option<Ticks90> {
        Some(self.anchor? + self.ticks(self.fields))
    }
}

#[cfg(test)]
#[path = "timeline_tests.rs"]
mod tests;
