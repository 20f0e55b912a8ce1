//! What a person types: sources, durations, sizes.
#![no_main]

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use freemkv::base::human;
use freemkv::drive::emulated::EmulatedSpec;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(spec) = EmulatedSpec::parse(OsStr::from_bytes(bytes)) {
        assert!(!spec.image.as_os_str().is_empty());
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = (human::parse_bytes(text), human::parse_duration(text));
    assert!(!human::printable(text).chars().any(char::is_control));
});
