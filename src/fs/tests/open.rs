use super::*;
use crate::base::outcome::Fault;
use crate::base::sector::{SECTOR_SIZE, SectorRange};
use crate::fs::MemorySectors;
use crate::fs::iso9660::image as iso_image;
use crate::fs::udf::image as udf_image;

fn open(bytes: Vec<u8>) -> Result<Box<dyn FileSystem>, FsError> {
    open_disc(Arc::new(MemorySectors::new(bytes)))
}

/// A disc with both: UDF's recognition sequence follows ISO 9660's descriptors.
fn bridge() -> Vec<u8> {
    let mut disc = udf_image::Image::new(udf_image::Kind::Metadata).bytes;
    let iso = iso_image::image(false, false);
    let recognition: Vec<u8> = disc[16 * SECTOR_SIZE..19 * SECTOR_SIZE].to_vec();
    disc[16 * SECTOR_SIZE..18 * SECTOR_SIZE].copy_from_slice(&iso[16 * SECTOR_SIZE..18 * SECTOR_SIZE]);
    disc[18 * SECTOR_SIZE..21 * SECTOR_SIZE].copy_from_slice(&recognition);
    // ISO 9660's directory lies where UDF has its volume descriptors: move it to the end of the disc.
    let root = iso[iso_image::ROOT * SECTOR_SIZE..(iso_image::ROOT + 2) * SECTOR_SIZE].to_vec();
    disc[500 * SECTOR_SIZE..502 * SECTOR_SIZE].copy_from_slice(&root);
    let at = 16 * SECTOR_SIZE + 156 + 2;
    disc[at..at + 4].copy_from_slice(&500u32.to_le_bytes());
    disc
}

#[test]
fn udf_comes_first_and_iso_9660_helps_where_it_is_damaged() {
    let fs = open(bridge()).unwrap();
    assert_eq!(fs.volume().format, "UDF 2.50");
    assert!(fs.open("BDMV/film.m2ts").is_ok());
    assert!(matches!(fs.open("FILM.BIN"), Err(FsError::NotFound(_))));
    let mut bytes = bridge();
    for sector in udf_image::metadata_sectors(6) {
        bytes[sector * SECTOR_SIZE..(sector + 1) * SECTOR_SIZE].fill(0);
    }
    let fs = open(bytes).unwrap();
    // Not there either: the error is UDF's.
    assert!(fs.open("BDMV/film.m2ts").unwrap_err().is_damage());
    assert!(fs.list("BDMV").is_ok());
}

#[test]
fn iso_9660_is_taken_where_udf_is_lost() {
    let mut bytes = bridge();
    for sector in udf_image::metadata_sectors(2) {
        bytes[sector * SECTOR_SIZE..(sector + 1) * SECTOR_SIZE].fill(0);
    }
    let fs = open(bytes).unwrap();
    assert_eq!(fs.volume().format, "ISO 9660");
    assert!(fs.open("FILM.BIN").is_ok());
}

#[test]
fn a_disc_without_either_says_what_was_wrong_with_both() {
    let told = open(vec![0; 600 * SECTOR_SIZE]).map(|_| ()).unwrap_err().to_string();
    assert_eq!(told, "no readable file system: UDF: no UDF file system; ISO 9660: no ISO 9660 file system");
    let mut bytes = udf_image::Image::new(udf_image::Kind::Metadata).bytes;
    for sector in udf_image::metadata_sectors(0) {
        bytes[sector * SECTOR_SIZE..(sector + 1) * SECTOR_SIZE].fill(0);
    }
    let told = open(bytes).map(|_| ()).unwrap_err().to_string();
    assert!(told.contains("UDF: file set descriptor at sector 270 is damaged: it is empty; ISO 9660:"), "{told}");
}

/// Sectors of which some lie in a track of another kind, as a drive says it.
struct InOtherTrack(MemorySectors, std::ops::Range<u64>);

impl Sectors for InOtherTrack {
    fn count(&self) -> u64 {
        self.0.count()
    }

    fn read(&self, range: SectorRange, buffer: &mut [u8]) -> (u64, Option<Fault>) {
        if range.start() < self.1.end && self.1.start < range.end() {
            return (0, Some(Fault::WrongTrack));
        }
        self.0.read(range, buffer)
    }
}

#[test]
fn what_lies_in_a_track_of_another_kind_is_damage_to_a_file_system() {
    let [main, _] = udf_image::metadata_sectors(2);
    let open = |from: u64, to: u64| open_disc(Arc::new(InOtherTrack(MemorySectors::new(bridge()), from..to)));
    let main = main as u64;
    assert_eq!(open(main, main + 1).unwrap().volume().format, "UDF 2.50", "the mirror is read");
    // Nothing of UDF but what lies in front of it.
    let fs = open(udf_image::PARTITION as u64, 499).unwrap();
    assert!(fs.volume().format == "ISO 9660" && fs.open("FILM.BIN").is_ok());
}
