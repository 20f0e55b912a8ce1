//! Any bytes as a stream of menus, in pieces.
#![no_main]

use freemkv::bluray::program::interactive::{Composition, Finder};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = Composition::parse(data);
    let mut finder = Finder::default();
    for piece in data.chunks(184) {
        let _ = finder.push(piece);
    }
});
