//! A small ISO 9660 disc made by hand, for tests: Joliet and Rock Ridge beside each other.

use crate::base::sector::SECTOR_SIZE;

/// Sectors of the image.
const SECTORS: usize = 64;
/// Where the roots lie.
pub(crate) const ROOT: usize = 32;
pub(in crate::fs) const JOLIET_ROOT: usize = 34;
/// A directory in the root.
pub(crate) const DEEP: usize = 36;
pub(in crate::fs) const CONTINUED: usize = 37;
/// Where file contents lie.
const HELLO: usize = 40;
const PARTS: usize = 41;

/// What is in `hello` and in `film`.
pub(in crate::fs) const HELLO_TEXT: &[u8] = b"hello from a disc";

pub(in crate::fs) fn film() -> Vec<u8> {
    (0..2 * SECTOR_SIZE + 99).map(|i| (i % 241) as u8).collect()
}

/// The disc.
pub(crate) fn image(joliet: bool, rock_ridge: bool) -> Vec<u8> {
    let mut disc = vec![0; SECTORS * SECTOR_SIZE];
    let mut put = |sector: usize, bytes: &[u8]| {
        disc[sector * SECTOR_SIZE..sector * SECTOR_SIZE + bytes.len()].copy_from_slice(bytes);
    };
    put(16, &descriptor(1, b"DISC_OF_TEST", b"", ROOT));
    let end = if joliet {
        put(17, &descriptor(2, b"\0D\0i\0s\0c", b"%/E", JOLIET_ROOT));
        18
    } else {
        17
    };
    put(end, b"\xffCD001\x01");
    let susp = |bytes: &[u8]| if rock_ridge { bytes.to_vec() } else { Vec::new() };
    let mut root = record(&[0], ROOT, 4096, 2, &susp(b"SP\x07\x01\xbe\xef\0"));
    root.extend(record(&[1], ROOT, 4096, 2, &[]));
    root.extend(record(b"DEEP", HELLO, 1, 0, &susp(&entry(b"CL", &both(DEEP)))));
    root.extend(record(b"FILM.BIN;1", PARTS + 2, 4096, 0x80, &susp(&entry(b"NM", b"\0the film.bin"))));
    root.extend(record(b"FILM.BIN;1", PARTS, 99, 0, &susp(&entry(b"NM", b"\0the film.bin"))));
    let continued = [both(CONTINUED), both(100), both(25)].concat();
    let name = [entry(b"NM", b"\x01a very "), entry(b"CE", &continued)].concat();
    root.extend(record(b"HELLO.;1", HELLO, HELLO_TEXT.len(), 0, &susp(&name)));
    root.extend(record(b"LINK.;1", 0, 0, 0, &susp(&entry(b"SL", b"\0\0\0"))));
    put(ROOT, &root);
    // The directory goes on in its second sector.
    put(ROOT + 1, &record(b"MOVED", DEEP, 2048, 2, &susp(&entry(b"RE", b""))));
    put(CONTINUED, &[vec![0; 100], entry(b"NM", b"\0long hello.txt")].concat());
    let mut deep = record(&[0], DEEP, 2048, 2, &[]);
    deep.extend(record(b"INNER.TXT;1", HELLO, 5, 0, &susp(&entry(b"NM", b"\0inner.txt"))));
    put(DEEP, &deep);
    let mut wide = record(&[0], JOLIET_ROOT, 2048, 2, &[]);
    wide.extend(record(&utf16("Höllo.txt;1"), HELLO, HELLO_TEXT.len(), 0, &[]));
    wide.extend(record(&utf16("film.bin;1"), PARTS + 2, 4096, 0x80, &[]));
    wide.extend(record(&utf16("film.bin;1"), PARTS, 99, 0, &[]));
    put(JOLIET_ROOT, &wide);
    put(HELLO, HELLO_TEXT);
    put(PARTS + 2, &film()[..4096]);
    put(PARTS, &film()[4096..]);
    disc
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

fn both(number: usize) -> Vec<u8> {
    let number = number as u32;
    [number.to_le_bytes(), number.to_be_bytes()].concat()
}

fn entry(signature: &[u8; 2], body: &[u8]) -> Vec<u8> {
    [&signature[..], &[body.len() as u8 + 4, 1], body].concat()
}

fn record(name: &[u8], block: usize, length: usize, flags: u8, system_use: &[u8]) -> Vec<u8> {
    let mut b = vec![0, 0];
    b.extend(both(block));
    b.extend(both(length));
    b.extend([0; 7]);
    b.extend([flags, 0, 0, 1, 0, 0, 1, name.len() as u8]);
    b.extend(name);
    if name.len().is_multiple_of(2) {
        b.push(0);
    }
    b.extend(system_use);
    b.resize(b.len().next_multiple_of(2), 0);
    b[0] = b.len() as u8;
    b
}

fn descriptor(kind: u8, label: &[u8], escapes: &[u8], root: usize) -> Vec<u8> {
    let mut b = vec![0; SECTOR_SIZE];
    b[0] = kind;
    b[1..7].copy_from_slice(b"CD001\x01");
    b[40..72].copy_from_slice(&[if kind == 2 { *b"\0 " } else { *b"  " }; 16].concat());
    b[40..40 + label.len()].copy_from_slice(label);
    b[88..88 + escapes.len()].copy_from_slice(escapes);
    b[128..132].copy_from_slice(&[0, 8, 8, 0]);
    let length = if root == ROOT { 4096 } else { 2048 };
    b[156..156 + 34].copy_from_slice(&record(&[0], root, length, 2, &[]));
    b
}
