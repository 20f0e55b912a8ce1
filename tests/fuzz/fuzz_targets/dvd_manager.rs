//! Any bytes as the information file of a DVD; every chain of its menus.
#![no_main]

use freemkv::dvd::vmg::Vmg;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(vmg) = Vmg::parse(data) else { return };
    for menus in &vmg.menus {
        for number in (0u16..).take(menus.chains.entries().len() + 2) {
            let _ = menus.chains.chain(number);
        }
    }
});
