//! Partition maps: from a block of a partition to a sector of the disc
//! (ECMA-167 3/10.7; UDF 2.2.8 to 2.2.13).

use super::icb::{self, Content, FileType, Run};
use super::vat;
use super::volume::{Found, PartitionSpace};
use crate::base::bytes::{Bytes, Short};
use crate::base::sector::{SECTOR_BYTES, SECTOR_SIZE};
use crate::fs::FsError;
use crate::fs::extent::{Builder, Extent, MAX_EXTENTS, Place};
use crate::fs::sectors::Sectors;

/// Most tables of a sparable partition that are tried (UDF 2.2.9 allows 4).
const SPARING_TABLES: u8 = 4;
/// Most bytes of one sparing table.
const SPARING_TABLE_LIMIT: u32 = 1 << 20;

/// Most extents of a metadata file, which stay in memory; UDF 2.2.10 wants them few.
const METADATA_EXTENTS: usize = 1 << 14;

/// Most blocks of one file that are looked up one by one: 8 GiB, more than any disc that spares packets holds.
const MAPPED_BLOCK_LIMIT: u64 = 1 << 22;

/// A block of a partition: a recorded address (ECMA-167 4/7.1).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Address {
    /// Block, counted from the start of the partition.
    pub(super) block: u32,
    /// Which partition map.
    pub(super) partition: u16,
}

impl Address {
    pub(super) fn parse(b: &mut Bytes<'_>) -> Result<Self, Short> {
        let block = b.u32_le()?;
        Ok(Self { block, partition: b.u16_le()? })
    }

    /// The number of the directory whose ICB lies here (`Entry::identity`).
    pub(super) fn identity(self) -> u128 {
        1 << 64 | u128::from(self.partition) << 32 | u128::from(self.block)
    }

    fn nowhere(self) -> FsError {
        FsError::Nowhere { block: self.block, partition: self.partition }
    }
}

/// A partition map as the logical volume descriptor has it.
#[derive(Clone, Debug)]
pub(super) struct MapEntry {
    /// Number of the partition it lies on.
    pub(super) partition: u16,
    kind: MapKind,
}

#[derive(Clone, Debug)]
enum MapKind {
    Physical,
    Metadata { main: u32, mirror: u32 },
    Sparable { packet: u16, tables: Vec<(u32, u32)> },
    Virtual,
    Refused(String),
}

impl MapEntry {
    /// Whether blocks move when they are written again; the partition below is then said to reach to the end of the medium.
    pub(super) fn is_virtual(&self) -> bool {
        matches!(self.kind, MapKind::Virtual)
    }

    /// One map; what it is, is judged only when the volume is opened.
    pub(super) fn parse(table: &mut Bytes<'_>) -> Result<Self, Short> {
        let (kind, length) = (table.u8()?, usize::from(table.u8()?));
        let mut b = table.sub(length.saturating_sub(2))?;
        if kind == 1 {
            b.skip(2)?;
            return Ok(Self { partition: b.u16_le()?, kind: MapKind::Physical });
        }
        if kind != 2 {
            let refused = MapKind::Refused(format!("UDF partition maps of type {kind} are not known"));
            return Ok(Self { partition: 0, kind: refused });
        }
        b.skip(3)?;
        let identifier = b.take(23)?;
        b.skip(8 + 2)?;
        let partition = b.u16_le()?;
        let kind = if identifier.starts_with(b"*UDF Metadata Partition") {
            MapKind::Metadata { main: b.u32_le()?, mirror: b.u32_le()? }
        } else if identifier.starts_with(b"*UDF Sparable Partition") {
            let packet = b.u16_le()?;
            let count = b.u8()?.min(SPARING_TABLES);
            b.skip(1)?;
            let size = b.u32_le()?;
            let tables = (0..count).map(|_| Ok((b.u32_le()?, size))).collect::<Result<_, Short>>()?;
            MapKind::Sparable { packet, tables }
        } else if identifier.starts_with(b"*UDF Virtual Partition") {
            MapKind::Virtual
        } else {
            MapKind::Refused(format!(
                "the UDF partition type '{}' is not known",
                String::from_utf8_lossy(identifier).trim_end_matches('\0')
            ))
        };
        Ok(Self { partition, kind })
    }
}

/// A partition map ready for use.
#[derive(Debug)]
enum Map {
    Physical(PartitionSpace),
    /// Extents of the metadata file and of its mirror; either may be missing, not both.
    Metadata {
        main: Vec<Extent>,
        mirror: Vec<Extent>,
    },
    /// Packets that were moved: first block of the packet, and the sector it went to; ascending.
    Sparable {
        space: PartitionSpace,
        packet: u32,
        moved: Vec<(u32, u32)>,
    },
    /// Blocks that moved each time they were written again: where each is now.
    Virtual {
        space: PartitionSpace,
        table: Vec<u32>,
    },
    Refused(String),
}

/// All partition maps of a volume.
#[derive(Debug)]
pub(super) struct Partitions {
    maps: Vec<Map>,
}

impl Partitions {
    /// Makes the maps ready, reading the metadata files and sparing tables they name.
    pub(super) fn open(sectors: &dyn Sectors, found: &Found) -> Result<Self, FsError> {
        let mut maps = Vec::new();
        for entry in &found.maps {
            let space = found.partitions.iter().find(|p| p.number == entry.partition).copied();
            maps.push(match (&entry.kind, space) {
                (MapKind::Refused(sentence), _) => Map::Refused(sentence.clone()),
                (_, None) => Map::Refused(format!("UDF partition {} is not described", entry.partition)),
                (MapKind::Physical, Some(space)) => Map::Physical(space),
                (MapKind::Sparable { packet, tables }, Some(space)) => sparable(sectors, space, *packet, tables)?,
                (MapKind::Metadata { main, mirror }, Some(space)) => metadata(sectors, space, *main, *mirror)?,
                (MapKind::Virtual, Some(space)) => Map::Virtual { space, table: vat::read(sectors, space)? },
            });
        }
        Ok(Self { maps })
    }

    /// One partition as it lies.
    pub(super) fn physical(space: PartitionSpace) -> Self {
        Self { maps: vec![Map::Physical(space)] }
    }

    /// The sectors where a block may be read: one, or two where there is a mirror.
    pub(super) fn places(&self, at: Address) -> Result<Vec<u64>, FsError> {
        let block = u64::from(at.block);
        let places: Vec<u64> = match self.maps.get(usize::from(at.partition)) {
            None => return Err(at.nowhere()),
            Some(Map::Refused(sentence)) => return Err(FsError::Unsupported(sentence.clone())),
            Some(Map::Physical(space)) => inside(*space, block).into_iter().collect(),
            Some(Map::Sparable { space, packet, moved }) => {
                inside(*space, block).map(|s| spared(*packet, moved, at.block).unwrap_or(s)).into_iter().collect()
            }
            Some(Map::Virtual { space, table }) => {
                vat::resolve(table, at.block).and_then(|block| inside(*space, u64::from(block))).into_iter().collect()
            }
            Some(Map::Metadata { main, mirror }) => {
                let mut places: Vec<u64> = [main, mirror].into_iter().filter_map(|e| sector_in(e, block)).collect();
                places.dedup();
                places
            }
        };
        if places.is_empty() {
            return Err(at.nowhere());
        }
        Ok(places)
    }

    /// The sector that names a block in messages; the block itself where it has none.
    pub(super) fn name(&self, at: Address) -> u64 {
        self.places(at).ok().and_then(|p| p.first().copied()).unwrap_or(u64::from(at.block))
    }

    /// Reads one block and parses it; where the read or the parser fails and there is a mirror, from the mirror.
    /// The error told is that of the first place.
    pub(super) fn read_checked<T>(
        &self,
        sectors: &dyn Sectors,
        at: Address,
        what: &str,
        parse: impl Fn(&[u8; SECTOR_SIZE], u64) -> Result<T, FsError>,
    ) -> Result<T, FsError> {
        let mut first = None;
        for sector in self.places(at)? {
            match sectors.sector(sector, what).and_then(|block| parse(&block, sector)) {
                Ok(value) => return Ok(value),
                Err(e) => first = first.or(Some(e)),
            }
        }
        Err(first.unwrap_or_else(|| at.nowhere()))
    }

    /// The extents of a file of `length` bytes, from its allocated runs. `name` is the sector of its file entry.
    pub(super) fn extents(&self, runs: &[Run], length: u64, name: u64) -> Result<Vec<Extent>, FsError> {
        let mut builder = Builder::default();
        for run in runs {
            if builder.length() >= length {
                break;
            }
            let added = match run.at {
                None => builder.push(Place::Hole, u64::from(run.length)),
                Some(at) => self.push_run(&mut builder, at, run.length)?,
            };
            added.ok_or_else(|| FsError::damaged("file entry", name, format!("more than {MAX_EXTENTS} extents")))?;
        }
        if builder.length() < length {
            let problem = format!("{} of the file's {length} bytes are allocated", builder.length());
            return Err(FsError::damaged("file entry", name, problem));
        }
        Ok(builder.finish(length))
    }

    /// Adds one run of blocks, in as few pieces as its partition allows.
    fn push_run(&self, builder: &mut Builder, at: Address, length: u32) -> Result<Option<()>, FsError> {
        let blocks = u64::from(length).div_ceil(SECTOR_BYTES);
        if let Some(Map::Physical(space)) = self.maps.get(usize::from(at.partition)) {
            // Both ends inside: so is everything between.
            let last = u32::try_from(u64::from(at.block) + blocks.saturating_sub(1)).ok();
            let last = last.and_then(|block| inside(*space, u64::from(block)));
            let first = inside(*space, u64::from(at.block));
            let (Some(first), Some(_)) = (first, last) else { return Err(at.nowhere()) };
            return Ok(builder.push(Place::Sector(first), u64::from(length)));
        }
        if builder.length() / SECTOR_BYTES + blocks > MAPPED_BLOCK_LIMIT {
            let problem = format!("more than {MAPPED_BLOCK_LIMIT} blocks in a partition with a table");
            return Err(FsError::damaged("allocation descriptor", u64::from(at.block), problem));
        }
        let mut left = u64::from(length);
        for index in 0..blocks {
            let block = u32::try_from(u64::from(at.block) + index).unwrap_or(u32::MAX);
            let place = self.places(Address { block, ..at })?.first().map_or(Place::Hole, |s| Place::Sector(*s));
            let bytes = left.min(SECTOR_BYTES);
            if builder.push(place, bytes).is_none() {
                return Ok(None);
            }
            left -= bytes;
        }
        Ok(Some(()))
    }
}

/// The sector of a block of a partition; `None` outside.
fn inside(space: PartitionSpace, block: u64) -> Option<u64> {
    (block < space.length).then(|| space.start + block)
}

/// The sector of a block of a file that lies in `extents`.
fn sector_in(extents: &[Extent], block: u64) -> Option<u64> {
    let offset = block.checked_mul(SECTOR_BYTES)?;
    let extent = extents.get(extents.partition_point(|e| e.end() <= offset))?;
    match extent.place {
        Place::Sector(first) if (offset - extent.offset).is_multiple_of(SECTOR_BYTES) => {
            Some(first + (offset - extent.offset) / SECTOR_BYTES)
        }
        _ => None,
    }
}

/// The sector that a moved packet's block went to.
fn spared(packet: u32, moved: &[(u32, u32)], block: u32) -> Option<u64> {
    let start = block - block % packet;
    let found = moved.binary_search_by_key(&start, |m| m.0).ok()?;
    moved.get(found).map(|(_, to)| u64::from(*to) + u64::from(block - start))
}

/// The metadata file and its mirror. One of them is enough (UDF 2.2.10).
fn metadata(sectors: &dyn Sectors, space: PartitionSpace, main: u32, mirror: u32) -> Result<Map, FsError> {
    let physical = Partitions::physical(space);
    let file = |block: u32, what: &str| -> Result<Vec<Extent>, FsError> {
        let at = Address { block, partition: 0 };
        let icb = icb::read(sectors, &physical, at)?;
        let sector = physical.name(at);
        match (icb.file_type, icb.content) {
            (FileType::Metadata, Content::Runs(runs)) => {
                let here = |run: &Run| Run { at: run.at.map(|a| Address { partition: 0, ..a }), ..*run };
                let extents = physical.extents(&runs.iter().map(here).collect::<Vec<_>>(), icb.length, sector)?;
                if extents.len() > METADATA_EXTENTS {
                    return Err(FsError::damaged(what, sector, format!("more than {METADATA_EXTENTS} extents")));
                }
                Ok(extents)
            }
            _ => Err(FsError::damaged(what, sector, "its file entry is of another type")),
        }
    };
    match (file(main, "metadata file"), file(mirror, "metadata mirror file")) {
        (Err(e), Err(_)) => Err(e),
        (main, mirror) => Ok(Map::Metadata { main: main.unwrap_or_default(), mirror: mirror.unwrap_or_default() }),
    }
}

/// A sparable partition; the first table that can be read is used (UDF 2.2.9, 2.2.12).
fn sparable(sectors: &dyn Sectors, space: PartitionSpace, packet: u16, tables: &[(u32, u32)]) -> Result<Map, FsError> {
    let mut failure = None;
    for (sector, size) in tables {
        match sparing_table(sectors, u64::from(*sector), *size) {
            Ok(moved) => return Ok(Map::Sparable { space, packet: u32::from(packet).max(1), moved }),
            Err(e) => failure = failure.or(Some(e)),
        }
    }
    let absent = || FsError::Unsupported("a UDF sparable partition without a sparing table".to_owned());
    Err(failure.unwrap_or_else(absent))
}

fn sparing_table(sectors: &dyn Sectors, sector: u64, size: u32) -> Result<Vec<(u32, u32)>, FsError> {
    let what = "sparing table";
    let count = u64::from(size.min(SPARING_TABLE_LIMIT)).div_ceil(SECTOR_BYTES).max(1);
    let mut table = Vec::new();
    for at in sector..sector + count {
        table.extend(sectors.sector(at, what)?);
    }
    super::tag::expect(&table, &[0]).map_err(|e| FsError::damaged(what, sector, e))?;
    let parse = || -> Result<Option<Vec<(u32, u32)>>, Short> {
        let identifier = Bytes::at(&table, 17)?.take(23)?;
        if !identifier.starts_with(b"*UDF Sparing Table") {
            return Ok(None);
        }
        let mut b = Bytes::at(&table, 48)?;
        let entries = b.u16_le()?;
        b.skip(6)?;
        (0..entries).map(|_| Ok((b.u32_le()?, b.u32_le()?))).collect::<Result<Vec<_>, Short>>().map(Some)
    };
    let moved = parse().map_err(FsError::short(what, sector))?;
    let mut moved = moved.ok_or_else(|| FsError::damaged(what, sector, "it is something else"))?;
    // 0xFFFFFFF0 and above: free or broken spares.
    moved.retain(|(from, _)| *from < 0xffff_fff0);
    moved.sort_unstable();
    Ok(moved)
}
