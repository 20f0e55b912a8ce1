//! Tables made by hand, for tests.

use super::SECTOR;

/// Puts `bytes` at `at`.
pub(crate) fn put(file: &mut [u8], at: usize, bytes: &[u8]) {
    file[at..at + bytes.len()].copy_from_slice(bytes);
}

/// A cell: playback flags, first sector, start of its last unit, last sector, VOB, cell.
pub(crate) type TestCell = (u8, u32, u32, u32, u16, u8);

/// A program chain with these cells, a program each, and pre, post and cell commands.
pub(crate) fn chain(cells: &[TestCell], next: u16, commands: [&[[u8; 8]]; 3]) -> Vec<u8> {
    let mut b = vec![0; 0xEC];
    b[2] = cells.len() as u8;
    b[3] = cells.len() as u8;
    put(&mut b, 4, &[0, 0, 0x10, 0xC0]);
    put(&mut b, 0x0C, &[0x80, 0, 0x82, 0]);
    put(&mut b, 0x1C, &[0x81, 2, 3, 4]);
    put(&mut b, 0x9C, &next.to_be_bytes());
    for n in 0..16 {
        put(&mut b, 0xA4 + 4 * n, &[0, 16 + n as u8, 128, 128]);
    }
    let offset = |b: &[u8]| (b.len() as u16).to_be_bytes();
    let place = offset(&b);
    put(&mut b, 0xE4, &place);
    let counts = commands.map(|list| list.len() as u16);
    counts.iter().for_each(|n| b.extend(n.to_be_bytes()));
    b.extend((7 + 8 * counts.iter().sum::<u16>()).to_be_bytes());
    commands.iter().for_each(|list| b.extend(list.concat()));
    let place = offset(&b);
    put(&mut b, 0xE6, &place);
    b.extend(1..=cells.len() as u8);
    let place = offset(&b);
    put(&mut b, 0xE8, &place);
    for (flags, first, last_vobu, last, ..) in cells {
        b.extend([*flags, 0, 0, 0, 0, 0, 5, 0xC0]);
        b.extend(first.to_be_bytes());
        b.extend([0; 4]);
        b.extend(last_vobu.to_be_bytes());
        b.extend(last.to_be_bytes());
    }
    let place = offset(&b);
    put(&mut b, 0xEA, &place);
    for (.., vob, cell) in cells {
        b.extend(vob.to_be_bytes());
        b.extend([0, *cell]);
    }
    b
}

/// A table of chains: entry byte, block bits, the chain.
pub(crate) fn chains(list: &[(u8, u8, Vec<u8>)]) -> Vec<u8> {
    let mut b = (list.len() as u16).to_be_bytes().to_vec();
    b.extend([0; 6]);
    let mut at = 8 + 8 * list.len();
    for (entry, block, chain) in list {
        b.extend([*entry, *block, 0, 0]);
        b.extend((at as u32).to_be_bytes());
        at += chain.len();
    }
    list.iter().for_each(|(.., chain)| b.extend(chain));
    let last = b.len() as u32 - 1;
    put(&mut b, 4, &last.to_be_bytes());
    b
}

/// Appends `part` at the next sector and puts its number at `pointer`.
fn place(file: &mut Vec<u8>, pointer: usize, part: &[u8]) {
    let sector = file.len() / SECTOR;
    put(file, pointer, &(sector as u32).to_be_bytes());
    file.extend(part);
    file.resize(file.len().next_multiple_of(SECTOR), 0);
}

/// A video manager with titles of these sets and numbers.
pub(crate) fn vmg(titles: &[(u8, u8)]) -> Vec<u8> {
    let mut file = b"DVDVIDEO-VMG".to_vec();
    file.resize(SECTOR, 0);
    let sets = titles.iter().map(|(set, _)| *set).max().unwrap_or(0);
    put(&mut file, 0x3E, &u16::from(sets).to_be_bytes());
    let mut table = (titles.len() as u16).to_be_bytes().to_vec();
    table.extend([0; 6]);
    for (set, number) in titles {
        table.extend([0, 1, 0, 3, 0, 0, *set, *number, 0, 0, 1, 0]);
    }
    place(&mut file, 0xC4, &table);
    // One country; of the highest level the masks 0, 0x8000, 0xC000 and so on.
    let mut parental = vec![0, 1, 0, sets, 0, 0, 0, 0, b'U', b'S', 0, 0, 0, 16, 0, 0];
    (0..=sets).for_each(|set| parental.extend(((0xFFFF_0000u32 >> set) as u16).to_be_bytes()));
    parental.extend(vec![0; 7 * 2 * (usize::from(sets) + 1)]);
    place(&mut file, 0xCC, &parental);
    let first_play = file.len() as u32;
    put(&mut file, 0x84, &first_play.to_be_bytes());
    file.extend(chain(&[], 0, [&[[0x30, 2, 0, 0, 0, 1, 0, 0]], &[], &[]]));
    file.resize(file.len().next_multiple_of(SECTOR), 0);
    file
}

/// A title set with two titles, of two cells of one VOB and of one of another.
pub(crate) fn vts() -> Vec<u8> {
    let first = chain(&[(0, 0, 50, 99, 1, 1), (0, 100, 100, 199, 1, 2)], 0, [&[]; 3]);
    let second = chain(&[(2, 200, 200, 299, 2, 1)], 0, [&[]; 3]);
    vts_of(&[vec![(1, 1), (1, 2)], vec![(2, 1)]], &[(0x81, 0, first), (0x82, 0, second)])
}

/// A title set with these parts of titles and these chains.
pub(crate) fn vts_of(titles: &[Vec<(u16, u16)>], list: &[(u8, u8, Vec<u8>)]) -> Vec<u8> {
    let mut file = b"DVDVIDEO-VTS".to_vec();
    file.resize(SECTOR, 0);
    put(&mut file, 0xC0, &32u32.to_be_bytes());
    put(&mut file, 0xC4, &64u32.to_be_bytes());
    put(&mut file, 0x200, &[0x4C, 0, 0, 2, 0, 1, b'e', b'n', 0, 1, 0, 0, 0xC0, 1, b'f', b'r']);
    put(&mut file, 0x254, &[0, 1, 1, 0, b'd', b'e']);
    let mut parts = (titles.len() as u16).to_be_bytes().to_vec();
    parts.extend([0; 6]);
    let mut at = 8 + 4 * titles.len();
    for title in titles {
        parts.extend((at as u32).to_be_bytes());
        at += 4 * title.len();
    }
    put(&mut parts, 4, &(at as u32 - 1).to_be_bytes());
    titles.iter().flatten().for_each(|(chain, program)| {
        parts.extend(chain.to_be_bytes());
        parts.extend(program.to_be_bytes());
    });
    place(&mut file, 0xC8, &parts);
    place(&mut file, 0xCC, &chains(list));
    let mut cells = vec![0, 2, 0, 0];
    cells.extend((7 + 12 * 3u32).to_be_bytes());
    for (vob, cell, first, last) in [(1u16, 1u8, 0u32, 99u32), (1, 2, 100, 199), (2, 1, 200, 299)] {
        cells.extend(vob.to_be_bytes());
        cells.extend([cell, 0]);
        cells.extend(first.to_be_bytes());
        cells.extend(last.to_be_bytes());
    }
    place(&mut file, 0xE0, &cells);
    let mut units = 19u32.to_be_bytes().to_vec();
    [0u32, 50, 100, 200].iter().for_each(|start| units.extend(start.to_be_bytes()));
    place(&mut file, 0xE4, &units);
    file
}
