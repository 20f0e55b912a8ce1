//! Rock Ridge: what the system use fields add (IEEE P1281, SUSP 1.12; IEEE P1282, RRIP 1.12).

use super::record::{self, Record};
use super::volume::Root;
use crate::base::bytes::{Bytes, Short};
use crate::base::sector::SECTOR_SIZE;
use crate::fs::FsError;
use crate::fs::sectors::Sectors;

/// Most continuation areas of one record.
const CONTINUATION_LIMIT: usize = 32;
/// Most bytes of a name.
const NAME_LIMIT: usize = 1024;

const NAME_CONTINUES: u8 = 1;

/// What Rock Ridge says of a record.
#[derive(Debug, Default)]
pub(super) struct Extras {
    /// The name (NM).
    pub(super) name: Option<String>,
    /// The first block of the directory that this entry stands for (CL).
    pub(super) child: Option<u32>,
    /// This directory is listed elsewhere too, where it belongs (RE).
    pub(super) is_relocated: bool,
    /// A symbolic link (SL).
    pub(super) is_link: bool,
}

/// A part of a continued system use area (CE).
#[derive(Clone, Copy)]
struct Continuation {
    block: u32,
    offset: u32,
    length: u32,
}

/// Whether the disc uses Rock Ridge, told by the first record of its root: bytes to skip in every system use
/// field (SP). Unreadable means no.
pub(super) fn announced(sectors: &dyn Sectors, root: &Root) -> Option<usize> {
    let block = sectors.sector(root.sector(), "directory").ok()?;
    let record = record::next(&mut Bytes::new(&block), root.sector()).ok()??;
    match record.system_use {
        [b'S', b'P', 7, 1, 0xbe, 0xef, skip, ..] => Some(usize::from(*skip)),
        _ => None,
    }
}

/// Reads the system use field of a record with all its continuations.
pub(super) fn read(sectors: &dyn Sectors, record: &Record<'_>, skip: usize, sector: u64) -> Result<Extras, FsError> {
    let mut extras = Extras::default();
    let mut name = Vec::new();
    let field = record.system_use.get(skip..).unwrap_or_default();
    let mut next = entries(field, &mut extras, &mut name).map_err(FsError::short("system use field", sector))?;
    for _ in 0..CONTINUATION_LIMIT {
        let Some(at) = next else { break };
        let sector = u64::from(at.block);
        let block = sectors.sector(sector, "system use field")?;
        let area = area(&block, at).map_err(FsError::short("system use field", sector))?;
        next = entries(area, &mut extras, &mut name).map_err(FsError::short("system use field", sector))?;
    }
    if next.is_some() {
        return Err(FsError::damaged("system use field", sector, "it never ends"));
    }
    if !name.is_empty() {
        extras.name = Some(String::from_utf8_lossy(&name).into_owned());
    }
    Ok(extras)
}

/// A continuation area lies inside one block.
fn area(block: &[u8; SECTOR_SIZE], at: Continuation) -> Result<&[u8], Short> {
    Bytes::at(block, at.offset as usize)?.take(at.length as usize)
}

/// Takes in the entries of one area; returns where they go on.
fn entries(area: &[u8], extras: &mut Extras, name: &mut Vec<u8>) -> Result<Option<Continuation>, Short> {
    let mut b = Bytes::new(area);
    let mut continued = None;
    // Up to three bytes may be left over.
    while b.remaining() >= 4 {
        let signature: [u8; 2] = b.array()?;
        let length = usize::from(b.u8()?);
        b.skip(1)?;
        // No entry is shorter than its head: the rest is padding.
        let Some(body) = length.checked_sub(4) else { break };
        let mut entry = b.sub(body)?;
        match &signature {
            b"CE" => {
                continued = Some(Continuation {
                    block: record::both_u32(&mut entry)?,
                    offset: record::both_u32(&mut entry)?,
                    length: record::both_u32(&mut entry)?,
                });
            }
            b"NM" => {
                let flags = entry.u8()?;
                let part = entry.take(entry.remaining())?;
                if flags & !NAME_CONTINUES == 0 && name.len() + part.len() <= NAME_LIMIT {
                    name.extend_from_slice(part);
                }
            }
            b"CL" => extras.child = Some(record::both_u32(&mut entry)?),
            b"RE" => extras.is_relocated = true,
            b"SL" => extras.is_link = true,
            b"ST" => break,
            _ => {}
        }
    }
    Ok(continued)
}

/// First block and bytes of a directory that was moved: its own first record tells how long it is.
pub(super) fn relocated(sectors: &dyn Sectors, block: u32) -> Result<(u32, u32), FsError> {
    let sector = u64::from(block);
    let bytes = sectors.sector(sector, "directory")?;
    let own = record::next(&mut Bytes::new(&bytes), sector)?;
    match own {
        Some(record) if record.is_self_or_parent() => Ok(record.part()),
        _ => Err(FsError::damaged("directory", sector, "it does not begin with itself")),
    }
}
