//! DVD subtitles: sub-picture units, each shown and taken away by its own control sequence.

use crate::base::bytes::{Bytes, Short};
use crate::base::time::Ticks90;
use crate::codec::arena::{Arena, Stamp};
use crate::codec::{Codec, Frame, Lost, MAIN, Output, Payload, Splitter, TrackFacts};

/// Ticks of 90 kHz that a control sequence's date counts in.
const DATE_TICKS: i64 = 1024;
/// Size and offset of the control sequences, which every unit begins with.
const HEAD: usize = 4;

/// What the control sequences of a unit say.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
struct Control {
    /// It is shown whether or not subtitles are wanted.
    is_forced: bool,
    /// When it is taken away, from its time stamp on.
    stop: Option<Ticks90>,
}

impl Control {
    /// Walks the control sequences from one to the next behind it; the last points at itself.
    fn parse(unit: &[u8]) -> Result<Self, Short> {
        let mut control = Self::default();
        let mut is_shown = false;
        let mut at = usize::from(Bytes::at(unit, 2)?.u16_be()?);
        loop {
            let mut bytes = Bytes::at(unit, at)?;
            let date = Ticks90(i64::from(bytes.u16_be()?) * DATE_TICKS);
            let next = usize::from(bytes.u16_be()?);
            // Commands that cannot be read end their sequence, not the unit.
            let _ = control.commands(&mut bytes, date, &mut is_shown);
            if next <= at {
                return Ok(control);
            }
            at = next;
        }
    }

    fn commands(&mut self, bytes: &mut Bytes<'_>, date: Ticks90, is_shown: &mut bool) -> Result<(), Short> {
        loop {
            match bytes.u8()? {
                0 => (self.is_forced, *is_shown) = (true, true),
                1 => *is_shown = true,
                2 if *is_shown => {
                    self.stop.get_or_insert(date);
                }
                2 => {}
                3 | 4 => bytes.skip(2)?,
                5 => bytes.skip(6)?,
                6 => bytes.skip(4)?,
                // Its size counts itself.
                7 => {
                    let size = usize::from(bytes.u16_be()?);
                    bytes.skip(size.saturating_sub(2))?;
                }
                _ => return Ok(()),
            }
        }
    }
}

/// Splits sub-pictures.
#[derive(Debug, Default)]
pub struct VobSubSplitter {
    arena: Arena,
    /// Stamp of the unit under way; `None` between units.
    stamp: Option<Stamp>,
    /// When the last unit began: the next may come while that is shown.
    last: Option<Ticks90>,
    lost: bool,
    facts: Option<TrackFacts>,
}

impl VobSubSplitter {
    /// A splitter at the start of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives out the unit under way if it is whole. What is behind it in its packet is padding.
    fn run(&mut self, out: &mut dyn Output) {
        let Some(stamp) = self.stamp else { return self.arena.clear() };
        let data = self.arena.live();
        let Some(&[high, low]) = data.first_chunk() else { return };
        let size = usize::from(u16::from_be_bytes([high, low]));
        if size < HEAD {
            return self.drop_partial();
        }
        let Some(unit) = data.get(..size) else { return };
        match (Control::parse(unit), stamp.pts) {
            (Ok(control), Some(pts)) => {
                if std::mem::take(&mut self.lost) {
                    out.lost(Lost { track: MAIN, from: self.last, until: Some(pts) });
                }
                self.last = Some(pts);
                self.facts.get_or_insert_with(|| TrackFacts {
                    codec: Codec::VobSub,
                    private: Vec::new(),
                    video: None,
                    audio: None,
                    subtitle: None,
                });
                out.frame(Frame {
                    track: MAIN,
                    payload: Payload::Bytes(unit),
                    pts,
                    dts: stamp.dts,
                    duration: control.stop,
                    key: true,
                    discardable: false,
                    leading: false,
                    forced: control.is_forced,
                });
                self.stamp = None;
                self.arena.release(self.arena.end());
            }
            _ => self.drop_partial(),
        }
    }

    fn drop_partial(&mut self) {
        self.lost |= self.stamp.is_some();
        self.stamp = None;
        self.arena.clear();
    }
}

impl Splitter for VobSubSplitter {
    fn start(&mut self, stamp: Stamp, _extension: Option<u8>, _out: &mut dyn Output) {
        if stamp.pts.is_some() {
            // Only the first packet of a unit has a stamp: one that is not whole yet stays so.
            self.drop_partial();
            self.stamp = Some(stamp);
        }
    }

    fn payload(&mut self, bytes: &[u8]) {
        if !self.arena.extend(bytes) {
            self.drop_partial();
        }
    }

    fn end(&mut self, out: &mut dyn Output) {
        self.run(out);
    }

    fn discontinuity(&mut self, out: &mut dyn Output) {
        self.run(out);
        self.drop_partial();
        self.lost = true;
    }

    fn finish(&mut self, out: &mut dyn Output) {
        self.run(out);
        self.drop_partial();
        if std::mem::take(&mut self.lost) {
            out.lost(Lost { track: MAIN, from: self.last, until: None });
        }
    }

    fn facts(&self, track: u8) -> Option<&TrackFacts> {
        self.facts.as_ref().filter(|_| track == MAIN)
    }

    fn memory(&self) -> usize {
        self.arena.memory()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::recorder::{Recorder, split};
    use proptest::prelude::*;

    /// A unit with these sequences: date, commands.
    fn unit(sequences: &[(u16, &[u8])]) -> Vec<u8> {
        let mut unit = vec![0, 0, 0, 8, 1, 2, 3, 4];
        for (n, (date, commands)) in sequences.iter().enumerate() {
            let at = unit.len();
            let next = if n + 1 < sequences.len() { at + 4 + commands.len() } else { at };
            unit.extend(date.to_be_bytes());
            unit.extend((next as u16).to_be_bytes());
            unit.extend(*commands);
        }
        let size = unit.len() as u16;
        unit[..2].copy_from_slice(&size.to_be_bytes());
        unit
    }

    const SHOW: &[u8] = &[1, 3, 0, 0, 4, 0, 0, 5, 0, 0, 0, 0, 0, 0, 6, 0, 4, 0, 6, 0xFF];

    #[test]
    fn units_last_until_they_are_stopped() {
        let data = unit(&[(0, SHOW), (88, &[2, 0xFF])]);
        for packet in [5, 4096] {
            let out = split(&mut VobSubSplitter::new(), &data, packet);
            let [frame] = &out.frames[..] else { panic!("{out:?}") };
            assert_eq!((&frame.bytes, frame.duration, frame.forced), (&data, Some(88 * 1024), false));
        }
    }

    #[test]
    fn forced_units_and_those_without_a_stop_are_known() {
        let forced = unit(&[(10, &[0, 7, 0, 4, 9, 9, 0xFF])]);
        let out = split(&mut VobSubSplitter::new(), &forced, 4096);
        assert_eq!((out.frames[0].forced, out.frames[0].duration), (true, None));
        // Taken away before it is shown says nothing.
        let early = unit(&[(0, &[2, 0xFF]), (5, &[1, 0xFF]), (9, &[2, 0xFF])]);
        assert_eq!(split(&mut VobSubSplitter::new(), &early, 4096).frames[0].duration, Some(9 * 1024));
    }

    #[test]
    fn a_unit_that_the_next_one_cuts_is_lost() {
        let data = unit(&[(0, SHOW), (88, &[2, 0xFF])]);
        let mut splitter = VobSubSplitter::new();
        let mut out = Recorder::default();
        for (pts, bytes) in [(0, &data[..10]), (90_000, &data[..])] {
            splitter.start(Stamp { pts: Some(Ticks90(pts)), dts: None }, None, &mut out);
            splitter.payload(bytes);
            splitter.end(&mut out);
        }
        assert_eq!((out.frames.len(), out.frames[0].pts), (1, 90_000));
        assert_eq!(out.lost, [Lost { track: MAIN, from: None, until: Some(Ticks90(90_000)) }]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(mut data in prop::collection::vec(0u8..9, 4..300), packet in 1usize..200) {
            data[0] = 0;
            let out = split(&mut VobSubSplitter::new(), &data, packet);
            prop_assert!(out.frames.iter().map(|f| f.bytes.len()).sum::<usize>() <= data.len());
        }
    }
}
