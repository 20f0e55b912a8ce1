//! Directories: a file of file identifier descriptors (ECMA-167 4/14.4, UDF 2.3.4).

use super::icb::{Content, Icb};
use super::name;
use super::partition::{Address, Partitions};
use super::tag::{self, kind};
use crate::base::bytes::{Bytes, Short};
use crate::base::sector::{SECTOR_BYTES, SECTOR_SIZE};
use crate::fs::cache::Names;
use crate::fs::path::{Item, clean};
use crate::fs::sectors::Sectors;
use crate::fs::{DIRECTORY_LIMIT, Entry, FsError};

const DIRECTORY: u8 = 1 << 1;
const DELETED: u8 = 1 << 2;
const PARENT: u8 = 1 << 3;

/// The bytes of a directory, and for each block how many of its copies were used up.
struct Data {
    bytes: Vec<u8>,
    blocks: Vec<Option<Address>>,
    tried: Vec<usize>,
}

/// The entries of a directory. Where a block of it cannot be read, or holds no descriptors, its mirror is used.
pub(super) fn read(sectors: &dyn Sectors, partitions: &Partitions, icb: &Icb) -> Result<Vec<Item<Address>>, FsError> {
    if icb.length > DIRECTORY_LIMIT {
        let problem = format!("a directory of {} bytes", icb.length);
        return Err(FsError::damaged("file entry", icb.sector, problem));
    }
    let mut data = Data::load(sectors, partitions, icb)?;
    let mut items: Vec<Item<Address>> = Vec::new();
    let mut names = Names::default();
    let mut at = 0;
    while at < data.bytes.len() {
        match identifier(&data.bytes, at) {
            Ok((item, next)) => {
                if let Some(item) = item {
                    names.add(&item.entry.name).map_err(|e| FsError::damaged("directory", icb.sector, e))?;
                    items.push(item);
                }
                at = next;
            }
            Err(span) => {
                if !data.turn_to_mirror(sectors, partitions, at, span.length)? {
                    return Err(FsError::damaged("directory", data.sector(partitions, icb, at), span.problem));
                }
            }
        }
    }
    Ok(items)
}

impl Data {
    fn load(sectors: &dyn Sectors, partitions: &Partitions, icb: &Icb) -> Result<Self, FsError> {
        if let Content::Embedded(bytes) = &icb.content {
            return Ok(Self { bytes: bytes.to_vec(), blocks: Vec::new(), tried: Vec::new() });
        }
        let blocks = icb.blocks(DIRECTORY_LIMIT);
        let length = usize::try_from(icb.length).unwrap_or(usize::MAX);
        if (blocks.len() as u64) * SECTOR_BYTES < icb.length {
            return Err(FsError::damaged("directory", icb.sector, "a part of it is allocated nowhere"));
        }
        let mut data = Self { bytes: vec![0; blocks.len() * SECTOR_SIZE], tried: vec![0; blocks.len()], blocks };
        for index in 0..data.blocks.len() {
            data.fetch(sectors, partitions, index)?;
        }
        data.bytes.truncate(length);
        Ok(data)
    }

    /// Reads the next untried copy of a block that can be read; `false` when none is left.
    fn next_copy(&mut self, sectors: &dyn Sectors, partitions: &Partitions, index: usize) -> Result<bool, FsError> {
        let Some(Some(at)) = self.blocks.get(index).copied() else { return Ok(false) };
        let mut failure = None;
        for sector in partitions.places(at)?.into_iter().skip(self.tried[index]) {
            self.tried[index] += 1;
            match sectors.sector(sector, "directory") {
                Ok(block) => {
                    let start = index * SECTOR_SIZE;
                    let end = (start + SECTOR_SIZE).min(self.bytes.len());
                    self.bytes[start..end].copy_from_slice(&block[..end - start]);
                    return Ok(true);
                }
                Err(e) => failure = failure.or(Some(e)),
            }
        }
        failure.map_or(Ok(false), Err)
    }

    fn fetch(&mut self, sectors: &dyn Sectors, partitions: &Partitions, index: usize) -> Result<(), FsError> {
        self.next_copy(sectors, partitions, index).map(|_| ())
    }

    /// Replaces the blocks under a bad descriptor by their mirrors; `false` when there is nothing left to try.
    fn turn_to_mirror(
        &mut self,
        sectors: &dyn Sectors,
        partitions: &Partitions,
        at: usize,
        length: usize,
    ) -> Result<bool, FsError> {
        let mut turned = false;
        for index in at / SECTOR_SIZE..=(at + length.max(1) - 1) / SECTOR_SIZE {
            turned |= index < self.blocks.len() && self.next_copy(sectors, partitions, index)?;
        }
        Ok(turned)
    }

    fn sector(&self, partitions: &Partitions, icb: &Icb, at: usize) -> u64 {
        let block = self.blocks.get(at / SECTOR_SIZE).copied().flatten();
        block.map_or(icb.sector, |a| partitions.name(a))
    }
}

/// A descriptor that is none, and how many bytes it claims.
struct BadSpan {
    length: usize,
    problem: String,
}

/// The descriptor at byte `at`: what it names, if anything, and where the next one starts.
fn identifier(data: &[u8], at: usize) -> Result<(Option<Item<Address>>, usize), BadSpan> {
    let rest = data.get(at..).unwrap_or_default();
    let length =
        span(rest).map_err(|short| BadSpan { length: rest.len().min(SECTOR_SIZE), problem: short.to_string() })?;
    let bad = |problem: String| BadSpan { length: length.min(rest.len()), problem };
    // The padding of the last one may be cut off.
    let bytes = &rest[..length.min(rest.len())];
    tag::expect(bytes, &[kind::FILE_IDENTIFIER]).map_err(|e| bad(e.to_string()))?;
    let parse = || -> Result<_, Short> {
        let mut b = Bytes::at(bytes, 18)?;
        let (flags, name_length) = (b.u8()?, usize::from(b.u8()?));
        b.skip(4)?;
        let target = Address::parse(&mut b)?;
        let mut b = Bytes::at(bytes, 36)?;
        let own = usize::from(b.u16_le()?);
        b.skip(own)?;
        Ok((flags, target, b.take(name_length)?))
    };
    let (flags, target, name) = parse().map_err(|short| bad(short.to_string()))?;
    let next = at + length;
    if flags & (DELETED | PARENT) != 0 {
        return Ok((None, next));
    }
    let name = name::decode(name).ok_or_else(|| bad("its name is in an unknown code".to_owned()))?;
    let is_directory = flags & DIRECTORY != 0;
    let identity = if is_directory { target.identity() } else { 0 };
    let entry = Entry { name: clean(&name), is_directory, identity };
    Ok((Some(Item { entry, target }), next))
}

/// Bytes of a descriptor with its padding to a multiple of four.
fn span(bytes: &[u8]) -> Result<usize, Short> {
    let name = usize::from(Bytes::at(bytes, 19)?.u8()?);
    let own = usize::from(Bytes::at(bytes, 36)?.u16_le()?);
    Ok((38 + name + own).next_multiple_of(4))
}
