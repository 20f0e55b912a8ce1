#![no_main]

use freemkv::demux::m2ts::{Demux, Layout};
use freemkv::demux::pes::PesHead;
use freemkv::demux::{Loss, Sink, psi};

struct Check {
    open: [bool; 256],
}

impl Sink for Check {
    fn start(&mut self, slot: u8, _: &PesHead) {
        assert!(!self.open[usize::from(slot)]);
        self.open[usize::from(slot)] = true;
    }

    fn payload(&mut self, slot: u8, _: &[u8]) {
        assert!(self.open[usize::from(slot)]);
    }

    fn end(&mut self, slot: u8) {
        assert!(self.open[usize::from(slot)]);
        self.open[usize::from(slot)] = false;
    }

    fn lost(&mut self, slot: u8, _: Loss) {
        self.open[usize::from(slot)] = false;
    }
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((control, data)) = data.split_first() else { return };
    let layout = [Layout::M2ts, Layout::Ts, Layout::Ts204][usize::from(*control) % 3];
    let _ = Layout::detect(data);
    let mut demux = Demux::new(layout, 0);
    if let Some(program) = psi::scan(data, layout) {
        for stream in &program.streams {
            let _ = demux.select(stream.pid);
        }
    }
    for pid in 0..16 {
        let _ = demux.select(pid);
    }
    let mut check = Check { open: [false; 256] };
    for (i, chunk) in data.chunks(1 + usize::from(*control) * 3).enumerate() {
        demux.push(chunk, &mut check);
        if i % 64 == 63 {
            demux.hole(demux.position() + u64::from(*control) * 17, &mut check);
        }
    }
    demux.finish(&mut check);
});
