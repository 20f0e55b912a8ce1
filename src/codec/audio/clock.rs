//! Time of audio: an anchor, then samples counted.

use crate::base::time::Ticks90;
use crate::codec::arena::Stamp;
use crate::codec::{Frame, Lost, Output, Payload};

/// An audio frame without its time.
#[derive(Debug)]
pub(crate) struct Unit<'a> {
    pub(crate) track: u8,
    pub(crate) bytes: &'a [u8],
    pub(crate) stamp: Stamp,
    pub(crate) samples: u32,
    pub(crate) rate: u32,
    pub(crate) key: bool,
}

/// Behind damage, frames that lie no further apart follow each other: stamps are rounded. Of samples a few may be lost.
const TOUCHING: Ticks90 = Ticks90(4);
/// Frames that may wait for a second stamp, and their bytes; more come from a stream whose stamps mean nothing.
const HELD_FRAMES: usize = 64;
const HELD_BYTES: usize = 256 << 10;
/// Frames that may wait for the first stamp: those of the first packets, should the stamps of these be wrong.
const FIRST_FRAMES: usize = 1024;
/// A first stamp that the next ones contradict is wrong where they do by no more than so many times what lies between them, or by
/// no more than this: nobody makes a hole so short, or so early. By more, there is nothing between.
const NEAR: i64 = 4;
const SHORT: Ticks90 = Ticks90(Ticks90::SECOND.0 / 2);

/// A frame that waits for the next stamp, which says when it is.
#[derive(Debug)]
struct Held {
    bytes: Vec<u8>,
    track: u8,
    key: bool,
    /// By the samples before it; counted from zero where there is no time yet.
    pts: Ticks90,
    duration: Ticks90,
}

/// Gives every audio frame of a track its time.
///
/// Stamps of the stream are rounded and jitter; samples do not. A stamp that lies more than half a frame off
/// moves the clock only behind a gap, or when the next stamp says the same: the frames from the first one on wait for
/// that. Frames in front of the first stamp wait for it, and get their times from it; those behind it wait for the second, since
/// nothing bears out the first, and when a third says what the second does, not the first, that one was wrong.
#[derive(Debug, Default)]
pub(crate) struct AudioClock {
    anchor: Option<Ticks90>,
    samples: u64,
    rate: u32,
    /// Drift that one stamp showed and the next must confirm.
    suspect: Option<Ticks90>,
    /// The frames since that stamp, or those in front of the first one and behind it.
    held: Vec<Held>,
    /// The anchor is the first stamp of all, and no other was like it.
    is_unproven: bool,
    /// The next stamp is believed at once.
    gap: bool,
    end: Option<Ticks90>,
    /// A loss to be reported with the next frame.
    lost: bool,
}

impl AudioClock {
    /// Gives `unit` out with its time, or lets it wait for the next stamp; `false`: dropped, as nothing told the time since
    /// a gap.
    pub(crate) fn emit(&mut self, unit: Unit<'_>, out: &mut dyn Output) -> bool {
        if unit.rate != self.rate {
            // The samples so far were counted in the other rate.
            self.give_up_unplaced();
            self.anchor = self.anchor.map(|_| self.now());
            self.samples = 0;
            self.rate = unit.rate;
        }
        if self.gap {
            self.let_go_before_loss(out);
        }
        match unit.stamp.pts {
            Some(pts) => self.check(pts, unit.samples, out),
            None if self.gap => return false,
            None => {}
        }
        let pts = self.now();
        self.samples += u64::from(unit.samples);
        let duration = self.now() - pts;
        let Unit { track, bytes, key, .. } = unit;
        if self.anchor.is_some() && self.suspect.is_none() && !self.is_unproven {
            self.give(track, bytes, key, pts, duration, out);
            return true;
        }
        self.held.push(Held { bytes: bytes.to_vec(), track, key, pts, duration });
        let bytes: usize = self.held.iter().map(|held| held.bytes.len()).sum();
        if self.anchor.is_none() {
            return self.held.len() <= FIRST_FRAMES && bytes <= HELD_BYTES || !self.give_up_unplaced();
        }
        if self.held.len() > HELD_FRAMES || bytes > HELD_BYTES {
            self.let_go(Ticks90::ZERO, out);
        }
        true
    }

    fn give(&mut self, track: u8, bytes: &[u8], key: bool, pts: Ticks90, duration: Ticks90, out: &mut dyn Output) {
        let from = self.end.replace(pts + duration);
        if std::mem::take(&mut self.lost) && from.is_none_or(|from| pts.distance(from) > TOUCHING) {
            out.lost(Lost { track, from, until: Some(pts) });
        }
        out.frame(Frame {
            track,
            payload: Payload::Bytes(bytes),
            pts,
            dts: None,
            duration: Some(duration),
            key,
            discardable: false,
            leading: false,
            forced: false,
        });
    }

    /// Gives out the frames that wait, moved by `drift`.
    fn let_go(&mut self, drift: Ticks90, out: &mut dyn Output) {
        self.suspect = None;
        self.is_unproven = false;
        for Held { bytes, track, key, pts, duration } in std::mem::take(&mut self.held) {
            self.give(track, &bytes, key, pts + drift, duration, out);
        }
    }

    /// Gives up the frames that have no time at all; whether there were any.
    fn give_up_unplaced(&mut self) -> bool {
        let is_lost = self.anchor.is_none() && !self.held.is_empty();
        if is_lost {
            self.held.clear();
            self.samples = 0;
            self.lost = true;
        }
        is_lost
    }

    /// Gives out the frames that wait, behind [`Self::gap`]: what was lost came behind them.
    pub(crate) fn let_go_before_loss(&mut self, out: &mut dyn Output) {
        self.give_up_unplaced();
        let lost = std::mem::take(&mut self.lost);
        self.let_go(Ticks90::ZERO, out);
        self.lost = lost;
    }

    fn check(&mut self, pts: Ticks90, samples: u32, out: &mut dyn Output) {
        if self.anchor.is_none() {
            // The frames so far end where this one begins.
            self.let_go(pts - self.now(), out);
        }
        if self.gap || self.anchor.is_none() {
            self.is_unproven = self.anchor.is_none() && !self.gap && !self.lost;
            return self.set(pts);
        }
        let drift = pts - self.now();
        let half = Ticks90::from_count(samples.into(), self.rate).half();
        if drift.abs() <= half {
            self.let_go(Ticks90::ZERO, out);
        } else if let Some(before) = self.suspect.filter(|before| before.distance(drift) <= half) {
            self.let_go(before, out);
            self.set(pts);
        } else {
            let since_first = self.anchor.map_or(Ticks90::ZERO, |first| self.now() - first);
            if !self.is_unproven || self.suspect.is_some() || drift.abs() > SHORT.max(since_first.times(NEAR)) {
                self.let_go(Ticks90::ZERO, out);
            }
            self.suspect = Some(drift);
        }
    }

    fn set(&mut self, pts: Ticks90) {
        self.anchor = Some(pts);
        self.samples = 0;
        self.suspect = None;
        self.gap = false;
    }

    /// Start of the next frame; from zero where nothing told the time yet.
    fn now(&self) -> Ticks90 {
        self.anchor.unwrap_or_default() + Ticks90::from_count(self.samples, self.rate)
    }

    /// Frames are missing from here on: the next one needs a stamp of its own.
    pub(crate) fn gap(&mut self) {
        self.gap = true;
        self.lost = true;
    }

    /// The stream is over: tells of a loss that nothing came behind, if anything of the track came at all.
    pub(crate) fn finish(&mut self, track: u8, out: &mut dyn Output) {
        let is_unplaced = self.give_up_unplaced();
        self.let_go_before_loss(out);
        if std::mem::take(&mut self.lost) && (self.end.is_some() || is_unplaced) {
            out.lost(Lost { track, from: self.end, until: None });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::recorder::Recorder;

    fn frames(clock: &mut AudioClock, stamps: &[Option<i64>]) -> Vec<i64> {
        let mut out = Recorder::default();
        for pts in stamps {
            let stamp = Stamp { pts: pts.map(Ticks90), dts: None };
            clock.emit(Unit { track: 0, bytes: &[], stamp, samples: 1536, rate: 44_100, key: true }, &mut out);
        }
        clock.finish(0, &mut out);
        out.frames.iter().map(|f| f.pts).collect()
    }

    #[test]
    fn counts_samples_and_ignores_jitter() {
        let mut clock = AudioClock::default();
        assert_eq!(frames(&mut clock, &[Some(1000), None, Some(1000 + 6300), None]), [1000, 4135, 7269, 10_404]);
    }

    #[test]
    fn frames_in_front_of_the_first_stamp_get_their_times_from_it() {
        let mut clock = AudioClock::default();
        let pts = frames(&mut clock, &[None, None, Some(16_269), None]);
        assert_eq!(pts, [10_000, 13_135, 16_269, 19_404]);
    }

    #[test]
    fn frames_without_any_time_are_a_loss_that_is_told() {
        let unit = |pts, rate| {
            let stamp = Stamp { pts, dts: None };
            Unit { track: 0, bytes: &[7; 1000], stamp, samples: 1536, rate, key: true }
        };
        let told = |units: Vec<Unit<'_>>, gap: bool| {
            let (mut clock, mut out) = (AudioClock::default(), Recorder::default());
            for unit in units {
                clock.emit(unit, &mut out);
            }
            if gap {
                clock.gap();
                clock.emit(unit(Some(Ticks90(9000)), 44_100), &mut out);
            }
            clock.finish(0, &mut out);
            (out.frames.len(), out.lost)
        };
        let lost = |until: Option<i64>| vec![Lost { track: 0, from: None, until: until.map(Ticks90) }];
        let three = || (0..3).map(|_| unit(None, 44_100)).collect::<Vec<_>>();
        assert_eq!(told(three(), false), (0, lost(None)));
        assert_eq!(told(three(), true), (1, lost(Some(9000))));
        let other_rate = three().into_iter().chain([unit(Some(Ticks90(90)), 48_000)]).collect();
        assert_eq!(told(other_rate, false), (1, lost(Some(90))));
        let many = (0..300).map(|_| unit(None, 44_100)).chain([unit(Some(Ticks90(90_000_000)), 44_100)]).collect();
        let (kept, lost) = told(many, false);
        assert!(kept < 300 && lost.len() == 1, "{kept} {lost:?}");
    }

    #[test]
    fn one_stamp_off_is_not_believed_and_two_are() {
        let mut clock = AudioClock::default();
        let pts = frames(&mut clock, &[Some(0), Some(90_000), Some(6269), Some(99_404), Some(99_404 + 3135)]);
        assert_eq!(pts, [0, 3135, 6269, 99_404, 102_539]);
    }

    #[test]
    fn a_first_stamp_that_the_next_two_contradict_is_wrong_and_its_frames_touch_theirs() {
        let at = |n: i64| n * 3135 - i64::from(n > 1) - i64::from(n > 4);
        for off in [-27_000, -9000, -3135, 3135, 9000, 27_000] {
            for between in 0..2 {
                let stamp = |n: i64| (n % (between + 1) == 0).then_some(50_000 + at(n) + if n == 0 { off } else { 0 });
                let stamps: Vec<Option<i64>> = (0..6).map(stamp).collect();
                let pts = frames(&mut AudioClock::default(), &stamps);
                let (first, rest) = (pts[0], pts[1..].iter().zip(1..));
                assert!((first - 50_000).abs() <= 1, "{off} {between}: {pts:?}");
                assert!(rest.into_iter().all(|(pts, n)| (pts - 50_000 - at(n)).abs() <= 1), "{off} {between}: {pts:?}");
            }
        }
        // The second is wrong; nothing tells; time passes behind the first.
        let clock = || AudioClock::default();
        assert_eq!(frames(&mut clock(), &[Some(0), Some(9000), Some(6269), None]), [0, 3135, 6269, 9404]);
        assert_eq!(frames(&mut clock(), &[Some(0), Some(9000)]), [0, 3135]);
        assert_eq!(frames(&mut clock(), &[Some(0), Some(50_000), Some(53_135)]), [0, 50_000, 53_135]);
    }

    #[test]
    fn behind_a_gap_the_first_stamp_counts_and_the_loss_is_told() {
        let mut clock = AudioClock::default();
        frames(&mut clock, &[Some(0)]);
        clock.gap();
        let mut out = Recorder::default();
        for pts in [None, Some(50_000)] {
            let stamp = Stamp { pts: pts.map(Ticks90), dts: None };
            clock.emit(Unit { track: 0, bytes: &[], stamp, samples: 1536, rate: 44_100, key: true }, &mut out);
        }
        assert_eq!(out.frames.len(), 1);
        assert_eq!(out.lost, [Lost { track: 0, from: Some(Ticks90(3135)), until: Some(Ticks90(50_000)) }]);
    }
}
