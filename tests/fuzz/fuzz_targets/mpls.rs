//! Any bytes as a playlist.
#![no_main]

use freemkv::bluray::playlist::mpls::Playlist;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(playlist) = Playlist::parse(data) {
        let _ = (playlist.duration(), playlist.angles());
    }
});
