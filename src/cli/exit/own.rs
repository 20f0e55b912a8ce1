//! What goes wrong in the command line itself.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::base::human::printable;
use crate::os::names::Kind;

use super::system;

/// An error of the command line; those of the layers below have their own.
#[derive(Debug, Error)]
pub(crate) enum CliError {
    /// The arguments cannot be understood.
    #[error("{message}")]
    Arguments {
        /// What is wrong with them.
        message: String,
        /// What to type instead.
        hint: Option<String>,
    },
    /// `-` as an image.
    #[error("an image named - would be a file of that name, not standard output")]
    Dash,
    /// The words behind `rip` are no sources and a folder.
    #[error("{0}")]
    Places(&'static str),
    /// A source that is named twice.
    #[error("{} is named twice", printable(.0))]
    Twice(String),
    /// A film to a terminal.
    #[error("a film is nothing for a terminal")]
    FilmToTerminal,
    /// Something that takes no log.
    #[error("{} cannot be the log: it is {}", printable(&.path.display().to_string()), .kind.words())]
    LogIs {
        /// Its name.
        path: PathBuf,
        /// What it is.
        kind: Kind,
    },
    /// A speed as a multiple, where no disc says of what.
    #[error("here a speed is max or kB/s")]
    TimesOfADrive,
    /// The machine has no optical drive.
    #[error("no optical drive found")]
    NoDrive,
    /// A device that is something else.
    #[error("{} is no optical drive", printable(&.0.display().to_string()))]
    NotADrive(PathBuf),
    /// A device that is not there.
    #[error("there is no {}", printable(&.0.display().to_string()))]
    NoSuchDevice(PathBuf),
    /// A drive does not do what it is told.
    #[error("{} does not {what}", printable(&.device.display().to_string()))]
    Refused {
        /// The drive.
        device: PathBuf,
        /// What it was told.
        what: &'static str,
    },
    /// One image for several maps.
    #[error("--image is the image of one map")]
    ImageOfMaps,
    /// The system does not do what this program needs.
    #[error("{what}: {cause}")]
    System {
        /// What was tried, as in "cannot write the log x".
        what: String,
        /// The file or folder that was to be made, where it is about one.
        path: Option<PathBuf>,
        /// What the system says.
        cause: io::Error,
    },
    /// What was printed did not arrive.
    #[error("cannot write to standard output: {0}")]
    StandardOutput(io::Error),
    /// A signal came.
    #[error("stopped by a signal; everything read so far is saved")]
    Stopped,
    /// A signal came to a command that saves nothing.
    #[error("stopped by a signal")]
    Interrupted,
}

impl CliError {
    /// The system failed at `what`.
    pub(crate) fn system(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        move |cause| Self::System { what: what.into(), path: None, cause }
    }

    /// The system does not let this program do `what` ("cannot make") to the file or folder at `path`.
    pub(crate) fn place(what: &str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let what = format!("{what} {}", printable(&path.display().to_string()));
        move |cause| Self::System { what, path: Some(path.to_owned()), cause }
    }

    /// What to do next.
    pub(super) fn hint(&self) -> Option<&str> {
        Some(match self {
            Self::Arguments { hint, .. } => return hint.as_deref(),
            Self::Places(_) => "As in: freemkv rip /dev/sr0 rips, or freemkv rip --all rips",
            Self::Twice(_) => "One disc at a time is ripped from a drive; --keep-going takes one after the other.",
            Self::Dash => "For standard output say /dev/stdout; for such a file ./-",
            Self::LogIs { .. } => "Name a file, or a pipe that somebody reads.",
            Self::TimesOfADrive => "1x is 176 kB/s for a CD, 1385 for a DVD, 4496 for a Blu-ray.",
            Self::NoDrive => "Is it plugged in, and is the kernel's module sr_mod loaded?",
            Self::NotADrive(_) => "freemkv drives lists those that are there.",
            Self::ImageOfMaps => "Show each map by itself, or leave --image out: images beside their maps are found.",
            Self::Stopped => "Run the same command again to go on.",
            Self::StandardOutput(cause) => match cause.kind() {
                io::ErrorKind::BrokenPipe => "The program that was to read it has ended.",
                io::ErrorKind::StorageFull => "Make room where it goes to.",
                _ => return None,
            },
            Self::FilmToTerminal => "Send it to a file or to a program, as in: freemkv mux DISC - | mpv -",
            Self::System { path: Some(path), cause, .. } => return system::writing(cause.kind(), path),
            Self::NoSuchDevice(_) => "Is it plugged in? freemkv drives lists those that are there.",
            Self::Refused { .. } | Self::System { .. } | Self::Interrupted => return None,
        })
    }
}
