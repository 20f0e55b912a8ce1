//! Level 1: the tables of a Blu-ray disc, from bytes to structs. Nothing here reads a file.
//!
//! Every table is walked by the lengths it declares, never by the sum of the fields that are known; offsets are
//! checked against the table's end, counts against what could lie there.

pub mod chapter_names;
pub mod clip;
mod cursor;
pub mod meta;
pub mod playlist;
pub mod program;
pub mod stream_info;

use thiserror::Error;

/// A table that cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{table}: {problem} (at byte {offset})")]
pub struct TableError {
    /// Which table, and which part of it.
    pub table: &'static str,
    /// Where, in bytes from the start of the file.
    pub offset: usize,
    /// What is wrong.
    pub problem: String,
}

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod sample_tests;
