//! Where one file of a transport stream ends and another begins: whether packets can be missing between them. Pure.

use super::layout::{Layout, SYNC, TS_BYTES};

/// PID of packets that hold nothing.
const NULL: u16 = 0x1FFF;

/// A packet with payload.
struct Packet {
    pid: u16,
    /// Its continuity counter.
    counter: u8,
    /// Something begins in it: a packet of a stream, or a table.
    begins: bool,
}

/// Whether nothing shows that packets are missing between the bytes at the end of a file and those at the beginning of the
/// next one, both from the start of a packet on: all counters go on, or all streams begin anew.
#[must_use]
pub fn is_whole(layout: Layout, end: &[u8], next: &[u8]) -> bool {
    let mut last = [None; 1 << 13];
    for packet in packets(layout, end) {
        last[usize::from(packet.pid)] = Some(packet.counter);
    }
    let (mut go_on, mut begin_anew, mut some) = (true, true, false);
    for packet in packets(layout, next) {
        let Some(before) = last[usize::from(packet.pid)].take() else { continue };
        some = true;
        go_on &= packet.counter == (before + 1) & 0x0F;
        begin_anew &= packet.begins;
    }
    some && (go_on || begin_anew)
}

fn packets(layout: Layout, data: &[u8]) -> impl Iterator<Item = Packet> {
    data.chunks_exact(layout.stride()).filter_map(move |unit| {
        let packet: &[u8; TS_BYTES] = unit.get(layout.sync_at()..)?.first_chunk()?;
        let [sync, high, low, control, ..] = *packet;
        let pid = u16::from_be_bytes([high, low]) & 0x1FFF;
        let has_payload = control & 0x10 != 0;
        (sync == SYNC && has_payload && pid != NULL).then_some(Packet {
            pid,
            counter: control & 0x0F,
            begins: high & 0x40 != 0,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Packets of a PID each, with a counter; where that is over 15, something begins.
    fn stream(packets: &[(u16, u8)]) -> Vec<u8> {
        let packet = |&(pid, counter): &(u16, u8)| {
            let mut bytes = vec![0; TS_BYTES];
            let [high, low] = pid.to_be_bytes();
            bytes[..4].copy_from_slice(&[SYNC, high | counter >> 4 << 6, low, 0x10 | counter & 15]);
            bytes
        };
        packets.iter().flat_map(packet).collect()
    }

    #[test]
    fn counters_that_go_on_or_streams_that_begin_anew_lack_nothing() {
        let is_whole = |end: &[(u16, u8)], next: &[(u16, u8)]| is_whole(Layout::Ts, &stream(end), &stream(next));
        let end = [(9, 15), (7, 2), (7, 3), (NULL, 5)];
        assert!(is_whole(&end, &[(7, 4), (9, 16), (7, 5), (9, 1)]));
        assert!(is_whole(&end, &[(7, 16), (9, 16), (7, 5)]), "both begin");
        assert!(!is_whole(&end, &[(7, 5), (9, 16)]), "one lacks a packet");
        assert!(!is_whole(&end, &[(7, 16), (9, 3)]), "one begins anew, the other does not");
        assert!(!is_whole(&end, &[(NULL, 6), (8, 0)]) && !is_whole(&[], &end), "nothing tells");
        let (end, next) = (stream(&end), stream(&[(7, 4)]));
        assert!(!super::is_whole(Layout::M2ts, &end, &next) && !super::is_whole(Layout::Ts, &end[1..], &next));
    }
}
