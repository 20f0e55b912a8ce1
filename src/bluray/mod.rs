//! Level 1: the tables of a Blu-ray disc, from bytes to structs. Nothing here reads a file.
//!
//! Every table is walked by the lengths it declares, never by the sum of the fields that are known; offsets are
//! checked against the table's end, counts against what could lie there.

pub mod bdjo;
pub mod chapter_names;
pub mod clpi;
pub mod command;
mod cursor;
pub mod ep_map;
pub mod index;
pub mod interactive;
pub mod meta;
pub mod movie_object;
pub mod mpls;
pub mod play_item;
pub mod stc;
pub mod stn;
pub mod stream_info;
pub mod sub_path;

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
