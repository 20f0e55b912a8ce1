//! Directory records (ECMA-119 9.1) and the names in them.

use crate::base::bytes::{Bytes, Short};
use crate::fs::FsError;

const DIRECTORY: u8 = 1 << 1;
const ASSOCIATED: u8 = 1 << 2;
const MULTI_EXTENT: u8 = 1 << 7;

/// A directory record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a> {
    /// First block of the content.
    block: u32,
    /// Bytes of the content.
    length: u32,
    flags: u8,
    /// Whether the content is recorded with gaps.
    pub(super) interleave: bool,
    /// The file identifier as recorded.
    pub(super) name: &'a [u8],
    /// The system use field.
    pub(super) system_use: &'a [u8],
}

impl Record<'_> {
    pub(super) fn is_directory(&self) -> bool {
        self.flags & DIRECTORY != 0
    }

    pub(super) fn is_associated(&self) -> bool {
        self.flags & ASSOCIATED != 0
    }

    /// Whether the next record is a further part of the same file.
    pub(super) fn goes_on(&self) -> bool {
        self.flags & MULTI_EXTENT != 0
    }

    pub(super) fn is_self_or_parent(&self) -> bool {
        matches!(self.name, [0 | 1])
    }

    pub(super) fn part(&self) -> (u32, u32) {
        (self.block, self.length)
    }
}

/// The next record of a sector; `None` behind the last. The cursor stands at a record.
pub(super) fn next<'a>(b: &mut Bytes<'a>, sector: u64) -> Result<Option<Record<'a>>, FsError> {
    let mut peek = *b;
    match peek.u8() {
        Err(_) | Ok(0) => Ok(None),
        Ok(length) => {
            let mut record = b.sub(usize::from(length)).map_err(FsError::short("directory record", sector))?;
            parse(&mut record).map(Some).map_err(FsError::short("directory record", sector))
        }
    }
}

/// Parses a record; the cursor holds nothing else.
pub(super) fn parse<'a>(b: &mut Bytes<'a>) -> Result<Record<'a>, Short> {
    b.skip(1)?;
    let attributes = b.u8()?;
    let block = both_u32(b)?;
    let length = both_u32(b)?;
    b.skip(7)?;
    let flags = b.u8()?;
    let interleave = b.u8()? != 0 || b.u8()? != 0;
    b.skip(4)?;
    let name_length = usize::from(b.u8()?);
    let name = b.take(name_length)?;
    // Padded to an even length.
    if name_length % 2 == 0 && b.remaining() > 0 {
        b.skip(1)?;
    }
    let system_use = b.take(b.remaining())?;
    // The content lies behind its extended attributes.
    Ok(Record { block: block.saturating_add(u32::from(attributes)), length, flags, interleave, name, system_use })
}

/// A number recorded in both byte orders (ECMA-119 7.3.3). The first is believed: authoring tools that get one
/// of them wrong get the second wrong, as most systems never read it.
pub(super) fn both_u32(b: &mut Bytes<'_>) -> Result<u32, Short> {
    let value = b.u32_le()?;
    b.skip(4)?;
    Ok(value)
}

/// A name of ISO 9660 itself, without version and empty extension.
pub(super) fn plain_name(bytes: &[u8]) -> String {
    let name: String = bytes.iter().map(|b| char::from(*b)).collect();
    let name = without_version(&name);
    name.strip_suffix('.').filter(|n| !n.is_empty()).unwrap_or(name).to_owned()
}

/// A name of Joliet.
pub(super) fn joliet_name(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    let name: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    without_version(&name).to_owned()
}

/// A name without `;1`.
fn without_version(name: &str) -> &str {
    match name.rsplit_once(';') {
        Some((stem, version)) if !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit()) => stem,
        _ => name,
    }
}
