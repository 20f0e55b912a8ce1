//! Images in containers beside QEMU: read, written, converted, damaged; and killed while they are written.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a helper that fails ends its test")]
#![cfg(feature = "qcow2")]

#[path = "../support/mod.rs"]
mod support;

mod converted;
mod kill;
mod mutated;
mod read;
mod refused;
mod told;
mod written;

use std::fs;
use std::path::{Path, PathBuf};

use support::{Finished, SECTOR, disc_bytes, run, run_program};
use tempfile::TempDir;

/// A folder with a disc image in it, parts of which are holes.
struct Bench {
    folder: TempDir,
    disc: PathBuf,
    bytes: Vec<u8>,
}

impl Bench {
    /// 3 MiB of disc: data, a hole of 1 MiB, data of which half can be compressed.
    fn new(seed: u64) -> Self {
        let folder = TempDir::new().unwrap();
        let mut bytes = disc_bytes(seed, 1536);
        bytes[1 << 20..2 << 20].fill(0);
        bytes[2 << 20..(2 << 20) + (512 << 10)]
            .chunks_mut(SECTOR)
            .enumerate()
            .for_each(|(i, s)| s.fill((i % 255) as u8 + 1));
        let disc = folder.path().join("disc.iso");
        write_sparse(&disc, &bytes);
        Self { folder, disc, bytes }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A name as text.
    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn disc(&self) -> &str {
        self.disc.to_str().unwrap()
    }
}

/// Writes a file with holes where it is zero for 64 KiB.
fn write_sparse(path: &Path, bytes: &[u8]) {
    use std::os::unix::fs::FileExt as _;
    let file = fs::File::create(path).unwrap();
    file.set_len(bytes.len() as u64).unwrap();
    for (index, piece) in bytes.chunks(65536).enumerate() {
        if piece.iter().any(|byte| *byte != 0) {
            file.write_all_at(piece, index as u64 * 65536).unwrap();
        }
    }
}

/// Runs freemkv, quietly.
fn quiet(words: &[&str]) -> Finished {
    run(words.iter().copied().chain(["-q"]))
}

/// Runs qemu-img, which must do as it is told.
fn qemu_img(words: &[&str]) -> String {
    run_program("qemu-img", words).unwrap_or_else(|why| panic!("{words:?}: {why}"))
}

/// What `qemu-img check` says of an image that must be sound, clusters that nobody uses aside.
fn assert_sound(image: &str) {
    let code = std::process::Command::new("qemu-img").args(["check", "-q", image]).status().unwrap().code();
    // 3: clusters were leaked.
    assert!(matches!(code, Some(0 | 3)), "{image}: qemu-img check ends with {code:?}");
}

/// The bytes of the disc in a qcow2 image, which must be sound, as qemu-img gets them out.
fn content_of(image: &Path) -> Vec<u8> {
    let (name, raw) = (image.to_str().unwrap(), image.with_extension("raw"));
    assert_sound(name);
    qemu_img(&["convert", "-f", "qcow2", "-O", "raw", name, raw.to_str().unwrap()]);
    fs::read(raw).unwrap()
}

/// One whole sector's bytes from where that sector lies.
fn sector(bytes: &[u8], lba: usize) -> &[u8] {
    &bytes[lba * SECTOR..(lba + 1) * SECTOR]
}
