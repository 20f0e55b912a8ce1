//! The virtual allocation table of a disc that was written in increments (UDF 2.2.8, 2.2.11): which block of the partition
//! each block of the virtual one is. Its file entry is the last thing that was written.

use super::icb::{self, Content, FileType, Icb, Run};
use super::partition::{Address, Partitions};
use super::volume::PartitionSpace;
use crate::base::bytes::Bytes;
use crate::fs::FsError;
use crate::fs::extent::{Body, File};
use crate::fs::sectors::Sectors;

/// Sectors at the end of the disc that are looked at: run-out and link blocks may follow the table.
const LOOK_BACK: u64 = 64;

/// Most bytes of a table: a million blocks with file entries and directories.
const TABLE_LIMIT: u64 = 4 << 20;

/// Bytes behind the entries of a table of UDF 1.50: an identifier and where the table before it lies.
const TRAILER: usize = 36;

/// A block that the virtual partition does not have any more.
const UNUSED: u32 = u32::MAX;

/// The blocks of the partition in `space`, by the blocks of the virtual one.
///
/// # Errors
/// [`FsError::Unsupported`] when no table lies at the end of the disc; what cannot be read.
pub(super) fn read(sectors: &dyn Sectors, space: PartitionSpace) -> Result<Vec<u32>, FsError> {
    let physical = Partitions::physical(space);
    let end = sectors.count();
    for sector in (end.saturating_sub(LOOK_BACK).max(space.start)..end).rev() {
        let Ok(block) = u32::try_from(sector - space.start) else { continue };
        let found = match icb::read(sectors, &physical, Address { block, partition: 0 }) {
            Ok(icb) => table(sectors, &physical, icb),
            Err(e) => Err(e),
        };
        match found {
            Ok(Some(table)) => return Ok(table),
            // Something else, or what lies behind the table: run-out blocks may not be readable.
            Ok(None) | Err(FsError::Unsupported(_)) => {}
            Err(e) if e.is_damage() => {}
            Err(e) => return Err(e),
        }
    }
    let sentence =
        "the disc was written in increments (UDF virtual partition), and the table of these is not at its end";
    Err(FsError::Unsupported(sentence.to_owned()))
}

/// The entries of the table whose file entry this is; `None` where it is another file's.
fn table(sectors: &dyn Sectors, physical: &Partitions, icb: Icb) -> Result<Option<Vec<u32>>, FsError> {
    // Up to UDF 1.50 the table's type is 0, and its last bytes tell what it is.
    if !matches!(icb.file_type, FileType::VirtualTable | FileType::Other) || icb.length > TABLE_LIMIT {
        return Ok(None);
    }
    let (file_type, sector) = (icb.file_type, icb.sector);
    let bytes = content(sectors, physical, icb)?;
    let entries = match file_type {
        FileType::VirtualTable => {
            let header = Bytes::new(&bytes).u16_le().map_err(FsError::short("virtual allocation table", sector))?;
            bytes.get(usize::from(header)..)
        }
        _ => bytes.split_last_chunk::<TRAILER>().and_then(|(entries, trailer)| {
            trailer.get(1..).is_some_and(|name| name.starts_with(b"*UDF Virtual Alloc Tbl")).then_some(entries)
        }),
    };
    let number = |four: &[u8]| four.try_into().map_or(UNUSED, u32::from_le_bytes);
    Ok(entries.map(|entries| entries.chunks_exact(4).map(number).collect()))
}

fn content(sectors: &dyn Sectors, physical: &Partitions, icb: Icb) -> Result<Vec<u8>, FsError> {
    let body = match icb.content {
        Content::Embedded(bytes) => Body::Embedded(bytes),
        Content::Runs(runs) => {
            let here = |run: &Run| Run { at: run.at.map(|at| Address { partition: 0, ..at }), ..*run };
            let runs: Vec<Run> = runs.iter().map(here).collect();
            Body::Extents(physical.extents(&runs, icb.length, icb.sector)?)
        }
    };
    let file = File { length: icb.length, body, path: "virtual allocation table".to_owned() };
    let mut bytes = vec![0; usize::try_from(icb.length).unwrap_or(0)];
    let mut done = 0;
    while let Some(rest) = bytes.get_mut(done..).filter(|rest| !rest.is_empty()) {
        match file.read(sectors, done as u64, rest)? {
            0 => break,
            count => done += count,
        }
    }
    bytes.truncate(done);
    Ok(bytes)
}

/// The block of the partition that a block of the virtual one is; `None` where it has none.
pub(super) fn resolve(table: &[u32], block: u32) -> Option<u32> {
    table.get(usize::try_from(block).ok()?).copied().filter(|block| *block != UNUSED)
}
