//! What a drive says after an error is believed only when it is seen to be well again: changes of the map that are
//! held back, and what they would have to be undone to. Pure.

use crate::mapfile::status::{Status, StatusLine};
use crate::recovery::Change;

/// Failures in a row of doubt after which a known-good place is looked at: with this look, a drive that refuses
/// everything is found out within five.
const FAILURES_MAX: u32 = 4;

/// Sectors read well behind the last failure: the damage is passed.
const QUIET: u64 = 1024;

/// A drive that has tried for so many seconds has really tried: stuck firmware refuses at once.
const TRIED: f64 = 1.0;

/// Changes since the first failure that no known-good read has vouched for.
#[derive(Debug, Default)]
pub(super) struct Doubt {
    since: Option<StatusLine>,
    held: Vec<Change>,
    before: Vec<Change>,
    /// Of what is held, failures that the drive really tried, up to the first that it did not.
    tried: Vec<Change>,
    quick: bool,
    failures: u32,
    quiet: u64,
}

impl Doubt {
    /// Whether anything is held back.
    pub(super) fn is_on(&self) -> bool {
        self.since.is_some()
    }

    /// Where the rescue stood before all that is held back.
    pub(super) fn since(&self) -> Option<StatusLine> {
        self.since
    }

    /// Holds back the `changes` of a read of sectors that had the statuses `before`; `line` is where the rescue stood.
    /// `failed`: a command for this range did, after so many seconds, whatever a later one brought.
    pub(super) fn hold(
        &mut self,
        changes: &mut Vec<Change>,
        before: Vec<Change>,
        line: StatusLine,
        failed: Option<f64>,
    ) {
        self.since.get_or_insert(line);
        if let Some(seconds) = failed {
            self.failures += 1;
            self.quiet = 0;
            self.quick |= seconds < TRIED;
            if !self.quick {
                let tried = self.tried.len();
                self.tried.extend(changes.iter().filter(|(_, status)| *status != Status::Finished));
                if self.tried.len() == tried {
                    // A status only rises.
                    let untried = before.iter().filter(|(_, status)| *status == Status::NonTried);
                    self.tried.extend(untried.map(|(part, _)| (*part, Status::NonTrimmed)));
                }
            }
        } else {
            let good = changes.iter().filter(|(_, status)| *status == Status::Finished);
            self.quiet += good.map(|(range, _)| range.len()).sum::<u64>();
        }
        self.before.extend(before);
        self.held.append(changes);
    }

    /// Whether it is time to look at a known-good place.
    pub(super) fn is_due(&self) -> bool {
        self.failures >= FAILURES_MAX || (self.is_on() && self.quiet >= QUIET)
    }

    /// The drive is well: what was held back is true.
    pub(super) fn release(&mut self) -> Vec<Change> {
        std::mem::take(self).held
    }

    /// The drive was not well: changes that make the map what it was before, then those of failures that are true all
    /// the same (without them a rescue would meet the same places, and the same end, again and again); those alone; and
    /// where the rescue stood.
    pub(super) fn retract(&mut self) -> (Vec<Change>, Vec<Change>, StatusLine) {
        let mut doubt = std::mem::take(self);
        doubt.before.reverse();
        doubt.before.extend(&doubt.tried);
        (doubt.before, doubt.tried, doubt.since.unwrap_or_default())
    }

    /// Whether nothing is held but failures that the drive really tried: they are true, whatever the drive is now.
    pub(super) fn is_tried(&self) -> bool {
        !self.quick && self.held.iter().all(|(_, status)| *status != Status::Finished)
    }

    /// Sectors that were counted as rescued and are held back.
    pub(super) fn rescued(&self) -> u64 {
        let good = self.held.iter().filter(|(_, status)| *status == Status::Finished);
        good.map(|(range, _)| range.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::sector::SectorRange;

    fn change(start: u64, status: Status) -> Change {
        (SectorRange::with_len(start, 16), status)
    }

    fn line(position: u64) -> StatusLine {
        StatusLine { position, ..StatusLine::default() }
    }

    #[test]
    fn a_look_is_due_after_four_failures_or_behind_the_damage() {
        let mut doubt = Doubt::default();
        let hold = |doubt: &mut Doubt, i: u64, status, failed: Option<f64>| {
            doubt.hold(&mut vec![change(i * 16, status)], Vec::new(), line(i), failed);
        };
        assert!(!doubt.is_due());
        for i in 0..3 {
            hold(&mut doubt, i, Status::NonScraped, Some(4.0));
        }
        assert!(!doubt.is_due());
        hold(&mut doubt, 3, Status::NonScraped, Some(4.0));
        assert!(doubt.is_due());
        assert_eq!((doubt.since(), doubt.release().len(), doubt.is_on()), (Some(line(0)), 4, false));
        hold(&mut doubt, 0, Status::NonScraped, Some(4.0));
        for i in 1..64 {
            hold(&mut doubt, i, Status::Finished, None);
            assert!(!doubt.is_due());
        }
        hold(&mut doubt, 64, Status::Finished, None);
        assert!(doubt.is_due());
        assert_eq!(doubt.rescued(), 1024);
    }

    #[test]
    fn what_is_taken_back_comes_in_the_order_that_undoes_it() {
        let mut doubt = Doubt::default();
        let untried = change(0, Status::NonTried);
        let failed = change(0, Status::NonTrimmed);
        doubt.hold(&mut vec![failed], vec![untried], line(5), Some(0.1));
        doubt.hold(&mut vec![change(0, Status::Finished)], vec![failed], line(6), None);
        assert_eq!(doubt.retract(), (vec![failed, untried], Vec::new(), line(5)));
        assert!(!doubt.is_on());
    }

    #[test]
    fn what_the_drive_really_tried_before_it_gave_up_stays_failed() {
        let mut doubt = Doubt::default();
        for (i, seconds) in [(0, 4.0), (16, 3.0), (32, 0.1), (48, 4.0)] {
            let before = vec![change(i, Status::NonTried)];
            doubt.hold(&mut vec![change(i, Status::NonScraped)], before, line(i), Some(seconds));
        }
        let (all, tried, _) = doubt.retract();
        assert_eq!(tried, [change(0, Status::NonScraped), change(16, Status::NonScraped)]);
        doubt.hold(&mut vec![change(0, Status::NonScraped)], Vec::new(), line(0), Some(2.0));
        assert!(doubt.is_tried());
        doubt.hold(&mut vec![change(16, Status::Finished)], Vec::new(), line(0), None);
        assert!(!doubt.is_tried());
        assert_eq!(all.len(), 6);
        assert_eq!(all[4..], tried);
    }

    #[test]
    fn what_a_second_command_brought_in_doubt_has_failed_when_the_doubt_was_right() {
        let mut doubt = Doubt::default();
        let good = change(0, Status::Finished);
        doubt.hold(&mut vec![good], vec![change(0, Status::NonTried)], line(0), Some(4.0));
        assert_eq!(doubt.retract().1, [change(0, Status::NonTrimmed)]);
        doubt.hold(&mut vec![good], vec![change(0, Status::NonScraped)], line(0), Some(4.0));
        assert_eq!(doubt.retract().1, [], "a status only rises");
    }
}
