#![no_main]

mod support;

use freemkv::codec::Codec;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    support::split(Codec::Pcm, data);
    support::split(Codec::DvdPcm, data);
});
