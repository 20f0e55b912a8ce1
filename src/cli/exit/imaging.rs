//! What ends a sweep or a patch, before it begins or later.

use std::io::ErrorKind;
use std::path::Path;

use crate::image::ImageError;
use crate::image::error::Operation;
use crate::imaging::{End, Error, Task};
use crate::job::imaging::ImagingError;
use crate::job::wanted::WantedError;
use crate::mapfile::error::MapError;

use super::failure::Failure;
use super::own::CliError;
use super::{faults, source, system};

/// What to do when a process may start no further thread.
pub(super) const THREADS: &str = "See ulimit -u, and the limit of processes of the container or service.";

/// Why nothing was read.
pub(crate) fn not_begun(error: &ImagingError, task: Task) -> Failure {
    match error {
        ImagingError::Open(error) => source::opening(error),
        ImagingError::Run(error) => failed(error, task),
        ImagingError::Wanted(error) => wanted(error),
    }
}

/// What was chosen of the disc cannot be found on it.
fn wanted(error: &WantedError) -> Failure {
    let failure = Failure::of(error);
    match error {
        WantedError::NoFile { .. } => failure.hint("freemkv info SOURCE --files lists the files."),
        WantedError::NoTitle(_) => failure.hint("freemkv info SOURCE lists the titles."),
        WantedError::NoTitles => failure.hint("Choose files (file:/PATH) or sectors (A-B)."),
        WantedError::Files { .. } | WantedError::Titles { .. } => {
            failure.hint("Sweep the whole disc, or choose sectors (A-B).")
        }
        WantedError::Nothing { .. } => failure.hint("It is empty, or lies inside the tables of the disc."),
        WantedError::TooMany { .. } => failure.hint("Choose a part of it."),
        WantedError::Stopped => failure,
    }
}

/// What ended a run of `source_name` before all was done; `None` where nothing failed.
pub(crate) fn ended(end: &End, task: Task, source_name: &str) -> Option<Failure> {
    match end {
        End::Done | End::Limit(_) => None,
        End::Stopped => Some(CliError::Stopped.into()),
        End::Fault { fault, range, outcome } => Some(faults::failure(*fault, *range, outcome, source_name)),
        End::Failed(error) => Some(failed(error, task)),
    }
}

/// A run that did not begin, or that could not write.
pub(super) fn failed(error: &Error, task: Task) -> Failure {
    let failure = Failure::of(error);
    match error {
        Error::Overwrite { image } if !image.is_file() => {
            failure.hint("Choose another one, or write over it with --force, and keep the map in a file with --map.")
        }
        Error::Overwrite { .. } => failure
            .hint("Choose another name, move it aside with freemkv sweep --restart, or write over it with --force."),
        Error::NoImage { .. } => {
            failure.hint("Put the image back, or start over with freemkv sweep --restart.")
        }
        Error::NothingToPatch { .. } => {
            failure.hint("Begin with freemkv sweep, or name the map with --map.")
        }
        Error::OldInTheWay { .. } => failure.hint("Rename or delete it first."),
        Error::Usage(_) | Error::Stopped => failure,
        Error::WrongDisc { .. } => failure
            .hint("Nothing was changed. Insert the disc that the image was begun with, or choose another image name."),
        Error::UnknownDisc { .. } => failure
            .hint("Nothing was changed. Clean the disc or try another drive; if you know that it is the right one, say --force."),
        Error::Source { source_name, fault, range, outcome } => faults::failure(*fault, *range, outcome, source_name),
                Error::ShortImage { .. } => failure
            .hint("It was cut after it was made. Start over with freemkv sweep --restart."),
        Error::NoSpace { .. } => {
            failure.hint("Nothing was read. Make room, or go on all the same with --force.")
        }
        Error::Crowded => failure.hint(
            "A drive that fails sector by sector makes such a map. Patch a part of the disc with --only, or copy from another drive.",
        ),
        Error::FileTooLarge { .. } => failure
            .hint("Choose a folder on another file system (FAT32 is such a one), or go on with --force."),
        Error::Hash { .. } => failure.hint("The image itself is whole: sha256sum makes its hash too."),
        Error::Threads(_) => failure.hint(THREADS),
        Error::Image(image) => of_image(image, task),
        Error::Map(map) => of_map(map, task),
    }
}

/// An image that a conversion could not write.
pub(super) fn writing(error: &ImageError) -> Failure {
    let failure = Failure::of(error);
    match error {
        ImageError::Container(error) => source::container(error, failure),
        _ if error.is_disk_full() => failure.hint("Nothing is left of the new image. Make room, and try again."),
        ImageError::Io { path, cause, .. } if system::writing(cause.kind(), path).is_some() => {
            failure.maybe(system::writing(cause.kind(), path))
        }
        _ => failure.hint("Look at the output's file system and at the kernel's log."),
    }
}

fn of_image(error: &ImageError, task: Task) -> Failure {
    let failure = Failure::of(error);
    match error {
        ImageError::InUse { .. } => {
            failure.hint("Wait until the other run has ended, or choose another image name.")
        }
        ImageError::Exists { .. } => failure
            .hint("It is a link that leads nowhere, or another run has just made it. Choose another image name."),
        ImageError::NotAnImage { .. } => {
            failure.hint("Give the name of a file in it, or of another file.")
        }
        ImageError::TooSmall { .. } => failure.hint("Nothing was written. Choose a larger device."),
        ImageError::Unsupported { .. } => {
            failure.hint("Leave that option out: freemkv then picks what works.")
        }
        ImageError::Container(error) => source::container(error, failure),
        ImageError::NoAnswer { .. } => failure
            .hint("The file system hangs: a network mount whose server is gone, perhaps. Look at the kernel's log."),
        ImageError::Io { operation, cause, path, .. } => match cause.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => failure
                .hint(format!("Nothing that was saved is lost. Make room and run freemkv {} again.", task.name())),
            ErrorKind::FileTooLarge => failure.hint(format!(
                "A file may not grow any larger here: see ulimit -f and the file system. Then run freemkv {} again.",
                task.name()
            )),
            ErrorKind::BrokenPipe => failure.hint("The program that was to take the image has ended."),
            ErrorKind::ReadOnlyFilesystem if *operation != Operation::Open => failure.hint(
                "Nothing that was saved is lost. A file system that became read-only met an error: look at the kernel's log.",
            ),
            kind => match system::writing(kind, path) {
                Some(hint) => failure.hint(hint),
                None => damaged_output(failure),
            },
        },
        _ => damaged_output(failure),
    }
}

fn damaged_output(failure: Failure) -> Failure {
    failure.hint(
        "The map calls nothing rescued that may not be on the disk. Look at the output's file system and at the kernel's log.",
    )
}

fn of_map(error: &MapError, task: Task) -> Failure {
    let failure = Failure::of(error);
    match error {
        MapError::Bad { .. } | MapError::TooLong { .. } => failure
            .hint("Nothing was changed. Name the right map with --map, or start over with freemkv sweep --restart."),
        MapError::NotAFile { path, .. } => {
            failure.hint(if path == Path::new("/dev/null") {
                "freemkv always keeps a map, since a second run needs it: leave --map out, and delete the map when all is done."
            } else {
                "Name a file, or leave --map out: the map then lies beside the image."
            })
        }
        MapError::NotOurs { .. } => {
            failure.hint("Nothing was changed. Move it away first.")
        }
        MapError::InUse { .. } => failure.hint("Wait until the other run has ended, or keep another map with --map."),
        MapError::Lock { error, .. } => failure.hint(match error.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                "Choose a folder that you may write to, or keep the map alone elsewhere with --map."
            }
            ErrorKind::NotFound => "Make its folder first, or correct the name.",
            _ => "A file of that name with .lock added is made while freemkv runs: is something else there?",
        }),
        MapError::Read { .. } => failure.hint("Nothing was changed. Make it readable, or name another with --map."),
        MapError::Save { error, .. } => failure.hint(match error.kind() {
            ErrorKind::NotFound => "Make its folder first, or correct the name.".to_owned(),
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                "Keep the map elsewhere with --map.".to_owned()
            }
            _ => format!(
                "What was read since the map was last saved will be read again: make room and run freemkv {} again.",
                task.name()
            ),
        }),
        _ => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    const SWEEP: Task = Task::Sweep { restart: false };

    #[test]
    fn a_failure_to_write_says_what_to_do_about_its_own_cause() {
        let write = Operation::Write;
        for (operation, code, word) in [
            (write, libc::ENOSPC, "Make room"),
            (write, libc::EDQUOT, "Make room"),
            (write, libc::EFBIG, "ulimit"),
            (write, libc::EPIPE, "has ended"),
            (write, libc::EACCES, "may write"),
            (write, libc::EROFS, "became read-only"),
            (Operation::Open, libc::EROFS, "may write"),
            (write, libc::ENOENT, "folder"),
            (write, libc::EIO, "kernel's log"),
        ] {
            let cause = io::Error::from_raw_os_error(code);
            let failure = failed(&Error::Image(ImageError::io(operation, Path::new("x"), cause)), SWEEP);
            assert_eq!(failure.exit().code(), 1);
            assert!(failure.hint.as_deref().is_some_and(|hint| hint.contains(word)), "{code}: {failure:?}");
        }
    }
}
