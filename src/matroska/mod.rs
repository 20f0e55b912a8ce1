//! Writes Matroska (RFC 9559) over EBML (RFC 8794).
//!
//! ```text
//! EBML · Segment ( SeekHead · Void · Info · Tracks · Chapters · Tags · Cues, space kept beforehand · Clusters )
//! ```
//!
//! [`builder::Builder`] turns frames into these bytes without any I/O; [`writer::Writer`] puts them into a file.
//! The same frames give the same bytes: there is no date, and every UID comes from an identity handed in.

pub mod builder;
pub mod codec_id;
pub mod ebml;
pub mod element;
pub mod ids;
pub mod uid;
pub mod writer;

use std::io;

use thiserror::Error;

/// Why a file cannot be written.
#[derive(Debug, Error)]
pub enum Error {
    /// A file needs a track.
    #[error("no track to write")]
    NoTracks,
    /// Two tracks would get the same UID.
    #[error("track {track} has the stream number {stream} of another track")]
    SameStream {
        /// Index of the second one.
        track: usize,
        /// The number.
        stream: u32,
    },
    /// A track lacks what Matroska asks for.
    #[error("track {track} lacks {what}")]
    BadTrack {
        /// Its index.
        track: usize,
        /// What is missing or zero.
        what: &'static str,
    },
    /// A frame names a track that there is not.
    #[error("no track {track}")]
    NoSuchTrack {
        /// The index asked for.
        track: usize,
    },
    /// zlib failed.
    #[error("cannot compress a frame of track {track}")]
    Compress {
        /// Index of the track.
        track: usize,
        /// What it said.
        source: io::Error,
    },
    /// An element does not fit the space that was kept for it.
    #[error("header element {element:#X} outgrew its space")]
    Space {
        /// Its ID.
        element: u32,
    },
    /// The output failed.
    #[error("cannot {operation}")]
    Io {
        /// What was tried.
        operation: &'static str,
        /// Why it failed.
        source: io::Error,
    },
}

#[cfg(test)]
mod reading;
