#![no_main]

mod support;

use freemkv::codec::{Characters, Codec};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    for codec in [Codec::TextSt, Codec::Text(Characters::Utf8), Codec::Text(Characters::Utf16)] {
        support::split(codec, data);
    }
});
