use super::*;
use crate::fs::MemorySectors;
use crate::fs::iso9660::image as iso_image;

/// A disc with an ISO 9660 of 64 sectors at 0 and the same at `second`, its addresses counted from the start of the disc.
fn two_sessions(second: usize) -> Vec<u8> {
    let mut disc = iso_image::image(false, false);
    set_size(&mut disc, 16, 64);
    let mut other = iso_image::image(true, false);
    other[16 * SECTOR_SIZE + 40..][..6].copy_from_slice(b"SECOND");
    set_size(&mut other, 16, 64);
    // The root directory of the plain tree; the wide tree goes.
    other[17 * SECTOR_SIZE..18 * SECTOR_SIZE].fill(0);
    other[17 * SECTOR_SIZE..][..7].copy_from_slice(b"\xffCD001\x01");
    let root = u32::try_from(iso_image::ROOT + second).unwrap();
    other[16 * SECTOR_SIZE + 158..][..4].copy_from_slice(&root.to_le_bytes());
    disc.resize(second * SECTOR_SIZE, 0);
    disc.extend(other);
    disc
}

fn set_size(disc: &mut [u8], sector: usize, size: u32) {
    disc[sector * SECTOR_SIZE + 80..][..4].copy_from_slice(&size.to_le_bytes());
}

fn open(disc: Vec<u8>, starts: &[u64]) -> Sessions {
    open_sessions(Arc::new(MemorySectors::new(disc)), starts).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn the_last_session_that_has_a_file_system_is_the_discs() {
    let one = open(two_sessions(8000), &[]);
    assert_eq!((one.files.volume().label.as_str(), one.start, one.volumes.len()), ("DISC_OF_TEST", 0, 0));
    let two = open(two_sessions(8000), &[0, 8000]);
    assert_eq!((two.files.volume().label.as_str(), two.start), ("SECONDF_TEST", 8000));
    let labels: Vec<_> = two.volumes.iter().map(|v| (v.start, v.volume.label.as_str())).collect();
    assert_eq!(labels, [(0, "DISC_OF_TEST"), (8000, "SECONDF_TEST")]);
    let odd = open(two_sessions(8000), &[0, 7000, 8030]);
    assert_eq!((odd.start, odd.without, odd.volumes.len()), (0, vec![8030, 7000], 1));
    let none = open_sessions(Arc::new(MemorySectors::new(vec![0; 100 * SECTOR_SIZE])), &[0, 50]);
    assert!(matches!(none, Err(FsError::None { .. })));
}

#[test]
fn sessions_are_found_in_an_image_of_which_nothing_tells() {
    let starts = |disc: Vec<u8>| find_starts(&MemorySectors::new(disc));
    assert_eq!(starts(two_sessions(8000)), [0, 8000]);
    assert_eq!(starts(iso_image::image(false, false)), [0; 0], "one session");
    assert_eq!(starts(two_sessions(6000)), [0; 0], "too near to be another session");
    let mut extra = two_sessions(8000);
    extra[16 * SECTOR_SIZE..18 * SECTOR_SIZE].fill(0);
    assert_eq!(starts(extra), [8000], "sound in front");
    assert_eq!(starts(vec![0; 40 * SECTOR_SIZE]), [0; 0]);
}
