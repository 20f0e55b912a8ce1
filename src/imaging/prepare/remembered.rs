//! What the sidecar remembers of the disc, and whether that is believed where it lies now.

use crate::base::media::Sitting;
use crate::base::sector::set::SectorSet;
use crate::imaging::job::{Job, Task};
use crate::imaging::reading::{FirstSetup, Fresh};
use crate::mapfile::state::{Fingerprint, State};
use crate::mapfile::status::Status;
use crate::mapfile::store::{self, MapStore};

/// What the sidecar knows, if it is there and belongs to this map.
pub(super) fn state_of(store: &MapStore, fingerprint: &Fingerprint) -> State {
    let rescued = store.map().totals().bytes(Status::Finished);
    let mut state = store::load_state(store.path(), fingerprint, rescued).unwrap_or_else(|reason| {
        tracing::debug!("{reason}");
        State::default()
    });
    state.agree_with(store.map());
    state
}

/// What the run asks for before anything else. The state knows from now on that the disc lies `here`, and what of all that
/// was given up elsewhere is still to be asked for, also of sectors that this run may not read.
pub(super) fn first(job: &Job, state: &mut State, domain: &SectorSet, here: Option<Sitting>) -> FirstSetup {
    let moved = moved(state.sitting.as_ref(), here.as_ref());
    if moved.is_some() {
        state.first = state.asides.sectors();
        state.spans_first = true;
    }
    state.sitting = here.or(state.sitting.take());
    FirstSetup {
        why: if job.fresh { Some(Fresh::Asked) } else { moved },
        left: state.first.intersect(domain),
        spans: state.spans_first,
        names_spans: matches!(job.task, Task::Patch { .. }) && job.only.is_empty() && job.skip.is_empty(),
    }
}

/// Whether the disc lies elsewhere than when `before` was written down.
fn moved(before: Option<&Sitting>, now: Option<&Sitting>) -> Option<Fresh> {
    let (before, now) = before.zip(now)?;
    let taken_out = before.since.as_ref().zip(now.since.as_ref()).is_some_and(|(before, now)| before != now);
    match before.drive == now.drive {
        false => Some(Fresh::OtherDrive),
        true => taken_out.then_some(Fresh::TakenOut),
    }
}
