//! The streams of a file without tables, by what their packets hold.

use crate::demux::m2ts::{Demux, Layout};
use crate::demux::pes::PesHead;
use crate::demux::psi::{ElementaryStream, Program};
use crate::demux::{Loss, Sink};

/// Bytes of a stream that are looked at.
const ENOUGH: usize = 4096;
/// PIDs that no stream has (ISO/IEC 13818-1, table 2-3).
const RESERVED: u16 = 0x10;
const NULL_PID: u16 = 0x1FFF;

/// The streams that are known by their bytes, as a program; `None` where there are none.
pub(super) fn program(data: &[u8], layout: Layout, has_data: impl Fn(u16) -> bool) -> Option<Program> {
    let mut demux = Demux::new(layout, 0);
    let pids: Vec<u16> = (RESERVED..NULL_PID).filter(|pid| has_data(*pid)).collect();
    let pids: Vec<u16> = pids.into_iter().filter(|pid| demux.select(*pid).is_some()).collect();
    let mut starts = Starts(vec![Start::default(); pids.len()]);
    demux.push(data, &mut starts);
    let stream = |(pid, start): (&u16, &Start)| {
        let stream_type = stream_type(start.stream_id?, &start.bytes)?;
        let (descriptors, extensions) = (Vec::new(), Vec::new());
        Some(ElementaryStream { pid: *pid, stream_type, language: None, registration: None, descriptors, extensions })
    };
    let streams: Vec<ElementaryStream> = pids.iter().zip(&starts.0).filter_map(stream).collect();
    (!streams.is_empty()).then_some(Program { number: 0, pcr_pid: NULL_PID, streams })
}

/// The type that a table would give a stream that begins with these bytes.
fn stream_type(stream_id: u8, bytes: &[u8]) -> Option<u8> {
    match (stream_id, bytes) {
        (0xE0..=0xEF, _) => video(bytes),
        (0xC0..=0xDF, [0xFF, 0xF0..=0xF1 | 0xF8..=0xF9, ..]) => Some(0x0F),
        (0xC0..=0xDF, [0xFF, 0xE0..=0xFF, ..]) => Some(0x03),
        (_, [0x0B, 0x77, _, _, _, byte, ..]) => Some(if byte >> 3 <= 10 { 0x81 } else { 0x84 }),
        (_, [0x7F, 0xFE, 0x80, 0x01, ..] | [0x64, 0x58, 0x20, 0x25, ..]) => Some(0x82),
        (_, [_, _, _, _, 0xF8, 0x72, 0x6F, 0xBA, ..]) => Some(0x83),
        (0xBD, [0x16, 0, 0x0B..=0x2B, ..]) => Some(0x90),
        (0xFD, _) => video(bytes).filter(|kind| *kind == 0xEA),
        _ => None,
    }
}

/// The type of pictures by their first start codes.
fn video(bytes: &[u8]) -> Option<u8> {
    let units = memchr::memmem::find_iter(bytes, &[0, 0, 1]).map(|at| bytes.get(at + 3..).unwrap_or_default());
    units.into_iter().find_map(|unit| match unit {
        [0xB3, ..] => Some(0x02),
        [0x0F, ..] => Some(0xEA),
        // Parameter sets and delimiters: of H.265 in the lowest layer.
        [0x40 | 0x42 | 0x44 | 0x46, 0x01, ..] => Some(0x24),
        [byte, ..] if matches!(byte & 0x9F, 7 | 9) => Some(0x1B),
        _ => None,
    })
}

/// How the streams begin.
struct Starts(Vec<Start>);

#[derive(Clone, Default)]
struct Start {
    stream_id: Option<u8>,
    bytes: Vec<u8>,
}

impl Sink for Starts {
    fn start(&mut self, stream: u8, head: &PesHead) {
        if let Some(start) = self.0.get_mut(usize::from(stream)) {
            start.stream_id.get_or_insert(head.stream_id);
        }
    }
    fn payload(&mut self, stream: u8, bytes: &[u8]) {
        if let Some(start) = self.0.get_mut(usize::from(stream)) {
            let room = ENOUGH.saturating_sub(start.bytes.len()).min(bytes.len());
            start.bytes.extend_from_slice(bytes.get(..room).unwrap_or_default());
        }
    }
    fn end(&mut self, _: u8) {}
    fn lost(&mut self, _: u8, _: Loss) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn streams_are_known_by_their_first_bytes() {
        for (id, bytes, expected) in [
            (0xE0, &[0, 0, 0, 1, 0x09, 0x10, 0, 0, 0, 1, 0x67][..], Some(0x1B)),
            (0xE0, &[0, 0, 0, 1, 0x46, 0x01, 0x50][..], Some(0x24)),
            (0xE2, &[0, 0, 1, 0xB3, 0x2D], Some(0x02)),
            (0xFD, &[0, 0, 1, 0x0F, 0xC2], Some(0xEA)),
            (0xC0, &[0xFF, 0xFD, 0x84], Some(0x03)),
            (0xC0, &[0xFF, 0xF1, 0x50], Some(0x0F)),
            (0xBD, &[0x0B, 0x77, 0, 0, 0x14, 0x40], Some(0x81)),
            (0xFD, &[0x0B, 0x77, 0, 0, 0x14, 0x80], Some(0x84)),
            (0xFD, &[0x81, 0, 0, 0, 0xF8, 0x72, 0x6F, 0xBA], Some(0x83)),
            (0xBD, &[0x16, 0, 0x13, 7, 0x80], Some(0x90)),
            (0xBD, &[1, 2, 3, 4], None),
            (0xE0, &[0, 0, 1, 0x65], None),
        ] {
            assert_eq!(stream_type(id, bytes), expected, "{bytes:X?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken(data in prop::collection::vec(prop_oneof![Just(0x47u8), Just(0), Just(1), any::<u8>()], 0..3000)) {
            let _ = program(&data, Layout::Ts, |_| true);
            let _ = stream_type(0xE0, &data);
        }
    }
}
