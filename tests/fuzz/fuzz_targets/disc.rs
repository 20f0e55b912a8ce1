//! Any bytes as the tables and streams of a disc: its titles, and the films of the first of them.
//!
//! The input is a row of files, each as its place among the names (one byte), its length (two, big-endian) and its bytes.
#![no_main]

#[path = "support/disc.rs"]
mod disc;

use std::collections::BTreeMap;

use freemkv::base::sector::set::SectorSet;
use freemkv::job::titles::of_disc;
use libfuzzer_sys::fuzz_target;

/// `tests/fuzz/make_seeds.rs` has the same.
const NAMES: [&str; 12] = [
    "VIDEO_TS/VIDEO_TS.IFO",
    "VIDEO_TS/VTS_01_0.IFO",
    "VIDEO_TS/VTS_01_1.VOB",
    "VIDEO_TS/VIDEO_TS.VOB",
    "VIDEO_TS/VTS_01_0.VOB",
    "BDMV/index.bdmv",
    "BDMV/MovieObject.bdmv",
    "BDMV/PLAYLIST/00000.mpls",
    "BDMV/PLAYLIST/00001.mpls",
    "BDMV/CLIPINF/00000.clpi",
    "BDMV/STREAM/00000.m2ts",
    "BDMV/BDJO/00000.bdjo",
];
const TITLES: usize = 2;

fuzz_target!(|data: &[u8]| {
    let mut files: BTreeMap<&str, &[u8]> = BTreeMap::new();
    let mut rest = data;
    while let [name, high, low, tail @ ..] = rest {
        let (bytes, behind) = tail.split_at(usize::from(u16::from_be_bytes([*high, *low])).min(tail.len()));
        files.insert(NAMES[usize::from(*name) % NAMES.len()], bytes);
        rest = behind;
    }
    let fs = disc::open(&files);
    let Ok(found) = of_disc(&fs, 1 + data.len() % 2) else { return };
    for title in found.titles.iter().take(TITLES) {
        disc::mux(&fs, title, &SectorSet::new());
    }
});
