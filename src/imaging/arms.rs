//! Ways of asking a drive again for what failed. Which of them helps on which drive nobody knows well, so each retry
//! pass uses the next one of a fixed list, and the drive log tells of every attempt what came of it. Pure, but for the
//! part of the reader at the end.

use crate::base::event::Event;
use crate::base::outcome::Outcome;
use crate::base::sector::SectorRange;
use crate::mapfile::status::Status;
use crate::source::{Control, ReadRequest};

use super::reader::{Reader, spare};
use super::retries::Retries;
use super::second_look::is_of_the_drive;
use super::settings::DriveWishes;

/// One way of asking.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Arm {
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

const PLAIN: Arm = Arm { name: "plain", percent: 100, retries: None, fua: true, from_behind: false, spin: false };

/// In this order, pass by pass, and again from the first. What costs least comes first. A slower disc shakes less and
/// gives the servo time; more tries of the drive's own reach angles that one command does not; a seek from behind
/// lands elsewhere on the track; a spin cycle clamps the disc anew; some drives decode better what streams through
/// their cache.
const ARMS: [Arm; 7] = [
    PLAIN,
    Arm { name: "half speed", percent: 50, ..PLAIN },
    Arm { name: "from behind", from_behind: true, ..PLAIN },
    Arm { name: "many tries", retries: Some(MANY), ..PLAIN },
    Arm { name: "slowest", percent: 1, ..PLAIN },
    Arm { name: "spun up anew", spin: true, ..PLAIN },
    Arm { name: "through the cache", fua: false, ..PLAIN },
];

/// The way of this retry pass, from 1, that does nothing against what a person wishes of the drive.
pub(super) fn arm(pass: u32, wishes: &DriveWishes) -> Arm {
    let free = |arm: &&Arm| {
        (wishes.speed.is_none() || arm.percent == 100) && (wishes.retries == Retries::Probe || arm.retries.is_none())
    };
    let arms: Vec<&Arm> = ARMS.iter().filter(free).collect();
    let index = usize::try_from(pass.saturating_sub(1)).unwrap_or(0) % arms.len().max(1);
    arms.get(index).map_or(PLAIN, |arm| **arm)
}

/// The arm in use, for a source that has any.
#[derive(Debug, Default)]
pub(super) struct Arms {
    wishes: Option<DriveWishes>,
    now: Option<(u32, Arm)>,
}

impl Arms {
    /// Arms of a drive of which a person wishes this.
    pub(super) fn new(wishes: DriveWishes) -> Self {
        Self { wishes: Some(wishes), now: None }
    }

    /// The word for the one in use.
    pub(super) fn name(&self) -> Option<&'static str> {
        self.now.map(|(_, arm)| arm.name)
    }

    fn arm(&self) -> Arm {
        self.now.map_or(PLAIN, |(_, arm)| arm)
    }
}

impl Reader<'_> {
    /// Readies the drive for the retry pass that the strategy is in: what an arm does not change is as it was.
    pub(super) fn take_up_arm(&mut self) {
        let pass = self.strategy.phase().retry_pass();
        let Some(wishes) = self.arms.wishes.filter(|_| pass > 0 && self.arms.now.is_none_or(|(now, _)| now != pass))
        else {
            return;
        };
        let (before, arm) = (self.arms.arm(), arm(pass, &wishes));
        self.arms.now = Some((pass, arm));
        if arm.spin {
            self.events.event(Event::Phase("spinning the disc down and up".to_owned()));
            // The read that follows tells when the drive does not come back.
            self.source.control(Control::SpinCycle);
        }
        if arm.percent != before.percent {
            let top = self.source.top_speed();
            let slower = top.filter(|_| arm.percent < 100).map(|top| top / 1000 * arm.percent / 100);
            let slower = slower.map(|speed| u16::try_from(speed.max(1)).unwrap_or(u16::MAX - 1));
            if slower.is_some() || arm.percent == 100 {
                self.source.control(Control::Speed(slower));
            }
        }
        if arm.retries != before.retries {
            self.source.control(Control::Retries(arm.retries));
        }
    }

    /// A read in the way of the arm, which may send the head to a sound sector behind it first.
    pub(super) fn ask_with_arm(&mut self, request: &ReadRequest, buffer: &mut [u8]) -> Outcome {
        let arm = self.arms.arm();
        if arm.from_behind
            && let Some(behind) = self.sound_behind(request.range)
        {
            let there = ReadRequest { range: behind, fua: true, ..*request };
            let outcome = self.ask(&there, &mut spare(behind));
            // What the drive says of itself it may say but once.
            if is_of_the_drive(&outcome) {
                return Outcome { sectors: 0, ..outcome };
            }
        }
        self.ask(&ReadRequest { fua: request.fua && arm.fua, ..*request }, buffer)
    }

    /// The first rescued sector a little behind a range.
    fn sound_behind(&self, range: SectorRange) -> Option<SectorRange> {
        const NEAR: u64 = 4096;
        let map = self.strategy.map();
        let near = SectorRange::new(range.end(), range.end().saturating_add(NEAR).min(map.sectors()));
        let found = map.within(near).find(|(_, status)| *status == Status::Finished);
        found.map(|(part, _)| part.split_at(1).0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::Speed;

    fn names(wishes: &DriveWishes, passes: u32) -> Vec<&'static str> {
        (1..=passes).map(|pass| arm(pass, wishes).name).collect()
    }

    #[test]
    fn each_pass_has_the_next_way_and_the_list_begins_again() {
        let names = names(&DriveWishes::default(), 9);
        assert_eq!(names[..3], ["plain", "half speed", "from behind"]);
        assert_eq!((names[0], names[1]), (names[7], names[8]));
        let mut different = names[..7].to_vec();
        different.sort_unstable();
        different.dedup();
        assert_eq!(different.len(), 7);
    }

    #[test]
    fn what_a_person_wishes_of_the_drive_stays_so() {
        let slow = DriveWishes { speed: Some(Speed::Times(2.0)), ..DriveWishes::default() };
        assert_eq!(names(&slow, 3), ["plain", "from behind", "many tries"]);
        let kept = DriveWishes { retries: Retries::Keep, ..slow };
        assert_eq!(names(&kept, 3), ["plain", "from behind", "spun up anew"]);
    }
}
