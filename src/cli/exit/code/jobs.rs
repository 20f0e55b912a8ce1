//! The verbs: what ends each of them before its end, with its exit code.

use super::{Exit, ExitCode};
use crate::cli::exit::own::CliError;
use crate::imaging;
use crate::job::convert::ConvertError;
use crate::job::files::Clash;
use crate::job::imaging::ImagingError;
use crate::job::map::Error as MapJobError;
use crate::job::mux::Error as FilmError;
use crate::job::rip::Trouble;
use crate::job::verify::VerifyError;
use crate::job::wanted::WantedError;
use crate::mux::MuxError;

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

impl ExitCode for Clash {
    fn exit(&self) -> Exit {
        Exit::Usage
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
