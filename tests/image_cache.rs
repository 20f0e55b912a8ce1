//! What a written image leaves in the page cache.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use freemkv::base::clock::SystemClock;
use freemkv::image::ImageError;
use freemkv::image::store::ImageStore;
use freemkv::image::strategy::WriteChoice;

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
        return eprintln!("skipped: this file system keeps its files in memory or in another one");
    }
    for choice in [WriteChoice::DontCache, WriteChoice::Window, WriteChoice::Direct] {
        let path = folder.path().join(format!("{choice:?}.iso"));
        let mut image = match ImageStore::create(&path, SIZE, choice, Arc::new(SystemClock::new())) {
            Err(error @ ImageError::Unsupported { .. }) => {
                eprintln!("skipped: {error}");
                continue;
            }
            created => created.unwrap(),
        };
        for at in (0..SIZE).step_by(BLOCK) {
            image.write_at(at, &[0x55; BLOCK]).unwrap();
        }
        let Some(after_writing) = cached(&path) else { return eprintln!("skipped: no fincore here") };
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
