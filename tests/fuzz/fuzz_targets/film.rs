//! Any bytes as a stream file without tables: a title by what the stream says of itself, and its film, with a hole in it.
//!
//! The first two bytes say where the hole is, in sectors, and how long.
#![no_main]

#[path = "support/disc.rs"]
mod disc;

use std::collections::BTreeMap;

use freemkv::base::sector::SectorRange;
use freemkv::base::sector::set::SectorSet;
use freemkv::fs::FileSystem;
use freemkv::title::loose;
use libfuzzer_sys::fuzz_target;

const NAME: &str = "film";

fuzz_target!(|data: &[u8]| {
    let Some(([at, length], stream)) = data.split_first_chunk() else { return };
    let fs = disc::open(&BTreeMap::from([(NAME, stream)]));
    let Ok(title) = loose::title(&fs, NAME) else { return };
    let first = fs.open(NAME).ok().and_then(|file| Some(file.extents().first()?.sectors().start())).unwrap_or(0);
    let hole = SectorRange::with_len(first + u64::from(*at), u64::from(*length % 8));
    disc::mux(&fs, &title, &SectorSet::from_iter((!hole.is_empty()).then_some(hole)));
});
