//! Errors of the layers below as a person sees them: exit code, sentence, what to do.

use crate::drive::DriveError;
use crate::imaging::{Error, Task};
use crate::job::open::OpenError;
use crate::source::file::FileError;

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
        Error::Image(_) => Failure::new(Exit::Failed, sentence)
            .hint("The map calls nothing rescued that may not be on the disk. Look at the output's file system and at the kernel's log."),
        Error::Map(_) => Failure::new(Exit::Failed, sentence),
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
