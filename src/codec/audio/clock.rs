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

/// Frames that may wait for a second stamp, and their bytes; more come from a stream whose stamps mean nothing.
const HELD_FRAMES: usize = 64;
const HELD_BYTES: usize = 256 << 10;

/// A frame that waits for the next stamp, which says when it is.
#[derive(Debug)]
struct Held {
    bytes: Vec<u8>,
    track: u8,
    key: bool,
    /// By the samples before it.
    pts: Ticks90,
    duration: Ticks90,
}

/// Gives every audio frame of a track its time.
///
/// Stamps of the stream are rounded and jitter; samples do not. A stamp that lies more than half a frame off
/// moves the clock only behind a gap, or when the next stamp says the same: the frames from the first one on wait for
/// that.
#[derive(Debug, Default)]
pub(crate) struct AudioClock {
    anchor: Option<Ticks90>,
    samples: u64,
    rate: u32,
    /// Drift that one stamp showed and the next must confirm.
    suspect: Option<Ticks90>,
    /// The frames since that stamp.
    held: Vec<Held>,
    /// The next stamp is believed at once.
    gap: bool,
    end: Option<Ticks90>,
    /// A loss to be reported with the next frame.
    lost: bool,
}

impl AudioClock {
    /// Gives `unit` out with its time, or lets it wait for the next stamp; `false`: dropped, as nothing told the time yet,
    /// or not again since a gap.
    pub(crate) fn emit(&mut self, unit: Unit<'_>, out: &mut dyn Output) -> bool {
        if unit.rate != self.rate {
            // The samples so far were counted in the other rate.
            self.anchor = self.now();
            self.samples = 0;
            self.rate = unit.rate;
        }
        if self.gap {
            // What was lost came behind those that wait.
            let lost = std::mem::take(&mut self.lost);
            self.let_go(Ticks90::ZERO, out);
            self.lost = lost;
        }
        match unit.stamp.pts {
            Some(pts) => self.check(pts, unit.samples, out),
            None if self.gap => return false,
            None => {}
        }
        let Some(pts) = self.now() else { return false };
        self.samples += u64::from(unit.samples);
        let duration = self.now().map_or(Ticks90::ZERO, |end| end - pts);
        let Unit { track, bytes, key, .. } = unit;
        if self.suspect.is_none() {
            self.give(track, bytes, key, pts, duration, out);
            return true;
        }
        self.held.push(Held { bytes: bytes.to_vec(), track, key, pts, duration });
        let bytes: usize = self.held.iter().map(|held| held.bytes.len()).sum();
        if self.held.len() > HELD_FRAMES || bytes > HELD_BYTES {
            self.let_go(Ticks90::ZERO, out);
        }
        true
    }

    fn give(&mut self, track: u8, bytes: &[u8], key: bool, pts: Ticks90, duration: Ticks90, out: &mut dyn Output) {
        let from = self.end.replace(pts + duration);
        if std::mem::take(&mut self.lost) && from.is_none_or(|from| pts.distance(from) > duration.half()) {
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
        for Held { bytes, track, key, pts, duration } in std::mem::take(&mut self.held) {
            self.give(track, &bytes, key, pts + drift, duration, out);
        }
    }

    fn check(&mut self, pts: Ticks90, samples: u32, out: &mut dyn Output) {
        let Some(now) = self.now().filter(|_| !self.gap) else { return self.set(pts) };
        let drift = pts - now;
        let half = Ticks90::from_count(samples.into(), self.rate).half();
        if drift.abs() <= half {
            self.let_go(Ticks90::ZERO, out);
        } else if let Some(before) = self.suspect.filter(|before| before.distance(drift) <= half) {
            self.let_go(before, out);
            self.set(pts);
        } else {
            self.let_go(Ticks90::ZERO, out);
            self.suspect = Some(drift);
        }
    }

    fn set(&mut self, pts: Ticks90) {
        self.anchor = Some(pts);
        self.samples = 0;
        self.suspect = None;
        self.gap = false;
    }

    fn now(&self) -> Option<Ticks90> {
        Some(self.anchor? + Ticks90::from_count(self.samples, self.rate))
    }

    /// Frames are missing from here on: the next one needs a stamp of its own.
    pub(crate) fn gap(&mut self) {
        self.gap = true;
        self.lost = true;
    }

    /// The stream is over: tells of a loss that nothing came behind, if the track ever began.
    pub(crate) fn finish(&mut self, track: u8, out: &mut dyn Output) {
        // What was lost came behind those that wait.
        let lost = std::mem::take(&mut self.lost);
        self.let_go(Ticks90::ZERO, out);
        self.lost = lost;
        if std::mem::take(&mut self.lost) && self.end.is_some() {
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
        assert_eq!(frames(&mut clock, &[None, Some(1000), None, Some(1000 + 6300), None]), [1000, 4135, 7269, 10_404]);
    }

    #[test]
    fn one_stamp_off_is_not_believed_and_two_are() {
        let mut clock = AudioClock::default();
        let pts = frames(&mut clock, &[Some(0), Some(90_000), Some(6269), Some(99_404), Some(99_404 + 3135)]);
        assert_eq!(pts, [0, 3135, 6269, 99_404, 102_539]);
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
