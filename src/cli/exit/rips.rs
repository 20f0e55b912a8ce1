//! What goes wrong in a rip.

use crate::imaging::Error as ImagingError;
use crate::job::mux::Error as FilmsError;
use crate::job::rip::Trouble;

use super::failure::Failure;
use super::own::CliError;
use super::{faults, films, imaging, source, system};

/// What helps against a full disk.
const MAKE_ROOM: &str = "Make room and run the same command again: of the disc nothing is read twice.";

/// A trouble in words. `from` is the source as the person named it.
pub(crate) fn trouble(trouble: &Trouble, from: &str) -> Failure {
    let failure = told(trouble, from);
    let names_force = failure.hint.as_deref().is_some_and(|hint| hint.contains("--force"));
    match trouble {
        // The commands that a rip is made of have this option; it has not.
        Trouble::Films(FilmsError::NoSpace { .. }) | Trouble::NotBegun { error: ImagingError::NoSpace { .. }, .. } => {
            failure.hint(MAKE_ROOM)
        }
        _ if names_force => failure
            .hint("A rip does not go on here. freemkv sweep, patch and mux, one by one, can be told to, with --force."),
        _ => failure,
    }
}

fn told(trouble: &Trouble, from: &str) -> Failure {
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
        Trouble::Report { .. } => failure.hint(MAKE_ROOM),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mux::MuxError;

    #[test]
    fn no_hint_names_an_option_of_another_command_as_if_it_were_of_this_one() {
        let room = FilmsError::NoSpace { path: "a.mkv".into(), needed: 2, free: 1 };
        assert_eq!(trouble(&Trouble::Films(room), "/dev/sr0").hint.as_deref(), Some(MAKE_ROOM));
        let exists = MuxError::Exists { path: "a.mkv".into() };
        let hint = trouble(&Trouble::Film(exists), "/dev/sr0").hint.unwrap();
        assert!(hint.starts_with("A rip does not go on here"), "{hint}");
    }
}
