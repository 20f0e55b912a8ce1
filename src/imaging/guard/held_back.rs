//! What a drive says after an error is believed only when it is seen to be well: changes of the map that are held back,
//! and what they would have to be undone to. Pure.

use crate::base::sector::SectorRange;
use crate::mapfile::status::{Status, StatusLine};
use crate::recovery::Change;

/// Failures in a row after which a known-good place is read, those that came at once counted twice: with that read, a drive
/// that refuses everything is found out within five, and one that really tries is asked half as often.
const FAILURES_MAX: u32 = 8;

/// Sectors read well behind the last failure: the damage is passed.
const QUIET: u64 = 1024;

/// A drive that has tried for that many seconds has really tried: stuck firmware refuses at once.
const TRIED: f64 = 1.0;

/// Changes since the first failure behind which no known-good place has been read.
#[derive(Debug, Default)]
pub(super) struct HeldBack {
    since: Option<StatusLine>,
    held: Vec<Change>,
    before: Vec<Change>,
    /// Of what is held, failures that the drive really tried, up to the first that it did not.
    tried: Vec<Change>,
    /// What a second command brought when the first had really tried: that has failed when the drive was not well.
    brought: Vec<Change>,
    quick: bool,
    /// What was asked for by the first read that failed.
    first_failure: Option<SectorRange>,
    failures: u32,
    quiet: u64,
}

impl HeldBack {
    /// Whether anything is held back.
    pub(super) fn is_on(&self) -> bool {
        self.since.is_some()
    }

    /// Where the rescue stood before all that is held back.
    pub(super) fn since(&self) -> Option<StatusLine> {
        self.since
    }

    /// Holds back the `changes` of a read of sectors that had the statuses `before`; `line` is where the rescue stood.
    /// `failed`: a command for this range did, after that many seconds, whatever a later one brought. That many sectors `came`.
    pub(super) fn hold(
        &mut self,
        changes: &mut Vec<Change>,
        before: Vec<Change>,
        line: StatusLine,
        failed: Option<f64>,
        came: u64,
    ) {
        self.since.get_or_insert(line);
        if let Some(seconds) = failed {
            self.failures += if seconds < TRIED { 2 } else { 1 };
            self.quiet = 0;
            self.quick |= seconds < TRIED;
            let asked = before.first().zip(before.last());
            let asked = asked.map(|((first, _), (last, _))| SectorRange::new(first.start(), last.end()));
            self.first_failure = self.first_failure.or(asked);
            if !self.quick {
                let tried = self.tried.len();
                self.tried.extend(changes.iter().filter(|(_, status)| *status != Status::Finished));
                if self.tried.len() == tried {
                    // A status only rises.
                    let untried = before.iter().filter(|(_, status)| *status == Status::NonTried);
                    self.brought.extend(untried.map(|(part, _)| (*part, Status::NonTrimmed)));
                }
            }
        } else {
            self.quiet += came;
        }
        before.into_iter().for_each(|change| push(&mut self.before, change));
        changes.drain(..).for_each(|change| push(&mut self.held, change));
    }

    /// Nothing could be found out yet: it is time again when as much has come once more.
    pub(super) fn postpone(&mut self) {
        (self.failures, self.quiet) = (0, 0);
    }

    /// The sectors that came while they were held back.
    pub(super) fn good(&self) -> impl Iterator<Item = SectorRange> {
        self.held.iter().filter(|(_, status)| *status == Status::Finished).map(|(range, _)| *range)
    }

    /// Where the failures began.
    pub(super) fn first_failure(&self) -> Option<SectorRange> {
        self.first_failure
    }

    /// Whether anything failed at once, without being tried.
    pub(super) fn has_quick_failure(&self) -> bool {
        self.quick
    }

    /// Whether it is time to read a known-good place.
    pub(super) fn is_due(&self) -> bool {
        self.failures >= FAILURES_MAX || (self.is_on() && self.quiet >= QUIET)
    }

    /// The drive is well: what was held back is true.
    pub(super) fn release(&mut self) -> Vec<Change> {
        std::mem::take(self).held
    }

    /// Takes it all back: changes that make the map what it was before, then those of failures that are true all the same
    /// (without them a rescue would meet the same places, and the same end, again and again); those alone; and where the
    /// rescue stood. `ill`: the drive was not well.
    pub(super) fn retract(&mut self, ill: bool) -> (Vec<Change>, Vec<Change>, StatusLine) {
        let mut held = std::mem::take(self);
        if ill {
            held.tried.append(&mut held.brought);
        }
        held.before.reverse();
        held.before.extend(&held.tried);
        (held.before, held.tried, held.since.unwrap_or_default())
    }

    /// Whether nothing is held but failures that the drive really tried: they are true, whatever the drive is now.
    pub(super) fn is_tried(&self) -> bool {
        !self.quick && self.held.iter().all(|(_, status)| *status != Status::Finished)
    }
}

/// Appends a change; one that continues the last one is joined to it, so that a long run of zeros stays one.
fn push(changes: &mut Vec<Change>, change: Change) {
    match changes.last_mut() {
        Some((last, status)) if *status == change.1 && last.end() == change.0.start() => {
            *last = SectorRange::new(last.start(), change.0.end());
        }
        _ => changes.push(change),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(start: u64, status: Status) -> Change {
        (SectorRange::with_len(start, 16), status)
    }

    fn line(position: u64) -> StatusLine {
        StatusLine { position, ..StatusLine::default() }
    }

    #[test]
    fn a_check_is_due_after_four_failures_or_behind_the_damage() {
        let mut held = HeldBack::default();
        let hold = |held: &mut HeldBack, i: u64, status, failed: Option<f64>| {
            held.hold(&mut vec![change(i * 16, status)], Vec::new(), line(i), failed, 16);
        };
        assert!(!held.is_due());
        for i in 0..3 {
            hold(&mut held, i, Status::NonScraped, Some(0.1));
        }
        assert!(!held.is_due());
        hold(&mut held, 3, Status::NonScraped, Some(0.1));
        assert!(held.is_due());
        assert_eq!((held.since(), held.release().len(), held.is_on()), (Some(line(0)), 1, false));
        hold(&mut held, 0, Status::NonScraped, Some(4.0));
        for i in 1..64 {
            hold(&mut held, i, Status::Finished, None);
            assert!(!held.is_due());
        }
        hold(&mut held, 64, Status::Finished, None);
        assert!(held.is_due());
        assert_eq!(held.good().map(SectorRange::len).sum::<u64>(), 1024);
    }

    #[test]
    fn what_is_taken_back_comes_in_the_order_that_undoes_it() {
        let mut held = HeldBack::default();
        let untried = change(0, Status::NonTried);
        let failed = change(0, Status::NonTrimmed);
        held.hold(&mut vec![failed], vec![untried], line(5), Some(0.1), 16);
        held.hold(&mut vec![change(0, Status::Finished)], vec![failed], line(6), None, 16);
        assert_eq!(held.retract(true), (vec![failed, untried], Vec::new(), line(5)));
        assert!(!held.is_on());
    }

    #[test]
    fn what_the_drive_really_tried_before_it_gave_up_stays_failed() {
        let mut held = HeldBack::default();
        for (i, seconds) in [(0, 4.0), (16, 3.0), (32, 0.1), (48, 4.0)] {
            let before = vec![change(i, Status::NonTried)];
            held.hold(&mut vec![change(i, Status::NonScraped)], before, line(i), Some(seconds), 16);
        }
        let (all, tried, _) = held.retract(true);
        assert_eq!(tried, [change(0, Status::NonScraped), change(16, Status::NonScraped)]);
        held.hold(&mut vec![change(0, Status::NonScraped)], Vec::new(), line(0), Some(2.0), 16);
        assert!(held.is_tried());
        held.hold(&mut vec![change(16, Status::Finished)], Vec::new(), line(0), None, 16);
        assert!(!held.is_tried());
        assert_eq!(all.len(), 3, "neighbours are one change");
        assert_eq!(all[1..], tried);
    }

    #[test]
    fn what_a_second_command_of_a_drive_that_was_not_well_brought_has_failed() {
        let mut held = HeldBack::default();
        let good = change(0, Status::Finished);
        held.hold(&mut vec![good], vec![change(0, Status::NonTried)], line(0), Some(4.0), 16);
        assert_eq!(held.retract(true).1, [change(0, Status::NonTrimmed)]);
        held.hold(&mut vec![good], vec![change(0, Status::NonTried)], line(0), Some(4.0), 16);
        assert_eq!(held.retract(false).1, [], "the drive is well");
        held.hold(&mut vec![good], vec![change(0, Status::NonScraped)], line(0), Some(4.0), 16);
        assert_eq!(held.retract(true).1, [], "a status only rises");
    }
}
