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
fn a_last_sector_of_which_a_part_is_there_counts() {
    let all = [raw(1, false, 1), raw(2, false, 2), raw(1, false, 3)].concat();
    let cut_to = |bytes: usize| {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &all[..bytes]).unwrap();
        let mut source = RawCd::open(file.path()).unwrap().unwrap();
        let (sectors, fault, bytes) = read(&mut source, 1, 2);
        let is_right = bytes.chunks(SECTOR_SIZE).zip([2, 3]).take(sectors as usize).all(|(s, fill)| s[0] == fill);
        (source.facts().sectors, sectors, fault, is_right, source.left_out().is_empty())
    };
    assert_eq!(cut_to(2 * RAW + 16 + SECTOR_SIZE), (3, 2, None, true, true), "its data is there");
    for part in [1, 11, 12, 15, 16, 20, 1000, 15 + SECTOR_SIZE] {
        assert_eq!(cut_to(2 * RAW + part), (3, 1, Some(Fault::Damage), true, true), "{part}");
    }
    assert_eq!(cut_to(2 * RAW).0, 2);
    // Of sub-channels the last sector may lack its own.
    let mut with_subs: Vec<u8> =
        [4, 5].iter().flat_map(|fill| [raw(1, false, *fill), vec![0xAA; 96]].concat()).collect();
    with_subs.truncate(2448 + RAW + 7);
    let (_file, source) = open(&[with_subs]);
    let mut source = source.unwrap();
    assert_eq!((source.facts().sectors, read(&mut source, 0, 2).1), (2, None));
}

/// Bytes that this thread has read so far.
fn bytes_read() -> u64 {
    let told = std::fs::read_to_string("/proc/thread-self/io").unwrap();
    told.lines().find_map(|line| line.strip_prefix("rchar: ")).unwrap().parse().unwrap()
}

#[test]
fn a_tract_is_looked_through_once_however_it_is_asked_for() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let sectors = 3000;
    std::fs::write(file.path(), [raw(1, false, 1), raw(1, false, 2)].concat()).unwrap();
    std::fs::File::options().write(true).open(file.path()).unwrap().set_len(sectors * RAW as u64).unwrap();
    let mut source = RawCd::open(file.path()).unwrap().unwrap();
    let before = bytes_read();
    for sector in 2..sectors {
        assert_eq!(read(&mut source, sector, 1).1, Some(Fault::WrongTrack));
    }
    assert_eq!(source.left_out().tracts().len(), 1);
    let all = sectors * RAW as u64;
    assert!(bytes_read() - before < 3 * all, "{} bytes of {all}", bytes_read() - before);
}

#[test]
fn all_tracts_among_the_sectors_of_a_read_are_found() {
    let all: Vec<Vec<u8>> = (0..40).map(|at| raw(2, at > 1 && at % 2 == 0, at)).collect();
    let (_file, source) = open(&all);
    let mut source = source.unwrap();
    assert_eq!(read(&mut source, 0, 40).0, 2);
    assert_eq!(source.left_out().tracts().len(), 19);
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
