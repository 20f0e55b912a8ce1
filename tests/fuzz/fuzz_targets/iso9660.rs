//! Any bytes as an ISO 9660 disc, from sector 16 on.
#![no_main]

use std::sync::Arc;

use freemkv::fs::iso9660::Iso9660;
use freemkv::fs::{FileSystem, MemorySectors, tree};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut disc = vec![0; 16 * 2048];
    disc.extend(data);
    let Ok(iso) = Iso9660::open(Arc::new(MemorySectors::new(disc))) else { return };
    for path in tree::files(&iso, "", 500).unwrap_or_default() {
        let _ = iso.read_whole(&path, 1 << 16);
    }
});
