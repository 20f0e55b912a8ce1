use super::image::{FILM, Image, Kind, NAMES, PARTITION, entry, film, metadata_sectors};
use super::*;
use crate::base::outcome::Fault;
use crate::base::sector::{SECTOR_SIZE, SectorRange};
use crate::fs::{MemorySectors, Place, tree};
use proptest::prelude::*;

fn open(image: Image) -> Result<Udf, FsError> {
    Udf::open(Arc::new(MemorySectors::new(image.bytes)))
}

/// Every name and every byte of the disc, as they were put there.
fn is_whole(udf: &Udf) {
    let names: Vec<_> = udf.list("").unwrap().into_iter().map(|e| e.name).collect();
    assert_eq!(names, ["BDMV", "映画", "a_b"]);
    assert_eq!(udf.list("bdmv").unwrap().len(), NAMES + 1);
    assert_eq!(udf.read_whole("映画", 5).unwrap(), b"hello");
    assert_eq!(udf.read_whole("BDMV/film.m2ts", 1 << 20).unwrap(), film());
}

#[test]
fn every_form_of_allocation_is_read_through_a_metadata_partition() {
    let udf = open(Image::new(Kind::Metadata)).unwrap();
    assert_eq!(udf.volume(), &Volume { format: "UDF 2.50".to_owned(), label: "FILM".to_owned() });
    is_whole(&udf);
    let film = udf.open("BDMV/FILM.M2TS").unwrap();
    let places: Vec<_> = film.extents().iter().map(|e| (e.offset, e.length, e.place)).collect();
    let first = (PARTITION + FILM) as u64;
    assert_eq!(
        places,
        [(0, 6144, Place::Sector(first)), (6144, 2048, Place::Hole), (8192, 2048 + 777, Place::Sector(first + 10)),]
    );
    assert!(matches!(udf.open("BDMV"), Err(FsError::NotAFile(_))));
    assert!(matches!(udf.open("BDMV/none"), Err(FsError::NotFound(_))));
    assert!(matches!(udf.open("BDMV/film.m2ts/x"), Err(FsError::NotFound(_))));
    assert!(matches!(udf.list("BDMV/film.m2ts"), Err(FsError::NotADirectory(_))));
}

#[test]
fn moved_packets_are_found_by_the_second_sparing_table() {
    is_whole(&open(Image::new(Kind::Sparable)).unwrap());
}

#[test]
fn the_blocks_of_a_virtual_partition_are_found_by_the_table_at_the_end() {
    is_whole(&open(Image::new(Kind::Virtual)).unwrap());
    let mut old = Image::new(Kind::Virtual);
    old.virtual_table(true);
    is_whole(&open(old).unwrap());
    // Run-out blocks lie behind it.
    let mut longer = Image::new(Kind::Virtual);
    longer.bytes.resize(longer.bytes.len() + 2 * SECTOR_SIZE, 0);
    is_whole(&open(longer).unwrap());
    let mut without = Image::new(Kind::Virtual);
    without.wipe(511);
    let told = open(without).map(|_| ()).unwrap_err().to_string();
    assert!(told.contains("written in increments"), "{told}");
}

#[test]
fn any_one_metadata_block_may_be_lost() {
    for block in 0..24 {
        for copy in 0..2 {
            let mut image = Image::new(Kind::Metadata);
            image.wipe(metadata_sectors(block)[copy]);
            is_whole(&open(image).unwrap());
        }
    }
}

#[test]
fn one_bad_byte_in_a_directory_block_is_made_good_by_the_mirror() {
    for at in [0, 700, 2047] {
        let mut image = Image::new(Kind::Metadata);
        image.bytes[metadata_sectors(19)[0] * SECTOR_SIZE + at] ^= 1;
        is_whole(&open(image).unwrap());
    }
}

#[test]
fn both_metadata_file_entries_are_as_good_as_one() {
    for sector in [PARTITION, PARTITION + 50] {
        let mut image = Image::new(Kind::Metadata);
        image.wipe(sector);
        is_whole(&open(image).unwrap());
    }
    let mut image = Image::new(Kind::Metadata);
    image.wipe(PARTITION);
    image.wipe(PARTITION + 50);
    let told = open(image).map(|_| ()).unwrap_err().to_string();
    assert_eq!(told, format!("file entry at sector {PARTITION} is damaged: it is empty"));
}

#[test]
fn anchors_and_descriptor_sequences_replace_each_other() {
    for lost in [&[16, 17, 18][..], &[256], &[511], &[32], &[34], &[35], &[48, 49, 50, 51], &[34, 51, 256], &[32, 48]] {
        let mut image = Image::new(Kind::Metadata);
        lost.iter().for_each(|s| image.wipe(*s));
        let udf = open(image).unwrap();
        is_whole(&udf);
        // Where the newest primary descriptor is lost twice, the older one is taken.
        let label = if lost == [32, 48] { "xILM" } else { "FILM" };
        assert_eq!(udf.volume().label, label);
    }
}

#[test]
fn lost_tables_are_named() {
    for (lost, text) in [
        (&[256usize, 511, 255][..], "anchor volume descriptor at sector 256 is damaged: it is empty"),
        (&metadata_sectors(0), "file set descriptor at sector 270 is damaged: it is empty"),
        (&metadata_sectors(2), "file entry at sector 272 is damaged: it is empty"),
    ] {
        let mut image = Image::new(Kind::Metadata);
        lost.iter().for_each(|s| image.wipe(*s));
        assert_eq!(open(image).map(|_| ()).unwrap_err().to_string(), text);
    }
    let mut image = Image::new(Kind::Metadata);
    metadata_sectors(20).iter().for_each(|s| image.wipe(*s));
    let udf = open(image).unwrap();
    let told = udf.list("BDMV").unwrap_err();
    assert!(told.is_damage() && told.to_string().starts_with("directory at sector"), "{told}");
    assert!(udf.open("映画").is_ok());
}

#[test]
fn a_disc_without_udf_has_none() {
    assert!(matches!(open(zeros()), Err(FsError::Absent("UDF"))));
    assert!(matches!(Udf::open(Arc::new(MemorySectors::default())), Err(FsError::Absent("UDF"))));
}

fn zeros() -> Image {
    let mut image = Image::new(Kind::Metadata);
    image.bytes.fill(0);
    image
}

#[test]
fn lengths_that_lie_are_refused() {
    // A file of 8 EiB in one block; a run outside the partition; embedded bytes that are not there.
    let long = |length: u32, block: u32| [length.to_le_bytes(), block.to_le_bytes(), [0; 4], [0; 4]].concat();
    for (bytes, problem) in [
        (entry(true, 5, 1, 1 << 63, &long(2048, 0)), "2048 of the file's 9223372036854775808 bytes are allocated"),
        (
            entry(true, 5, 1, 4096, &long(4096, 249)),
            "block 249 of UDF partition 0 does not exist, yet something is said to lie there",
        ),
        (entry(true, 5, 3, 2000, b"short"), "2000 bytes are said to be inside it"),
        (entry(true, 5, 2, 2000, b""), "its allocation is of type 2"),
    ] {
        let mut image = Image::new(Kind::Metadata);
        image.put_block(6, &[0; SECTOR_SIZE]);
        image.put_block(6, &bytes);
        let told = open(image).unwrap().open("BDMV/film.m2ts").unwrap_err().to_string();
        assert!(told.ends_with(problem), "{told}");
    }
}

#[test]
fn descriptors_that_continue_in_a_circle_end() {
    let mut image = Image::new(Kind::Metadata);
    let circle = [(3u32 << 30 | 2048).to_le_bytes(), 7u32.to_le_bytes(), [1, 0, 0, 0], [0; 4]].concat();
    let mut more = vec![0; 4];
    more.extend(16u32.to_le_bytes());
    more.extend(&circle);
    image.put_block(7, &tag::sealed(tag::kind::ALLOCATION_EXTENT, &more, 7));
    let told = open(image).unwrap().open("BDMV/film.m2ts").unwrap_err().to_string();
    assert!(told.ends_with("its allocation descriptors never end"), "{told}");
}

/// A disc on which some sectors cannot be read.
struct Scratched {
    disc: MemorySectors,
    bad: SectorRange,
}

impl Sectors for Scratched {
    fn count(&self) -> u64 {
        self.disc.count()
    }
    fn read(&self, range: SectorRange, buffer: &mut [u8]) -> (u64, Option<Fault>) {
        let hit = range.intersect(self.bad);
        if hit.is_empty() {
            return self.disc.read(range, buffer);
        }
        let (head, _) = range.split_at(hit.start() - range.start());
        self.disc.read(head, &mut buffer[..head.bytes() as usize]);
        (head.len(), Some(Fault::Damage))
    }
}

#[test]
fn sectors_that_cannot_be_read_are_made_good_like_wrong_ones() {
    let image = Image::new(Kind::Metadata).bytes;
    for first in (0..PARTITION as u64 + 100).step_by(4) {
        // Too short to hit both copies of anything.
        let disc = MemorySectors::new(image.clone());
        let udf = Udf::open(Arc::new(Scratched { disc, bad: SectorRange::with_len(first, 8) })).unwrap();
        is_whole(&udf);
    }
}

proptest! {
    /// Flipped, zeroed or cut: an answer or an error, and soon.
    #[test]
    fn no_damage_brings_the_reader_down(
        kind in prop::sample::select(vec![Kind::Metadata, Kind::Sparable, Kind::Virtual]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0usize..2048, any::<u8>()), 0..6),
        zeroed in any::<prop::sample::Index>(),
        cut in 200usize..513,
        reseal: bool,
    ) {
        let mut bytes = Image::new(kind).bytes;
        let used = used_sectors(&bytes);
        for (sector, at, byte) in changes {
            let start = sector.get(&used) * SECTOR_SIZE;
            bytes[start + at % 700] = byte;
            if reseal {
                make_tag_right(&mut bytes[start..start + SECTOR_SIZE]);
            }
        }
        read_all(bytes, *zeroed.get(&used), cut);
    }
}

/// Sectors that hold something.
fn used_sectors(bytes: &[u8]) -> Vec<usize> {
    (0..512).filter(|s| bytes[s * SECTOR_SIZE..(s + 1) * SECTOR_SIZE].iter().any(|b| *b != 0)).collect()
}

/// Reads whatever is still to be had of a disc with one sector of zeros, cut short.
fn read_all(mut bytes: Vec<u8>, zeroed: usize, cut: usize) {
    bytes[zeroed * SECTOR_SIZE..][..SECTOR_SIZE].fill(0);
    bytes.truncate(cut * SECTOR_SIZE);
    if let Ok(udf) = Udf::open(Arc::new(MemorySectors::new(bytes))) {
        for path in tree::files(&udf, "", 2000).unwrap_or_default() {
            let _ = udf.read_whole(&path, 1 << 16);
        }
    }
}

#[test]
fn a_disc_that_is_cut_before_its_anchors_does_not_bring_the_reader_down() {
    let bytes = Image::new(Kind::Metadata).bytes;
    let first = used_sectors(&bytes)[0];
    read_all(bytes, first, 200);
}

/// Makes checksum and CRC fit, so that wrong fields get past them.
fn make_tag_right(block: &mut [u8]) {
    let covered = usize::from(u16::from_le_bytes([block[10], block[11]])).min(block.len() - 16);
    let crc = tag::crc16(&block[16..16 + covered]);
    block[8..10].copy_from_slice(&crc.to_le_bytes());
    block[4] = block[..16].iter().enumerate().filter(|(i, _)| *i != 4).fold(0u8, |s, (_, b)| s.wrapping_add(*b));
}
