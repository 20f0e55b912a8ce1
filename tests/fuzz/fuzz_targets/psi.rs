//! Any bytes as a transport stream whose tables are looked for.
#![no_main]

use freemkv::demux::m2ts::Layout;
use freemkv::demux::psi;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    for layout in [Layout::M2ts, Layout::Ts, Layout::Ts204] {
        let Some(program) = psi::scan(data, layout) else { continue };
        assert!(program.streams.iter().all(|stream| stream.pid < 0x2000));
    }
});
