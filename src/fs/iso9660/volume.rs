//! Volume descriptors (ECMA-119 8; Joliet 1, "SVD identification").

use super::record::{self, Record};
use crate::base::bytes::{Bytes, Short};
use crate::base::sector::SECTOR_SIZE;
use crate::fs::sectors::Sectors;
use crate::fs::{DESCRIPTORS, FsError};

/// First volume descriptor of a session, from its start.
pub(in crate::fs) const FIRST: u64 = 16;
/// Descriptors that are looked at; discs have two to four.
const LIMIT: u64 = 32;

/// The root directory of a tree.
#[derive(Clone, Copy, Debug)]
pub(super) struct Root {
    block: u32,
    length: u32,
}

impl Root {
    fn new(record: &Record<'_>) -> Self {
        let (block, length) = record.part();
        Self { block, length }
    }

    pub(super) fn part(self) -> (u32, u32) {
        (self.block, self.length)
    }

    /// First sector.
    pub(super) fn sector(self) -> u64 {
        u64::from(self.block)
    }
}

/// What the volume descriptors say.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) label: String,
    pub(super) primary: Option<Root>,
    pub(super) joliet: Option<Root>,
}

/// Finds the volume of the session that begins at `start`. One tree is enough; a descriptor that cannot be read is
/// passed over.
pub(super) fn find(sectors: &dyn Sectors, start: u64) -> Result<Found, FsError> {
    let what = DESCRIPTORS;
    let mut found = Found::default();
    let mut failure = None;
    let first = start.saturating_add(FIRST);
    for sector in first..first.saturating_add(LIMIT) {
        let block = match sectors.sector(sector, what) {
            Ok(block) => block,
            Err(e) if e.is_damage() => {
                failure.get_or_insert(e);
                continue;
            }
            Err(e) => return Err(e),
        };
        if &block[1..6] != b"CD001" {
            // UDF's recognition sequence may follow; nothing of ours does. In front of ours, a descriptor was wiped out.
            if found.primary.is_some() || found.joliet.is_some() {
                break;
            }
            continue;
        }
        match block[0] {
            1 | 2 => {
                if let Err(e) = descriptor(&block, sector, &mut found) {
                    failure.get_or_insert(e);
                }
            }
            255 => break,
            _ => {}
        }
    }
    match (found.primary, found.joliet) {
        (None, None) => Err(failure.unwrap_or(FsError::Absent("ISO 9660"))),
        _ => Ok(found),
    }
}

/// Where a volume lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::fs) struct VolumeExtent {
    /// Sectors of the volume space.
    pub(in crate::fs) sectors: u64,
    /// The first sector of its root directory.
    pub(in crate::fs) root: u64,
}

/// Whether a sector is a primary volume descriptor.
pub(in crate::fs) fn is_primary(sector: &[u8]) -> bool {
    sector.starts_with(b"\x01CD001\x01")
}

/// What a primary volume descriptor says of its volume (ECMA-119 8.4.8, 8.4.18); `None` where the block is none.
pub(in crate::fs) fn extent(block: &[u8; SECTOR_SIZE]) -> Option<VolumeExtent> {
    let word = |at| Bytes::at(block, at).ok().and_then(|mut b| b.u32_le().ok()).map(u64::from);
    // The root's record begins at byte 156, its address two bytes on.
    is_primary(block).then_some(VolumeExtent { sectors: word(80)?, root: word(158)? })
}

/// A primary or supplementary volume descriptor (ECMA-119 8.4, 8.5).
fn descriptor(block: &[u8; SECTOR_SIZE], sector: u64, found: &mut Found) -> Result<(), FsError> {
    let short = FsError::short("volume descriptor", sector);
    let fields = || -> Result<_, Short> {
        let label = Bytes::at(block, 40)?.take(32)?;
        let escapes = Bytes::at(block, 88)?.take(32)?;
        let block_size = Bytes::at(block, 128)?.u16_le()?;
        let root = record::parse(&mut Bytes::at(block, 156)?.sub(34)?)?;
        Ok((label, escapes, block_size, Root::new(&root)))
    };
    let (label, escapes, block_size, root) = fields().map_err(&short)?;
    if usize::from(block_size) != SECTOR_SIZE {
        let sentence = format!("ISO 9660 with blocks of {block_size} bytes is not read, only 2048");
        return Err(FsError::Unsupported(sentence));
    }
    // UCS-2 of level 1, 2 or 3.
    let joliet = [b"%/@", b"%/C", b"%/E"].iter().any(|e| escapes.starts_with(*e));
    match block[0] {
        1 if found.primary.is_none() => {
            found.primary = Some(root);
            let name: String = label.iter().map(|b| char::from(*b)).collect();
            found.label = name.trim_end_matches([' ', '\0']).to_owned();
        }
        2 if joliet && found.joliet.is_none() => {
            found.joliet = Some(root);
            if found.primary.is_none() {
                found.label = record::joliet_name(label).trim_end_matches([' ', '\0']).to_owned();
            }
        }
        _ => {}
    }
    Ok(())
}
