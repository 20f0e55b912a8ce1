//! What goes wrong in a rip.

use crate::job::rip::Trouble;

use super::failure::Failure;
use super::own::CliError;
use super::{faults, films, imaging, source, system};

/// A trouble in words. `from` is the source as the person named it.
pub(crate) fn trouble(trouble: &Trouble, from: &str) -> Failure {
    let failure = Failure::of(trouble);
    match trouble {
        Trouble::Open(error) => source::opening(error),
        Trouble::NotBegun { task, error } => imaging::failed(error, *task),
        Trouble::Ended { task, from, end } => imaging::ended(end, *task, from).unwrap_or(failure),
        Trouble::Clash(error) => source::clash(error),
        Trouble::Disc(error) => source::disc(error),
        Trouble::Films(error) => films::not_begun(error, from.as_ref()),
        Trouble::Film(error) => films::ended(error, from.as_ref()),
        Trouble::Stopped => CliError::Stopped.into(),
        Trouble::Source { from, fault } => faults::of_look(*fault, from),
        Trouble::InUse { .. } => failure.hint("Wait until the other run has ended."),
        Trouble::Folder { path, cause } => failure.maybe(system::writing(cause.kind(), path)),
        Trouble::InTheWay { .. } => failure.hint("Nothing was read. Move it away first."),
        Trouble::Room { .. } => {
            failure.hint("Nothing was read. Make room; --keep image makes no films, --title chooses fewer.")
        }
        Trouble::OtherDisc { .. } => failure.hint("Nothing was written. Run the same command again for this disc."),
        Trouble::ReadBack { .. } => failure.hint("The image is kept. Look at the kernel's log and at the disk."),
        Trouble::Remove { .. } | Trouble::Command { .. } | Trouble::Thread(_) => failure,
        Trouble::Report { .. } => {
            failure.hint("Make room and run the same command again: what is done is not done again.")
        }
    }
}
