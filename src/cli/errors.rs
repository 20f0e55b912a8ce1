//! Errors of the layers below as a person sees them: exit code, sentence, what to do.

use std::fmt::Write as _;
use std::io::ErrorKind;
use std::path::Path;

use crate::base::human::{bytes, printable};
use crate::base::outcome::Fault;
use crate::drive::DriveError;
use crate::fs::FsError;
use crate::image::ImageError;
use crate::image::error::Operation;
use crate::imaging::{Error, Task};
use crate::job::disc::DiscError;
use crate::job::open::OpenError;
use crate::mapfile::error::MapError;
use crate::scsi::sg_io::OpenError as NodeError;
use crate::source::file::FileError;
use crate::title::TitleError;

use super::exit::{Exit, Failure};
use super::faults;

/// What to do when a process may start no further thread.
pub(super) const THREADS: &str = "See ulimit -u, and the limit of processes of the container or service.";

/// A run that did not begin, or that could not write.
pub(super) fn imaging(error: &Error, task: Task) -> Failure {
    let failure = |exit| Failure::new(exit, error.to_string());
    match error {
        Error::Overwrite { .. } => failure(Exit::Usage)
            .hint("Choose another name, move it aside with freemkv sweep --restart, or write over it with --force."),
        Error::NoImage { .. } => {
            failure(Exit::Usage).hint("Put the image back, or start over with freemkv sweep --restart.")
        }
        Error::NothingToPatch { .. } => {
            failure(Exit::Usage).hint("Begin with freemkv sweep, or name the map with --map.")
        }
        Error::OldInTheWay { .. } => failure(Exit::Usage).hint("Rename or delete it first."),
        Error::Usage(_) => failure(Exit::Usage),
        Error::WrongDisc { .. } => failure(Exit::WrongDisc)
            .hint("Nothing was changed. Insert the disc that the image was begun with, or choose another image name."),
        Error::UnknownDisc { .. } => failure(Exit::WrongDisc)
            .hint("Nothing was changed. Clean the disc or try another drive; if you know that it is the right one, say --force."),
        Error::Source { source_name, fault, range, outcome } => faults::failure(*fault, *range, outcome, source_name),
        Error::Stopped => failure(Exit::Stopped),
        Error::ShortImage { .. } => failure(Exit::Failed)
            .hint("It was cut after it was made. Start over with freemkv sweep --restart."),
        Error::NoSpace { .. } => {
            failure(Exit::Failed).hint("Nothing was read. Make room, or go on all the same with --force.")
        }
        Error::Crowded => failure(Exit::Failed).hint(
            "A drive that fails sector by sector makes such a map. Patch a part of the disc with --only, or copy from another drive.",
        ),
        Error::FileTooLarge { .. } => failure(Exit::Failed)
            .hint("Choose a folder on another file system (FAT32 is such a one), or go on with --force."),
        Error::Hash { .. } => failure(Exit::Failed).hint("The image itself is whole: sha256sum makes its hash too."),
        Error::Threads(_) => failure(Exit::Failed).hint(THREADS),
        Error::Image(image) => of_image(image, task),
        Error::Map(map) => of_map(map, task),
    }
}

fn of_image(error: &ImageError, task: Task) -> Failure {
    let failure = |exit| Failure::new(exit, error.to_string());
    match error {
        ImageError::InUse { .. } => {
            failure(Exit::Failed).hint("Wait until the other run has ended, or choose another image name.")
        }
        ImageError::Exists { .. } => failure(Exit::Usage)
            .hint("It is a link that leads nowhere, or another run has just made it. Choose another image name."),
        ImageError::NotAnImage { .. } => {
            failure(Exit::Usage).hint("Give the name of a file in it, or of another file.")
        }
        ImageError::TooSmall { .. } => failure(Exit::Failed).hint("Nothing was written. Choose a larger device."),
        ImageError::Unsupported { .. } => {
            failure(Exit::Usage).hint("Leave that option out: freemkv then picks what works.")
        }
        ImageError::NoAnswer { .. } => failure(Exit::Failed)
            .hint("The file system hangs: a network mount whose server is gone, perhaps. Look at the kernel's log."),
        ImageError::Io { operation, cause, .. } => match cause.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => failure(Exit::Failed)
                .hint(format!("Nothing that was saved is lost. Make room and run freemkv {} again.", task.name())),
            ErrorKind::FileTooLarge => failure(Exit::Failed).hint(format!(
                "A file may not grow any larger here: see ulimit -f and the file system. Then run freemkv {} again.",
                task.name()
            )),
            ErrorKind::BrokenPipe => failure(Exit::Failed).hint("The program that was to take the image has ended."),
            ErrorKind::ReadOnlyFilesystem if *operation != Operation::Open => failure(Exit::Failed).hint(
                "Nothing that was saved is lost. A file system that became read-only met an error: look at the kernel's log.",
            ),
            ErrorKind::NotFound => failure(Exit::Failed).hint("Make its folder first, or correct the name."),
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                failure(Exit::Failed).hint("Choose a folder that you may write to.")
            }
            _ => damaged_output(failure(Exit::Failed)),
        },
        _ => damaged_output(failure(Exit::Failed)),
    }
}

fn damaged_output(failure: Failure) -> Failure {
    failure.hint(
        "The map calls nothing rescued that may not be on the disk. Look at the output's file system and at the kernel's log.",
    )
}

fn of_map(error: &MapError, task: Task) -> Failure {
    let failure = Failure::new(Exit::Failed, error.to_string());
    match error {
        MapError::Bad { .. } | MapError::TooLong { .. } => failure
            .hint("Nothing was changed. Name the right map with --map, or start over with freemkv sweep --restart."),
        MapError::NotAFile { path, .. } => {
            let failure = Failure { exit: Exit::Usage, ..failure };
            failure.hint(if path == Path::new("/dev/null") {
                "freemkv always keeps a map, since a second run needs it: leave --map out, and delete the map when all is done."
            } else {
                "Name a file, or leave --map out: the map then lies beside the image."
            })
        }
        MapError::NotOurs { .. } => {
            Failure { exit: Exit::Usage, ..failure }.hint("Nothing was changed. Move it away first.")
        }
        MapError::InUse { .. } => failure.hint("Wait until the other run has ended, or keep another map with --map."),
        MapError::Lock { error, .. } => failure.hint(match error.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => "Keep the map elsewhere with --map.",
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

/// A source that could not be opened.
pub(super) fn opening(error: &OpenError) -> Failure {
    let failure = |exit| Failure::new(exit, error.to_string());
    match error {
        OpenError::Drive(drive) => of_drive(drive, error.to_string()),
        OpenError::File(FileError::Empty { .. }) => {
            failure(Exit::NotReady).hint("There is nothing to read; a drive without a disc looks like that, too.")
        }
        OpenError::File(FileError::NotSeekable { .. }) => {
            failure(Exit::Usage).hint("Name a drive (/dev/sr0), an image file or a block device.")
        }
        OpenError::File(FileError::Io { cause, .. }) if nothing_there(cause) => {
            failure(Exit::NotReady).hint("Is the device plugged in, with a disc in it?")
        }
        OpenError::File(FileError::Io { path, cause }) | OpenError::Medium { path, cause } => unreadable(path, cause),
        OpenError::Plan { .. } => {
            failure(Exit::Usage).hint("faults= names a damage plan, or a map as freemkv and ddrescue write them.")
        }
    }
}

/// A source that the system does not hand out.
fn unreadable(path: &Path, cause: &std::io::Error) -> Failure {
    let path = printable(&path.display().to_string());
    match cause.kind() {
        ErrorKind::NotFound => Failure::new(Exit::Failed, format!("{path}: there is no such file"))
            .hint("Is the name right? freemkv drives lists the optical drives."),
        ErrorKind::PermissionDenied => {
            Failure::new(Exit::Failed, format!("{path} may not be read")).hint("Ask its owner, or be root.")
        }
        _ => Failure::new(Exit::Failed, format!("{path}: {cause}")),
    }
}

/// A disc whose files cannot be had.
pub(super) fn disc(error: &DiscError) -> Failure {
    let sentence = error.to_string();
    match error {
        DiscError::Open(open) => opening(open),
        DiscError::Files { source, .. } => files(source, sentence),
        DiscError::Map(MapError::NotAFile { .. }) => Failure::new(Exit::Usage, sentence).hint("Name a map with --map."),
        DiscError::Map(_) => Failure::new(Exit::Failed, sentence).hint("Name the right one with --map."),
        DiscError::NoMap(_) | DiscError::MapOfFolder(_) => Failure::new(Exit::Usage, sentence),
        DiscError::NoDisc(_) => Failure::new(Exit::Usage, sentence).hint("Name the folder that holds them."),
    }
}

/// A file system, or a part of it, that cannot be read. Only damage of the disc is a failure like any other.
pub(super) fn files(error: &FsError, sentence: String) -> Failure {
    let exit = match error {
        FsError::Unreadable { fault, .. } => match fault {
            Fault::NoMedium | Fault::NotReady | Fault::Incompatible | Fault::Busy | Fault::Gone => Exit::NotReady,
            Fault::MediumChanged => Exit::WrongDisc,
            Fault::Protected | Fault::Region => Exit::Protected,
            Fault::Wedged | Fault::Transport | Fault::SettingsLost => Exit::Wedged,
            Fault::Damage | Fault::Blank | Fault::OutOfRange | Fault::WrongTrack | Fault::Unknown => Exit::Failed,
        },
        _ => Exit::Failed,
    };
    Failure::new(exit, sentence)
}

/// Titles that cannot be told. `source` is what the person named; `missing` bytes of its disc are known to be missing.
pub(super) fn titles(error: &TitleError, source: &str, missing: u64) -> Failure {
    let sentence = printable(&error.to_string());
    let failure = match error {
        TitleError::File { source, .. } => files(source, sentence),
        _ => Failure::new(Exit::Failed, sentence),
    };
    let mut hint = String::new();
    if missing > 0 {
        let _ = write!(
            hint,
            "{} of the disc are missing in the image; freemkv patch may bring the tables. ",
            bytes(missing)
        );
    }
    let _ = write!(
        hint,
        "A stream file can be muxed by itself: freemkv info --files {source} lists those in BDMV/STREAM; \
         then freemkv mux {source} OUT.mkv --title NNNNN.m2ts."
    );
    failure.hint(hint)
}

/// A block device without a medium, or one that is gone.
fn nothing_there(cause: &std::io::Error) -> bool {
    matches!(cause.raw_os_error(), Some(libc::ENOMEDIUM | libc::ENXIO | libc::ENODEV))
}

fn of_drive(error: &DriveError, sentence: String) -> Failure {
    let failure = |exit| Failure::new(exit, sentence.clone());
    match error {
        DriveError::Blank { .. } => failure(Exit::NotReady).hint("There is nothing on it to read."),
        DriveError::NoMedium { .. } => failure(Exit::NotReady).hint("Insert a disc and close the tray."),
        DriveError::Incompatible { .. } => failure(Exit::NotReady).hint("Try a drive that reads this type of disc."),
        DriveError::AudioOnly { .. } => failure(Exit::Usage).hint("An audio ripper such as whipper reads it."),
        DriveError::NotOptical { .. } | DriveError::Open(NodeError::NotScsi { .. }) => {
            failure(Exit::Usage).hint("freemkv drives lists the optical drives.")
        }
        DriveError::Transport { .. } => failure(Exit::Wedged).hint("Unplug the drive, wait, and plug it in again."),
        DriveError::Stopped { .. } => failure(Exit::Stopped),
        DriveError::NotReady { .. } => {
            failure(Exit::NotReady).hint("Open and close the tray, wait until the drive rests, and try again.")
        }
        DriveError::Mounted { .. } => failure(Exit::NotReady),
        DriveError::Busy { .. } | DriveError::Open(NodeError::Busy { .. }) => {
            failure(Exit::NotReady).hint("Close the other program, or unmount the disc, and try again.")
        }
        DriveError::Gone { .. } | DriveError::Open(NodeError::Gone { .. }) => {
            failure(Exit::NotReady).hint("Plug it in; freemkv drives lists the drives that are there.")
        }
        DriveError::Open(NodeError::Denied { .. } | NodeError::Io { .. }) => failure(Exit::Failed),
        DriveError::BlockSize { .. } => failure(Exit::Failed),
        DriveError::Capacity { .. } | DriveError::Refused { .. } => {
            failure(Exit::Failed).hint("Take the disc out, put it in again, and try once more; or try another drive.")
        }
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
            let failure = imaging(&Error::Image(ImageError::io(operation, Path::new("x"), cause)), SWEEP);
            assert_eq!(failure.exit, Exit::Failed);
            assert!(failure.hint.as_deref().is_some_and(|hint| hint.contains(word)), "{code}: {failure:?}");
        }
    }

    #[test]
    fn a_drive_that_stops_answering_while_the_disc_is_compared_is_no_wrong_disc() {
        use crate::base::outcome::{Fault, Outcome};
        use crate::base::sector::SectorRange;
        let exit = |fault| {
            let outcome = Box::new(Outcome::failed(0, fault, 0.1));
            let range = SectorRange::new(16, 17);
            imaging(&Error::Source { source_name: "/dev/sr0".into(), fault, range, outcome }, SWEEP).exit.code()
        };
        let faults = [Fault::NoMedium, Fault::Gone, Fault::Transport, Fault::Wedged, Fault::Protected];
        assert_eq!(faults.map(exit), [4, 4, 7, 7, 6]);
    }
}
