use super::*;
use crate::base::outcome::Fault;
use crate::fs::MemorySectors;
use crate::fs::iso9660::image as iso_image;
use crate::fs::udf::image as udf_image;

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
    let passed_over: Vec<_> = odd.passed_over.iter().map(|session| session.start).collect();
    assert_eq!((odd.start, passed_over, odd.volumes.len()), (0, vec![8030, 7000], 1));
    assert!(odd.passed_over.iter().all(|session| session.why.is_absence()));
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
    assert_eq!(starts(extra), [0, 8000], "sound in front");
    assert_eq!(starts(vec![0; 40 * SECTOR_SIZE]), [0; 0]);
}

/// A UDF disc with the bytes of another image in a file, from `at` on.
fn with_image_inside(mut disc: Vec<u8>, at: usize, inside: &[u8]) -> Vec<u8> {
    disc.resize(at * SECTOR_SIZE, 0);
    disc.extend(inside);
    disc.resize(disc.len() + 8000 * SECTOR_SIZE, 0);
    disc
}

#[test]
fn an_image_in_a_file_is_no_session() {
    let outer = udf_image::Image::new(udf_image::Kind::Metadata).bytes;
    let mut damaged = outer.clone();
    // Neither its descriptors nor its anchor are to be read; the other anchor is.
    damaged[256 * SECTOR_SIZE..257 * SECTOR_SIZE].fill(0);
    damaged[16 * SECTOR_SIZE..19 * SECTOR_SIZE].fill(0);
    for inside in [iso_image::image(false, false), outer.clone()] {
        for outer in [&outer, &damaged, &iso_image::image(true, false)] {
            let disc = with_image_inside(outer.clone(), 9000, &inside);
            assert_eq!(find_starts(&MemorySectors::new(disc.clone())), [0; 0]);
        }
    }
}

#[test]
fn what_cannot_be_read_at_the_start_does_not_lose_the_start() {
    // The first session lost its descriptors, its directories are there: of UDF the anchor tells.
    let mut disc = udf_image::Image::new(udf_image::Kind::Metadata).bytes;
    disc[16 * SECTOR_SIZE..19 * SECTOR_SIZE].fill(0);
    let second = two_sessions(9000).split_off(9000 * SECTOR_SIZE);
    let both = [&disc[..], &vec![0; 9000 * SECTOR_SIZE - disc.len()], &second[..]].concat();
    assert_eq!(find_starts(&MemorySectors::new(both.clone())), [0, 9000]);
    let opened = open(both, &[0, 9000]);
    let labels: Vec<_> = opened.volumes.iter().map(|v| (v.start, v.volume.label.as_str())).collect();
    assert_eq!(labels, [(0, "FILM"), (9000, "SECONDF_TEST")]);
}

/// Sectors of which every second one cannot be read; it counts what it is asked for.
struct Interleaved {
    count: u64,
    asked: std::sync::atomic::AtomicU64,
}

impl Sectors for Interleaved {
    fn count(&self) -> u64 {
        self.count
    }

    fn read(&self, range: SectorRange, buffer: &mut [u8]) -> (u64, Option<Fault>) {
        self.asked.fetch_add(range.len(), std::sync::atomic::Ordering::Relaxed);
        buffer.fill(0);
        let first_bad = range.start().next_multiple_of(2);
        let good = (first_bad - range.start()).min(range.len());
        (good, (good < range.len()).then_some(Fault::Damage))
    }
}

#[test]
fn a_disc_full_of_beginnings_is_left_soon() {
    for beginning in [&b"\x01CD001\x01"[..], b"\x00BEA01\x01"] {
        let mut sector = beginning.to_vec();
        // A volume of no sectors, with its root in front.
        sector.resize(SECTOR_SIZE, 0);
        let disc = [vec![0; 8000 * SECTOR_SIZE], sector.repeat(20_000)].concat();
        let sectors = Counted { sectors: MemorySectors::new(disc), asked: 0.into() };
        assert_eq!(find_starts(&sectors), [0; 0]);
        let asked = sectors.asked.into_inner();
        assert!(asked < 80_000, "{asked} sectors");
    }
}

/// Counts the sectors that it is asked for.
struct Counted {
    sectors: MemorySectors,
    asked: std::sync::atomic::AtomicU64,
}

impl Sectors for Counted {
    fn count(&self) -> u64 {
        self.sectors.count()
    }

    fn read(&self, range: SectorRange, buffer: &mut [u8]) -> (u64, Option<Fault>) {
        self.asked.fetch_add(range.len(), std::sync::atomic::Ordering::Relaxed);
        self.sectors.read(range, buffer)
    }
}

#[test]
fn no_sector_is_asked_for_many_times() {
    let sectors = Interleaved { count: 40_000, asked: 0.into() };
    assert_eq!(find_starts(&sectors), [0; 0]);
    let asked = sectors.asked.into_inner();
    assert!(asked < 3 * 40_000, "{asked} sectors of 40,000");
}
