//! Any bytes as a UDF disc of 300 sectors.
//!
//! The input is a row of sectors, each as its number (one byte for 0 to 255, 16 added so that recognition and
//! anchor are in reach), the number of bytes in it (two bytes, little-endian) and those bytes. Checksums are made
//! right, so that what lies behind them is reached.
#![no_main]

use std::sync::Arc;

use freemkv::fs::udf::Udf;
use freemkv::fs::{FileSystem, MemorySectors, tree};
use libfuzzer_sys::fuzz_target;

const SECTOR: usize = 2048;

fuzz_target!(|data: &[u8]| {
    let mut disc = vec![0; 300 * SECTOR];
    let mut rest = data;
    while let [number, low, high, tail @ ..] = rest {
        let length = usize::from(u16::from_le_bytes([*low, *high])).min(SECTOR).min(tail.len());
        let start = (usize::from(*number) + 16) * SECTOR;
        disc[start..start + length].copy_from_slice(&tail[..length]);
        seal(&mut disc[start..start + SECTOR]);
        rest = &tail[length..];
    }
    let Ok(udf) = Udf::open(Arc::new(MemorySectors::new(disc))) else { return };
    for path in tree::files(&udf, "", 500).unwrap_or_default() {
        let _ = udf.read_whole(&path, 1 << 16);
    }
});

/// Gives a sector that could be a descriptor a CRC over nothing and a right checksum.
fn seal(sector: &mut [u8]) {
    if sector[1..6] == *b"NSR02" || sector[1..6] == *b"NSR03" {
        return;
    }
    sector[10] = 0;
    sector[11] = 0;
    sector[4] = sector[..16].iter().enumerate().filter(|(i, _)| *i != 4).fold(0u8, |s, (_, b)| s.wrapping_add(*b));
}
