//! From nothing to the partitions: recognition, anchors, volume descriptors, file set
//! (ECMA-167 2/8, 3/8.4, 3/10, 4/14.1; UDF 2.2).

use super::name;
use super::partition::{Address, MapEntry, Partitions};
use super::tag::{self, kind};
use crate::base::bytes::{Bytes, Short};
use crate::base::sector::{SECTOR_BYTES, SECTOR_SIZE};
use crate::fs::sectors::Sectors;
use crate::fs::{ANCHOR, FsError, RECOGNITION_SEQUENCE};

/// First sector of the volume recognition sequence of a session, from its start (ECMA-167 2/8.3).
const RECOGNITION: u64 = 16;
/// Sectors of it that are looked at.
const RECOGNITION_LIMIT: u64 = 32;
/// Most volume descriptors that are read; a disc has six.
const DESCRIPTOR_LIMIT: u32 = 256;
/// Most partition maps of a volume; UDF knows at most four.
const MAP_LIMIT: u32 = 16;

/// What the volume descriptors say.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// Volume identifier, else that of the logical volume.
    pub(super) label: String,
    /// UDF revision, as binary-coded decimals: 0x0250.
    pub(super) revision: u16,
    /// Where the file set descriptor lies.
    pub(super) file_set: Address,
    /// Partition maps, in order.
    pub(super) maps: Vec<MapEntry>,
    /// Partitions: number, first sector, sectors.
    pub(super) partitions: Vec<PartitionSpace>,
}

/// Where a partition lies on the disc.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct PartitionSpace {
    /// The number that maps refer to it by.
    pub(super) number: u16,
    /// First sector.
    pub(super) start: u64,
    /// Number of sectors.
    pub(super) length: u64,
}

/// A descriptor together with its sequence number: the highest prevails.
#[derive(Debug)]
struct Latest<T>(Option<(u32, T)>);

impl<T> Default for Latest<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Latest<T> {
    fn offer(&mut self, number: u32, value: T) {
        if self.0.as_ref().is_none_or(|(have, _)| number > *have) {
            self.0 = Some((number, value));
        }
    }
}

/// A logical volume descriptor.
#[derive(Debug)]
struct LogicalVolume {
    label: String,
    revision: u16,
    file_set: Address,
    maps: Vec<MapEntry>,
}

#[derive(Debug, Default)]
struct Sequence {
    primary: Latest<String>,
    logical: Latest<LogicalVolume>,
    partitions: Vec<(u32, PartitionSpace)>,
    /// The first thing that went wrong.
    failure: Option<FsError>,
}

/// Finds the volume of the session that begins at `start`.
pub(super) fn find(sectors: &dyn Sectors, start: u64) -> Result<Found, FsError> {
    let recognised = recognised(sectors, start);
    if recognised == Some(false) {
        return Err(FsError::Absent("UDF"));
    }
    let mut sequence = Sequence::default();
    let mut expected = recognised == Some(true);
    for sector in anchor_sectors(start, sectors.count()) {
        let Some(extents) = anchor(sectors, sector, &mut sequence) else { continue };
        expected = true;
        for (start, bytes) in extents {
            // A newer descriptor may be among those that could not be read: the reserve sequence has it.
            if !sequence.is_complete() || sequence.failure.is_some() {
                sequence.read(sectors, start, bytes);
            }
        }
        if sequence.is_complete() {
            return Ok(sequence.finish());
        }
    }
    if sequence.has_volume() {
        // Only the primary descriptor is missing, and with it the label.
        return Ok(sequence.finish());
    }
    let failure = sequence.failure.take().filter(|f| expected || !matches!(f, FsError::Damaged { .. }));
    Err(failure.unwrap_or(if expected {
        FsError::damaged("volume descriptor sequence", 256, "it lacks the logical volume or a partition")
    } else {
        FsError::Absent("UDF")
    }))
}

/// Whether a sector begins a recognition sequence (ECMA-167 2/9.2).
pub(in crate::fs) fn is_recognition(sector: &[u8]) -> bool {
    sector.starts_with(b"\x00BEA01\x01")
}

/// The sector behind the last partition of the volume of the session that begins at `start`, where the recognition sequence
/// there names UDF; `None` as well where the volume's descriptors lie in front of the session.
pub(in crate::fs) fn end_of_volume(sectors: &dyn Sectors, start: u64) -> Option<u64> {
    if recognised(sectors, start) != Some(true) {
        return None;
    }
    let anchors = anchor_sectors(start, sectors.count()).filter(|sector| *sector >= start);
    let named = anchors.filter_map(|sector| anchor(sectors, sector, &mut Sequence::default())).next();
    if named.is_none_or(|extents| extents.iter().all(|(sector, _)| *sector < start)) {
        return None;
    }
    let found = find(sectors, start).ok()?;
    let is_virtual = found.maps.iter().any(MapEntry::is_virtual);
    // What is still to be written counts in the length of a partition that was begun.
    let end = |space: &PartitionSpace| if is_virtual { space.start } else { space.start.saturating_add(space.length) };
    found.partitions.iter().map(end).max()
}

/// Whether the recognition sequence names ECMA-167; `None` when it cannot be told because the sequence cannot be read
/// or was wiped out: an anchor may still say so.
fn recognised(sectors: &dyn Sectors, start: u64) -> Option<bool> {
    let mut seen = false;
    let first = start.saturating_add(RECOGNITION);
    for sector in first..first.saturating_add(RECOGNITION_LIMIT) {
        let block = sectors.sector(sector, RECOGNITION_SEQUENCE).ok()?;
        match &block[1..6] {
            b"NSR02" | b"NSR03" => return Some(true),
            b"BEA01" | b"TEA01" | b"CD001" | b"CDW02" | b"BOOT2" => seen = true,
            _ => break,
        }
    }
    if seen { Some(false) } else { None }
}

/// Where an anchor may lie: 256, N - 256, N, and 512 (unfinalised discs), N being the last sector, the others counted from
/// the start of the session.
fn anchor_sectors(start: u64, count: u64) -> impl Iterator<Item = u64> {
    let last = count.saturating_sub(1);
    let from_start = |sector: u64| start.saturating_add(sector);
    let places = [from_start(256), last.saturating_sub(256), last, count.saturating_sub(256), from_start(512)];
    (0..places.len())
        .filter(move |i| !places[..*i].contains(&places[*i]))
        .map(move |i| places[i])
        .filter(move |s| *s < count)
}

/// The main and the reserve sequence that an anchor names: first sector and bytes of each.
fn anchor(sectors: &dyn Sectors, sector: u64, sequence: &mut Sequence) -> Option<[(u64, u32); 2]> {
    let what = ANCHOR;
    let parsed = sectors.sector(sector, what).and_then(|block| {
        tag::expect(&block, &[kind::ANCHOR]).map_err(|e| FsError::damaged(what, sector, e))?;
        let mut b = Bytes::at(&block, 16).map_err(FsError::short(what, sector))?;
        let mut extent = || -> Result<(u64, u32), Short> {
            let bytes = b.u32_le()?;
            Ok((u64::from(b.u32_le()?), bytes))
        };
        extent().and_then(|main| Ok([main, extent()?])).map_err(FsError::short(what, sector))
    });
    parsed.map_err(|e| sequence.note(e)).ok()
}

impl Sequence {
    fn note(&mut self, failure: FsError) {
        self.failure.get_or_insert(failure);
    }

    /// Reads one sequence of descriptors, following pointers to its continuation.
    fn read(&mut self, sectors: &dyn Sectors, start: u64, bytes: u32) {
        let (mut sector, mut left) = (start, u64::from(bytes) / SECTOR_BYTES);
        for _ in 0..DESCRIPTOR_LIMIT {
            if left == 0 {
                return;
            }
            let what = "volume descriptor";
            match sectors.sector(sector, what) {
                Err(e) => self.note(e),
                Ok(block) => match tag::check(&block) {
                    Ok(kind::TERMINATING) => return,
                    Ok(kind::VOLUME_POINTER) => {
                        let Ok((next, bytes)) = pointer(&block) else { return };
                        (sector, left) = (next, u64::from(bytes) / SECTOR_BYTES);
                        continue;
                    }
                    Ok(found) => {
                        if let Err(e) = self.descriptor(found, &block) {
                            self.note(e.at(what, sector));
                        }
                    }
                    Err(e) => self.note(FsError::damaged(what, sector, e)),
                },
            }
            (sector, left) = (sector + 1, left - 1);
        }
    }

    fn descriptor(&mut self, found: u16, block: &[u8; SECTOR_SIZE]) -> Result<(), Problem> {
        let mut b = Bytes::at(block, 16)?;
        match found {
            kind::PRIMARY_VOLUME => {
                let number = b.u32_le()?;
                b.skip(4)?;
                self.primary.offer(number, name::decode_field(b.take(32)?));
            }
            kind::LOGICAL_VOLUME => {
                let number = b.u32_le()?;
                self.logical.offer(number, logical_volume(block)?);
            }
            kind::PARTITION => {
                let number = b.u32_le()?;
                b.skip(2)?;
                let partition = b.u16_le()?;
                let mut b = Bytes::at(block, 188)?;
                let start = u64::from(b.u32_le()?);
                let space = PartitionSpace { number: partition, start, length: u64::from(b.u32_le()?) };
                match self.partitions.iter_mut().find(|(_, p)| p.number == partition) {
                    Some(have) if have.0 >= number => {}
                    Some(have) => *have = (number, space),
                    None => self.partitions.push((number, space)),
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether every descriptor that is needed was found.
    fn is_complete(&self) -> bool {
        self.primary.0.is_some() && self.has_volume()
    }

    /// Whether the logical volume and the partitions under it were found.
    fn has_volume(&self) -> bool {
        let Some((_, logical)) = &self.logical.0 else { return false };
        logical.maps.iter().all(|m| self.partitions.iter().any(|(_, p)| p.number == m.partition))
    }

    fn finish(self) -> Found {
        let label = self.primary.0.map(|(_, label)| label).unwrap_or_default();
        let partitions = self.partitions.into_iter().map(|(_, p)| p).collect();
        match self.logical.0 {
            None => Found { label, partitions, ..Found::default() },
            Some((_, logical)) => Found {
                label: if label.is_empty() { logical.label } else { label },
                revision: logical.revision,
                file_set: logical.file_set,
                maps: logical.maps,
                partitions,
            },
        }
    }
}

/// What is wrong inside a descriptor whose place is known further out.
enum Problem {
    Short(Short),
    Unsupported(String),
    Damaged(&'static str),
}

impl From<Short> for Problem {
    fn from(short: Short) -> Self {
        Self::Short(short)
    }
}

impl Problem {
    fn at(self, what: &str, sector: u64) -> FsError {
        match self {
            Self::Short(short) => FsError::damaged(what, sector, short),
            Self::Damaged(problem) => FsError::damaged(what, sector, problem),
            Self::Unsupported(sentence) => FsError::Unsupported(sentence),
        }
    }
}

/// A volume descriptor pointer: where the sequence goes on, sector and bytes (ECMA-167 3/10.3).
fn pointer(block: &[u8]) -> Result<(u64, u32), Short> {
    let mut b = Bytes::at(block, 20)?;
    let bytes = b.u32_le()?;
    Ok((u64::from(b.u32_le()?), bytes))
}

/// A logical volume descriptor (ECMA-167 3/10.6, UDF 2.2.4).
fn logical_volume(block: &[u8]) -> Result<LogicalVolume, Problem> {
    let label = name::decode_field(Bytes::at(block, 84)?.take(128)?);
    let mut b = Bytes::at(block, 212)?;
    let block_size = b.u32_le()?;
    if u64::from(block_size) != SECTOR_BYTES {
        return Err(Problem::Unsupported(format!("UDF with blocks of {block_size} bytes is not read, only 2048")));
    }
    let revision = Bytes::at(block, 216 + 24)?.u16_le()?;
    let mut b = Bytes::at(block, 248)?;
    b.skip(4)?;
    let file_set = Address::parse(&mut b)?;
    let mut b = Bytes::at(block, 264)?;
    let (table, count) = (b.u32_le()?, b.u32_le()?);
    if count > MAP_LIMIT {
        return Err(Problem::Damaged("it has too many partition maps"));
    }
    let mut table = Bytes::at(block, 440)?.sub(usize::try_from(table).unwrap_or(usize::MAX))?;
    let maps = (0..count).map(|_| MapEntry::parse(&mut table)).collect::<Result<_, Short>>()?;
    Ok(LogicalVolume { label, revision, file_set, maps })
}

/// The root directory's ICB, from the file set descriptor (ECMA-167 4/14.1).
pub(super) fn root(sectors: &dyn Sectors, partitions: &Partitions, file_set: Address) -> Result<Address, FsError> {
    partitions.read_checked(sectors, file_set, "file set descriptor", |block, sector| {
        let what = "file set descriptor";
        tag::expect(block, &[kind::FILE_SET]).map_err(|e| FsError::damaged(what, sector, e))?;
        let mut b = Bytes::at(block, 404).map_err(FsError::short(what, sector))?;
        Address::parse(&mut b).map_err(FsError::short(what, sector))
    })
}
