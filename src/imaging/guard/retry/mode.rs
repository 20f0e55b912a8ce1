//! Retry modes: ways of asking a drive again for what failed. Which of them helps on which drive nobody knows well, so each
//! retry pass uses the next one of a fixed list, and the drive log tells of every attempt what came of it.

use crate::imaging::drive_settings::{DriveSettings, Retries};

/// One way of asking.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::imaging::guard) struct RetryMode {
    /// Its word in the drive log.
    pub(in crate::imaging::guard) name: &'static str,
    /// Of the drive's top speed; 100 is as fast as it can.
    pub(in crate::imaging::guard) percent: u64,
    /// The drive's own tries; none: as it was found.
    pub(in crate::imaging::guard) retries: Option<u8>,
    /// Past the drive's cache.
    pub(in crate::imaging::guard) fua: bool,
    /// The head comes from behind the unit.
    pub(in crate::imaging::guard) from_behind: bool,
    /// The disc is stopped and started before the pass.
    pub(in crate::imaging::guard) spin: bool,
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
pub(in crate::imaging::guard) struct RetryModes {
    settings: DriveSettings,
    now: Option<(u32, RetryMode)>,
}

impl RetryModes {
    /// Of a drive of which a person wants this.
    pub(in crate::imaging::guard) fn new(settings: DriveSettings) -> Self {
        Self { settings, now: None }
    }

    /// The word for the one in use.
    pub(in crate::imaging::guard) fn name(&self) -> Option<&'static str> {
        self.now.map(|(_, mode)| mode.name)
    }

    /// The mode before and the one of this retry pass, from 1, when another pass begins.
    pub(in crate::imaging::guard) fn begin(&mut self, pass: u32) -> Option<(RetryMode, RetryMode)> {
        if pass == 0 || self.now.is_some_and(|(now, _)| now == pass) {
            return None;
        }
        let (before, mode) = (self.mode(), mode(pass, &self.settings));
        self.now = Some((pass, mode));
        Some((before, mode))
    }

    /// The one in use.
    pub(in crate::imaging::guard) fn mode(&self) -> RetryMode {
        self.now.map_or(PLAIN, |(_, mode)| mode)
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
