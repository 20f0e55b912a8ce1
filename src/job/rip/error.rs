//! What can go wrong in a rip. Several things may, one after the other: a drive that stops answering does not keep the report
//! from being written.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::base::human::{bytes, printable};
use crate::base::outcome::Fault;
use crate::imaging::{self, End, Task};
use crate::job::disc::DiscError;
use crate::job::files::Clash;
use crate::job::mux;
use crate::job::open::OpenError;
use crate::mux::MuxError;

/// Why a rip is not what was asked for. Data that is missing is no such thing: the reports of image and films tell it.
#[derive(Debug, Error)]
pub enum Trouble {
    /// The source cannot be opened, or no disc came.
    #[error(transparent)]
    Open(OpenError),
    /// The drive says something that is no damage while the disc is looked at.
    #[error("{from}: {fault:?}")]
    Source {
        /// The source.
        from: String,
        /// What.
        fault: Fault,
    },
    /// Another run has the drive or the folder.
    #[error("{} is in use by another run", printable(what))]
    InUse {
        /// Which.
        what: String,
    },
    /// A folder or the record in it cannot be made.
    #[error("cannot make {}: {cause}", printable(&.path.display().to_string()))]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// A file of somebody else has the name of one that is to be written.
    #[error("{} is in the way: it is no file of freemkv", printable(&.path.display().to_string()))]
    InTheWay {
        /// It.
        path: PathBuf,
    },
    /// What would be written is what is read.
    #[error(transparent)]
    Clash(#[from] Clash),
    /// Image and films do not fit.
    #[error("about {} to be written, {} free in {}", bytes(*.needed), bytes(*.free), printable(&.folder.display().to_string()))]
    Room {
        /// Where.
        folder: PathBuf,
        /// Bytes that are still to be written, at most.
        needed: u64,
        /// Bytes free.
        free: u64,
    },
    /// Another disc lies in the drive than a moment ago.
    #[error("{} holds another disc than a moment ago", printable(from))]
    OtherDisc {
        /// The source.
        from: String,
    },
    /// A sweep or a patch did not begin.
    #[error("{error}")]
    NotBegun {
        /// Which.
        task: Task,
        /// Why.
        error: imaging::Error,
    },
    /// A sweep or a patch ended before it was done.
    #[error("the {} ended early", .task.name())]
    Ended {
        /// Which.
        task: Task,
        /// The source.
        from: String,
        /// How.
        end: End,
    },
    /// The image does not show its files.
    #[error(transparent)]
    Disc(DiscError),
    /// There will be no films.
    #[error(transparent)]
    Films(mux::Error),
    /// A film could not be written.
    #[error(transparent)]
    Film(MuxError),
    /// A film was not what it was when it was written.
    #[error("{} cannot be read back: {cause}", printable(&.path.display().to_string()))]
    ReadBack {
        /// The film.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// The image was to go, and did not.
    #[error("cannot remove {}: {cause}", printable(&.path.display().to_string()))]
    Remove {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// A report could not be written.
    #[error("cannot write {}: {cause}", printable(&.path.display().to_string()))]
    Report {
        /// Its file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// A command of the person's failed.
    #[error("the command of {option} failed: {how}")]
    Command {
        /// The option that it was given with.
        option: &'static str,
        /// How it ended.
        how: String,
    },
    /// The system starts no further thread, or one of ours fell over.
    #[error("a part of the work was lost: {0}")]
    Thread(String),
    /// Somebody wants to stop.
    #[error("stopped by a signal; everything read so far is saved")]
    Stopped,
}
