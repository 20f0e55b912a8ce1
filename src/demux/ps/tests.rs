use super::*;
use crate::base::time::Ticks90;
use crate::demux::ps::packet::MPEG2_PACK;
use proptest::prelude::*;

const SECTOR: usize = 2048;

/// What came out: packets of slots with their stamps, and losses.
#[derive(Default, PartialEq, Debug)]
struct Found {
    packets: Vec<(u8, Option<i64>, Vec<u8>)>,
    lost: Vec<(u8, u64, LossKind)>,
}

impl Sink for Found {
    fn start(&mut self, slot: u8, head: &PesHead) {
        self.packets.push((slot, head.pts.map(|pts| pts.0), Vec::new()));
    }
    fn payload(&mut self, slot: u8, bytes: &[u8]) {
        let last = self.packets.last_mut().unwrap();
        assert_eq!(last.0, slot);
        last.2.extend(bytes);
    }
    fn end(&mut self, _: u8) {}
    fn lost(&mut self, slot: u8, loss: Loss) {
        self.lost.push((slot, loss.position, loss.kind));
    }
}

/// A pack that fills a sector: a packet with a stamp, padding.
fn pack(id: u8, payload: &[u8]) -> Vec<u8> {
    let mut b = PACK.to_vec();
    b.extend([0x44, 0, 4, 0, 4, 1, 0, 0, 3, 0xF8]);
    b.extend([0, 0, 1, id]);
    b.extend((payload.len() as u16 + 8).to_be_bytes());
    b.extend([0x81, 0x80, 5, 0x21, 0, 5, 0xBF, 0x21]);
    b.extend(payload);
    let left = SECTOR - b.len();
    b.extend([0, 0, 1, 0xBE]);
    b.extend((left as u16 - 6).to_be_bytes());
    b.resize(SECTOR, 0xFF);
    b
}

/// A navigation pack of a cell.
fn nav(vob: u16, cell: u8) -> Vec<u8> {
    let mut b = PACK.to_vec();
    b.extend([0x44, 0, 4, 0, 4, 1, 0, 0, 3, 0xF8]);
    b.extend([0, 0, 1, 0xBB, 0, 18]);
    b.extend([0; 18]);
    b.extend([0, 0, 1, 0xBF, 3, 0xD4, 0]);
    b.resize(0x400, 0);
    b.extend([0, 0, 1, 0xBF, 3, 0xFA, 1]);
    b.resize(SECTOR, 0);
    b[0x407 + DSI_VOB..][..2].copy_from_slice(&vob.to_be_bytes());
    b[0x407 + DSI_CELL] = cell;
    b
}

fn demux() -> Demux {
    let mut demux = Demux::new(0);
    assert_eq!(demux.select(0xE0, None), Some(0));
    assert_eq!(demux.select(PRIVATE_1, Some(0x80)), Some(1));
    assert_eq!(demux.select(PRIVATE_1, Some(0x21)), Some(2));
    assert_eq!(demux.select(0xE0, None), Some(0));
    demux
}

fn all(demux: &mut Demux, data: &[u8], cut: usize) -> Found {
    let mut found = Found::default();
    data.chunks(cut).for_each(|chunk| demux.push(chunk, &mut found));
    demux.finish(&mut found);
    found
}

#[test]
fn streams_come_without_what_the_disc_adds() {
    let data = [
        pack(0xE0, b"picture"),
        pack(PRIVATE_1, b"\x80\x01\x00\x01sound"),
        pack(PRIVATE_1, b"\x21text"),
        pack(PRIVATE_1, b"\x81\x01\x00\x01other"),
        pack(0xC0, b"mp2"),
    ]
    .concat();
    let mut demux = demux();
    let found = all(&mut demux, &data, data.len());
    let packet = |slot, payload: &[u8]| (slot, Some(Ticks90::SECOND.0), payload.to_vec());
    assert_eq!(found.packets, [packet(0, b"picture"), packet(1, b"sound"), packet(2, b"text")]);
    assert!(found.lost.is_empty());
    let seen: Vec<_> = demux.seen().collect();
    assert_eq!(seen, [(0xC0, None), (0xE0, None), (0xBD, Some(0x21)), (0xBD, Some(0x80)), (0xBD, Some(0x81))]);
    assert!(Demux::detect(&data) && !Demux::detect(&[0; 9000]));
}

#[test]
fn units_of_other_cells_are_passed_over() {
    let data = [nav(1, 2), pack(0xE0, b"a"), nav(2, 2), pack(0xE0, b"b"), nav(1, 2), pack(0xE0, b"c")].concat();
    let mut demux = demux();
    demux.own(Some(Owner { cell: (1, 2), is_vouched: false }));
    let found = all(&mut demux, &data, SECTOR);
    assert_eq!(found.packets.iter().map(|p| &p.2[..]).collect::<Vec<_>>(), [b"a", b"c"]);
}

/// The same that says when its unit plays.
fn nav_at(vob: u16, times: (u32, u32)) -> Vec<u8> {
    let mut b = nav(vob, 2);
    b[0x2D + PCI_START..][..4].copy_from_slice(&times.0.to_be_bytes());
    b[0x2D + PCI_END..][..4].copy_from_slice(&times.1.to_be_bytes());
    b
}

#[test]
fn a_unit_that_goes_on_is_ours_whatever_it_is_called() {
    let unit = |vob, times, name: &[u8]| [nav_at(vob, times), pack(0xE0, name)].concat();
    let (first, second) = ((90_000, 135_000), (135_000, 180_000));
    let took = |units: &[Vec<u8>], is_vouched| {
        let mut demux = demux();
        demux.own(Some(Owner { cell: (1, 2), is_vouched }));
        let found = all(&mut demux, &units.concat(), SECTOR);
        found.packets.into_iter().map(|packet| String::from_utf8(packet.2).unwrap()).collect::<String>()
    };
    let wrong = [unit(1, first, b"a"), unit(9, second, b"b"), unit(1, (180_000, 225_000), b"c")];
    assert_eq!((took(&wrong, true), took(&wrong, false)), ("abc".into(), "ac".into()));
    let wrong_first = [unit(9, first, b"a"), unit(1, second, b"b")];
    assert_eq!((took(&wrong_first, true), took(&wrong_first, false)), ("ab".into(), "b".into()));
    // Another angle plays at the same time.
    let other = [unit(1, first, b"a"), unit(2, first, b"x"), unit(2, second, b"y"), unit(1, second, b"b")];
    assert_eq!((took(&other, true), took(&other, false)), ("ab".into(), "ab".into()));
}

#[test]
fn behind_a_lost_navigation_pack_the_tables_decide() {
    for is_vouched in [true, false] {
        let mut demux = demux();
        demux.own(Some(Owner { cell: (1, 2), is_vouched }));
        let mut found = Found::default();
        demux.push(&[nav(1, 2), pack(0xE0, b"a")].concat(), &mut found);
        demux.hole(3 * SECTOR as u64, &mut found);
        demux.push(&pack(0xE0, b"b"), &mut found);
        demux.finish(&mut found);
        assert_eq!(found.packets.len(), 1 + usize::from(is_vouched));
        assert_eq!(found.lost[0], (0, 2 * SECTOR as u64, LossKind::Hole));
        assert_eq!(demux.position(), 4 * SECTOR as u64);
    }
}

#[test]
fn a_sector_that_is_no_pack_is_a_loss_and_a_little_padding_is_none() {
    let data = [pack(0xE0, b"a"), vec![0; SECTOR], pack(0xE0, b"b"), vec![0; 100], pack(0xE0, b"c")].concat();
    let found = all(&mut demux(), &data, 1000);
    assert_eq!(found.packets.len(), 3);
    assert_eq!(found.lost, [0, 1, 2].map(|slot| (slot, SECTOR as u64, LossKind::Sync)));
}

#[test]
fn a_pack_head_of_no_known_kind_costs_its_pack_only() {
    let mut file = [pack(0xE0, b"one"), pack(0xE0, b"two"), pack(0xE0, b"three")].concat();
    for kind in [0x00, 0x10, 0x30, 0x80, 0xFF] {
        file[SECTOR + 4] = kind;
        let found = all(&mut demux(), &file, file.len());
        let payloads: Vec<&[u8]> = found.packets.iter().map(|(_, _, payload)| &payload[..]).collect();
        assert_eq!(payloads, [b"one" as &[u8], b"three"], "{kind:#x}");
        assert!(found.lost.iter().all(|(_, at, kind)| (*at, *kind) == (SECTOR as u64, LossKind::Sync)), "{found:?}");
        assert_eq!(all(&mut demux(), &file, 7), found);
    }
}

#[test]
fn scrambled_packets_are_counted_and_not_given() {
    let mut scrambled = pack(0xE0, b"secret");
    scrambled[MPEG2_PACK + PACKET_HEAD] = 0x91;
    let mut demux = demux();
    let found = all(&mut demux, &scrambled, SECTOR);
    assert_eq!((demux.scrambled(), found.packets.len(), found.lost.len()), (1, 0, 1));
}

#[test]
fn mpeg_1_packs_are_read_too() {
    let mut data = PACK.to_vec();
    data.extend([0x21, 0, 1, 0, 1, 0x80, 0, 1]);
    data.extend([0, 0, 1, 0xE0, 0, 12, 0xFF, 0xFF, 0x60, 0x20, 0x21, 0, 5, 0xBF, 0x21, 1, 2, 3]);
    data.extend([0, 0, 1, 0xE0, 0, 3, 0x0F, 4, 5]);
    data.extend([0, 0, 1, END]);
    let found = all(&mut demux(), &data, 5);
    assert_eq!(found.packets, [(0, Some(Ticks90::SECOND.0), vec![1, 2, 3]), (0, None, vec![4, 5])]);
    assert!(found.lost.is_empty());
}

proptest! {
    #[test]
    fn slices_of_any_size_give_the_same(cut in 1usize..5000, broken in prop::collection::vec((0usize..12_288, any::<u8>()), 0..6)) {
        let mut data = [nav(1, 1), pack(0xE0, b"a"), pack(PRIVATE_1, b"\x80\x01\x00\x01s"), nav(1, 2), pack(0xE0, b"b"), pack(0xE0, b"c")].concat();
        for (at, value) in broken {
            data[at] = value;
        }
        let whole = all(&mut demux(), &data, data.len());
        prop_assert_eq!(all(&mut demux(), &data, cut), whole);
    }
}

#[test]
fn a_packet_that_says_it_is_longer_than_it_is_costs_no_other() {
    let mut longer = pack(0xE0, b"picture");
    // Its length, in the pack's own and in the next.
    longer[0x12] = 0x0F;
    let data = [pack(0xE0, b"first"), longer, pack(PRIVATE_1, b"\x80\x01\x00\x01sound"), pack(0xE0, b"last")].concat();
    for cut in [1, 100, data.len()] {
        let found = all(&mut demux(), &data, cut);
        let payloads: Vec<_> = found.packets.iter().map(|(slot, _, payload)| (*slot, &payload[..])).collect();
        assert_eq!(payloads, [(0, &b"first"[..]), (1, b"sound"), (0, b"last")]);
        assert_eq!(found.lost, [(0, SECTOR as u64 + 14, LossKind::Packet)]);
    }
}

#[test]
fn a_head_that_cannot_be_read_is_none_of_mpeg1() {
    let mut marked = pack(0xE0, b"picture");
    marked[0x14] = 0x3F;
    let found = all(&mut demux(), &marked, SECTOR);
    assert!(found.packets.is_empty());
    assert_eq!(found.lost, [(0, 14, LossKind::Packet)]);
}
