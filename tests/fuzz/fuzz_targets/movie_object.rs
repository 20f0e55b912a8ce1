//! Any bytes as movie objects.
#![no_main]

use freemkv::bluray::program::movie_object::MovieObjects;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = MovieObjects::parse(data);
});
