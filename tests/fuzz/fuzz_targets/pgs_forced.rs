//! Display sets, each behind its length in two bytes.
#![no_main]

use freemkv::codec::subtitle::pgs_forced::ForcedSets;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut sets = ForcedSets::new();
    let mut rest = data;
    while let Some((length, behind)) = rest.split_first_chunk() {
        let (set, next) = behind.split_at(usize::from(u16::from_be_bytes(*length)).min(behind.len()));
        let _ = sets.take(set);
        rest = next;
    }
});
