//! Any bytes as a stream file, muxed; the film is read back: elements fill those that hold them, and blocks are of tracks.
#![no_main]

#[path = "support/disc.rs"]
mod disc;
#[path = "support/ebml.rs"]
mod ebml;

use std::collections::BTreeMap;

use freemkv::base::sector::set::SectorSet;
use freemkv::title::loose;
use libfuzzer_sys::fuzz_target;

const NAME: &str = "film";

fuzz_target!(|data: &[u8]| {
    let fs = disc::open(&BTreeMap::from([(NAME, data)]));
    let Ok(title) = loose::title(&fs, NAME) else { return };
    let folder = tempfile::tempdir_in("/dev/shm").expect("memory");
    let film = folder.path().join("film.mkv");
    disc::mux_into(&fs, &title, &SectorSet::new(), &film);
    let Ok(bytes) = std::fs::read(&film) else { return };
    ebml::check(&bytes);
});
