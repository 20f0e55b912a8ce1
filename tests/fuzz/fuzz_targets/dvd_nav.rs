//! Any bytes as a navigation pack.
#![no_main]

use freemkv::dvd::nav::{Nav, buttons, forced_button};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = (Nav::parse(data), buttons(data), forced_button(data));
    // The packets where they have to be.
    let mut sector = vec![0; 2048];
    for (to, from) in sector.iter_mut().zip(data) {
        *to = *from;
    }
    sector[..4].copy_from_slice(&[0, 0, 1, 0xBA]);
    sector[0x26..0x2D].copy_from_slice(&[0, 0, 1, 0xBF, 3, 0xD4, 0]);
    sector[0x400..0x407].copy_from_slice(&[0, 0, 1, 0xBF, 3, 0xFA, 1]);
    assert!(Nav::parse(&sector).is_some());
    let _ = (buttons(&sector), forced_button(&sector));
});
