//! The text of a map, as GNU ddrescue writes it.

use std::io::{self, Write};

use super::Block;
use super::comments;
use crate::base::human::printable;
use crate::base::sector::tract::Tract;
use crate::mapfile::status::{Phase, Status, StatusLine};

/// Longest comment written, in characters: a command line has no limit of its own.
const COMMENT: usize = 1000;

/// What stands in the comments of a map. Programs pass over it; people read it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Notes<'a> {
    /// The command that makes the map. Control characters are replaced.
    pub command: Option<&'a str>,
    /// When the rescue began.
    pub start_time: Option<&'a str>,
    /// When the map was saved.
    pub current_time: Option<&'a str>,
    /// What else than the size that was taken was told of; one line.
    pub size: Option<&'a str>,
    /// Tracts that hold no data; the first thousand are written.
    pub left_out: &'a [Tract],
}

/// Writes a map: comments, status line, blocks. Neighbours of equal status are joined, empty blocks left out,
/// a first block that begins above 0 gets one that is not tried before it.
///
/// Only the statuses `? * / - +` are written. A rescue that was filling, generating or sweeping has nothing
/// that ddrescue 1.27 could go on with but its blocks, so it becomes copying from the start.
///
/// # Errors
/// What `out` says; [`io::ErrorKind::InvalidInput`] when a block does not begin where the one before ends.
pub fn write(
    out: &mut dyn Write,
    notes: &Notes<'_>,
    status: StatusLine,
    blocks: impl IntoIterator<Item = Block>,
) -> io::Result<()> {
    let status = writable(status);
    comments(out, notes, status)?;
    writeln!(out, "0x{:08X}     {}               {}", status.position, status.phase.symbol(), status.pass)?;
    writeln!(out, "#      pos        size  status")?;
    let mut open = Block { pos: 0, size: 0, status: Status::NonTried };
    for block in blocks {
        if open.size == 0 {
            // Before the first block: what it leaves out is not tried.
            open.size = block.pos;
        }
        if block.pos != open.end() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the blocks of the map are not contiguous"));
        }
        if block.status == open.status {
            open.size = open.size.saturating_add(block.size);
        } else if block.size > 0 {
            block_line(out, open)?;
            open = block;
        }
    }
    block_line(out, open)
}

/// The status line that is written in the place of `status`.
fn writable(status: StatusLine) -> StatusLine {
    match status.phase {
        Phase::Filling | Phase::Generating | Phase::Sweeping => StatusLine::default(),
        _ => StatusLine { pass: status.pass.max(1), ..status },
    }
}

fn comments(out: &mut dyn Write, notes: &Notes<'_>, status: StatusLine) -> io::Result<()> {
    writeln!(out, "# Mapfile. Created by freemkv version {}", env!("CARGO_PKG_VERSION"))?;
    for (title, text) in [
        ("Command line:", notes.command),
        ("Start time:  ", notes.start_time),
        ("Current time:", notes.current_time),
        (comments::SIZE, notes.size),
    ] {
        if let Some(text) = text {
            writeln!(out, "# {title} {}", printable(&text.chars().take(COMMENT).collect::<String>()))?;
        }
    }
    for tract in notes.left_out.iter().take(comments::MAX_TRACTS) {
        writeln!(out, "# {}", comments::Comment(*tract))?;
    }
    match status.phase {
        Phase::Finished => writeln!(out, "# Finished")?,
        phase => writeln!(out, "# {}, pass {}", words(phase), status.pass)?,
    }
    writeln!(out, "# current_pos  current_status  current_pass")
}

/// What a person calls a phase.
pub(in crate::mapfile) fn words(phase: Phase) -> &'static str {
    match phase {
        Phase::Copying => "copying",
        Phase::Trimming => "trimming",
        Phase::Scraping => "scraping",
        Phase::Retrying => "retrying",
        Phase::Filling => "filling",
        Phase::Generating => "generating",
        Phase::Finished => "finished",
        Phase::Sweeping => "sweeping",
    }
}

/// `0x%08X  0x%08X  %c`, put together by hand: a map may have a million of them.
fn block_line(out: &mut dyn Write, block: Block) -> io::Result<()> {
    if block.size == 0 {
        return Ok(());
    }
    let mut line = [0; 42];
    let mut len = 0;
    let mut put = |bytes: &[u8]| {
        line[len..len + bytes.len()].copy_from_slice(bytes);
        len += bytes.len();
    };
    for number in [block.pos, block.size] {
        let (digits, count) = hex(number);
        put(b"0x");
        put(&digits[16 - count..]);
        put(b"  ");
    }
    put(block.status.symbol().encode_utf8(&mut [0; 4]).as_bytes());
    put(b"\n");
    out.write_all(&line[..len])
}

/// Sixteen upper-case digits and how many of the last ones are wanted: at least eight.
fn hex(number: u64) -> ([u8; 16], usize) {
    let mut digits = [b'0'; 16];
    for (i, digit) in digits.iter_mut().rev().enumerate() {
        let value = (number >> (4 * i)) & 0xF;
        *digit = b"0123456789ABCDEF"[value as usize];
    }
    let bits = 64 - number.leading_zeros() as usize;
    (digits, bits.div_ceil(4).max(8))
}

#[cfg(test)]
#[path = "write_tests.rs"]
mod tests;
