//! Memory on a large disc with a long map.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use crate::support::{freemkv, skip};
use tempfile::TempDir;

const SECTOR: u64 = 2048;

/// 100 GB, the largest disc there is.
const SECTORS: u64 = 100_000_000_000 / SECTOR;

/// Ranges of the map: as many good ones as missing ones.
const RANGES: u64 = 100_000;

/// Bytes that the map says are missing.
const MISSING: u64 = 4 << 30;

/// Of so many missing ranges one was not tried yet: some seconds of reading, all over the disc. A disk takes minutes to write
/// all of them.
const NOT_TRIED: u64 = 25;

/// The promise for maps up to this length.
const LIMIT_KIB: u64 = 64 * 1024;

/// The largest resident size so far of a process that still runs.
fn peak_kib(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok())
}

#[test]
fn a_large_disc_with_a_long_map_fits_into_the_promise() {
    let folder = TempDir::new().unwrap();
    let free = nix::sys::statvfs::statvfs(folder.path()).unwrap();
    if free.blocks_available() as u64 * free.fragment_size() as u64 <= MISSING / NOT_TRIED + (1 << 30) {
        return skip("not enough room for what is to be written");
    }
    let (disc, out) = (folder.path().join("disc.iso"), folder.path().join("out.iso"));
    for sparse in [&disc, &out] {
        File::create(sparse).unwrap().set_len(SECTORS * SECTOR).unwrap();
    }
    let mut map = std::io::BufWriter::new(File::create(folder.path().join("out.iso.map")).unwrap());
    let (pair, gap) = (SECTORS / (RANGES / 2), MISSING / SECTOR / (RANGES / 2));
    writeln!(map, "0x0 ? 2").unwrap();
    for i in 0..RANGES / 2 {
        let (start, end) = (i * pair, if i + 1 == RANGES / 2 { SECTORS } else { (i + 1) * pair });
        let status = if i % NOT_TRIED == 0 { '?' } else { '-' };
        writeln!(map, "{:#X} {:#X} {status}", start * SECTOR, gap * SECTOR).unwrap();
        writeln!(map, "{:#X} {:#X} +", (start + gap) * SECTOR, (end - start - gap) * SECTOR).unwrap();
    }
    map.flush().unwrap();
    let mut child = freemkv()
        .args(["sweep", disc.to_str().unwrap(), out.to_str().unwrap(), "--media", "uhd", "--progress", "json"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut peak, mut looks) = (0, 0);
    for line in BufReader::new(child.stderr.take().unwrap()).lines() {
        let _ = line.unwrap();
        if let Some(kib) = peak_kib(child.id()) {
            peak = peak.max(kib);
            looks += 1;
        }
    }
    assert_eq!(child.wait().unwrap().code(), Some(3));
    assert!(looks > 1, "it ended before its memory could be looked at");
    println!("peak {peak} KiB in {looks} looks");
    assert!(peak <= LIMIT_KIB, "{peak} KiB resident at the peak");
}
