//! Time of audio: an anchor, then samples counted.

use super::arena::Stamp;
use super::{Frame, Lost, Output, Payload};
use crate::base::time::Ticks90;

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

/// Gives every audio frame of a track its time.
///
/// Stamps of the stream are rounded and jitter; samples do not. A stamp that lies more than half a frame off
/// moves the clock only behind a gap, or when the next stamp says the same.
#[derive(Debug, Default)]
pub(crate) struct AudioClock {
    anchor: Option<Ticks90>,
    samples: u64,
    rate: u32,
    /// Drift that one stamp showed and the next must confirm.
    suspect: Option<Ticks90>,
    /// The next stamp is believed at once.
    gap: bool,
    end: Option<Ticks90>,
    /// A loss to be reported with the next frame.
    lost: bool,
}

impl AudioClock {
    /// Gives `unit` out with its time; `false`: dropped, as nothing told the time yet, or not again since a gap.
    pub(crate) fn emit(&mut self, unit: Unit<'_>, out: &mut dyn Output) -> bool {
        let from = self.end;
        let Some((pts, duration)) = self.next(unit.stamp, unit.samples, unit.rate) else { return false };
        if std::mem::take(&mut self.lost) && from.is_none_or(|from| pts.distance(from) > duration.half()) {
            out.lost(Lost { track: unit.track, from, until: Some(pts) });
        }
        out.frame(Frame {
            track: unit.track,
            payload: Payload::Bytes(unit.bytes),
            pts,
            dts: None,
            duration: Some(duration),
            key: unit.key,
            discardable: false,
            leading: false,
            forced: false,
        });
        true
    }

    fn next(&mut self, stamp: Stamp, samples: u32, rate: u32) -> Option<(Ticks90, Ticks90)> {
        if rate != self.rate {
            // The samples so far were counted in the other rate.
            self.anchor = self.now();
            self.samples = 0;
            self.rate = rate;
        }
        if let Some(pts) = stamp.pts {
            self.check(pts, samples);
        } else if self.gap {
            return None;
        }
        let pts = self.now()?;
        self.samples += u64::from(samples);
        let end = self.now()?;
        self.end = Some(end);
        Some((pts, end - pts))
    }

    fn check(&mut self, pts: Ticks90, samples: u32) {
        let Some(now) = self.now() else { return self.set(pts) };
        let drift = pts - now;
        let half = Ticks90::from_count(samples.into(), self.rate).half();
        let confirmed = self.suspect.is_some_and(|before| before.distance(drift) <= half);
        if self.gap || (drift.abs() > half && confirmed) {
            if drift.abs() > half || self.gap {
                self.set(pts);
            }
        } else {
            self.suspect = (drift.abs() > half).then_some(drift);
        }
    }

    fn set(&mut self, pts: Ticks90) {
        *self = Self { anchor: Some(pts), samples: 0, suspect: None, gap: false, ..*self };
    }

    fn now(&self) -> Option<Ticks90> {
        Some(self.anchor? + Ticks90::from_count(self.samples, self.rate))
    }

    /// Frames are missing from here on: the next one needs a stamp of its own.
    pub(crate) fn gap(&mut self) {
        self.gap = true;
        self.suspect = None;
        self.lost = true;
    }

    /// The stream is over: tells of a loss that nothing came behind, if the track ever began.
    pub(crate) fn finish(&mut self, track: u8, out: &mut dyn Output) {
        if std::mem::take(&mut self.lost) && self.end.is_some() {
            out.lost(Lost { track, from: self.end, until: None });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::recorder::Recorder;
    use super::*;

    fn frames(clock: &mut AudioClock, stamps: &[Option<i64>]) -> Vec<i64> {
        let mut out = Recorder::default();
        for pts in stamps {
            let stamp = Stamp { pts: pts.map(Ticks90), dts: None };
            clock.emit(Unit { track: 0, bytes: &[], stamp, samples: 1536, rate: 44_100, key: true }, &mut out);
        }
        out.frames.iter().map(|f| f.pts).collect()
    }

    #[test]
    fn counts_samples_and_ignores_jitter() {
        let mut clock = AudioClock::default();
        assert_eq!(frames(&mut clock, &[None, Some(1000), None, Some(1000 + 6300), None]), [1000, 4135, 7269, 10_404]);
    }

    #[test]
    fn one_stamp_off_is_not_believed_and_two_are() {
        let mut clock = AudioClock::default();
        let pts = frames(&mut clock, &[Some(0), Some(90_000), Some(6269), Some(99_404), Some(99_404 + 3135)]);
        assert_eq!(pts, [0, 3135, 6269, 9404, 102_539]);
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
