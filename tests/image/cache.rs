//! What a written image leaves in the page cache.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use crate::support::skip;
use freemkv::base::clock::SystemClock;
use freemkv::image::ImageError;
use freemkv::image::format::Format;
use freemkv::image::store::ImageStore;
use freemkv::image::writeback::strategy::WriteChoice;
use freemkv::os::{block, io as os_io};
use freemkv::source::file::FileSource;
use freemkv::source::{ReadRequest, SectorSource};

const SIZE: u64 = 160 << 20;
const BLOCK: usize = 64 * 1024;

/// Bytes of a file that lie in the cache, by util-linux's fincore; `None` without it.
fn cached(path: &Path) -> Option<u64> {
    let output = Command::new("fincore").args(["--bytes", "--noheadings", "--output", "RES"]).arg(path).output();
    String::from_utf8(output.ok()?.stdout).ok()?.trim().parse().ok()
}

#[test]
fn an_image_leaves_no_more_than_two_windows_in_the_cache() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let kind = nix::sys::statfs::statfs(folder.path()).unwrap().filesystem_type();
    if [nix::sys::statfs::TMPFS_MAGIC, nix::sys::statfs::OVERLAYFS_SUPER_MAGIC].contains(&kind) {
        return skip("this file system keeps its files in memory or in another one");
    }
    for choice in [WriteChoice::DontCache, WriteChoice::Window, WriteChoice::Direct] {
        let path = folder.path().join(format!("{choice:?}.iso"));
        let mut image = match ImageStore::create(&path, Format::Raw, SIZE, choice, Arc::new(SystemClock::new())) {
            Err(error @ ImageError::Unsupported { .. }) => {
                skip(&error.to_string());
                continue;
            }
            created => created.unwrap(),
        };
        for at in (0..SIZE).step_by(BLOCK) {
            image.write_at(at, &[0x55; BLOCK]).unwrap();
        }
        let Some(after_writing) = cached(&path) else { return skip("no fincore here") };
        image.sync_all().unwrap();
        let after_syncing = cached(&path).unwrap();
        assert!(after_writing <= 64 << 20, "{choice:?}: {after_writing} bytes while writing");
        assert!(after_syncing <= 4 << 20, "{choice:?}: {after_syncing} bytes after the sync");
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(bytes.len() as u64, SIZE);
        assert!(bytes.iter().all(|b| *b == 0x55));
        std::fs::remove_file(&path).unwrap();
    }
}

fn read_through(path: &Path) {
    use freemkv::base::sector::{SECTOR_BYTES, SectorRange};
    let mut source = FileSource::open(path).unwrap();
    let mut buffer = vec![0; 1 << 20];
    for start in (0..SIZE / SECTOR_BYTES).step_by(512) {
        let range = SectorRange::with_len(start, 512);
        let outcome = source.read(&ReadRequest { range, fua: false, time_limit: Duration::from_secs(60) }, &mut buffer);
        assert_eq!(outcome.sectors, 512);
    }
}

#[test]
fn a_source_that_is_read_through_does_not_fill_the_cache_nor_empty_it() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = folder.path().join("source.iso");
    std::fs::write(&path, vec![0x55; 160 << 20]).unwrap();
    let file = std::fs::File::open(&path).unwrap();
    file.sync_all().unwrap();
    let Some(written) = cached(&path) else { return skip("no fincore here") };
    read_through(&path);
    if block::cached_pages(&file, 0, SIZE).is_some() {
        assert_eq!(cached(&path).unwrap(), written, "what somebody else may want stays");
    }
    os_io::drop_cached(&file, 0, SIZE).unwrap();
    if cached(&path).unwrap() > 0 {
        return skip("this file system's pages cannot be dropped");
    }
    read_through(&path);
    let after = cached(&path).unwrap();
    assert!(after <= 32 << 20, "{after} bytes of the source are left in the cache");
}
