use proptest::prelude::*;

use super::*;
use crate::demux::m2ts::Layout;

const PACKET: u64 = 192;
const SYNC_AT: usize = 4;
const SOURCE_PACKETS: Packets = Packets::Transport { layout: Layout::M2ts, on_grid: true };

#[derive(Default, PartialEq, Debug)]
struct Seen {
    bytes: Vec<u8>,
    /// Start and end of each.
    holes: Vec<(u64, u64)>,
}

impl Target for Seen {
    fn bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }
    fn hole(&mut self, range: Range<u64>) {
        self.holes.push((range.start, range.end));
    }
}

/// Packets whose bytes say which one they are of.
fn stream(packets: usize) -> Vec<u8> {
    let packet = |n: usize| (0..PACKET as usize).map(move |i| if i == SYNC_AT { SYNC } else { 128 | n as u8 });
    (0..packets).flat_map(packet).collect()
}

fn filtered(data: &[u8], cuts: &[usize]) -> Seen {
    let (mut seen, mut filter) = (Seen::default(), Filter::new(SOURCE_PACKETS, 0));
    let mut from = 0;
    for to in cuts.iter().copied().chain([data.len()]) {
        filter.push(from as u64, &data[from..to], &mut seen);
        from = to;
    }
    filter.finish(data.len() as u64, &mut seen);
    seen
}

#[test]
fn whole_streams_pass_as_they_are() {
    let data = stream(100);
    assert_eq!(filtered(&data, &[192 * 7, 192 * 30]), Seen { bytes: data, holes: vec![] });
}

#[test]
fn damage_takes_the_packet_along_that_it_may_have_begun_in() {
    let mut data = stream(100);
    data[4096..8192].fill(0);
    let seen = filtered(&data, &[]);
    // Packet 21 covers 4032..4224, and packet 42 covers 8064..8256.
    assert_eq!(seen.holes, [(21 * 192, 43 * 192)]);
    assert_eq!(seen.bytes, [&data[..21 * 192], &data[43 * 192..]].concat());
}

#[test]
fn a_few_packets_without_sync_are_left_to_the_demultiplexer() {
    let mut data = stream(100);
    data[192 * 20..192 * 27].fill(0);
    assert_eq!(filtered(&data, &[]), Seen { bytes: data, holes: vec![] });
}

#[test]
fn a_lone_sync_byte_does_not_end_a_hole() {
    let mut data = stream(100);
    data[192 * 32..192 * 64].fill(1);
    data[192 * 40 + SYNC_AT] = SYNC;
    assert_eq!(filtered(&data, &[]).holes, [(192 * 31, 192 * 64)]);
}

#[test]
fn known_holes_and_damage_beside_them_are_one() {
    let mut data = stream(64);
    data[192 * 30..].fill(0);
    let (mut seen, mut filter) = (Seen::default(), Filter::new(SOURCE_PACKETS, 0));
    filter.push(0, &data[..192 * 32], &mut seen);
    filter.hole(192 * 32..192 * 64, &mut seen);
    filter.push(192 * 64, &stream(5), &mut seen);
    filter.finish(192 * 69, &mut seen);
    assert_eq!(seen.holes, [(192 * 29, 192 * 64)]);
    assert_eq!(seen.bytes.len(), 192 * 34);
}

proptest! {
    #[test]
    fn slices_do_not_matter_and_no_byte_is_lost_or_told_twice(
        hurts in prop::collection::vec((0..300usize, 0..40usize), 0..6),
        strays in prop::collection::vec(0..300usize, 0..20),
        mut cuts in prop::collection::vec(0..300usize, 0..8),
    ) {
        let mut data = stream(300);
        for (from, count) in hurts {
            data[192 * from..192 * (from + count).min(300)].fill(0);
        }
        for at in strays {
            data[192 * at + SYNC_AT] = SYNC;
        }
        cuts.sort_unstable();
        let cuts: Vec<usize> = cuts.into_iter().map(|n| n * 192).collect();
        let whole = filtered(&data, &[]);
        prop_assert_eq!(&filtered(&data, &cuts), &whole);
        let mut rest = Vec::new();
        let mut at = 0;
        for hole in &whole.holes {
            prop_assert!(hole.0 >= at as u64);
            rest.extend_from_slice(&data[at..hole.0 as usize]);
            at = hole.1 as usize;
        }
        rest.extend_from_slice(&data[at..]);
        prop_assert_eq!(rest, whole.bytes);
    }
}
