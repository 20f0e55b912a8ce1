use super::*;
use crate::demux::pes::PesHead;
use proptest::prelude::*;

const PID: u16 = 0x1011;
const OTHER: u16 = 0x1100;
const LAYOUTS: [Layout; 3] = [Layout::M2ts, Layout::Ts, Layout::Ts204];

#[derive(Clone, PartialEq, Eq, Debug)]
enum Seen {
    Packet { slot: u8, pts: Option<i64>, payload: Vec<u8> },
    Lost(u8, Loss),
}

#[derive(Default)]
struct Record {
    seen: Vec<Seen>,
    open: [Option<(Option<i64>, Vec<u8>)>; 2],
}

impl Sink for Record {
    fn start(&mut self, slot: u8, head: &PesHead) {
        let before = self.open[usize::from(slot)].replace((head.pts.map(|pts| pts.0), Vec::new()));
        assert_eq!(before, None, "a packet begins inside another");
    }

    fn payload(&mut self, slot: u8, bytes: &[u8]) {
        self.open[usize::from(slot)].as_mut().expect("payload without start").1.extend_from_slice(bytes);
    }

    fn end(&mut self, slot: u8) {
        let (pts, payload) = self.open[usize::from(slot)].take().expect("end without start");
        self.seen.push(Seen::Packet { slot, pts, payload });
    }

    fn lost(&mut self, slot: u8, loss: Loss) {
        self.open[usize::from(slot)] = None;
        self.seen.push(Seen::Lost(slot, loss));
    }
}

/// A stream of packets, written one PES packet after the other.
struct Writer {
    data: Vec<u8>,
    counters: [u8; 2],
    layout: Layout,
}

impl Writer {
    fn new(layout: Layout) -> Self {
        Self { data: Vec::new(), counters: [0; 2], layout }
    }

    fn packet(&mut self, slot: usize, unit_start: bool, payload: &[u8]) {
        let pid = [PID, OTHER][slot];
        self.data.resize(self.data.len() + self.layout.sync_at(), 0);
        let start = u16::from(unit_start) << 14;
        self.data.push(SYNC);
        self.data.extend((pid | start).to_be_bytes());
        let stuffing = TS_BYTES - 4 - payload.len();
        self.data.push(if stuffing > 0 { 0x30 } else { 0x10 } | self.counters[slot]);
        self.counters[slot] = (self.counters[slot] + 1) & 15;
        if stuffing > 0 {
            self.data.push(stuffing as u8 - 1);
            self.data.resize(self.data.len() + stuffing - 1, 0xFF);
            if stuffing > 1 {
                let flags = self.data.len() - (stuffing - 1);
                self.data[flags] = 0;
            }
        }
        self.data.extend(payload);
        let behind = self.layout.stride() - self.layout.sync_at() - TS_BYTES;
        self.data.resize(self.data.len() + behind, 0x5A);
    }

    /// A PES packet; bounded ones are of private stream 1.
    fn pes(&mut self, slot: usize, pts: u32, payload: &[u8], bounded: bool) {
        let mut bytes = vec![0, 0, 1, if bounded { 0xBD } else { 0xE0 }];
        let length = if bounded { payload.len() + 8 } else { 0 };
        bytes.extend((length as u16).to_be_bytes());
        let p = |shift: u32| (pts >> shift) as u8;
        bytes.extend([0x80, 0x80, 5, 0x21 | (p(30) & 3) << 1, p(22), p(14) | 1, p(7), p(0) << 1 | 1]);
        bytes.extend(payload);
        for (i, chunk) in bytes.chunks(TS_BYTES - 4).enumerate() {
            self.packet(slot, i == 0, chunk);
        }
    }
}

fn payload(seed: usize, size: usize) -> Vec<u8> {
    (0..size).map(|i| (i * 7 + seed * 13) as u8).collect()
}

fn sample(layout: Layout) -> Vec<u8> {
    let mut writer = Writer::new(layout);
    for i in 0..6 {
        writer.pes(0, i * 3600, &payload(i as usize, 700 + 100 * i as usize), false);
        writer.pes(1, i * 3600, &payload(i as usize + 50, 300 + i as usize), true);
    }
    writer.data
}

fn run(layout: Layout, data: &[u8], slices: &[usize]) -> (Vec<Seen>, Demux) {
    let mut demux = Demux::new(layout, 0);
    demux.select(PID);
    demux.select(OTHER);
    let mut record = Record::default();
    let mut rest = data;
    for slice in slices.iter().cycle() {
        if rest.is_empty() || slices.iter().all(|s| *s == 0) {
            break;
        }
        let (head, tail) = rest.split_at(rest.len().min(*slice));
        demux.push(head, &mut record);
        rest = tail;
    }
    demux.finish(&mut record);
    (record.seen, demux)
}

fn whole(layout: Layout, data: &[u8]) -> Vec<Seen> {
    run(layout, data, &[data.len()]).0
}

fn losses(seen: &[Seen]) -> Vec<(u8, Loss)> {
    seen.iter().filter_map(|s| if let Seen::Lost(slot, loss) = s { Some((*slot, *loss)) } else { None }).collect()
}

fn packets(seen: &[Seen], wanted: u8) -> Vec<(i64, Vec<u8>)> {
    seen.iter()
        .filter_map(|s| match s {
            Seen::Packet { slot, pts, payload } if *slot == wanted => Some((pts.unwrap(), payload.clone())),
            _ => None,
        })
        .collect()
}

#[test]
fn packets_come_out_with_stamp_and_payload_in_all_layouts() {
    for layout in LAYOUTS {
        let data = sample(layout);
        assert_eq!(Layout::detect(&data), Some(layout));
        let seen = whole(layout, &data);
        for slot in 0..2 {
            let got = packets(&seen, slot);
            assert_eq!(got.len(), 6);
            for (i, (pts, bytes)) in got.iter().enumerate() {
                assert_eq!(*pts, i as i64 * 3600);
                let expected = if slot == 0 { payload(i, 700 + 100 * i) } else { payload(i + 50, 300 + i) };
                assert_eq!(*bytes, expected);
            }
        }
        assert_eq!(losses(&seen), []);
    }
}

#[test]
fn a_missing_packet_voids_only_its_own_stream() {
    let mut data = sample(Layout::M2ts);
    // The second packet of the first video unit.
    data.drain(192..384);
    let seen = whole(Layout::M2ts, &data);
    assert_eq!(packets(&seen, 0).len(), 5);
    assert_eq!(packets(&seen, 1).len(), 6);
    assert_eq!(losses(&seen), [(0, Loss { position: 192 + 4, kind: LossKind::Continuity })]);
}

#[test]
fn a_repeated_packet_is_ignored_and_one_with_other_bytes_is_a_gap() {
    let clean = sample(Layout::M2ts);
    let mut twice = clean.clone();
    twice.splice(192..192, clean[192..384].to_vec());
    assert_eq!(packets(&whole(Layout::M2ts, &twice), 0), packets(&whole(Layout::M2ts, &clean), 0));
    twice[300] ^= 1;
    assert_eq!(packets(&whole(Layout::M2ts, &twice), 0).len(), 5);
}

#[test]
fn a_packet_with_the_error_indicator_voids_its_unit() {
    let mut data = sample(Layout::M2ts);
    data[192 + 5] |= 0x80;
    let seen = whole(Layout::M2ts, &data);
    assert_eq!(losses(&seen), [(0, Loss { position: 196, kind: LossKind::ErrorIndicator })]);
    assert_eq!(packets(&seen, 0).len(), 5);
    // The first of all, too.
    let mut data = sample(Layout::M2ts);
    data[5] |= 0x80;
    let seen = whole(Layout::M2ts, &data);
    assert_eq!(losses(&seen), [(0, Loss { position: 4, kind: LossKind::ErrorIndicator })]);
    assert_eq!(packets(&seen, 0).len(), 5);
}

#[test]
fn the_discontinuity_indicator_excuses_a_jump_of_the_counter() {
    let mut writer = Writer::new(Layout::Ts);
    writer.pes(1, 0, &payload(1, 100), true);
    writer.counters[1] = 9;
    writer.pes(1, 10, &payload(2, 100), true);
    let mut data = writer.data;
    assert_eq!(losses(&whole(Layout::Ts, &data)).len(), 1);
    data[188 + 5] |= 0x80;
    assert_eq!(losses(&whole(Layout::Ts, &data)), []);
}

#[test]
fn sync_is_found_again_behind_foreign_bytes() {
    let clean = sample(Layout::M2ts);
    let mut data = clean[..192 * 5].to_vec();
    data.extend([0x47; 97]);
    data.extend(vec![0; 5000]);
    data.extend(&clean[192 * 5..]);
    let (seen, demux) = run(Layout::M2ts, &data, &[1000]);
    assert_eq!(demux.position(), data.len() as u64);
    assert!(losses(&seen).iter().all(|(_, loss)| loss.kind == LossKind::Sync && loss.position >= 960));
    assert!(packets(&seen, 0).len() >= 5);
}

#[test]
fn packets_that_no_counter_follows_are_lost_too_unless_others_lack_all_of_them() {
    let mut writer = Writer::new(Layout::M2ts);
    let ends: Vec<usize> = [0, 1, 0, 1, 0, 0]
        .into_iter()
        .zip(0..)
        .map(|(slot, n)| {
            writer.pes(slot, n * 3600, &payload(n as usize, 150), slot == 1);
            writer.data.len()
        })
        .collect();
    let without = |packet: usize| {
        let mut data = writer.data.clone();
        data[ends[packet] - 192..ends[packet]].fill(0);
        let seen = whole(Layout::M2ts, &data);
        losses(&seen).into_iter().map(|(slot, loss)| (slot, loss.kind)).collect::<Vec<_>>()
    };
    // The first of its stream, the last one, one of the other stream, and one behind which no packet comes.
    assert_eq!(without(1), [(1, LossKind::Sync)]);
    assert_eq!(without(3), [(1, LossKind::Sync)]);
    assert_eq!(without(4), [(0, LossKind::Continuity)]);
    assert_eq!(without(5), [(0, LossKind::Sync), (1, LossKind::Sync)]);
}

#[test]
fn a_hole_voids_what_is_open_and_the_rest_stays_in_step() {
    let clean = sample(Layout::M2ts);
    let mut demux = Demux::new(Layout::M2ts, 0);
    demux.select(PID);
    demux.select(OTHER);
    let mut record = Record::default();
    demux.push(&clean[..300], &mut record);
    demux.hole(2048, &mut record);
    demux.push(&clean[2048..], &mut record);
    demux.finish(&mut record);
    assert_eq!(losses(&record.seen)[0], (0, Loss { position: 300, kind: LossKind::Hole }));
    let clean_seen = whole(Layout::M2ts, &clean);
    for slot in 0..2 {
        let (all, left) = (packets(&clean_seen, slot), packets(&record.seen, slot));
        assert!(!left.is_empty() && all.ends_with(&left), "slot {slot}");
    }
}

/// Packets of 150 bytes in one transport packet each, whose lengths say so much more, or less.
fn lying(by: i16) -> Vec<u8> {
    let mut writer = Writer::new(Layout::Ts);
    for i in 0..3 {
        writer.pes(1, i * 10, &payload(i as usize, 150), true);
        let at = writer.data.len() - 164 + 4;
        writer.data[at..at + 2].copy_from_slice(&(150 + 8 + by).to_be_bytes());
    }
    writer.data
}

#[test]
fn lengths_that_lie_cost_nothing_while_no_transport_packet_is_missing() {
    let whole_payload = |data: &[u8]| -> Vec<u8> {
        let seen = whole(Layout::Ts, data);
        assert_eq!(losses(&seen), []);
        seen.iter().flat_map(|s| if let Seen::Packet { payload, .. } = s { payload.clone() } else { vec![] }).collect()
    };
    let expected = whole_payload(&lying(0));
    for by in [40, 1, -1, -100, -149, -155] {
        assert_eq!(whole_payload(&lying(by)), expected, "{by}");
    }
    // Stuffing behind the declared end is none of the packet's.
    let mut stuffed = lying(-20);
    stuffed.chunks_exact_mut(188).for_each(|packet| packet[168..].fill(0xFF));
    assert_eq!(whole_payload(&stuffed).len(), 3 * 130);
}

#[test]
fn a_bounded_packet_that_the_file_cuts_is_lost() {
    let mut writer = Writer::new(Layout::Ts);
    writer.pes(1, 0, &payload(1, 150), true);
    writer.pes(1, 10, &payload(2, 1000), true);
    writer.data.truncate(3 * 188);
    let seen = whole(Layout::Ts, &writer.data);
    assert_eq!(losses(&seen), [(1, Loss { position: 3 * 188, kind: LossKind::Packet })]);
    assert_eq!(packets(&seen, 1).len(), 1);
}

#[test]
fn scrambled_packets_and_units_are_told_and_give_nothing() {
    let mut data = sample(Layout::M2ts);
    for packet in data.chunks_mut(192) {
        packet[7] |= 0x80;
    }
    let (seen, demux) = run(Layout::M2ts, &data, &[data.len()]);
    assert_eq!(packets(&seen, 0), []);
    assert!(demux.scrambling().packets > 20);

    // An aligned unit: 16 bytes in the clear, copy permission bits set, the rest like noise.
    let mut unit: Vec<u8> = (0..6144u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8 | 1).collect();
    unit[..16].copy_from_slice(&sample(Layout::M2ts)[..16]);
    unit[0] |= 0xC0;
    let (_, demux) = run(Layout::M2ts, &unit.repeat(10), &[5000]);
    assert_eq!(demux.scrambling().units, 10);
    assert!(!run(Layout::M2ts, &sample(Layout::M2ts), &[100]).1.scrambling().any());
}

#[test]
fn no_layout_is_found_in_other_bytes() {
    assert_eq!(Layout::detect(&[]), None);
    assert_eq!(Layout::detect(&[0; 5000]), None);
    assert_eq!(Layout::detect(&payload(3, 5000)), None);
}

proptest! {
    #[test]
    fn the_cut_of_the_input_does_not_matter(
        slices in prop::collection::vec(1usize..900, 1..8),
        flips in prop::collection::vec((0usize..12_000, any::<u8>()), 0..4),
        cut in prop::option::of((0usize..9000, 0usize..3000)),
        layout in prop::sample::select(&LAYOUTS),
    ) {
        let mut data = sample(layout);
        if let Some((at, size)) = cut {
            let at = at.min(data.len());
            data.drain(at..(at + size).min(data.len()));
        }
        let size = data.len();
        for (at, value) in flips {
            data[at % size] ^= value;
        }
        prop_assert_eq!(whole(layout, &data), run(layout, &data, &slices).0);
    }

    #[test]
    fn any_bytes_are_taken(data in prop::collection::vec(prop_oneof![Just(0x47u8), any::<u8>()], 0..3000), hole in 0u64..5000) {
        let mut demux = Demux::new(Layout::M2ts, 0);
        for pid in 0..512 {
            if demux.select(pid).is_none() { prop_assert!(pid >= 255); }
        }
        struct Nothing;
        impl Sink for Nothing {
            fn start(&mut self, _: u8, _: &PesHead) {}
            fn payload(&mut self, _: u8, _: &[u8]) {}
            fn end(&mut self, _: u8) {}
            fn lost(&mut self, _: u8, _: Loss) {}
        }
        demux.push(&data, &mut Nothing);
        demux.hole(demux.position() + hole, &mut Nothing);
        demux.push(&data, &mut Nothing);
        demux.finish(&mut Nothing);
    }
}
