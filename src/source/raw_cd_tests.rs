use super::*;
use std::time::Duration;

/// A raw sector of that mode; `form_2` is its submode bit.
fn raw(mode: u8, form_2: bool, fill: u8) -> Vec<u8> {
    let mut sector = [&SYNC[..], &[0, 2, 0, mode]].concat();
    let submode = if form_2 { FORM_2 } else { 0 };
    if mode == 2 {
        sector.extend([0, 0, submode, 0, 0, 0, submode, 0]);
    }
    sector.resize(RAW, fill);
    sector
}

fn open(sectors: &[Vec<u8>]) -> (tempfile::NamedTempFile, Option<RawCd>) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), sectors.concat()).unwrap();
    let source = RawCd::open(file.path()).unwrap();
    (file, source)
}

fn read(source: &mut RawCd, start: u64, count: u64) -> (u64, Option<Fault>, Vec<u8>) {
    let mut buffer = vec![0xEE; count as usize * SECTOR_SIZE];
    let request = ReadRequest { range: SectorRange::with_len(start, count), fua: false, time_limit: Duration::MAX };
    let outcome = source.read(&request, &mut buffer);
    (outcome.sectors, outcome.fault, buffer)
}

#[test]
fn the_data_of_both_modes_is_read() {
    let (_file, source) = open(&[raw(1, false, 7), raw(2, false, 8), raw(1, false, 9)]);
    let mut source = source.unwrap();
    assert_eq!((source.facts().sectors, source.facts().size_bytes, source.sector_bytes()), (3, 3 * 2048, 2352));
    assert!(source.facts().name.contains("2352"));
    let (sectors, fault, bytes) = read(&mut source, 0, 3);
    assert_eq!((sectors, fault), (3, None));
    let fills: Vec<u8> = bytes.chunks(SECTOR_SIZE).map(|sector| sector[0]).collect();
    assert!(fills == [7, 8, 9] && bytes.chunks(SECTOR_SIZE).zip(fills).all(|(s, fill)| s.iter().all(|b| *b == fill)));
    assert_eq!(read(&mut source, 2, 3).1, Some(Fault::OutOfRange));
    assert_eq!(read(&mut source, 9, 1).1, Some(Fault::OutOfRange));
}

#[test]
fn what_is_no_data_is_left_out() {
    let sound = vec![0x55; RAW];
    let all = [
        raw(1, false, 1),
        raw(1, false, 2),
        raw(2, true, 3),
        raw(2, true, 3),
        sound,
        raw(0, false, 0),
        raw(1, false, 4),
    ];
    let (_file, source) = open(&all);
    let mut source = source.unwrap();
    assert_eq!(read(&mut source, 0, 7).0, 2);
    assert_eq!(read(&mut source, 4, 2).1, Some(Fault::WrongTrack));
    assert_eq!(read(&mut source, 5, 2).0, 0);
    assert_eq!(read(&mut source, 6, 1).1, None);
    let kinds: Vec<_> = source.left_out().tracts().iter().map(|t| (t.range.start(), t.range.end(), t.kind)).collect();
    assert_eq!(kinds, [(2, 4, TractKind::Form2), (4, 5, TractKind::Audio), (5, 6, TractKind::Unwritten)]);
}

#[test]
fn sub_channels_are_passed_over_and_other_files_are_no_raw_image() {
    let with_subs: Vec<Vec<u8>> = [raw(1, false, 5), raw(1, false, 6)]
        .map(|mut s| {
            s.resize(2448, 0xAA);
            s
        })
        .into();
    let (_file, source) = open(&with_subs);
    let mut source = source.unwrap();
    assert_eq!((source.sector_bytes(), read(&mut source, 0, 2).2[SECTOR_SIZE]), (2448, 6));
    assert!(open(&[vec![7; 9000]]).1.is_none() && open(&[raw(1, false, 0)]).1.is_none() && open(&[]).1.is_none());
}
