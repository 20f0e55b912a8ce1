//! A small UDF 2.50 disc made by hand, for tests: metadata partition with mirror, every form of allocation.

use super::tag::{kind, sealed};
use crate::base::sector::SECTOR_SIZE;

/// Sectors of the image.
const SECTORS: usize = 512;
/// First sector of the partition.
pub(in crate::fs) const PARTITION: usize = 260;
/// Blocks of the partition.
const BLOCKS: u32 = 250;
/// Where the metadata file and its mirror have their content: first block of the physical partition.
const METADATA: [usize; 2] = [10, 60];
/// Blocks of the metadata file.
const METADATA_BLOCKS: usize = 24;
/// First block of film data in the physical partition.
pub(in crate::fs) const FILM: usize = 120;
/// Names in the directory `BDMV`, whose entries straddle blocks.
pub(in crate::fs) const NAMES: usize = 125;

/// How the partition maps are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::fs) enum Kind {
    Metadata,
    Sparable,
    Virtual,
}

/// The disc while it is made.
pub(in crate::fs) struct Image {
    pub(in crate::fs) bytes: Vec<u8>,
    kind: Kind,
}

/// Block of the metadata partition: first, then mirror, as sectors.
pub(in crate::fs) fn metadata_sectors(block: usize) -> [usize; 2] {
    // The main file lies in two extents, a gap of five blocks between them.
    let gap = if block < 8 { 0 } else { 5 };
    [PARTITION + METADATA[0] + block + gap, PARTITION + METADATA[1] + block]
}

/// The bytes of the film.
pub(in crate::fs) fn film() -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..3 * SECTOR_SIZE).map(|i| (i % 251) as u8).collect();
    bytes.extend([0; SECTOR_SIZE]);
    bytes.extend((0..SECTOR_SIZE + 777).map(|i| (i % 239) as u8));
    bytes
}

impl Image {
    /// The whole disc.
    pub(in crate::fs) fn new(kind: Kind) -> Self {
        let mut image = Self { bytes: vec![0; SECTORS * SECTOR_SIZE], kind };
        for (sector, id) in [(16, b"BEA01"), (17, b"NSR03"), (18, b"TEA01")] {
            image.put(sector, &[&[0], &id[..], &[1]].concat());
        }
        let mut anchor = Vec::new();
        [16u32 * 2048, 32, 16 * 2048, 48].iter().for_each(|n| anchor.extend(n.to_le_bytes()));
        anchor.resize(496, 0);
        // Of a disc that was written in increments only the first is there, and the table is the last thing written.
        let anchors = if kind == Kind::Virtual { 1 } else { 2 };
        for sector in [256, SECTORS - 1].into_iter().take(anchors) {
            image.put(sector, &sealed(kind::ANCHOR, &anchor, sector as u32));
        }
        for start in [32, 48] {
            image.volume_descriptors(start);
        }
        match kind {
            Kind::Metadata => image.metadata_files(),
            Kind::Sparable => image.sparing_table(),
            Kind::Virtual => image.virtual_table(false),
        }
        image.tree();
        image
    }

    /// Writes bytes from a sector on.
    pub(in crate::fs) fn put(&mut self, sector: usize, bytes: &[u8]) {
        self.bytes[sector * SECTOR_SIZE..sector * SECTOR_SIZE + bytes.len()].copy_from_slice(bytes);
    }

    /// Wipes a sector out.
    pub(in crate::fs) fn wipe(&mut self, sector: usize) {
        self.put(sector, &[0; SECTOR_SIZE]);
    }

    fn volume_descriptors(&mut self, start: usize) {
        let mut primary = vec![0; 496];
        primary[0] = 1;
        primary[8..8 + 5].copy_from_slice(b"\x08FILM");
        primary[8 + 31] = 5;
        self.put(start, &sealed(kind::PRIMARY_VOLUME, &primary, start as u32));
        // An older one, whose label must not win.
        primary[0] = 0;
        primary[9] = b'x';
        self.put(start + 1, &sealed(kind::PRIMARY_VOLUME, &primary, start as u32 + 1));
        self.put(start + 2, &sealed(kind::LOGICAL_VOLUME, &self.logical_volume(), start as u32 + 2));
        let mut partition = vec![0; 496];
        partition[188 - 16..192 - 16].copy_from_slice(&(PARTITION as u32).to_le_bytes());
        // What is still to be written counts.
        let blocks = if self.kind == Kind::Virtual { 9000 } else { BLOCKS };
        partition[192 - 16..196 - 16].copy_from_slice(&blocks.to_le_bytes());
        self.put(start + 3, &sealed(kind::PARTITION, &partition, start as u32 + 3));
        self.put(start + 4, &sealed(kind::TERMINATING, &[0; 496], start as u32 + 4));
    }

    fn logical_volume(&self) -> Vec<u8> {
        let mut b = vec![0; 440 - 16];
        b[212 - 16..216 - 16].copy_from_slice(&2048u32.to_le_bytes());
        b[217 - 16..217 - 16 + 19].copy_from_slice(b"*OSTA UDF Compliant");
        b[240 - 16..242 - 16].copy_from_slice(&0x0250u16.to_le_bytes());
        b[248 - 16..264 - 16].copy_from_slice(&long(2048, 0, self.partition()));
        let maps = match self.kind {
            Kind::Metadata => {
                let mut map = type2(b"*UDF Metadata Partition");
                map.extend([0u32, 50, u32::MAX, 32].iter().flat_map(|n| n.to_le_bytes()));
                [vec![1, 6, 1, 0, 0, 0], padded(map)].concat()
            }
            Kind::Sparable => {
                let mut map = type2(b"*UDF Sparable Partition");
                map.extend([16, 0, 2, 0]);
                map.extend([2048u32, 100, 101].iter().flat_map(|n| n.to_le_bytes()));
                padded(map)
            }
            Kind::Virtual => [vec![1, 6, 1, 0, 0, 0], padded(type2(b"*UDF Virtual Partition"))].concat(),
        };
        let count = if self.kind == Kind::Sparable { 1u32 } else { 2 };
        b[264 - 16..268 - 16].copy_from_slice(&(maps.len() as u32).to_le_bytes());
        b[268 - 16..272 - 16].copy_from_slice(&count.to_le_bytes());
        b.extend(maps);
        b
    }

    /// The partition that the directories lie in.
    fn partition(&self) -> u16 {
        u16::from(self.kind != Kind::Sparable)
    }

    fn metadata_files(&mut self) {
        let length = (METADATA_BLOCKS * SECTOR_SIZE) as u64;
        let (first, gap) = (METADATA[0] as u32, 8 + 5);
        let main = [short(8 * 2048, first), short((METADATA_BLOCKS as u32 - 8) * 2048, first + gap)].concat();
        let mirror = short(METADATA_BLOCKS as u32 * 2048, METADATA[1] as u32);
        self.put(PARTITION, &entry(true, 250, 0, length, &main));
        self.put(PARTITION + 50, &entry(true, 251, 0, length, &mirror));
    }

    /// The packet of blocks 16 to 31 was moved to sector 200. The first table is broken.
    fn sparing_table(&mut self) {
        let mut b = vec![0; 48 - 16];
        b[1..20].copy_from_slice(b"*UDF Sparing Table\0");
        b.extend([2, 0, 0, 0, 0, 0, 0, 0]);
        b.extend([0xffff_fff0u32, 220, 16, 200].iter().flat_map(|n| n.to_le_bytes()));
        self.put(101, &sealed(0, &b, 101));
    }

    /// The table of virtual blocks at the end of the disc, as UDF 2.00 or 1.50 has it.
    pub(in crate::fs) fn virtual_table(&mut self, is_old: bool) {
        let at = |block: usize| (metadata_sectors(block)[0] - PARTITION) as u32;
        let entries = (0..METADATA_BLOCKS).map(|block| if block == 1 { u32::MAX } else { at(block) });
        let entries: Vec<u8> = entries.flat_map(u32::to_le_bytes).collect();
        let last = SECTORS - 1;
        if is_old {
            let table = [&entries[..], b"\0*UDF Virtual Alloc Tbl", &[0; 13]].concat();
            self.put(PARTITION + 140, &table);
            self.put(last, &entry(false, 0, 0, table.len() as u64, &short(table.len() as u32, 140)));
        } else {
            let mut table = vec![0; 152];
            table[0] = 152;
            table.extend(entries);
            self.put(last, &entry(true, 248, 3, table.len() as u64, &table));
        }
    }

    /// A block of the partition that the directories lie in, with all its copies.
    pub(in crate::fs) fn put_block(&mut self, block: usize, bytes: &[u8]) {
        match self.kind {
            Kind::Metadata => metadata_sectors(block).iter().for_each(|s| self.put(*s, bytes)),
            Kind::Virtual => self.put(metadata_sectors(block)[0], bytes),
            Kind::Sparable if (16..32).contains(&block) => self.put(200 + block - 16, bytes),
            Kind::Sparable => self.put(PARTITION + block, bytes),
        }
    }

    /// File set 0, root 2, BDMV 3 with content in 18 to 22 and 8, embedded file 5, film 6 with more runs in 7.
    fn tree(&mut self) {
        let here = self.partition();
        let mut set = vec![0; 496];
        set[400 - 16..416 - 16].copy_from_slice(&long(2048, 2, here));
        self.put_block(0, &sealed(kind::FILE_SET, &set, 0));
        let root = [
            identifier("", 8 | 2, 2, here),
            identifier("BDMV", 2, 3, here),
            identifier("gone", 4, 5, here),
            identifier("映画", 0, 5, here),
            identifier("a/b", 0, 5, here),
        ]
        .concat();
        self.put_block(2, &entry(false, 4, 3, root.len() as u64, &root));
        let mut names = identifier("", 8 | 2, 2, here);
        names.extend(identifier("film.m2ts", 0, 6, here));
        for index in 0..NAMES {
            names.extend(identifier(&format!("file with a long name {index:03}.dat"), 0, 5, here));
        }
        let blocks = names.len().div_ceil(SECTOR_SIZE);
        assert_eq!(blocks, 5);
        let runs = [short(4 * 2048, 18), short((names.len() - 4 * SECTOR_SIZE) as u32, 8)].concat();
        self.put_block(3, &entry(false, 4, 0, names.len() as u64, &runs));
        for (index, chunk) in names.chunks(SECTOR_SIZE).enumerate() {
            self.put_block(if index < 4 { 18 + index } else { 8 }, chunk);
        }
        self.put_block(5, &entry(true, 5, 3, 5, b"hello"));
        self.film(here);
    }

    fn film(&mut self, here: u16) {
        let film = film();
        let runs = [long(3 * 2048, FILM as u32, 0), long(1 << 30 | 2048, 0, 0), long(3 << 30 | 2048, 7, here)].concat();
        self.put_block(6, &entry(true, 5, 1, film.len() as u64, &runs));
        let rest = [long(2048, FILM as u32 + 10, 0), long(777, FILM as u32 + 11, 0), long(0, 0, 0)].concat();
        let mut more = vec![0; 4];
        more.extend((rest.len() as u32).to_le_bytes());
        more.extend(rest);
        self.put_block(7, &sealed(kind::ALLOCATION_EXTENT, &more, 7));
        self.put(PARTITION + FILM, &film[..3 * SECTOR_SIZE]);
        self.put(PARTITION + FILM + 10, &film[4 * SECTOR_SIZE..]);
    }
}

fn type2(identifier: &[u8]) -> Vec<u8> {
    let mut map = vec![2, 64, 0, 0, 0];
    map.extend(identifier);
    map.resize(36, 0);
    map.extend([1, 0, 0, 0]);
    map
}

fn padded(mut map: Vec<u8>) -> Vec<u8> {
    map.resize(64, 0);
    map
}

fn short(length: u32, block: u32) -> Vec<u8> {
    [length.to_le_bytes(), block.to_le_bytes()].concat()
}

fn long(length: u32, block: u32, partition: u16) -> Vec<u8> {
    let mut bytes = short(length, block);
    bytes.extend(partition.to_le_bytes());
    bytes.resize(16, 0);
    bytes
}

/// A file entry, plain or extended, with its allocation descriptors (form 0 short, 1 long, 3 embedded).
pub(in crate::fs) fn entry(extended: bool, file_type: u8, form: u8, length: u64, descriptors: &[u8]) -> Vec<u8> {
    let (tag, head) = if extended { (kind::EXTENDED_FILE_ENTRY, 216) } else { (kind::FILE_ENTRY, 176) };
    let mut b = vec![0; head - 16];
    b[20 - 16] = 4;
    b[27 - 16] = file_type;
    b[34 - 16] = form;
    b[56 - 16..64 - 16].copy_from_slice(&length.to_le_bytes());
    // Extended attributes that are to be skipped.
    b[head - 8 - 16] = 24;
    b[head - 4 - 16..].copy_from_slice(&(descriptors.len() as u32).to_le_bytes());
    b.extend([0xee; 24]);
    b.extend(descriptors);
    sealed(tag, &b, 0)
}

fn identifier(name: &str, flags: u8, block: u32, partition: u16) -> Vec<u8> {
    let text = match (name.is_empty(), name.is_ascii()) {
        (true, _) => Vec::new(),
        (_, true) => [&[8], name.as_bytes()].concat(),
        _ => [vec![16], name.encode_utf16().flat_map(u16::to_be_bytes).collect()].concat(),
    };
    let mut b = vec![1, 0, flags, text.len() as u8];
    b.extend(long(2048, block, partition));
    b.extend([4, 0, 0xee, 0xee, 0xee, 0xee]);
    b.extend(text);
    b.resize(b.len().next_multiple_of(4), 0);
    sealed(kind::FILE_IDENTIFIER, &b, 0)
}
