//! Maps made of maps, written.

use std::io::{self, Write};

use super::error::Error;
use crate::base::sector::tract::LeftOut;
use crate::mapfile::ops::tally::Tally;
use crate::mapfile::text::{self, Block, MAX_BLOCKS, Notes};

/// Counts the blocks of a result.
///
/// # Errors
/// [`Error::TooMany`]: nobody could read it.
pub fn tally(blocks: impl Iterator<Item = Block>) -> Result<Tally, Error> {
    let tally = Tally::of(blocks);
    match tally.ranges > MAX_BLOCKS as u64 {
        true => Err(Error::TooMany { ranges: tally.ranges }),
        false => Ok(tally),
    }
}

/// Writes a result that comes to `tally`: `command` made it, and `left_out` holds no data. The same maps give the same bytes
/// every time.
///
/// # Errors
/// What `out` says.
pub fn write(
    out: &mut dyn Write,
    command: &str,
    left_out: &LeftOut,
    tally: &Tally,
    blocks: impl Iterator<Item = Block>,
) -> io::Result<()> {
    let notes = Notes { command: Some(command), left_out: left_out.tracts(), ..Notes::default() };
    text::write(out, &notes, tally.status_line(), blocks)
}
