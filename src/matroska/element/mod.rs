//! The elements of a segment, from values to bytes.

pub mod chapters;
pub mod cluster;
pub(super) mod compress;
pub mod cues;
pub(super) mod header;
pub mod segment;
pub mod tags;
pub mod track;
