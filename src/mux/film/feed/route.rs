//! The frames and losses of one stream to its tracks, on the title's clock.

use super::super::super::input::walk::sector_of;
use super::super::assemble::Film;
use super::super::lane::cut::Seen;
use super::super::lane::losses::Gap;
use super::selected::Damage;
use crate::base::time::Ticks90;
use crate::codec::{self, CAPTIONS, CORE, Lost, MAIN};
use crate::fs::File;

/// Damage that was reported of one track may hurt the other one of its stream as late as this many bytes on.
const NEAR: u64 = 16 << 20;

/// Byte of a display set that counts its objects (number_of_composition_objects).
const PGS_OBJECTS: usize = 13;

/// Takes the frames of one stream to its tracks.
pub(super) struct Route<'a> {
    pub(super) film: &'a mut Film,
    /// The tracks of the stream and of its core.
    pub(super) lanes: [Option<usize>; 2],
    /// What a time stamp of the clip lacks to the title's clock.
    pub(super) offset: Ticks90,
    /// Of which lanes something came: a frame, or word of a loss.
    pub(super) spoke: &'a mut [bool; 2],
    pub(super) damage: &'a mut Option<Damage>,
    /// The second of the lanes is captions.
    pub(super) has_captions: bool,
    /// The stream is presentation graphics, whose display sets may clear the picture.
    pub(super) is_pgs: bool,
    /// Where the bytes at hand begin in `file`.
    pub(super) position: u64,
    pub(super) file: &'a File,
}

impl Route<'_> {
    /// The lane of what a splitter calls `track`, which has spoken now.
    pub(super) fn lane(&mut self, track: u8) -> Option<usize> {
        let [main, core] = &mut *self.spoke;
        let (lane, spoke) = match track {
            MAIN => (self.lanes[0], main),
            CORE => (self.lanes[1], core),
            _ => return None,
        };
        *spoke = true;
        lane
    }
}

impl codec::Output for Route<'_> {
    fn frame(&mut self, frame: codec::Frame<'_>) {
        let Some(lane) = self.lane(frame.track) else { return };
        let time = (frame.pts + self.offset).0;
        let order = (frame.dts.unwrap_or(frame.pts) + self.offset).0;
        let objects = match frame.payload {
            codec::Payload::Bytes(bytes) if self.is_pgs => bytes.get(PGS_OBJECTS).copied(),
            _ => None,
        };
        let seen = Seen {
            time,
            // One that is taken away at once is not one that stays.
            duration: frame.duration.map_or(0, |duration| duration.0.max(1)),
            key: frame.key,
            leading: frame.leading,
            discardable: frame.discardable,
            clear: objects == Some(0) || (self.has_captions && frame.track == CAPTIONS && frame.payload.is_empty()),
        };
        self.film.frame(lane, seen, order.min(time), frame.forced, frame.payload);
    }

    fn undecodable(&mut self, skipped: Lost) {
        if let Some(lane) = self.lane(skipped.track) {
            let shift = |time: Ticks90| (time + self.offset).0;
            self.film.undecodable(lane, skipped.from.map_or(i64::MIN, shift)..skipped.until.map_or(i64::MAX, shift));
        }
    }

    fn lost(&mut self, lost: Lost) {
        let Some(track) = self.lane(lost.track) else { return };
        let shift = |time: Ticks90| (time + self.offset).0;
        let times = lost.from.map_or(i64::MIN, shift)..lost.until.map_or(i64::MAX, shift);
        self.film.lost(match self.damage {
            Some(damage) if !damage.reported || damage.position.abs_diff(self.position) < NEAR => {
                damage.reported = true;
                damage.gap(track, times)
            }
            // The stream itself is garbled, here or in front of here.
            _ => {
                let lba = sector_of(self.file.extents(), self.position);
                Gap { lba, is_at_edge: false, ..Gap::untold(track, times) }
            }
        });
    }
}
