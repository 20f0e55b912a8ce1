//! Answers of drives: every decoder on the same bytes.
#![no_main]

use freemkv::scsi::{answers, tracks};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = answers::inquiry(bytes);
    let _ = answers::serial(bytes);
    let _ = answers::capacity(bytes);
    let _ = answers::current_profile(bytes);
    let _ = answers::speeds(bytes);
    let _ = answers::unwritten_from(bytes);
    let _ = answers::dvd_sectors(bytes);
    let _ = (tracks::full_toc(bytes), tracks::last_session(bytes));
    let _ = (tracks::disc_information(bytes), tracks::track_information(bytes));
    if let Some(toc) = answers::toc(bytes) {
        assert!(toc.tracks.len() <= 100);
    }
    for code in [1, 5, 0x2A] {
        if let Some(page) = answers::mode_page(bytes, code) {
            assert!(page.len() <= 257);
            let _ = answers::mode_parameters(&page);
        }
    }
});
