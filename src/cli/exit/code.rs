//! Exit codes, and the one place that says which error, and which end of a run, has which.

use crate::base::outcome::Fault;
use crate::drive::DriveError;
use crate::fs::FsError;
use crate::image::ImageError;
use crate::image::container::{ContainerError, Refusal};
use crate::imaging::{self, End};
use crate::job::convert::ConvertError;
use crate::job::disc::DiscError;
use crate::job::files::Clash;
use crate::job::imaging::ImagingError;
use crate::job::info::InfoError;
use crate::job::map::Error as MapJobError;
use crate::job::mux::{Error as FilmError, Written};
use crate::job::open::OpenError;
use crate::job::rip::{Ripped, Trouble};
use crate::job::source_map::SourceMapError;
use crate::job::source_name::NameError;
use crate::job::verify::{self, VerifyError};
use crate::job::wanted::WantedError;
use crate::mapfile::error::MapError;
use crate::mux::MuxError;
use crate::mux::report::OutputReport;
use crate::scsi::sg_io::OpenError as NodeError;
use crate::source::file::FileError;
use crate::title::TitleError;

use super::own::CliError;

/// How the program ends. Scripts rely on the numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Exit {
    /// All is there, or is the same.
    Complete = 0,
    /// Input/output or the environment failed.
    Failed = 1,
    /// Wrong usage, or something would be written over.
    Usage = 2,
    /// Done, but data is missing.
    Missing = 3,
    /// No disc, no drive, not ready or busy.
    NotReady = 4,
    /// Another disc than the image's, or bytes that differ.
    WrongDisc = 5,
    /// Protected or region-locked.
    Protected = 6,
    /// The drive stopped answering.
    Wedged = 7,
    /// Stopped by a signal, state saved.
    Stopped = 130,
}

impl Exit {
    /// The number.
    #[must_use]
    pub(crate) fn code(self) -> u8 {
        self as u8
    }

    /// Of a sweep or a patch that ended like that.
    #[must_use]
    pub(crate) fn of_imaging(end: &End, is_complete: bool) -> Self {
        match end {
            End::Done | End::Limit(_) if is_complete => Self::Complete,
            End::Done | End::Limit(_) => Self::Missing,
            End::Stopped => Self::Stopped,
            End::Fault { fault, .. } => fault.exit(),
            End::Failed(error) => error.exit(),
        }
    }

    /// Of a copy of an image, whether or not the image is all of its disc.
    #[must_use]
    pub(crate) fn of_copy(complete: bool) -> Self {
        if complete { Self::Complete } else { Self::Missing }
    }

    /// Of maps, or images, of which nothing is missing or in doubt, or not.
    #[must_use]
    pub(crate) fn of_maps(is_whole: bool) -> Self {
        if is_whole { Self::Complete } else { Self::Missing }
    }

    /// Of a mux that wrote this.
    #[must_use]
    pub(crate) fn of_films(written: &Written) -> Self {
        match &written.failure {
            Some(error) => error.exit(),
            None if written.outputs.iter().all(OutputReport::is_complete) => Self::Complete,
            None => Self::Missing,
        }
    }

    /// Of a comparison that found this.
    #[must_use]
    pub(crate) fn of_verify(end: &verify::End, report: &verify::Report) -> Self {
        match end {
            verify::End::Done if report.is_same() => Self::Complete,
            verify::End::Done if report.differing_sectors > 0 => Self::WrongDisc,
            verify::End::Done => Self::Missing,
            verify::End::Stopped => Self::Stopped,
            verify::End::Fault { fault, .. } | verify::End::Image { fault, .. } => fault.exit(),
        }
    }

    /// Of the rip of a disc: the worst of its steps, and whether anything is missing. One that was skipped is as it was left.
    #[must_use]
    pub(crate) fn of_rip(ripped: &Ripped) -> Self {
        let missing = ripped.lacks() || ripped.earlier == Some(Self::Missing.code());
        let whole = if missing { Self::Missing } else { Self::Complete };
        Self::worst(ripped.troubles.iter().map(Trouble::exit).chain([whole]))
    }

    /// The worst of several ends: a stop, then in the order 1 7 5 4 6 2 3 0.
    #[must_use]
    pub(crate) fn worst(ends: impl IntoIterator<Item = Self>) -> Self {
        const WORST_FIRST: [Exit; 9] = [
            Exit::Stopped,
            Exit::Failed,
            Exit::Wedged,
            Exit::WrongDisc,
            Exit::NotReady,
            Exit::Protected,
            Exit::Usage,
            Exit::Missing,
            Exit::Complete,
        ];
        let rank = |end: &Self| WORST_FIRST.iter().position(|worst| worst == end);
        ends.into_iter().min_by_key(rank).unwrap_or(Self::Complete)
    }
}

/// What has an exit code.
pub(crate) trait ExitCode {
    /// It.
    fn exit(&self) -> Exit;
}

impl ExitCode for CliError {
    fn exit(&self) -> Exit {
        match self {
            Self::Arguments { .. }
            | Self::Places(_)
            | Self::Twice(_)
            | Self::Dash
            | Self::FilmToTerminal
            | Self::LogIs { .. }
            | Self::TimesOfADrive
            | Self::ImageOfMaps => Exit::Usage,
            Self::NoDrive | Self::NotADrive(_) | Self::NoSuchDevice(_) => Exit::NotReady,
            Self::Refused { .. } | Self::System { .. } | Self::StandardOutput(_) => Exit::Failed,
            Self::Stopped | Self::Interrupted => Exit::Stopped,
        }
    }
}

impl ExitCode for VerifyError {
    fn exit(&self) -> Exit {
        match self {
            Self::Source(error) | Self::Image(error) => error.exit(),
            Self::Map(error) => error.exit(),
            Self::NoMap(_) | Self::ImageIsDrive(_) | Self::Folder(_) | Self::MapOfRaw(_) => Exit::Usage,
        }
    }
}

impl ExitCode for NameError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

impl ExitCode for Clash {
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

impl ExitCode for ImagingError {
    fn exit(&self) -> Exit {
        match self {
            Self::Open(error) => error.exit(),
            Self::Run(error) => error.exit(),
            Self::Wanted(error) => error.exit(),
        }
    }
}

impl ExitCode for WantedError {
    fn exit(&self) -> Exit {
        match self {
            Self::NoFile { .. } | Self::NoTitle(_) | Self::NoTitles | Self::Nothing { .. } | Self::TooMany { .. } => {
                Exit::Usage
            }
            Self::Files { cause, .. } => cause.exit(),
            Self::Titles { cause, .. } => cause.exit(),
            Self::Stopped => Exit::Stopped,
        }
    }
}

impl ExitCode for ConvertError {
    fn exit(&self) -> Exit {
        match self {
            Self::Open(error) => error.exit(),
            Self::Drive | Self::Exists(_) | Self::Unfinished(_) | Self::NoFile(_) | Self::OtherMap(_) => Exit::Usage,
            Self::NoSpace { .. } | Self::FileTooLarge { .. } | Self::Read { .. } | Self::Differs { .. } => Exit::Failed,
            Self::Image(error) => error.exit(),
            Self::Map(error) => error.exit(),
            Self::Stopped => Exit::Stopped,
        }
    }
}

impl ExitCode for imaging::Error {
    fn exit(&self) -> Exit {
        match self {
            Self::Overwrite { .. }
            | Self::NoImage { .. }
            | Self::NothingToPatch { .. }
            | Self::OldInTheWay { .. }
            | Self::Usage(_) => Exit::Usage,
            Self::WrongDisc { .. } | Self::UnknownDisc { .. } => Exit::WrongDisc,
            Self::Source { fault, .. } => fault.exit(),
            Self::Stopped => Exit::Stopped,
            Self::ShortImage { .. }
            | Self::NoSpace { .. }
            | Self::Crowded
            | Self::FileTooLarge { .. }
            | Self::Hash { .. }
            | Self::Threads(_) => Exit::Failed,
            Self::Image(error) => error.exit(),
            Self::Map(error) => error.exit(),
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

impl ExitCode for MapJobError {
    fn exit(&self) -> Exit {
        match self {
            Self::Map(error) => error.exit(),
            Self::Image(error) => error.exit(),
            Self::Exists(_) | Self::NotAFile { .. } | Self::NoImage(_) | Self::NotAnImage { .. } => Exit::Usage,
            Self::Name(error) => error.exit(),
            Self::Open(error) => error.exit(),
            Self::Container(error) => error.exit(),
            Self::Differ { .. } | Self::NothingInCommon(_) => Exit::WrongDisc,
            Self::Stopped => Exit::Stopped,
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
pub(super) fn nothing_there(cause: &std::io::Error) -> bool {
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

impl ExitCode for FilmError {
    fn exit(&self) -> Exit {
        match self {
            Self::Tables { cause, .. } => cause.exit(),
            Self::OtherDisc(_) | Self::Stream(_) | Self::NoTitles | Self::Folder { .. } | Self::NoSpace { .. } => {
                Exit::Failed
            }
            Self::NoSuchTitle(_) | Self::NoSuchChoice { .. } | Self::OneFile(_) => Exit::Usage,
            Self::Clash(error) => error.exit(),
            Self::Mux(error) => error.exit(),
        }
    }
}

impl ExitCode for MuxError {
    fn exit(&self) -> Exit {
        match self {
            Self::Read(error) => error.exit(),
            Self::Scrambled { .. } => Exit::Protected,
            Self::Exists { .. } | Self::NotAFile { .. } | Self::InTheWay { .. } => Exit::Usage,
            Self::Output(error) => error.exit(),
            Self::Stopped => Exit::Stopped,
            Self::Unread { .. } => Exit::Missing,
            Self::NoTracks { .. }
            | Self::Nothing { .. }
            | Self::NoPicture { .. }
            | Self::Unsynced { .. }
            | Self::Threads(_)
            | Self::Place { .. }
            | Self::Matroska(_)
            | Self::WriterLeft
            | Self::Panicked(_)
            | Self::Mistake(_) => Exit::Failed,
        }
    }
}

impl ExitCode for Trouble {
    fn exit(&self) -> Exit {
        match self {
            Self::Open(error) => error.exit(),
            Self::Source { fault, .. } => fault.exit(),
            Self::InUse { .. } => Exit::NotReady,
            Self::OtherDisc { .. } => Exit::WrongDisc,
            Self::InTheWay { .. } => Exit::Usage,
            Self::Clash(error) => error.exit(),
            Self::NotBegun { error, .. } => error.exit(),
            // Whether anything is missing the report tells.
            Self::Ended { end, .. } => Exit::of_imaging(end, true),
            Self::Disc(error) => error.exit(),
            Self::Films(error) => error.exit(),
            Self::Film(error) => error.exit(),
            Self::Stopped => Exit::Stopped,
            Self::Folder { .. }
            | Self::Room { .. }
            | Self::ReadBack { .. }
            | Self::Remove { .. }
            | Self::Report { .. }
            | Self::Command { .. }
            | Self::Thread(_) => Exit::Failed,
        }
    }
}

#[cfg(test)]
#[path = "code_tests.rs"]
mod tests;
