//! Memory on a large disc with a long map.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

mod support;

use std::fs::File;
use std::io::Write;
use std::process::Stdio;

use nix::sys::resource::{UsageWho, getrusage};
use support::{freemkv, skip};
use tempfile::TempDir;

const SECTOR: u64 = 2048;

/// 100 GB, the largest disc there is.
const SECTORS: u64 = 100_000_000_000 / SECTOR;

/// Ranges of the map: as many good ones as missing ones.
const RANGES: u64 = 100_000;

/// What the map leaves to read.
const LEFT: u64 = 4 << 30;

/// The promise for maps up to this length.
const LIMIT_KIB: i64 = 64 * 1024;

#[test]
fn a_large_disc_with_a_long_map_fits_into_the_promise() {
    let folder = TempDir::new().unwrap();
    let free = nix::sys::statvfs::statvfs(folder.path()).unwrap();
    if free.blocks_available() as u64 * free.fragment_size() as u64 <= LEFT + (1 << 30) {
        return skip("not enough room for what is to be written");
    }
    let (disc, out) = (folder.path().join("disc.iso"), folder.path().join("out.iso"));
    for sparse in [&disc, &out] {
        File::create(sparse).unwrap().set_len(SECTORS * SECTOR).unwrap();
    }
    let mut map = std::io::BufWriter::new(File::create(folder.path().join("out.iso.map")).unwrap());
    let (pair, gap) = (SECTORS / (RANGES / 2), LEFT / SECTOR / (RANGES / 2));
    writeln!(map, "0x0 ? 2").unwrap();
    for i in 0..RANGES / 2 {
        let (start, end) = (i * pair, if i + 1 == RANGES / 2 { SECTORS } else { (i + 1) * pair });
        writeln!(map, "{:#X} {:#X} ?", start * SECTOR, gap * SECTOR).unwrap();
        writeln!(map, "{:#X} {:#X} +", (start + gap) * SECTOR, (end - start - gap) * SECTOR).unwrap();
    }
    map.flush().unwrap();
    let status = freemkv()
        .args(["sweep", disc.to_str().unwrap(), out.to_str().unwrap(), "--media", "uhd", "-q"])
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(0));
    // Of the largest of this process's children, and there was this one.
    let peak = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss();
    println!("peak {peak} KiB");
    assert!(peak <= LIMIT_KIB, "{peak} KiB resident at the peak");
}
