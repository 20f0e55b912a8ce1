use super::*;
use crate::base::sector::SectorRange;
use crate::base::testing::skip;
use proptest::prelude::*;
use std::io::Write;
use std::time::Duration;

fn request(start: u64, count: u64) -> ReadRequest {
    ReadRequest { range: SectorRange::with_len(start, count), fua: false, time_limit: Duration::from_secs(1) }
}

fn image(content: &[u8]) -> (tempfile::NamedTempFile, FileSource) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(content).unwrap();
    let source = FileSource::open(file.path()).unwrap();
    (file, source)
}

#[test]
fn a_file_that_ends_inside_a_sector_is_filled_up_with_zeros() {
    let (_file, mut source) = image(&[7; 5000]);
    assert_eq!((source.facts().size_bytes, source.facts().sectors), (5000, 3));
    let mut buffer = vec![0xEE; 3 * SECTOR_SIZE];
    let outcome = source.read(&request(0, 3), &mut buffer);
    assert_eq!((outcome.sectors, outcome.fault), (3, None));
    assert!(buffer[..5000].iter().all(|b| *b == 7) && buffer[5000..].iter().all(|b| *b == 0));
}

#[test]
fn past_the_end_there_is_nothing() {
    let (_file, mut source) = image(&[7; 5000]);
    let mut buffer = vec![0; 4 * SECTOR_SIZE];
    let outcome = source.read(&request(2, 4), &mut buffer);
    assert_eq!((outcome.sectors, outcome.fault), (1, Some(Fault::OutOfRange)));
    assert_eq!(source.read(&request(1 << 60, 1), &mut buffer).fault, Some(Fault::OutOfRange));
    assert_eq!(source.read(&request(u64::MAX / 2048, 1), &mut buffer).sectors, 0);
}

#[test]
fn a_file_that_shrinks_under_the_reader_is_no_damage() {
    let (file, mut source) = image(&[7; 5 * SECTOR_SIZE]);
    file.as_file().set_len(3000).unwrap();
    let mut buffer = vec![0; 5 * SECTOR_SIZE];
    let outcome = source.read(&request(0, 5), &mut buffer);
    assert_eq!((outcome.sectors, outcome.fault), (1, Some(Fault::OutOfRange)));
}

#[test]
fn a_buffer_that_is_too_small_is_refused() {
    let (_file, mut source) = image(&[7; 5000]);
    let outcome = source.read(&request(0, 2), &mut [0; SECTOR_SIZE]);
    assert_eq!((outcome.sectors, outcome.fault), (0, Some(Fault::Unknown)));
}

#[test]
fn only_an_input_error_is_damage() {
    let of = |number| fault_of(&io::Error::from_raw_os_error(number));
    assert_eq!(of(libc::EIO), Fault::Damage);
    assert_eq!(of(libc::ENODATA), Fault::Damage);
    assert_eq!(of(libc::ENOMEDIUM), Fault::NoMedium);
    assert_eq!(of(libc::ENODEV), Fault::Gone);
    assert_eq!(of(libc::ENXIO), Fault::Gone);
    assert_eq!(of(libc::EACCES), Fault::Unknown);
    assert_eq!(fault_of(&io::Error::other("?")), Fault::Unknown);
}

#[test]
fn what_has_no_positions_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(FileSource::open(folder.path()), Err(FileError::NotSeekable { .. })));
    assert!(matches!(FileSource::open(Path::new("/dev/null")), Err(FileError::NotSeekable { .. })));
    assert!(matches!(FileSource::open(&folder.path().join("none")), Err(FileError::Io { .. })));
    let empty = tempfile::NamedTempFile::new().unwrap();
    assert!(matches!(FileSource::open(empty.path()), Err(FileError::Empty { .. })));
}

#[test]
fn reading_far_more_than_a_window_still_gives_every_byte() {
    let sectors = 3 * FORGET_AFTER / SECTOR_BYTES;
    let content: Vec<u8> = (0..sectors).flat_map(|n| [n as u8; SECTOR_SIZE]).collect();
    let (_file, mut source) = image(&content);
    let mut buffer = vec![0; 64 * SECTOR_SIZE];
    for start in (0..sectors).step_by(64).chain([0, 64]) {
        assert_eq!(source.read(&request(start, 64), &mut buffer).fault, None);
        assert_eq!(buffer[..], content[start as usize * SECTOR_SIZE..][..buffer.len()]);
    }
}

#[test]
fn what_was_cached_before_stays_so_and_the_rest_is_dropped() {
    let length = 4 * FORGET_AFTER;
    let (file, mut source) = image(&vec![5; usize::try_from(length).unwrap()]);
    file.as_file().sync_all().unwrap();
    let pages = |file: &tempfile::NamedTempFile| block::cached_pages(file.as_file(), 0, length);
    let mut read_all = || {
        let mut buffer = vec![0; 512 * SECTOR_SIZE];
        for start in (0..length / SECTOR_BYTES).step_by(512) {
            assert_eq!(source.read(&request(start, 512), &mut buffer).fault, None);
        }
    };
    let Some(all) = pages(&file) else { return skip("no cachestat here") };
    read_all();
    assert_eq!(pages(&file), Some(all), "what somebody had in the cache was dropped");
    block::forget_pages(file.as_file(), 0, length);
    if pages(&file) == Some(all) {
        return skip("this file system is the cache");
    }
    read_all();
    let left = pages(&file).unwrap();
    assert!(left <= all / 2, "{left} of {all} pages stay cached");
}

proptest! {
    #[test]
    fn whatever_is_claimed_is_right(size in 1usize..20_000, reads in prop::collection::vec((0u64..14, 1u64..8), 1..20)) {
        let content: Vec<u8> = (0..size).map(|i| (i / 97) as u8).collect();
        let (_file, mut source) = image(&content);
        for (start, count) in reads {
            let mut buffer = vec![0xEE; count as usize * SECTOR_SIZE];
            let outcome = source.read(&request(start, count), &mut buffer);
            prop_assert_eq!(outcome.fault.is_none(), outcome.sectors == count);
            let good = &buffer[..outcome.sectors as usize * SECTOR_SIZE];
            for (i, byte) in good.iter().enumerate() {
                let expected = content.get(start as usize * SECTOR_SIZE + i).copied().unwrap_or(0);
                prop_assert_eq!(*byte, expected);
            }
        }
    }
}
