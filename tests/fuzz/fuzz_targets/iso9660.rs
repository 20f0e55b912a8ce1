//! Any sectors as an ISO 9660 disc (`support::sparse`).
#![no_main]

#[path = "support/sparse.rs"]
mod sparse;

use std::sync::Arc;

use freemkv::fs::iso9660::Iso9660;
use freemkv::fs::{FileSystem, tree};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(iso) = Iso9660::open(Arc::new(sparse::Sparse::new(data, |_| ()))) else { return };
    for path in tree::files(&iso, "", 500).unwrap_or_default() {
        let _ = iso.read_whole(&path, 1 << 16);
    }
});
