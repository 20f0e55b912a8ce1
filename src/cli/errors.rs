//! Errors of the layers below as a person sees them: exit code, sentence, what to do.

use std::fmt::Write as _;

use crate::base::human::{bytes, printable};
use crate::base::outcome::Fault;
use crate::drive::DriveError;
use crate::fs::FsError;
use crate::image::ImageError;
use crate::imaging::{Error, Task};
use crate::job::disc::DiscError;
use crate::job::open::OpenError;
use crate::source::file::FileError;
use crate::title::TitleError;

use super::exit::{Exit, Failure};

/// A run that did not begin, or that could not write.
pub(super) fn imaging(error: &Error, task: Task) -> Failure {
    let sentence = error.to_string();
    match error {
        Error::Overwrite { .. } => Failure::new(Exit::Usage, sentence)
            .hint("Choose another name, move it aside with --restart, or write over it with --force."),
        Error::NoImage { .. } => Failure::new(Exit::Usage, sentence)
            .hint("Put the image back, or begin anew with freemkv sweep --restart."),
        Error::NothingToPatch { .. } => {
            Failure::new(Exit::Usage, sentence).hint("Begin with freemkv sweep, or name the map with --map.")
        }
        Error::OldInTheWay { .. } => Failure::new(Exit::Usage, sentence).hint("Rename or delete it first."),
        Error::Usage(_) => Failure::new(Exit::Usage, sentence),
        Error::WrongDisc { .. } | Error::UnknownDisc { .. } => Failure::new(Exit::WrongDisc, sentence)
            .hint("Nothing was changed. Insert the disc that the image was begun with, or choose another image name."),
        Error::ShortImage { .. } => Failure::new(Exit::Failed, sentence)
            .hint("It was cut after it was made. Begin anew with freemkv sweep --restart."),
        Error::NoSpace { .. } => {
            Failure::new(Exit::Failed, sentence).hint("Nothing was read. Make room, or go on all the same with --force.")
        }
        Error::FileTooLarge { .. } => Failure::new(Exit::Failed, sentence)
            .hint("Choose a folder on another file system (FAT32 is such a one), or go on with --force."),
        Error::Image(image) if image.is_disk_full() => Failure::new(Exit::Failed, sentence)
            .hint(format!("Nothing that was saved is lost. Make room and run freemkv {} again.", task.name())),
        Error::Image(ImageError::Unsupported { .. }) => Failure::new(Exit::Usage, sentence)
            .hint("Leave that option away: what suits the output is found out."),
        Error::Image(image) if image.is_file_too_large() => Failure::new(Exit::Failed, sentence)
            .hint("A file may not be that large there. Nothing that was saved is lost; choose another file system."),
        Error::Image(image) if image.is_read_only() => Failure::new(Exit::Failed, sentence)
            .hint("Nothing that was saved is lost. A file system that became read-only met an error: see the kernel's log."),
        Error::Image(_) => Failure::new(Exit::Failed, sentence)
            .hint("The map calls nothing rescued that may not be on the disk. Look at the output's file system and at the kernel's log."),
        Error::Hash { .. } | Error::Map(_) => Failure::new(Exit::Failed, sentence),
    }
}

/// A source that could not be opened.
pub(super) fn opening(error: &OpenError) -> Failure {
    let sentence = error.to_string();
    match error {
        OpenError::Drive(drive) => of_drive(drive, sentence),
        OpenError::File(FileError::Empty { .. }) => Failure::new(Exit::NotReady, sentence)
            .hint("There is nothing to read; a drive without a disc looks like that, too."),
        OpenError::File(FileError::Io { cause, .. }) if nothing_there(cause) => Failure::new(Exit::NotReady, sentence),
        OpenError::File(_) | OpenError::Medium { .. } => Failure::new(Exit::Failed, sentence),
        OpenError::Plan { .. } => Failure::new(Exit::Usage, sentence),
    }
}

/// A disc whose files cannot be had.
pub(super) fn disc(error: &DiscError) -> Failure {
    let sentence = error.to_string();
    match error {
        DiscError::Open(open) => opening(open),
        DiscError::Files { source, .. } => files(source, sentence),
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
            Fault::Wedged | Fault::Transport => Exit::Wedged,
            Fault::Damage | Fault::Blank | Fault::OutOfRange | Fault::WrongTrack | Fault::Unknown => Exit::Failed,
        },
        _ => Exit::Failed,
    };
    Failure::new(exit, sentence)
}

/// Titles that cannot be told. `source` is what the person named; of its disc so many bytes are known to be missing.
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
        DriveError::NoMedium { .. } => failure(Exit::NotReady).hint("Insert a disc and close the tray."),
        DriveError::Incompatible { .. } => failure(Exit::NotReady).hint("Try a drive that reads this type of disc."),
        DriveError::AudioOnly { .. } => failure(Exit::Usage).hint("An audio ripper such as whipper reads it."),
        DriveError::NotOptical { .. } => failure(Exit::Usage).hint("freemkv drives lists the optical drives."),
        DriveError::Transport { .. } => failure(Exit::Wedged),
        DriveError::Stopped { .. } => failure(Exit::Stopped),
        DriveError::BlockSize { .. } | DriveError::Capacity { .. } | DriveError::Refused { .. } => {
            failure(Exit::Failed)
        }
        _ if error.fault().is_some() => failure(Exit::NotReady),
        _ => failure(Exit::Failed),
    }
}
