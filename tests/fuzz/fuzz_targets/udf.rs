//! Any sectors as a UDF disc (`support::sparse`). Checksums are made right, so that what lies behind them is reached.
#![no_main]

#[path = "support/sparse.rs"]
mod sparse;

use std::sync::Arc;

use freemkv::fs::udf::Udf;
use freemkv::fs::{FileSystem, tree};
use libfuzzer_sys::fuzz_target;
use sparse::{SECTOR, Sparse};

fuzz_target!(|data: &[u8]| {
    let Ok(udf) = Udf::open(Arc::new(Sparse::new(data, seal))) else { return };
    for path in tree::files(&udf, "", 500).unwrap_or_default() {
        let _ = udf.read_whole(&path, 1 << 16);
    }
});

/// Gives a sector that could be a descriptor a CRC over nothing and a right checksum (ECMA-167, 3/7.2).
fn seal(sector: &mut [u8; SECTOR]) {
    // Recognition has its name where these lie; without a tag there is nothing to seal.
    if sector[1..6] == *b"NSR02" || sector[1..6] == *b"NSR03" || sector[..2] == [0, 0] {
        return;
    }
    sector[8..12].fill(0);
    sector[4] = sector[..16].iter().enumerate().filter(|(i, _)| *i != 4).fold(0u8, |s, (_, b)| s.wrapping_add(*b));
}
