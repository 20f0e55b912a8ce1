//! Any bytes as a program stream, cut and holed as the bytes themselves say: packets come whole, of streams that were asked for.
#![no_main]

use freemkv::demux::pes::PesHead;
use freemkv::demux::ps::{Demux, Owner};
use freemkv::demux::{Loss, Sink};
use libfuzzer_sys::fuzz_target;

#[derive(Default)]
struct Counter {
    bytes: usize,
    open: Option<u8>,
}

impl Sink for Counter {
    fn start(&mut self, slot: u8, _: &PesHead) {
        assert!(slot < 3 && self.open.is_none());
        self.open = Some(slot);
    }
    fn payload(&mut self, slot: u8, bytes: &[u8]) {
        assert_eq!(self.open, Some(slot));
        self.bytes += bytes.len();
    }
    fn end(&mut self, slot: u8) {
        assert_eq!(self.open.take(), Some(slot));
    }
    fn lost(&mut self, slot: u8, _: Loss) {
        assert!(slot < 3 && self.open.is_none());
    }
}

fuzz_target!(|data: &[u8]| {
    let (control, data) = data.split_at(data.len().min(4));
    let cut = 1 + control.iter().fold(0, |a, b| a * 7 + usize::from(*b)) % 5000;
    let _ = Demux::detect(data);
    let mut demux = Demux::new(0);
    for (id, private) in [(0xE0, None), (0xBD, Some(0x80)), (0xBD, Some(0x21))] {
        let _ = demux.select(id, private);
    }
    if let Some(cell) = control.first() {
        demux.own(Some(Owner { cell: (1, *cell), is_vouched: cell % 2 == 0 }));
    }
    let mut sink = Counter::default();
    for (n, chunk) in data.chunks(cut).enumerate() {
        demux.push(chunk, &mut sink);
        if control.get(1).is_some_and(|byte| n % 16 == usize::from(*byte)) {
            let position = demux.position() + 5000;
            demux.hole(position, &mut sink);
        }
    }
    demux.finish(&mut sink);
    assert!(sink.bytes <= data.len());
});
