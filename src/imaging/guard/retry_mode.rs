//! Retry modes: ways of asking a drive again for what failed. Which of them helps on which drive nobody knows well, so each
//! retry pass uses the next one of a fixed list, and the drive log tells of every attempt what came of it.

use crate::base::event::Event;
use crate::base::outcome::Outcome;
use crate::imaging::drive_settings::{DriveSettings, Retries};
use crate::source::ReadRequest;
use crate::source::drive::Control;

use super::asked::{is_of_the_drive, spare};
use super::{Guard, Request};

/// One way of asking.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct RetryMode {
    /// Its word in the drive log.
    pub(super) name: &'static str,
    /// Of the drive's top speed; 100 is as fast as it can.
    percent: u64,
    /// The drive's own tries; none: as it was found.
    retries: Option<u8>,
    /// Past the drive's cache.
    fua: bool,
    /// The head comes from behind the unit.
    from_behind: bool,
    /// The disc is stopped and started before the pass.
    spin: bool,
}

/// Drives have 8 to 20 as they are found; one that obeys may take minutes for a unit at 255.
const MANY: u8 = 60;

const PLAIN: RetryMode =
    RetryMode { name: "plain", percent: 100, retries: None, fua: true, from_behind: false, spin: false };

/// In this order, pass by pass, and again from the first. What costs least comes first. A slower disc shakes less and
/// gives the servo time; more tries of the drive's own reach angles that one command does not; a seek from behind
/// lands elsewhere on the track; a spin cycle clamps the disc once more; some drives decode better what streams through
/// their cache.
const MODES: [RetryMode; 7] = [
    PLAIN,
    RetryMode { name: "half speed", percent: 50, ..PLAIN },
    RetryMode { name: "from behind", from_behind: true, ..PLAIN },
    RetryMode { name: "many tries", retries: Some(MANY), ..PLAIN },
    RetryMode { name: "slowest", percent: 1, ..PLAIN },
    RetryMode { name: "spun up again", spin: true, ..PLAIN },
    RetryMode { name: "through the cache", fua: false, ..PLAIN },
];

/// The mode of this retry pass, from 1, that does nothing against what a person wants of the drive.
fn mode(pass: u32, settings: &DriveSettings) -> RetryMode {
    let free = |mode: &&RetryMode| {
        (settings.speed.is_none() || mode.percent == 100)
            && (settings.retries == Retries::Probe || mode.retries.is_none())
    };
    let modes: Vec<&RetryMode> = MODES.iter().filter(free).collect();
    let index = usize::try_from(pass.saturating_sub(1)).unwrap_or(0) % modes.len().max(1);
    modes.get(index).map_or(PLAIN, |mode| **mode)
}

/// The mode in use.
#[derive(Debug)]
pub(super) struct RetryModes {
    settings: DriveSettings,
    now: Option<(u32, RetryMode)>,
}

impl RetryModes {
    /// Of a drive of which a person wants this.
    pub(super) fn new(settings: DriveSettings) -> Self {
        Self { settings, now: None }
    }

    /// The word for the one in use.
    pub(super) fn name(&self) -> Option<&'static str> {
        self.now.map(|(_, mode)| mode.name)
    }

    fn mode(&self) -> RetryMode {
        self.now.map_or(PLAIN, |(_, mode)| mode)
    }
}

impl Guard<'_> {
    /// Readies the drive for a retry pass: what a mode does not change is as it was.
    pub(super) fn take_up_mode(&mut self, pass: u32) {
        if pass == 0 || self.modes.now.is_some_and(|(now, _)| now == pass) {
            return;
        }
        let (before, mode) = (self.modes.mode(), mode(pass, &self.modes.settings));
        self.modes.now = Some((pass, mode));
        if mode.spin {
            self.events.event(Event::Phase("spinning the disc down and up".to_owned()));
            // The read that follows tells when the drive does not come back.
            self.drive.spin();
        }
        if mode.percent != before.percent {
            let top = self.drive.top_speed();
            let slower = top.filter(|_| mode.percent < 100).map(|top| top / 1000 * mode.percent / 100);
            let slower = slower.map(|speed| u16::try_from(speed.max(1)).unwrap_or(u16::MAX - 1));
            if slower.is_some() || mode.percent == 100 {
                self.drive.set(Control::Speed(slower));
            }
        }
        if mode.retries != before.retries {
            self.drive.set(Control::Retries(mode.retries));
        }
    }

    /// A read in the present mode, which may send the head to a sound sector behind it first.
    pub(super) fn in_retry_mode(
        &mut self,
        request: &Request,
        buffer: &mut [u8],
        next: impl FnOnce(&mut Self, &ReadRequest, &mut [u8]) -> Outcome,
    ) -> Outcome {
        let mode = self.modes.mode();
        if mode.from_behind
            && let Some(behind) = request.sound_behind
        {
            let there = ReadRequest { range: behind, fua: true, ..request.read };
            let outcome = self.ask(&there, &mut spare(behind));
            // What the drive says of itself it may say but once.
            if is_of_the_drive(&outcome) {
                return Outcome { sectors: 0, ..outcome };
            }
        }
        next(self, &ReadRequest { fua: request.read.fua && mode.fua, ..request.read }, buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::Speed;

    fn names(settings: &DriveSettings, passes: u32) -> Vec<&'static str> {
        (1..=passes).map(|pass| mode(pass, settings).name).collect()
    }

    #[test]
    fn each_pass_has_the_next_mode_and_the_list_begins_again() {
        let names = names(&DriveSettings::default(), 9);
        assert_eq!(names[..3], ["plain", "half speed", "from behind"]);
        assert_eq!((names[0], names[1]), (names[7], names[8]));
        let mut different = names[..7].to_vec();
        different.sort_unstable();
        different.dedup();
        assert_eq!(different.len(), 7);
    }

    #[test]
    fn what_a_person_wants_of_the_drive_stays_so() {
        let slow = DriveSettings { speed: Some(Speed::Times(2.0)), ..DriveSettings::default() };
        assert_eq!(names(&slow, 3), ["plain", "from behind", "many tries"]);
        let kept = DriveSettings { retries: Retries::Keep, ..slow };
        assert_eq!(names(&kept, 3), ["plain", "from behind", "spun up again"]);
    }
}
