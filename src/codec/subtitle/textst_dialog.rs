//! What a dialog segment of text subtitles says. Pure.

use crate::base::bytes::{Bytes, Short};
use crate::codec::Characters;

/// Begins a command inside the text of a region: this byte, a kind, the length of what follows.
const COMMAND: u8 = 0x1B;
const STRING: u8 = 0x01;
const FONT_STYLE: u8 = 0x03;
const LINE_BREAK: u8 = 0x0A;
const END_OF_STYLE: u8 = 0x0B;
const BOLD: u8 = 0x01;
const ITALIC: u8 = 0x02;

/// A dialog segment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Dialog<'a> {
    /// From when, until when it is shown: 90 kHz, 33 bits.
    pub(crate) start: i64,
    pub(crate) end: i64,
    /// All of its regions are forced.
    pub(crate) forced: bool,
    /// The text of each region with its commands.
    pub(crate) regions: Vec<&'a [u8]>,
}

/// Parses what is behind type and length of a segment.
pub(crate) fn parse(body: &[u8]) -> Result<Dialog<'_>, Short> {
    let mut bytes = Bytes::new(body);
    let (start, end) = (time(&mut bytes)?, time(&mut bytes)?);
    if bytes.u8()? & 0x80 != 0 {
        let palette = bytes.u16_be()?;
        bytes.skip(usize::from(palette))?;
    }
    let count = bytes.u8()?;
    let (mut regions, mut forced) = (Vec::new(), count > 0);
    for _ in 0..count {
        forced &= bytes.u8()? & 0x40 != 0;
        bytes.skip(1)?;
        let length = bytes.u16_be()?;
        regions.push(bytes.take(usize::from(length))?);
    }
    Ok(Dialog { start, end, forced, regions })
}

fn time(bytes: &mut Bytes<'_>) -> Result<i64, Short> {
    let [high, rest @ ..] = bytes.array::<5>()?;
    Ok(i64::from(high & 1) << 32 | i64::from(u32::from_be_bytes(rest)))
}

/// Appends the text of regions, each on lines of its own, in UTF-8. Bold and italic letters are marked as SubRip
/// files mark them; other commands are left out.
pub(crate) fn write(regions: &[&[u8]], characters: Characters, out: &mut String) {
    for region in regions {
        let before = out.len();
        if before > 0 {
            out.push('\n');
        }
        let start = out.len();
        // What follows a command that is cut short is no text.
        let _ = write_region(region, characters, out);
        if out.len() == start {
            out.truncate(before);
        }
    }
}

fn write_region(region: &[u8], characters: Characters, out: &mut String) -> Result<(), Short> {
    let mut bytes = Bytes::new(region);
    let mut open: Vec<&str> = Vec::new();
    let result = loop {
        if bytes.remaining() == 0 {
            break Ok(());
        }
        let (kind, argument) = match command(&mut bytes) {
            Ok(Some(command)) => command,
            Ok(None) => continue,
            Err(short) => break Err(short),
        };
        match kind {
            STRING => characters.decode(argument, out),
            LINE_BREAK => out.push('\n'),
            FONT_STYLE => {
                let style = argument.first().copied().unwrap_or(0);
                close(&mut open, out);
                for (bit, tag) in [(BOLD, "b"), (ITALIC, "i")] {
                    if style & bit != 0 {
                        out.extend(["<", tag, ">"]);
                        open.push(tag);
                    }
                }
            }
            END_OF_STYLE => close(&mut open, out),
            _ => {}
        }
    };
    close(&mut open, out);
    result
}

fn close(open: &mut Vec<&str>, out: &mut String) {
    while let Some(tag) = open.pop() {
        out.extend(["</", tag, ">"]);
    }
}

/// The next command and its argument; `None` for a byte that is none.
fn command<'a>(bytes: &mut Bytes<'a>) -> Result<Option<(u8, &'a [u8])>, Short> {
    if bytes.u8()? != COMMAND {
        return Ok(None);
    }
    let kind = bytes.u8()?;
    let length = bytes.u8()?;
    Ok(Some((kind, bytes.take(usize::from(length))?)))
}

impl Characters {
    /// Appends text in these characters; what is none becomes U+FFFD, control characters go.
    fn decode(self, bytes: &[u8], out: &mut String) {
        let is_text = |c: &char| !c.is_control();
        match self {
            Self::Utf8 => out.extend(String::from_utf8_lossy(bytes).chars().filter(is_text)),
            Self::Utf16 => {
                let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
                let characters = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
                out.extend(characters.filter(is_text));
            }
        }
    }
}
