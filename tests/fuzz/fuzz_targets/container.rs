//! Any bytes as the header of a qcow2 image, as the descriptor of a vmdk, and as a whole image that is walked through. Bytes that
//! begin with a mark are the pieces of a file that is holes elsewhere (`seeds/container.rs`).
#![no_main]

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::OnceLock;

use freemkv::image::Lies;
use freemkv::image::container::qcow2_header::Qcow2Header;
use freemkv::image::container::{Container, Kind, vmdk_descriptor};
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

/// Runs that are looked at, and bytes that are unpacked, of an image that says that it has a terabyte.
const RUNS: usize = 1000;
const UNPACKED: usize = 65536;

/// What sparse files begin with, and what places in them are counted in.
const SPARSE: &[u8] = b"SPARSE";
const PAGE: u64 = 512;

/// A folder with a file for an extent in it.
static FOLDER: OnceLock<TempDir> = OnceLock::new();

fuzz_target!(|bytes: &[u8]| {
    let _ = Qcow2Header::parse(bytes, bytes.len() as u64);
    if let Ok(extents) = vmdk_descriptor::parse(bytes) {
        assert!(extents.iter().flat_map(|extent| &extent.file).all(|(name, _)| !name.contains('/') && name != ".."));
    }
    let folder = FOLDER.get_or_init(|| {
        let folder = TempDir::new().expect("a temporary folder");
        std::fs::write(folder.path().join("extent"), [7; 4096]).expect("room for it");
        folder
    });
    let path = folder.path().join("image");
    let file = File::create(&path).expect("a file");
    write(&file, bytes);
    let kind = if vmdk_descriptor::is_vmdk(bytes) { Kind::Vmdk } else { Kind::Qcow2 };
    if let Ok(image) = Container::open(&path, kind) {
        walk(&image);
    }
});

fn write(file: &File, bytes: &[u8]) {
    let Some(mut rest) = bytes.strip_prefix(SPARSE) else {
        return file.write_all_at(bytes, 0).expect("room for it");
    };
    while let [a, b, c, d, behind @ ..] = rest {
        let at = u64::from(u16::from_be_bytes([*a, *b])) * PAGE;
        let length = usize::from(u16::from_be_bytes([*c, *d])).min(behind.len());
        let (piece, behind) = behind.split_at(length);
        match piece {
            [] => file.set_len(at).expect("room for it"),
            piece => file.write_all_at(piece, at).expect("room for it"),
        }
        rest = behind;
    }
}

fn walk(image: &Container) {
    let mut at = 0;
    for _ in 0..RUNS {
        let Ok(run) = image.lies_at(at, u64::MAX) else { return };
        if run.lies == Lies::End {
            return;
        }
        if run.lies == Lies::Data && run.place.is_none() {
            let mut buffer = vec![0; UNPACKED.min(usize::try_from(run.bytes).unwrap_or(UNPACKED))];
            let _ = image.unpack(at, &mut buffer);
        }
        at += run.bytes;
    }
}
