//! Any bytes as a BD-J object.
#![no_main]

use freemkv::bluray::program::bdjo::BdjObject;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = BdjObject::parse(data);
});
