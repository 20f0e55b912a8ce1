//! Level 6: a title of a disc to a Matroska file.

pub mod interleave;
