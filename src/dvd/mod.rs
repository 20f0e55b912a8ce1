//! Level 1: the tables of a DVD-Video disc, from bytes to structs. Nothing here reads a file.
//!
//! Tables are found by the offsets that the file keeps; offsets are checked against its end, counts against what could
//! lie there. Program chains are read one at a time, when they are asked for: a table of hostile offsets takes no memory.

pub mod address;
pub mod attributes;
pub mod cell;
pub mod command;
pub mod nav;
pub mod parental;
pub mod pgc;
mod table;
pub mod vmg;
pub mod vts;

use thiserror::Error;

/// Bytes of a sector, which offsets to tables count in.
pub const SECTOR: usize = 2048;
/// Most bytes of an information file; the address map of the largest title set has 0.5 MiB.
pub const MAX_BYTES: usize = 8 << 20;

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
