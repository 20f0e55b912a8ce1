//! What ends a mux, before it begins or later.

use std::ffi::OsStr;
use std::io::ErrorKind;

use crate::image::ImageError;
use crate::job::mux::Error;
use crate::mux::MuxError;

use super::super::words::shell;
use super::failure::Failure;
use super::imaging::THREADS;
use super::{source, system};

/// Why there are no films. `from` is the source as the person named it.
pub(crate) fn not_begun(error: &Error, from: &OsStr) -> Failure {
    let failure = Failure::of(error);
    match error {
        Error::Tables { cause, missing_bytes } => source::titles(cause, from, *missing_bytes),
        Error::OneFile(_) => failure.hint("Name a folder, with / at its end."),
        Error::Clash(error) => source::clash(error),
        Error::NoSpace { .. } => failure.hint("Make room, or go on all the same with --force."),
        Error::Mux(error) => ended(error, from),
        Error::OtherDisc(_)
        | Error::Stream(_)
        | Error::NoTitles
        | Error::NoSuchTitle(_)
        | Error::NoSuchChoice { .. } => failure,
        Error::Folder { folder, cause } => failure.maybe(system::writing(cause.kind(), folder)),
    }
}

/// What ends muxing.
pub(crate) fn ended(error: &MuxError, from: &OsStr) -> Failure {
    let failure = Failure::of(error);
    match error {
        MuxError::Read(_) => failure
            .hint(format!("Image the disc first: freemkv sweep {} disc.iso, then mux disc.iso.", shell::word(from))),
        MuxError::Scrambled { .. } => failure.hint("freemkv decrypts nothing, and no file was written."),
        MuxError::Exists { .. } => failure.hint("Choose another name, or write over it with --force."),
        MuxError::NotAFile { .. } => failure.hint("Name a file, or a folder with / at its end."),
        MuxError::InTheWay { .. } => failure.hint("Move it away, or choose another name for the film."),
        MuxError::NoPicture { .. } => failure.hint("Write what there is, without it, with --force."),
        MuxError::Threads(_) => failure.hint(THREADS),
        MuxError::Output(output) if output.is_disk_full() => failure.hint("Make room and run the same command again."),
        MuxError::Output(output) if output.cause().is_some_and(|cause| cause.kind() == ErrorKind::BrokenPipe) => {
            failure.hint("The program that was to take the film has ended.")
        }
        MuxError::Place { path, source, .. } => failure.maybe(system::writing(source.kind(), path)),
        MuxError::Output(ImageError::Io { path, cause, .. }) => failure.maybe(system::writing(cause.kind(), path)),
        MuxError::Stopped => Failure::saying(error, "stopped by a signal; the unfinished file is removed"),
        MuxError::Output(_)
        | MuxError::NoTracks { .. }
        | MuxError::Nothing { .. }
        | MuxError::Unread { .. }
        | MuxError::Unsynced { .. }
        | MuxError::Matroska(_)
        | MuxError::WriterLeft
        | MuxError::Panicked(_)
        | MuxError::Mistake(_) => failure,
    }
}
