use super::*;

const PACKET: usize = 192;
const SYNC_AT: usize = 4;

/// Aligned units as they are on an encrypted disc: the first 16 bytes of each are clear.
fn units(count: usize, encrypted: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    for n in 0..count * UNIT_PACKETS {
        let is_clear = !encrypted || n % UNIT_PACKETS == 0;
        bytes.extend((0..PACKET).map(|i| match i {
            SYNC_AT if is_clear => SYNC,
            i => (n * 7 + i * 13) as u8 | 0x80,
        }));
    }
    bytes
}

fn verdict(bytes: &[u8]) -> Result<(), MuxError> {
    let mut found = Units::new(Packets::Transport { layout: Layout::M2ts, on_grid: true });
    found.count(0, bytes);
    refuse_scrambled("00001.m2ts", false, &found)
}

#[test]
fn encrypted_units_are_known_by_their_missing_sync_bytes() {
    let error = verdict(&units(64, true)).unwrap_err();
    assert_eq!(error.to_string(), "00001.m2ts is encrypted: sync bytes are missing inside its aligned units");
    verdict(&units(64, false)).unwrap();
}

#[test]
fn damage_is_not_taken_for_encryption() {
    let mut bytes = units(64, false);
    // What a disc does not give, and what it gives wrong.
    bytes[..6144 * 20].fill(0);
    bytes[6144 * 30..6144 * 50].fill(0x55);
    verdict(&bytes).unwrap();
    // A few units whose head alone came through.
    let mut bytes = units(64, false);
    for n in 0..7 {
        bytes[6144 * n + PACKET..6144 * (n + 1)].fill(0);
    }
    verdict(&bytes).unwrap();
}

#[test]
fn units_are_counted_where_they_begin() {
    let mut found = Units::new(Packets::Transport { layout: Layout::M2ts, on_grid: true });
    found.count(6144 - 192, &units(3, false)[6144 - 192..]);
    assert_eq!((found.all, found.scrambled, found.on_grid, found.elsewhere), (2, 0, 2, 0));
}

#[test]
fn a_file_is_off_the_grid_when_its_packets_lie_elsewhere_and_not_for_garbage() {
    let found = |bytes: &[u8]| {
        let mut units = Units::new(Packets::Transport { layout: Layout::M2ts, on_grid: true });
        units.count(0, bytes);
        (units.on_grid, units.elsewhere, units.are_on_grid())
    };
    let whole = units(4, false);
    let shifted = [&[0; 100][..], &whole].concat();
    assert_eq!(found(&whole), (4, 0, true));
    assert_eq!(found(&shifted), (0, 4, false));
    assert_eq!(found(&whole.iter().map(|b| !b).collect::<Vec<_>>()), (0, 0, true));
    assert_eq!(found(&vec![0; whole.len()]), (0, 0, true));
}

#[test]
fn packets_marked_by_damage_are_no_encryption() {
    assert!(is_scrambled(900, 1000 * 192, 192));
    assert!(!is_scrambled(100, 1000 * 192, 192));
    assert!(!is_scrambled(7, 192, 192));
}
