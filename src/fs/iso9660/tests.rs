use super::image::{CONTINUED, HELLO_TEXT, JOLIET_ROOT, ROOT, film, image};
use super::*;
use crate::fs::{MemorySectors, tree};
use proptest::prelude::*;

fn open(bytes: Vec<u8>) -> Result<Iso9660, FsError> {
    Iso9660::open(Arc::new(MemorySectors::new(bytes)))
}

fn names(iso: &Iso9660) -> Vec<String> {
    iso.list("").unwrap().into_iter().map(|e| e.name).collect()
}

#[test]
fn plain_names_lose_version_and_dot() {
    let iso = open(image(false, false)).unwrap();
    assert_eq!(iso.volume(), &Volume { format: "ISO 9660".to_owned(), label: "DISC_OF_TEST".to_owned() });
    assert_eq!(names(&iso), ["DEEP", "FILM.BIN", "HELLO", "LINK", "MOVED"]);
    assert_eq!(iso.read_whole("hello", 100).unwrap(), HELLO_TEXT);
}

#[test]
fn a_file_in_two_parts_is_one() {
    let iso = open(image(false, false)).unwrap();
    let file = iso.open("FILM.BIN").unwrap();
    assert_eq!((file.length(), file.extents().len()), (4096 + 99, 2));
    assert_eq!(iso.read_whole("FILM.BIN", 1 << 20).unwrap(), film());
}

#[test]
fn joliet_is_preferred_to_plain_names() {
    let iso = open(image(true, false)).unwrap();
    assert_eq!(iso.volume().format, "ISO 9660 with Joliet");
    assert_eq!(names(&iso), ["Höllo.txt", "film.bin"]);
}

#[test]
fn rock_ridge_is_preferred_to_joliet() {
    let iso = open(image(true, true)).unwrap();
    assert_eq!(iso.volume().format, "ISO 9660 with Rock Ridge");
    // A name that is continued elsewhere; no links; a directory that was moved is listed where it belongs.
    assert_eq!(names(&iso), ["DEEP", "the film.bin", "a very long hello.txt"]);
    assert_eq!(iso.read_whole("deep/inner.txt", 9).unwrap(), b"hello");
    assert_eq!(iso.read_whole("the film.bin", 1 << 20).unwrap(), film());
}

#[test]
fn the_other_tree_helps_where_one_is_damaged() {
    let mut bytes = image(true, true);
    // A record that ends inside its own name.
    let root = &bytes[ROOT * SECTOR_SIZE..];
    let name = root.windows(8).position(|w| w == b"FILM.BIN").unwrap();
    bytes[ROOT * SECTOR_SIZE + name - 33] = 36;
    let iso = open(bytes.clone()).unwrap();
    assert_eq!(names(&iso), ["Höllo.txt", "film.bin"]);
    assert_eq!(iso.read_whole("film.bin", 1 << 20).unwrap(), film());
    bytes[JOLIET_ROOT * SECTOR_SIZE] = 3;
    // Where both are damaged, the first one's error is told.
    let told = open(bytes).map(|_| ()).unwrap_err();
    assert!(told.is_damage() && told.to_string().contains("at sector 32"), "{told}");
}

#[test]
fn a_lost_primary_descriptor_leaves_joliet() {
    let mut bytes = image(true, true);
    bytes[16 * SECTOR_SIZE..17 * SECTOR_SIZE].fill(0);
    assert_eq!(names(&open(bytes).unwrap()), ["Höllo.txt", "film.bin"]);
    let mut bytes = image(true, true);
    bytes[16 * SECTOR_SIZE + 128] = 1;
    let iso = open(bytes).unwrap();
    assert_eq!((iso.volume().label.as_str(), names(&iso)[0].as_str()), ("Disc", "Höllo.txt"));
}

#[test]
fn system_use_that_continues_in_a_circle_ends() {
    let mut bytes = image(false, true);
    let at = CONTINUED * SECTOR_SIZE + 100;
    let circle =
        [&b"CE\x1c\x01"[..], &[37, 0, 0, 0, 0, 0, 0, 37], &[100, 0, 0, 0, 0, 0, 0, 100], &[28, 0, 0, 0, 0, 0, 0, 28]];
    bytes[at..at + 28].copy_from_slice(&circle.concat());
    // The area of the record has to be as long.
    let root = ROOT * SECTOR_SIZE;
    let place = bytes[root..root + SECTOR_SIZE].windows(4).position(|w| w == [25, 0, 0, 0]).unwrap();
    bytes[root + place] = 28;
    let told = open(bytes).map(|_| ()).unwrap_err().to_string();
    assert!(told.ends_with("it never ends"), "{told}");
}

proptest! {
    /// Changed anywhere but in file contents, or cut: an answer or an error, and soon.
    #[test]
    fn no_damage_brings_the_reader_down(
        joliet: bool,
        rock_ridge: bool,
        changes in prop::collection::vec((prop::sample::select(vec![16, 17, ROOT, ROOT + 1, JOLIET_ROOT, 36, CONTINUED]), 0usize..400, any::<u8>()), 0..8),
        cut in 18usize..65,
    ) {
        let mut bytes = image(joliet, rock_ridge);
        for (sector, at, byte) in changes {
            bytes[sector * SECTOR_SIZE + at] = byte;
        }
        bytes.truncate(cut * SECTOR_SIZE);
        if let Ok(iso) = open(bytes) {
            for path in tree::files(&iso, "", 2000).unwrap_or_default() {
                let _ = iso.read_whole(&path, 1 << 16);
            }
        }
    }
}
