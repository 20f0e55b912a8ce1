//! State files from anywhere: dropped or read, and what was read is written and read back.
#![no_main]

use freemkv::base::media::Media;
use freemkv::mapfile::sector_map::SectorMap;
use freemkv::mapfile::state::{Fingerprint, State};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let fingerprint = Fingerprint { sectors: 1000, size_bytes: 2_048_000, media: Some(Media::Dvd), hash: "h".into() };
    // Behind a good header the fuzzer gets at the records at once.
    let mut text = Vec::new();
    State::default().write(&mut text, &fingerprint, 0).expect("memory takes everything");
    text.extend_from_slice(bytes);
    for mut input in [bytes, text.as_slice()] {
        let Ok(mut state) = State::read(&mut input, &fingerprint, 0) else { continue };
        let mut out = Vec::new();
        state.write(&mut out, &fingerprint, 0).expect("memory takes everything");
        assert!(State::read(&mut out.as_slice(), &fingerprint, 0).is_ok());
        state.agree_with(&SectorMap::new(1000, 2_048_000));
        assert!(state.marginal.is_empty());
    }
});
