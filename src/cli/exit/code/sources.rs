//! What is read, and files of ours: errors of drives, images, maps, file systems and tables, each with its exit code.

use super::{Exit, ExitCode};
use crate::base::outcome::Fault;
use crate::drive::DriveError;
use crate::fs::FsError;
use crate::image::ImageError;
use crate::image::container::{ContainerError, Refusal};
use crate::job::disc::DiscError;
use crate::job::info::InfoError;
use crate::job::open::OpenError;
use crate::job::source_map::SourceMapError;
use crate::job::source_name::NameError;
use crate::mapfile::error::MapError;
use crate::scsi::sg_io::OpenError as NodeError;
use crate::source::file::FileError;
use crate::title::TitleError;

impl ExitCode for NameError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

/// What a drive says in answer to a command.
impl ExitCode for Fault {
    fn exit(&self) -> Exit {
        match self {
            Self::NoMedium | Self::NotReady | Self::Incompatible | Self::Busy | Self::Gone => Exit::NotReady,
            Self::MediumChanged => Exit::WrongDisc,
            Self::Protected | Self::Region => Exit::Protected,
            Self::Wedged | Self::Transport | Self::Offline | Self::SettingsLost => Exit::Wedged,
            Self::Damage
            | Self::NotInImage
            | Self::Blank
            | Self::OutOfRange
            | Self::WrongTrack
            | Self::Unsent
            | Self::Residue
            | Self::Unknown => Exit::Failed,
        }
    }
}

impl ExitCode for ImageError {
    fn exit(&self) -> Exit {
        match self {
            Self::Exists { .. } | Self::NotAnImage { .. } | Self::Unsupported { .. } => Exit::Usage,
            Self::InUse { .. } => Exit::NotReady,
            Self::Container(error) => error.exit(),
            _ => Exit::Failed,
        }
    }
}

impl ExitCode for MapError {
    fn exit(&self) -> Exit {
        match self {
            Self::NotAFile { .. } | Self::NotOurs { .. } => Exit::Usage,
            Self::InUse { .. } => Exit::NotReady,
            _ => Exit::Failed,
        }
    }
}

impl ExitCode for OpenError {
    fn exit(&self) -> Exit {
        match self {
            Self::Drive(error) => error.exit(),
            Self::File(error) => error.exit(),
            Self::Container(error) => error.exit(),
            Self::Map(error) => error.exit(),
            Self::Medium { .. } => Exit::Failed,
            Self::Plan { .. } => Exit::Usage,
        }
    }
}

/// A kind that cannot be used is a wrong name; an image that is damaged failed.
impl ExitCode for ContainerError {
    fn exit(&self) -> Exit {
        match self {
            Self::Io { cause, .. } if nothing_there(cause) => Exit::NotReady,
            Self::Io { .. } => Exit::Failed,
            Self::Refused { refusal, .. } => match refusal {
                Refusal::Cut(_)
                | Refusal::Field(..)
                | Refusal::Dirty
                | Refusal::Corrupt
                | Refusal::Tables(_)
                | Refusal::Empty
                | Refusal::Descriptor { .. } => Exit::Failed,
                _ => Exit::Usage,
            },
        }
    }
}

impl ExitCode for FileError {
    fn exit(&self) -> Exit {
        match self {
            Self::Empty { .. } => Exit::NotReady,
            Self::NotSeekable { .. } => Exit::Usage,
            Self::Io { cause, .. } if nothing_there(cause) => Exit::NotReady,
            Self::Io { .. } => Exit::Failed,
        }
    }
}

/// A block device without a medium, or one that is gone.
pub(in crate::cli::exit) fn nothing_there(cause: &std::io::Error) -> bool {
    matches!(cause.raw_os_error(), Some(libc::ENOMEDIUM | libc::ENXIO | libc::ENODEV))
}

impl ExitCode for DriveError {
    fn exit(&self) -> Exit {
        match self {
            Self::Open(error) => error.exit(),
            Self::AudioOnly { .. } | Self::NotOptical { .. } => Exit::Usage,
            Self::Blank { .. }
            | Self::NotClosed { .. }
            | Self::NoMedium { .. }
            | Self::Incompatible { .. }
            | Self::NotReady { .. }
            | Self::Mounted { .. }
            | Self::Busy { .. }
            | Self::Gone { .. } => Exit::NotReady,
            Self::Transport { .. } | Self::Offline { .. } => Exit::Wedged,
            Self::Stopped { .. } => Exit::Stopped,
            Self::BlockSize { .. } | Self::Capacity { .. } | Self::Refused { .. } => Exit::Failed,
        }
    }
}

impl ExitCode for NodeError {
    fn exit(&self) -> Exit {
        match self {
            Self::NotScsi { .. } => Exit::Usage,
            Self::Busy { .. } | Self::Gone { .. } => Exit::NotReady,
            Self::Denied { .. } | Self::Io { .. } => Exit::Failed,
        }
    }
}

impl ExitCode for SourceMapError {
    fn exit(&self) -> Exit {
        match self {
            Self::Map(error) => error.exit(),
            Self::OtherSize { .. } => Exit::Usage,
        }
    }
}

impl ExitCode for DiscError {
    fn exit(&self) -> Exit {
        match self {
            Self::Open(error) => error.exit(),
            Self::Files { source, .. } => source.exit(),
            Self::Map(error) => error.exit(),
            Self::Other { .. } => Exit::Failed,
            Self::NoMap(_) | Self::MapOfFolder(_) | Self::MapOfRaw { .. } | Self::NoDisc(_) => Exit::Usage,
        }
    }
}

/// Only damage of the disc is a failure like any other.
impl ExitCode for FsError {
    fn exit(&self) -> Exit {
        match self {
            Self::Unreadable { fault, .. } => fault.exit(),
            _ => Exit::Failed,
        }
    }
}

impl ExitCode for TitleError {
    fn exit(&self) -> Exit {
        match self {
            Self::File { source, .. } => source.exit(),
            _ => Exit::Failed,
        }
    }
}

impl ExitCode for InfoError {
    fn exit(&self) -> Exit {
        match self {
            Self::Root(error) => error.exit(),
            Self::NoSuchTitle(_) => Exit::Usage,
            Self::Stopped => Exit::Stopped,
        }
    }
}
