//! Maps that cannot be understood, and maps of other images.

use std::fs;

use crate::room::{Room, Trial};

const RESTART: &str = "Name the right map with --map, or start over with freemkv sweep --restart.";
const NAME: &str = "Name the right one with --map.";
const AWAY: &str = "Move that map away, or give it the name of its own image with .map added.";

#[test]
fn what_is_no_map() {
    const BAD: &str = "bad.map: line 1: a status line (position, status, pass) is missing or wrong";
    const BESIDE: &str = "of.iso.map: line 1: a status line (position, status, pass) is missing or wrong";
    const IS_IT: &str = "a map of freemkv or ddrescue?";
    const TABLE: &[Trial] = &[
        ("map show bad.map", 1, BAD, IS_IT),
        ("map picture bad.map", 1, BAD, IS_IT),
        ("map convert bad.map --to json", 1, BAD, IS_IT),
        ("map and m bad.map", 1, BAD, IS_IT),
        ("map or bad.map m", 1, BAD, IS_IT),
        ("map xor m bad.map", 1, BAD, IS_IT),
        ("map invert bad.map", 1, BAD, IS_IT),
        ("map compare bad.map m", 1, BAD, IS_IT),
        ("map merge m bad.map --maps-only", 1, BAD, IS_IT),
        ("map merge of.iso of.iso -o x.iso", 1, BESIDE, IS_IT),
        ("info film.iso --map bad.map", 1, BAD, NAME),
        ("mux film.iso x.mkv --map bad.map", 1, BAD, NAME),
        ("verify film.iso disc.iso --map bad.map", 1, BAD, NAME),
        ("sweep film.iso x.iso --map bad.map", 1, BAD, RESTART),
        ("patch film.iso x.iso --map bad.map", 1, BAD, RESTART),
        ("info of.iso", 1, BESIDE, NAME),
        ("mux of.iso x.mkv", 1, BESIDE, NAME),
        ("verify film.iso of.iso", 1, BESIDE, NAME),
        ("verify of.iso film.iso", 1, BESIDE, AWAY),
        ("rip of.iso rips", 1, BESIDE, AWAY),
        ("sweep of.iso x.iso", 1, BESIDE, AWAY),
        ("convert of.iso x.qcow2", 1, BESIDE, AWAY),
        ("sweep film.iso of.iso", 1, BESIDE, RESTART),
        ("patch film.iso of.iso", 1, BESIDE, RESTART),
        ("map show film.iso", 1, "film.iso: line 1", "An image is named where its map lies beside it, as film.iso.map"),
    ];
    let room = Room::new();
    fs::write(room.path("bad.map"), "\u{1}\u{2}no map\n").unwrap();
    fs::copy(room.path("film.iso"), room.path("of.iso")).unwrap();
    fs::copy(room.path("bad.map"), room.path("of.iso.map")).unwrap();
    room.tries(TABLE);
    assert!(!room.path("x.iso").exists() && !room.path("x.mkv").exists() && !room.path("rips").exists());
}

#[test]
fn the_map_of_another_image() {
    const OTHER: &str = "of.iso.map is a map of 131072 bytes, and of.iso has 6815744";
    const TABLE: &[Trial] = &[
        ("info of.iso", 2, OTHER, NAME),
        ("info film.iso --map m", 2, "m is a map of 131072 bytes, and film.iso has 6815744", NAME),
        ("mux of.iso x.mkv", 2, OTHER, NAME),
        ("mux film.iso x.mkv --map m", 2, "m is a map of 131072 bytes", NAME),
        ("rip of.iso rips", 2, OTHER, AWAY),
        ("verify film.iso of.iso", 2, OTHER, NAME),
        ("verify of.iso film.iso", 2, OTHER, AWAY),
        ("sweep of.iso x.iso", 2, OTHER, AWAY),
        ("convert of.iso x.qcow2", 2, OTHER, AWAY),
        // The image there is another disc's: its first sectors say so.
        ("sweep film.iso disc.iso", 5, "this is not the disc of disc.iso", "Nothing was changed."),
        ("patch film.iso disc.iso", 5, "this is not the disc of disc.iso", "Nothing was changed."),
    ];
    let room = Room::new();
    fs::copy(room.path("film.iso"), room.path("of.iso")).unwrap();
    fs::copy(room.path("m"), room.path("of.iso.map")).unwrap();
    let before = fs::read(room.path("disc.iso")).unwrap();
    room.tries(TABLE);
    assert_eq!(fs::read(room.path("disc.iso")).unwrap(), before);
    let shown = room.run("map show of.iso.map --image disc.iso");
    assert!(shown.code == Some(0) && shown.stdout.contains("Missing: 64.0 KiB in 1 area:"), "{shown:?}");
}

#[test]
fn a_disc_of_which_nothing_came_has_one_missing_area() {
    let room = Room::new();
    fs::write(room.path("none.map"), "0 ? 1\n0 2048 -\n").unwrap();
    let shown = room.run("map show none.map");
    assert!(shown.stdout.contains("Missing: 2.0 KiB in 1 area:\n") && shown.stdout.contains("sector 0 "), "{shown:?}");
    assert!(room.run("map picture none.map").stdout.contains("2.0 KiB missing in 1 area"));
}
