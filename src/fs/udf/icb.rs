//! File entries and their allocation descriptors (ECMA-167 4/14.9, 4/14.14, 4/14.17; UDF 2.3.6).

use std::sync::Arc;

use super::partition::{Address, Partitions};
use super::tag::{self, kind};
use crate::base::bytes::{Bytes, Short};
use crate::base::sector::{SECTOR_BYTES, SECTOR_SIZE};
use crate::fs::FsError;
use crate::fs::extent::MAX_EXTENTS;
use crate::fs::sectors::Sectors;

/// Most blocks of continued allocation descriptors; [`MAX_EXTENTS`] fill about a thousand.
const CONTINUATION_LIMIT: usize = 4096;

/// What an ICB stands for (ECMA-167 4/14.6.6; UDF 2.2.13).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum FileType {
    Directory,
    /// A file of bytes, real-time files of Blu-ray and DVD recorders included.
    Data,
    /// The metadata file, or its mirror.
    Metadata,
    /// The virtual allocation table, from UDF 2.00 on.
    VirtualTable,
    Other,
}

/// A run of bytes as an allocation descriptor tells it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Run {
    /// Bytes, not 0.
    pub(super) length: u32,
    /// Where it starts; `None` where nothing was recorded and all bytes are zero.
    pub(super) at: Option<Address>,
}

/// Where a file's bytes are.
#[derive(Clone, Debug)]
pub(super) enum Content {
    Embedded(Arc<[u8]>),
    Runs(Vec<Run>),
}

/// A file entry.
#[derive(Clone, Debug)]
pub(super) struct Icb {
    pub(super) file_type: FileType,
    /// Bytes of the file.
    pub(super) length: u64,
    pub(super) content: Content,
    /// Where the entry lies, for messages.
    pub(super) sector: u64,
}

/// How the allocation descriptors are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    Short,
    Long,
}

/// A file entry before its chain of descriptors is followed.
struct Head {
    file_type: FileType,
    length: u64,
    form: Option<Form>,
    descriptors: Vec<u8>,
    sector: u64,
}

/// Reads the file entry at `at`, with all its allocation descriptors.
pub(super) fn read(sectors: &dyn Sectors, partitions: &Partitions, at: Address) -> Result<Icb, FsError> {
    let head = partitions.read_checked(sectors, at, "file entry", parse_head)?;
    let sector = head.sector;
    let content = match head.form {
        None => {
            let length = usize::try_from(head.length).unwrap_or(usize::MAX);
            let bytes = head.descriptors.get(..length).ok_or_else(|| {
                FsError::damaged("file entry", sector, format!("{length} bytes are said to be inside it"))
            })?;
            Content::Embedded(Arc::from(bytes))
        }
        Some(form) => Content::Runs(chain(sectors, partitions, at, form, head.descriptors, sector)?),
    };
    Ok(Icb { file_type: head.file_type, length: head.length, content, sector })
}

fn parse_head(block: &[u8; SECTOR_SIZE], sector: u64) -> Result<Head, FsError> {
    let what = "file entry";
    let found = tag::expect(block, &[kind::FILE_ENTRY, kind::EXTENDED_FILE_ENTRY])
        .map_err(|e| FsError::damaged(what, sector, e))?;
    let short = FsError::short(what, sector);
    let lengths_at = if found == kind::FILE_ENTRY { 168 } else { 208 };
    let fields = || -> Result<_, Short> {
        let strategy = Bytes::at(block, 20)?.u16_le()?;
        let file_type = Bytes::at(block, 27)?.u8()?;
        let flags = Bytes::at(block, 34)?.u16_le()?;
        let length = Bytes::at(block, 56)?.u64_le()?;
        let mut b = Bytes::at(block, lengths_at)?;
        let (attributes, descriptors) = (b.u32_le()? as usize, b.u32_le()? as usize);
        b.skip(attributes)?;
        Ok((strategy, file_type, flags, length, b.take(descriptors)?))
    };
    let (strategy, file_type, flags, length, descriptors) = fields().map_err(short)?;
    if strategy != 4 {
        return Err(FsError::Unsupported(format!(
            "UDF file entries of strategy {strategy} (write-once discs) are not read"
        )));
    }
    let form = match flags & 7 {
        0 => Some(Form::Short),
        1 => Some(Form::Long),
        3 => None,
        other => return Err(FsError::damaged(what, sector, format!("its allocation is of type {other}"))),
    };
    let file_type = match file_type {
        4 => FileType::Directory,
        5 | 249 => FileType::Data,
        250 | 251 => FileType::Metadata,
        248 => FileType::VirtualTable,
        _ => FileType::Other,
    };
    Ok(Head { file_type, length, form, descriptors: descriptors.to_vec(), sector })
}

/// Follows the allocation descriptors through their continuations (ECMA-167 4/12, 4/14.5).
fn chain(
    sectors: &dyn Sectors,
    partitions: &Partitions,
    at: Address,
    form: Form,
    first: Vec<u8>,
    sector: u64,
) -> Result<Vec<Run>, FsError> {
    let mut runs = Vec::new();
    let mut block = first;
    for _ in 0..CONTINUATION_LIMIT {
        let Some(next) =
            append(&block, form, at.partition, &mut runs).map_err(|p| FsError::damaged("file entry", sector, p))?
        else {
            return Ok(runs);
        };
        block = partitions.read_checked(sectors, next, "allocation descriptors", |bytes, sector| {
            let what = "allocation descriptors";
            tag::expect(bytes, &[kind::ALLOCATION_EXTENT]).map_err(|e| FsError::damaged(what, sector, e))?;
            let parse = || -> Result<Vec<u8>, Short> {
                let mut b = Bytes::at(bytes, 20)?;
                let length = b.u32_le()? as usize;
                b.take(length).map(<[u8]>::to_vec)
            };
            parse().map_err(FsError::short(what, sector))
        })?;
    }
    Err(FsError::damaged("file entry", sector, "its allocation descriptors never end"))
}

/// Adds the runs of one block of descriptors; returns where they go on, if they do.
fn append(bytes: &[u8], form: Form, partition: u16, runs: &mut Vec<Run>) -> Result<Option<Address>, String> {
    let mut b = Bytes::new(bytes);
    let size = match form {
        Form::Short => 8,
        Form::Long => 16,
    };
    while b.remaining() >= size {
        let mut descriptor = b.sub(size).map_err(|e| e.to_string())?;
        let mut fields = || -> Result<_, Short> {
            let length = descriptor.u32_le()?;
            let at = match form {
                Form::Short => Address { block: descriptor.u32_le()?, partition },
                Form::Long => Address::parse(&mut descriptor)?,
            };
            Ok((length, at))
        };
        let (word, at) = fields().map_err(|e| e.to_string())?;
        let length = word & 0x3fff_ffff;
        // A length of 0 ends the descriptors.
        if length == 0 {
            return Ok(None);
        }
        match word >> 30 {
            0 => runs.push(Run { length, at: Some(at) }),
            // Allocated or not, nothing was recorded.
            1 | 2 => runs.push(Run { length, at: None }),
            _ => return Ok(Some(at)),
        }
        if runs.len() > MAX_EXTENTS {
            return Err(format!("more than {MAX_EXTENTS} extents"));
        }
    }
    Ok(None)
}

impl Icb {
    /// The addresses of the file's blocks that lie in sectors, in order; `None` for a hole. For directories,
    /// whose length was checked against a limit before.
    pub(super) fn blocks(&self, limit: u64) -> Vec<Option<Address>> {
        let Content::Runs(runs) = &self.content else { return Vec::new() };
        let wanted = self.length.min(limit).div_ceil(SECTOR_BYTES);
        let block = |run: &Run, index: u32| run.at.map(|a| Address { block: a.block.saturating_add(index), ..a });
        runs.iter()
            .flat_map(|run| (0..run.length.div_ceil(SECTOR_BYTES as u32)).map(move |i| block(run, i)))
            .take(usize::try_from(wanted).unwrap_or(usize::MAX))
            .collect()
    }
}
