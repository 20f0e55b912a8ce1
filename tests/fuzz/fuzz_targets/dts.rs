#![no_main]

mod support;

libfuzzer_sys::fuzz_target!(|data: &[u8]| support::split(freemkv::codec::Codec::Dts, data));
