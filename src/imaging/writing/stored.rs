//! The map and the sidecar as they lie on disk; a pipe has neither.

use crate::base::sector::set::SectorSet;
use crate::base::sector::tract::LeftOut;
use crate::mapfile::aside::Asides;
use crate::mapfile::error::MapError;
use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::state::{Failure, Fingerprint, MAX_RECORDS, State};
use crate::mapfile::status::{Status, StatusLine};
use crate::mapfile::store::{self, MapStore};

use super::checkpoint::Batch;
use crate::imaging::reading::slot::{AsideChange, FirstChange, Note};
use crate::recovery::Change;

/// What is kept of a rescue.
#[derive(Debug)]
pub(in crate::imaging) struct Stored {
    kept: Kept,
    state: State,
    fingerprint: Fingerprint,
}

#[derive(Debug)]
enum Kept {
    /// In a file.
    File(MapStore),
    /// In memory only.
    Memory(SectorMap),
}

impl Stored {
    /// Kept in the file of `map`, the sidecar beside it.
    pub(in crate::imaging) fn in_file(map: MapStore, state: State, fingerprint: Fingerprint) -> Self {
        Self { kept: Kept::File(map), state, fingerprint }
    }

    /// Kept nowhere: the image is a pipe.
    pub(in crate::imaging) fn in_memory(map: SectorMap) -> Self {
        Self { kept: Kept::Memory(map), state: State::default(), fingerprint: Fingerprint::default() }
    }

    /// The map.
    pub(in crate::imaging) fn map(&self) -> &SectorMap {
        match &self.kept {
            Kept::File(store) => store.map(),
            Kept::Memory(map) => map,
        }
    }

    /// Where the rescue stands.
    pub(in crate::imaging) fn line(&self) -> StatusLine {
        match &self.kept {
            Kept::File(store) => store.status(),
            Kept::Memory(_) => StatusLine::default(),
        }
    }

    /// The tracts that hold no data.
    pub(in crate::imaging) fn left_out(&self) -> &LeftOut {
        &self.state.left_out
    }

    /// What is set aside.
    pub(in crate::imaging) fn asides(&self) -> &Asides {
        &self.state.asides
    }

    /// Carries a batch out, in memory.
    pub(in crate::imaging) fn apply(&mut self, batch: &Batch) {
        match &mut self.kept {
            Kept::File(store) => {
                store.apply(&batch.changes);
                store.set_status(batch.line);
            }
            Kept::Memory(map) => batch.changes.iter().for_each(|(range, status)| map.set(*range, *status)),
        }
        self.forget_damaged_tracts(&batch.changes);
        for tract in &batch.left_out {
            self.state.left_out.insert(tract.range, tract.kind);
        }
        self.state.speeds.extend(&batch.speeds);
        for note in &batch.notes {
            remember(&mut self.state, note);
        }
        for (range, aside) in &batch.asides {
            match aside {
                Some(aside) => self.state.asides.insert(*range, *aside),
                None => self.state.asides.remove(*range),
            }
        }
        self.forget_tracts_aside(&batch.asides);
        for change in &batch.first {
            match change {
                FirstChange::Wanted(range) => self.state.first.insert(*range),
                FirstChange::Made(range) => self.state.first.remove(*range),
                FirstChange::SpansNamed => self.state.spans_first = false,
            }
        }
    }

    /// What the drive has called damaged just now is there, whatever was remembered of it: it lies in no tract.
    fn forget_damaged_tracts(&mut self, changes: &[Change]) {
        let is_failed = |status| matches!(status, Status::NonTrimmed | Status::NonScraped);
        let failed = changes.iter().filter(|(_, status)| is_failed(*status)).map(|(range, _)| *range);
        self.forget_tracts(&failed.collect());
    }

    /// Nor does what is set aside: nobody knows what is there, and it counts as missing.
    fn forget_tracts_aside(&mut self, changes: &[AsideChange]) {
        let still = changes.iter().flat_map(|(range, _)| self.state.asides.within(*range)).map(|(range, _)| range);
        self.forget_tracts(&still.collect());
    }

    fn forget_tracts(&mut self, of: &SectorSet) {
        if !self.state.left_out.touches(of) {
            return;
        }
        self.state.left_out.remove(of);
    }

    /// Makes map and sidecar durable. A sidecar that cannot be saved is told in the log only: it is a cache.
    ///
    /// # Errors
    /// The map cannot be saved.
    pub(in crate::imaging) fn save(&mut self) -> Result<(), MapError> {
        let Kept::File(store) = &mut self.kept else { return Ok(()) };
        self.state.agree_with(store.map());
        if *store.left_out() != self.state.left_out {
            store.set_left_out(self.state.left_out.clone());
        }
        store.save()?;
        let rescued = store.map().totals().bytes(Status::Finished);
        if let Err(error) = store::save_state(store.path(), &self.state, &self.fingerprint, rescued) {
            tracing::warn!("{error}");
        }
        Ok(())
    }
}

/// Writes down what a read told: marginal data, or one more failed attempt. Of each kind no more is
/// kept in memory than the file takes: a disc that is dead from end to end has millions of units.
fn remember(state: &mut State, note: &Note) {
    let Note { range, outcome } = note;
    let (good, bad) = outcome.asked_of(*range).split_at(outcome.sectors);
    if outcome.recovered && state.marginal.ranges().len() < MAX_RECORDS {
        state.marginal.insert(good);
    }
    if bad.is_empty() {
        return;
    }
    if bad.len() == 1 && state.singles.ranges().len() < MAX_RECORDS {
        state.singles.insert(bad);
    }
    if state.failures.len() >= MAX_RECORDS && !state.failures.contains_key(&bad.start()) {
        return;
    }
    let known = state.failures.entry(bad.start()).or_default();
    *known = Failure {
        sectors: bad.len(),
        attempts: known.attempts.saturating_add(1),
        sense: outcome.sense,
        seconds: outcome.seconds,
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::outcome::{Complaint, Fault, Outcome, Sense};
    use crate::base::sector::SectorRange;
    use crate::base::sector::tract::{Tract, TractKind};
    use crate::mapfile::aside::{Aside, Cause};

    #[test]
    fn attempts_are_counted_and_trouble_is_remembered() {
        let mut state = State::default();
        let failed = Outcome { sense: Some(Sense::new(3, 0x11, 0)), ..Outcome::failed(0, Fault::Damage, 4.0) };
        let note = Note { range: SectorRange::new(32, 64), outcome: failed };
        remember(&mut state, &note);
        remember(&mut state, &note);
        assert_eq!(state.failures[&32].attempts, 2);
        assert_eq!(state.failures[&32].sense, Some(Sense::new(3, 0x11, 0)));
        let hard = Outcome { recovered: true, ..Outcome::complete(16, 0.6) };
        remember(&mut state, &Note { range: SectorRange::new(0, 16), outcome: hard });
        assert!(state.marginal.contains(15) && !state.failures.contains_key(&0));
    }

    #[test]
    fn what_no_command_asked_for_has_not_failed() {
        let mut state = State::default();
        let outcome = Outcome { unasked: 7, ..Outcome::failed(14, Fault::Damage, 4.0) };
        remember(&mut state, &Note { range: SectorRange::new(320, 343), outcome });
        assert_eq!(state.failures[&334].sectors, 2);
    }

    #[test]
    fn what_a_drive_calls_damaged_lies_in_no_tract() {
        let mut stored = Stored::in_memory(SectorMap::new(100, 100 * 2048));
        let tract = Tract { range: SectorRange::new(40, 80), kind: TractKind::Unwritten };
        stored.apply(&Batch { left_out: vec![tract], ..Batch::default() });
        let changes =
            vec![(SectorRange::new(30, 44), Status::NonTrimmed), (SectorRange::new(50, 52), Status::Finished)];
        stored.apply(&Batch { changes, ..Batch::default() });
        let left: Vec<_> = stored.left_out().tracts().iter().map(|tract| tract.range).collect();
        assert_eq!(left, [SectorRange::new(44, 80)]);
    }

    #[test]
    fn what_is_set_aside_lies_in_no_tract_and_what_is_a_tract_is_not_set_aside() {
        let aside = Aside { cause: Cause::Answer, said: Complaint::default(), attempts: 1, seconds: 0.1 };
        let mut stored = Stored::in_memory(SectorMap::new(100, 100 * 2048));
        let tract = Tract { range: SectorRange::new(40, 80), kind: TractKind::NotData };
        stored.apply(&Batch { left_out: vec![tract], ..Batch::default() });
        stored.apply(&Batch { asides: vec![(SectorRange::new(30, 44), Some(aside))], ..Batch::default() });
        let left: Vec<_> = stored.left_out().tracts().iter().map(|tract| tract.range).collect();
        assert_eq!(left, [SectorRange::new(44, 80)]);
        // Between two saves a place was set aside, and then was found to be a tract.
        let asides = vec![(SectorRange::new(90, 94), Some(aside)), (SectorRange::new(90, 94), None)];
        let tract = Tract { range: SectorRange::new(90, 94), ..tract };
        stored.apply(&Batch { left_out: vec![tract], asides, ..Batch::default() });
        assert!(stored.left_out().contains(92) && !stored.asides().sectors().contains(92));
    }

    #[test]
    fn a_dead_disc_does_not_fill_the_memory() {
        let mut state = State::default();
        for unit in 0..MAX_RECORDS as u64 + 1000 {
            let outcome = Outcome::failed(0, Fault::Damage, 4.0);
            remember(&mut state, &Note { range: SectorRange::with_len(unit * 2, 1), outcome });
        }
        assert_eq!((state.failures.len(), state.singles.ranges().len()), (MAX_RECORDS, MAX_RECORDS));
        let first = Note { range: SectorRange::new(0, 1), outcome: Outcome::failed(0, Fault::Damage, 4.0) };
        remember(&mut state, &first);
        assert_eq!(state.failures[&0].attempts, 2, "what is known goes on being counted");
    }
}
