//! Discs that no press makes: directories in themselves, one file under a thousand names, tables full to the brim.

/// Bytes in a sector.
const SECTOR: usize = 2048;
/// First sector of the UDF partition.
const PARTITION: usize = 264;

/// A UDF 2.50 disc with one physical partition. Its tags have no CRC, which is legal.
pub(crate) struct Udf {
    /// The partition.
    blocks: Vec<u8>,
}

/// What a directory has in it: name, block of the file entry, whether that is a directory.
pub(crate) type Entry = (String, u32, bool);

impl Udf {
    /// A disc whose block 0 is kept for the file set.
    pub(crate) fn new() -> Self {
        Self { blocks: vec![0; SECTOR] }
    }

    /// Keeps a block for a file entry.
    pub(crate) fn reserve(&mut self) -> u32 {
        self.append(&[0; SECTOR])
    }

    /// Writes bytes to new blocks; gives the first.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> u32 {
        let first = self.blocks.len() / SECTOR;
        self.blocks.extend(bytes);
        self.blocks.resize(self.blocks.len().next_multiple_of(SECTOR), 0);
        first as u32
    }

    fn put(&mut self, block: u32, bytes: &[u8]) {
        let at = block as usize * SECTOR;
        self.blocks[at..at + bytes.len()].copy_from_slice(bytes);
    }

    /// A file; gives the block of its entry.
    pub(crate) fn file(&mut self, bytes: &[u8]) -> u32 {
        let at = self.append(bytes);
        let icb = self.reserve();
        self.put(icb, &entry(5, 0, bytes.len() as u64, &short(bytes.len() as u32, at)));
        icb
    }

    /// A file of this many extents, each a sector of its own with a gap behind it, all over the same sectors.
    pub(crate) fn scattered_file(&mut self, extents: usize) -> u32 {
        let at = self.append(&[7; 64 * SECTOR]);
        let runs: Vec<u8> = (0..extents).flat_map(|i| short(SECTOR as u32, at + 2 * (i as u32 % 32))).collect();
        let mut next = None;
        let mut chunks: Vec<&[u8]> = runs.chunks(2000).collect();
        // From the last block of descriptors to the first, each naming the one behind it.
        while let Some(chunk) = chunks.pop() {
            let mut bytes = chunk.to_vec();
            bytes.extend(next.map_or_else(|| vec![0; 8], |next| short(3 << 30 | SECTOR as u32, next)));
            if chunks.is_empty() {
                // The file entry has less room than a block of descriptors.
                let block = self.append(&extent(&bytes));
                let icb = self.reserve();
                let length = (extents * SECTOR) as u64;
                self.put(icb, &entry(5, 0, length, &short(3 << 30 | SECTOR as u32, block)));
                return icb;
            }
            next = Some(self.append(&extent(&bytes)));
        }
        panic!("a file without extents");
    }

    /// The content of a directory; gives its block and length.
    pub(crate) fn names(&mut self, entries: &[Entry]) -> (u32, usize) {
        let mut bytes = identifier("", 8 | 2, 0);
        for (name, icb, is_directory) in entries {
            bytes.extend(identifier(name, u8::from(*is_directory) * 2, *icb));
        }
        (self.append(&bytes), bytes.len())
    }

    /// A directory whose entry lies at `icb` and whose content lies elsewhere.
    pub(crate) fn directory_at(&mut self, icb: u32, (at, length): (u32, usize)) {
        self.put(icb, &entry(4, 0, length as u64, &short(length as u32, at)));
    }

    /// A directory; gives the block of its entry.
    pub(crate) fn directory(&mut self, entries: &[Entry]) -> u32 {
        let names = self.names(entries);
        let icb = self.reserve();
        self.directory_at(icb, names);
        icb
    }

    /// A directory `BDMV` with this playlist under this many names, and nothing else.
    pub(crate) fn playlists(&mut self, playlist: &[u8], count: usize) -> u32 {
        let file = self.file(playlist);
        let names: Vec<Entry> = (0..count).map(|i| (format!("{i:05}.mpls"), file, false)).collect();
        let folder = self.directory(&names);
        let bdmv = self.directory(&[("PLAYLIST".to_owned(), folder, true)]);
        self.directory(&[("BDMV".to_owned(), bdmv, true)])
    }

    /// The disc with this root.
    pub(crate) fn finish(mut self, root: u32) -> Vec<u8> {
        let mut set = vec![0; 496];
        set[400 - 16..416 - 16].copy_from_slice(&long(SECTOR as u32, root));
        self.put(0, &sealed(256, &set));
        let mut disc = vec![0; PARTITION * SECTOR];
        let mut put = |sector: usize, bytes: &[u8]| {
            disc[sector * SECTOR..sector * SECTOR + bytes.len()].copy_from_slice(bytes);
        };
        for (sector, id) in [(16, b"BEA01"), (17, b"NSR03"), (18, b"TEA01")] {
            put(sector, &[&[0], &id[..], &[1]].concat());
        }
        let mut anchor: Vec<u8> =
            [16u32 * SECTOR as u32, 32, 16 * SECTOR as u32, 32].iter().flat_map(|n| n.to_le_bytes()).collect();
        anchor.resize(496, 0);
        put(256, &sealed(2, &anchor));
        let mut primary = vec![0; 496];
        primary[8..16].copy_from_slice(b"\x08HOSTILE");
        primary[8 + 31] = 8;
        put(32, &sealed(1, &primary));
        let mut volume = vec![0; 440 - 16];
        volume[212 - 16..216 - 16].copy_from_slice(&(SECTOR as u32).to_le_bytes());
        volume[240 - 16..242 - 16].copy_from_slice(&0x0250u16.to_le_bytes());
        volume[248 - 16..264 - 16].copy_from_slice(&long(SECTOR as u32, 0));
        volume[264 - 16] = 6;
        volume[268 - 16] = 1;
        volume.extend([1, 6, 1, 0, 0, 0]);
        put(33, &sealed(6, &volume));
        let mut partition = vec![0; 496];
        partition[188 - 16..192 - 16].copy_from_slice(&(PARTITION as u32).to_le_bytes());
        let blocks = (self.blocks.len() / SECTOR) as u32;
        partition[192 - 16..196 - 16].copy_from_slice(&blocks.to_le_bytes());
        put(34, &sealed(5, &partition));
        put(35, &sealed(8, &[0; 496]));
        disc.extend(self.blocks);
        disc
    }
}

/// A descriptor with its tag (ECMA-167 3/7.2).
fn sealed(kind: u16, body: &[u8]) -> Vec<u8> {
    let mut bytes = kind.to_le_bytes().to_vec();
    bytes.extend([3, 0]);
    bytes.resize(16, 0);
    bytes[4] = bytes.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
    bytes.extend(body);
    bytes
}

fn short(length: u32, block: u32) -> Vec<u8> {
    [length.to_le_bytes(), block.to_le_bytes()].concat()
}

fn long(length: u32, block: u32) -> Vec<u8> {
    let mut bytes = short(length, block);
    bytes.resize(16, 0);
    bytes
}

/// A block of continued allocation descriptors.
fn extent(descriptors: &[u8]) -> Vec<u8> {
    sealed(258, &[&[0; 4], &(descriptors.len() as u32).to_le_bytes()[..], descriptors].concat())
}

/// A file entry: 4 is a directory, 5 a file; form 0 is short descriptors.
fn entry(kind: u8, form: u8, length: u64, descriptors: &[u8]) -> Vec<u8> {
    let mut b = vec![0; 176 - 16];
    b[20 - 16] = 4;
    b[27 - 16] = kind;
    b[34 - 16] = form;
    b[56 - 16..64 - 16].copy_from_slice(&length.to_le_bytes());
    b[172 - 16..].copy_from_slice(&(descriptors.len() as u32).to_le_bytes());
    b.extend(descriptors);
    sealed(261, &b)
}

fn identifier(name: &str, flags: u8, icb: u32) -> Vec<u8> {
    let text = if name.is_empty() { Vec::new() } else { [&[8], name.as_bytes()].concat() };
    let mut b = vec![1, 0, flags, text.len() as u8];
    b.extend(long(SECTOR as u32, icb));
    b.extend([0, 0]);
    b.extend(text);
    b.resize(b.len().next_multiple_of(4), 0);
    sealed(257, &b)
}

/// An ISO 9660 disc whose root holds itself under this many names.
pub(crate) fn iso_loop(names: usize) -> Vec<u8> {
    const ROOT: u32 = 20;
    let sectors = names.div_ceil(40) + 1;
    let length = (sectors * SECTOR) as u32;
    let mut disc = vec![0; (ROOT as usize + sectors + 8) * SECTOR];
    let mut volume = vec![0; SECTOR];
    volume[..7].copy_from_slice(b"\x01CD001\x01");
    volume[40..72].fill(b' ');
    volume[40..44].copy_from_slice(b"LOOP");
    volume[128..132].copy_from_slice(&[0, 8, 8, 0]);
    volume[156..190].copy_from_slice(&record(&[0], ROOT, length));
    disc[16 * SECTOR..17 * SECTOR].copy_from_slice(&volume);
    disc[17 * SECTOR..17 * SECTOR + 7].copy_from_slice(b"\xffCD001\x01");
    let mut name = 0;
    for sector in 0..sectors {
        let mut bytes =
            if sector == 0 { [record(&[0], ROOT, length), record(&[1], ROOT, length)].concat() } else { vec![] };
        while name < names && bytes.len() + 50 <= SECTOR {
            bytes.extend(record(format!("D{name:07}").as_bytes(), ROOT, length));
            name += 1;
        }
        let at = (ROOT as usize + sector) * SECTOR;
        disc[at..at + bytes.len()].copy_from_slice(&bytes);
    }
    disc
}

/// A directory record of a directory.
fn record(name: &[u8], block: u32, length: u32) -> Vec<u8> {
    let both = |n: u32| [n.to_le_bytes(), n.to_be_bytes()].concat();
    let mut b = vec![0, 0];
    b.extend(both(block));
    b.extend(both(length));
    b.extend([0; 7]);
    b.extend([2, 0, 0, 1, 0, 0, 1, name.len() as u8]);
    b.extend(name);
    b.resize(b.len().next_multiple_of(2), 0);
    b[0] = b.len() as u8;
    b
}

/// A playlist of this many items, with a table of streams each, and marks.
pub(crate) fn playlist(items: u16, streams: u8, marks: u16) -> Vec<u8> {
    let mut file = b"MPLS0200".to_vec();
    file.resize(40, 0);
    file.extend([0, 0, 0, 14, 0, 1]);
    file.extend([0; 12]);
    let mut list = vec![0, 0];
    list.extend(items.to_be_bytes());
    list.extend([0, 0]);
    for number in 0..items {
        let mut item = format!("{number:05}M2TS").into_bytes();
        item.extend([0, 1, 0]);
        item.extend(0u32.to_be_bytes());
        item.extend(3_000_000_000u32.to_be_bytes());
        item.extend([0; 12]);
        let mut table = vec![0, 0, 1, streams];
        table.extend([0; 10]);
        for pid in 0..=u16::from(streams) {
            let is_video = pid == 0;
            table.extend([3, 1]);
            table.extend((0x1011 + pid).to_be_bytes());
            table.extend(if is_video { vec![5, 0x1b, 0x61, 0, 0, 0] } else { vec![5, 0x81, 0x61, b'e', b'n', b'g'] });
        }
        item.extend((table.len() as u16).to_be_bytes());
        item.extend(table);
        list.extend((item.len() as u16).to_be_bytes());
        list.extend(item);
    }
    let place = |file: &mut Vec<u8>, pointer: usize, part: Vec<u8>| {
        let start = file.len() as u32;
        file[pointer..pointer + 4].copy_from_slice(&start.to_be_bytes());
        file.extend((part.len() as u32).to_be_bytes());
        file.extend(part);
    };
    place(&mut file, 8, list);
    let mut table = marks.to_be_bytes().to_vec();
    for mark in 0..marks {
        table.extend([0, 1]);
        table.extend((mark % items.max(1)).to_be_bytes());
        table.extend((u32::from(mark) * 40_000).to_be_bytes());
        table.extend([0xff, 0xff, 0, 0, 0, 0]);
    }
    place(&mut file, 12, table);
    file
}

/// A transport stream (M2TS) in which no packet of any of its streams ever ends.
pub(crate) fn endless_packets(streams: u16, bytes: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut counters = vec![0u8; 8192];
    let mut packet = |out: &mut Vec<u8>, pid: u16, start: bool, payload: &[u8]| {
        let counter = &mut counters[usize::from(pid)];
        let filler = 184 - payload.len();
        let mut b = vec![0, 0, 0, 0, 0x47, (u8::from(start) << 6) | (pid >> 8) as u8, pid as u8];
        b.push(if filler > 0 { 0x30 } else { 0x10 } | *counter);
        *counter = (*counter + 1) & 15;
        if filler > 0 {
            b.push(filler as u8 - 1);
            b.extend(std::iter::repeat_n(if filler > 1 { 0u8 } else { 0xff }, filler.saturating_sub(1)));
        }
        b.extend(payload);
        out.extend(b);
    };
    let table = |id: u8, number: u16, body: Vec<u8>| {
        let length = (5 + body.len() + 4) as u16;
        let mut b = vec![id, 0xb0 | (length >> 8) as u8, length as u8];
        b.extend(number.to_be_bytes());
        b.extend([0xc1, 0, 0]);
        b.extend(body);
        b.extend(crc32(&b).to_be_bytes());
        b.insert(0, 0);
        b
    };
    packet(&mut out, 0, true, &table(0, 1, vec![0, 1, 0xe1, 0x00]));
    let mut map = vec![0xf0, 0x01, 0xf0, 0];
    for stream in 0..streams {
        map.push(0x1b);
        map.extend((0xe000 | (0x1000 + stream)).to_be_bytes());
        map.extend([0xf0, 0]);
    }
    let map = table(2, 1, map);
    for (index, chunk) in map.chunks(184).enumerate() {
        packet(&mut out, 0x100, index == 0, chunk);
    }
    for stream in 0..streams {
        let mut head = vec![0, 0, 1, 0xe0, 0, 0, 0x84, 0x80, 5, 0x21, 0, 5, 0xbf, 0x21];
        head.extend([0, 0, 1, 9, 0x10, 0, 0, 1, 0x65]);
        head.resize(184, 0x55);
        packet(&mut out, 0x1000 + stream, true, &head);
    }
    while out.len() < bytes {
        for stream in 0..streams {
            packet(&mut out, 0x1000 + stream, false, &[0x55; 184]);
        }
    }
    out
}

/// The CRC of tables (ISO/IEC 13818-1, annex A).
fn crc32(bytes: &[u8]) -> u32 {
    bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte) << 24,
            |crc, _| {
                if crc & 1 << 31 == 0 { crc << 1 } else { crc << 1 ^ 0x04c1_1db7 }
            },
        )
    })
}
