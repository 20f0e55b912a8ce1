//! A map in other forms.

use std::io::{self, Write};
use std::num::NonZeroU64;

use serde::{Serialize, Serializer};

use crate::base::sector::tract::LeftOut;
use crate::mapfile::ops::numbers::block_numbers;
use crate::mapfile::status::Status;
use crate::mapfile::text::{self, Block, MapText, Notes};

/// Writes the map as ddrescue does: contiguous from 0, neighbours of one status joined, with where the rescue stands.
///
/// # Errors
/// What `out` says.
pub fn ddrescue(out: &mut dyn Write, text: &MapText, command: &str) -> io::Result<()> {
    let notes = Notes {
        command: Some(command),
        start_time: text.start_time.as_deref(),
        left_out: text.left_out.tracts(),
        ..Notes::default()
    };
    text::write(out, &notes, text.status, text.blocks.iter().copied())
}

/// Writes the numbers of the blocks of `size` bytes that have any of `statuses`, one a line.
///
/// # Errors
/// What `out` says.
pub fn numbers(out: &mut dyn Write, text: &MapText, size: NonZeroU64, statuses: &[Status]) -> io::Result<()> {
    block_numbers(&text.blocks, size, statuses).flatten().try_for_each(|number| writeln!(out, "{number}"))
}

/// A map as a JSON object, made as it is written.
#[derive(Serialize)]
pub struct Json<'a> {
    /// What made it.
    command: &'static str,
    /// The map, safe to print.
    source: &'a str,
    position_bytes: u64,
    /// The character that stands for what the rescue was doing.
    phase: char,
    pass: u32,
    start_time: Option<&'a str>,
    size_bytes: u64,
    left_out: &'a LeftOut,
    blocks: Blocks<'a>,
    exit_code: u8,
}

impl<'a> Json<'a> {
    /// The object of the map that came from `source`.
    #[must_use]
    pub fn new(source: &'a str, text: &'a MapText) -> Self {
        Self {
            command: "map convert",
            source,
            position_bytes: text.status.position,
            phase: text.status.phase.symbol(),
            pass: text.status.pass,
            start_time: text.start_time.as_deref(),
            size_bytes: text.end(),
            left_out: &text.left_out,
            blocks: Blocks(&text.blocks),
            exit_code: 0,
        }
    }
}

struct Blocks<'a>(&'a [Block]);

#[derive(Serialize)]
struct Listed {
    position_bytes: u64,
    size_bytes: u64,
    status: char,
}

impl Serialize for Blocks<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|block| Listed {
            position_bytes: block.pos,
            size_bytes: block.size,
            status: block.status.symbol(),
        }))
    }
}
