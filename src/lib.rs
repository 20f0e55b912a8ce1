//! freemkv: images optical discs, damaged ones too, and turns their titles into Matroska.
//!
//! Folders are layers, listed here from the bottom up; a layer uses only lower ones.
//! `docs/ARCHITECTURE.md` draws the picture, `tests/layering.rs` holds the code to it.

pub mod base;

pub mod bluray;
pub mod codec;
pub mod demux;
pub mod mapfile;
pub mod os;
pub mod pipeline;
pub mod scsi;

pub mod image;
pub mod matroska;
pub mod recovery;

pub mod drive;
pub mod fs;
pub mod source;

pub mod title;

pub mod cli;
pub mod imaging;
pub mod job;
pub mod mux;
