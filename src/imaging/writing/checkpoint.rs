//! When to make what was written durable, and which changes of the map each mark covers. Pure.

use std::time::Duration;

use crate::base::sector::SectorRange;
use crate::base::sector::tract::Tract;
use crate::mapfile::speed::Speeds;
use crate::mapfile::status::StatusLine;
use crate::recovery::Change;

use crate::imaging::reading::slot::{AsideChange, FirstChange, Note};

/// Shortest time between two checkpoints: what a power cut may cost.
const INTERVAL: Duration = Duration::from_secs(1);

/// A checkpoint may take at most one part in this many of the time, while [`LOSS`] allows that; a slow disk gets fewer of them.
const COST_SHARE: u32 = 10;

/// What a power cut may cost of reading. Where a checkpoint takes more than a third of it, three times that.
const LOSS: Duration = Duration::from_secs(5);

/// Longest time between two checkpoints, however dear they are.
const LONGEST: Duration = Duration::from_secs(30);

/// How long to wait behind a checkpoint that took `cost`, if the next one takes as long: what is read while one is under way
/// is covered by the next, so that a power cut costs what two of them take and the time between.
fn rest_after(cost: Duration) -> Duration {
    let allowed = LOSS.saturating_sub(cost * 2).max(cost);
    (cost * COST_SHARE).min(allowed).clamp(INTERVAL, LONGEST)
}

/// Most notes that wait for a checkpoint. No drive fails so often; an emulated one on a virtual clock does.
const NOTES_MAX: usize = 10_000;

/// Changes of the map that go together, and where the rescue stood.
#[derive(Clone, PartialEq, Debug, Default)]
pub(in crate::imaging) struct Batch {
    /// In the order they arose.
    pub changes: Vec<Change>,
    /// Where to go on.
    pub line: StatusLine,
    /// Reads that failed or were hard, for the sidecar.
    pub notes: Vec<Note>,
    /// Tracts that were found to hold no data.
    pub left_out: Vec<Tract>,
    /// What was set aside, or is so no more, in this order.
    pub asides: Vec<AsideChange>,
    /// What is to be asked for first, and what was, in this order.
    pub first: Vec<FirstChange>,
    /// How fast the drive read.
    pub speeds: Speeds,
}

impl Batch {
    /// Appends; a change that continues the last one is joined to it, so that a sweep stays one change.
    fn push(&mut self, change: Change) {
        if let Some(last) = self.changes.last_mut()
            && last.1 == change.1
            && last.0.end() == change.0.start()
        {
            last.0 = SectorRange::new(last.0.start(), change.0.end());
            return;
        }
        self.changes.push(change);
    }
}

/// Collects changes until a checkpoint covers them; one checkpoint is under way at a time.
#[derive(Debug)]
pub(in crate::imaging) struct Checkpoints {
    /// Written, but covered by no mark.
    pending: Batch,
    /// Covered by the checkpoint under way.
    under_way: Option<(Batch, Duration)>,
    /// No new checkpoint before this time.
    not_before: Duration,
}

impl Checkpoints {
    /// None pending, the rescue stands at `line`; the first may be made an interval after `now`.
    pub(in crate::imaging) fn new(line: StatusLine, now: Duration) -> Self {
        Self { pending: Batch { line, ..Batch::default() }, under_way: None, not_before: now + INTERVAL }
    }

    /// Takes the changes of one read; its data has been handed to the image.
    pub(in crate::imaging) fn add(&mut self, changes: &[Change], line: StatusLine, note: Option<&Note>) {
        for change in changes {
            self.pending.push(*change);
        }
        self.pending.line = line;
        if self.pending.notes.len() < NOTES_MAX {
            self.pending.notes.extend(note.cloned());
        }
    }

    /// Takes tracts that were found to hold no data.
    pub(in crate::imaging) fn leave_out(&mut self, tracts: &[Tract]) {
        self.pending.left_out.extend_from_slice(tracts);
    }

    /// Takes what was set aside, and what is so no more; what is to be asked for first, and what was.
    pub(in crate::imaging) fn add_asides(&mut self, asides: &[AsideChange], first: &[FirstChange]) {
        self.pending.asides.extend_from_slice(asides);
        self.pending.first.extend_from_slice(first);
    }

    /// Takes in how fast the drive read, of a disc of `sectors`.
    pub(in crate::imaging) fn add_speed(&mut self, range: SectorRange, seconds: f64, sectors: u64) {
        self.pending.speeds.add(range, seconds, sectors);
    }

    /// Whether a checkpoint should be begun now. Attempts that changed nothing count, too: hours of a retry pass
    /// may bring no sector, and whoever goes on after a power cut wants to go on in that pass.
    pub(in crate::imaging) fn is_due(&self, now: Duration) -> bool {
        // Speeds go with the sectors that came.
        let Batch { changes, line: _, notes, left_out, asides, first, speeds: _ } = &self.pending;
        let is_empty = changes.is_empty() && notes.is_empty() && left_out.is_empty() && asides.is_empty();
        let anything = !(is_empty && first.is_empty());
        self.under_way.is_none() && anything && now >= self.not_before
    }

    /// A checkpoint begins: what is pending is now covered by it.
    pub(in crate::imaging) fn begin(&mut self, now: Duration) {
        debug_assert!(self.under_way.is_none());
        let line = self.pending.line;
        let batch = std::mem::replace(&mut self.pending, Batch { line, ..Batch::default() });
        self.under_way = Some((batch, now));
    }

    /// The data of the checkpoint under way is on stable storage: these changes may be saved.
    /// The checkpoint stays under way until [`saved`](Self::saved).
    pub(in crate::imaging) fn durable(&mut self) -> Option<Batch> {
        self.under_way.as_mut().map(|(batch, _)| std::mem::take(batch))
    }

    /// The map of the checkpoint under way is saved too.
    pub(in crate::imaging) fn saved(&mut self, now: Duration) {
        if let Some((_, began)) = self.under_way.take() {
            self.not_before = now + rest_after(now.saturating_sub(began));
        }
    }

    /// Everything that is not saved yet, in order, once the whole image is synced: the checkpoint
    /// under way (unless it was handed out by [`durable`](Self::durable)) and what is pending.
    pub(in crate::imaging) fn rest(&mut self) -> Batch {
        let mut rest = self.under_way.take().map(|(batch, _)| batch).unwrap_or_default();
        let pending = std::mem::take(&mut self.pending);
        for change in pending.changes {
            rest.push(change);
        }
        rest.notes.extend(pending.notes);
        rest.left_out.extend(pending.left_out);
        rest.asides.extend(pending.asides);
        rest.first.extend(pending.first);
        rest.speeds.extend(&pending.speeds);
        rest.line = pending.line;
        rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::sector::SectorRange;
    use crate::base::sector::tract::TractKind;
    use crate::mapfile::status::Status;

    const SECOND: Duration = Duration::from_secs(1);

    fn good(start: u64, end: u64) -> Change {
        (SectorRange::new(start, end), Status::Finished)
    }

    fn line(position: u64) -> StatusLine {
        StatusLine { position, ..StatusLine::default() }
    }

    #[test]
    fn a_sweep_is_one_change() {
        let mut c = Checkpoints::new(StatusLine::default(), Duration::ZERO);
        c.add(&[good(0, 64)], line(64), None);
        c.add(&[good(64, 128)], line(128), None);
        c.add(&[(SectorRange::new(128, 160), Status::NonTrimmed)], line(160), None);
        assert_eq!(c.rest().changes, vec![good(0, 128), (SectorRange::new(128, 160), Status::NonTrimmed)]);
    }

    #[test]
    fn a_mark_covers_only_what_was_written_before_it() {
        let mut c = Checkpoints::new(StatusLine::default(), Duration::ZERO);
        c.add(&[good(0, 64)], line(64), None);
        assert!(!c.is_due(SECOND / 2));
        assert!(c.is_due(SECOND));
        c.begin(SECOND);
        c.add(&[good(64, 128)], line(128), None);
        assert!(!c.is_due(SECOND * 100), "one at a time");
        let batch = c.durable().unwrap();
        assert_eq!((batch.changes, batch.line), (vec![good(0, 64)], line(64)));
        c.saved(SECOND);
        assert!(c.is_due(SECOND * 2));
        assert_eq!(c.rest().changes, vec![good(64, 128)]);
    }

    #[test]
    fn what_was_under_way_is_not_lost_at_the_end() {
        let mut c = Checkpoints::new(StatusLine::default(), Duration::ZERO);
        c.add(&[good(0, 64)], line(64), None);
        c.begin(SECOND);
        c.add(&[good(64, 128)], line(128), None);
        let rest = c.rest();
        assert_eq!((rest.changes, rest.line), (vec![good(0, 128)], line(128)));
    }

    #[test]
    fn a_dear_checkpoint_is_made_less_often() {
        let mut c = Checkpoints::new(StatusLine::default(), Duration::ZERO);
        c.add(&[good(0, 1)], line(1), None);
        c.begin(SECOND);
        let _ = c.durable();
        c.saved(SECOND * 3);
        c.add(&[good(1, 2)], line(2), None);
        assert!(!c.is_due(SECOND * 4));
        assert!(c.is_due(SECOND * 5));
    }

    #[test]
    fn a_power_cut_costs_five_seconds_or_three_checkpoints() {
        for milliseconds in (0..30_000).step_by(10) {
            let cost = Duration::from_millis(milliseconds);
            let lost = cost * 2 + rest_after(cost);
            assert!(lost <= LOSS.max(cost * 3), "{cost:?}: {lost:?}");
            assert!(rest_after(cost) >= INTERVAL);
        }
        assert_eq!([20, 300].map(|cost| rest_after(Duration::from_millis(cost)).as_millis()), [1000, 3000]);
        assert_eq!(rest_after(SECOND * 100), LONGEST);
    }

    #[test]
    fn whatever_a_read_tells_is_worth_a_checkpoint() {
        let mut tract = Checkpoints::new(StatusLine::default(), Duration::ZERO);
        tract.leave_out(&[Tract { range: SectorRange::new(0, 9), kind: TractKind::NotData }]);
        let mut aside = Checkpoints::new(StatusLine::default(), Duration::ZERO);
        aside.add_asides(&[(SectorRange::new(0, 9), None)], &[]);
        let mut first = Checkpoints::new(StatusLine::default(), Duration::ZERO);
        first.add_asides(&[], &[FirstChange::Made(SectorRange::new(0, 9))]);
        for checkpoints in [tract, aside, first] {
            assert!(checkpoints.is_due(SECOND), "{checkpoints:?}");
        }
    }

    #[test]
    fn nothing_to_save_is_no_checkpoint() {
        assert!(!Checkpoints::new(StatusLine::default(), Duration::ZERO).is_due(SECOND * 1000));
    }

    #[test]
    fn notes_that_wait_do_not_fill_the_memory() {
        use crate::base::outcome::{Fault, Outcome};
        let mut c = Checkpoints::new(StatusLine::default(), Duration::ZERO);
        let note = Note { range: SectorRange::new(0, 1), outcome: Outcome::failed(0, Fault::Damage, 1.0) };
        (0..2 * NOTES_MAX).for_each(|_| c.add(&[], line(0), Some(&note)));
        assert!(c.is_due(SECOND), "attempts alone are worth a checkpoint");
        assert_eq!(c.rest().notes.len(), NOTES_MAX);
    }

    #[test]
    fn a_run_that_did_nothing_leaves_the_rescue_where_it_stood() {
        assert_eq!(Checkpoints::new(line(77), Duration::ZERO).rest().line, line(77));
    }
}
