//! What may not be read, and what may not be written; tried by a user who is not root.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::room::{Room, Trial};

/// A room with a folder and files that their owner has closed.
fn closed() -> Room {
    let room = Room::new();
    fs::create_dir(room.path("closed")).unwrap();
    for name in ["disc.iso", "disc.iso.map"] {
        fs::copy(room.path(name), room.path("closed").join(name)).unwrap();
    }
    for (from, to) in [("film.iso", "secret.iso"), ("m", "secret.map"), ("film.iso", "of.iso"), ("m", "of.iso.map")] {
        fs::copy(room.path(from), room.path(to)).unwrap();
    }
    fs::copy(room.path("film.iso"), room.path("fixed.iso")).unwrap();
    let size = fs::metadata(room.path("film.iso")).unwrap().len();
    fs::write(room.path("fixed.iso.map"), format!("0 ? 1\n0 {size} -\n")).unwrap();
    let room = room.of_a_user();
    let modes = [("secret.iso", 0), ("secret.map", 0), ("of.iso.map", 0), ("fixed.iso", 0o444), ("closed", 0o555)];
    for (name, mode) in modes {
        fs::set_permissions(room.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    room
}

#[test]
fn a_folder_that_takes_no_files() {
    const CHOOSE: &str = "Choose a folder that you may write to";
    const DENIED: &str = "Permission denied";
    const TABLE: &[Trial] = &[
        ("sweep film.iso closed/o.iso", 1, DENIED, CHOOSE),
        ("sweep film.iso o.iso --map closed/m", 1, DENIED, CHOOSE),
        ("sweep film.iso o.iso --log-file closed/log", 1, "cannot write the log closed/log: Permission", CHOOSE),
        ("patch film.iso closed/disc.iso", 1, DENIED, CHOOSE),
        ("mux film.iso closed/f.mkv", 1, "cannot create closed/f.mkv: Permission denied", CHOOSE),
        ("mux film.iso closed/f.mkv --dry-run", 1, "cannot create closed/f.mkv: Permission denied", CHOOSE),
        ("mux film.iso closed/", 1, "cannot make closed/: Permission denied", CHOOSE),
        ("mux film.iso closed/films/", 1, "cannot make closed/films/: Permission denied", CHOOSE),
        ("rip film.iso closed", 1, "cannot make closed/SCRATCHED_FILM: Permission denied", CHOOSE),
        ("rip film.iso closed/rips", 1, "cannot make closed/rips: Permission denied", CHOOSE),
        ("convert film.iso closed/o.qcow2", 1, "cannot open closed/o.qcow2.part: Permission denied", CHOOSE),
        ("map and m m -o closed/x", 1, "cannot write closed/x: Permission denied", CHOOSE),
        ("map or m m -o closed/x", 1, "cannot write closed/x: Permission denied", CHOOSE),
        ("map xor m m -o closed/x", 1, "cannot write closed/x: Permission denied", CHOOSE),
        ("map invert m -o closed/x", 1, "cannot write closed/x: Permission denied", CHOOSE),
        ("map convert m --to json -o closed/x", 1, "cannot write closed/x: Permission denied", CHOOSE),
        ("map picture m --png closed/x", 1, "cannot write closed/x: Permission denied", CHOOSE),
        ("map merge m m --maps-only -o closed/x", 1, "cannot write closed/x: Permission denied", CHOOSE),
        ("map merge disc.iso disc.iso -o closed/x.iso", 1, DENIED, CHOOSE),
        ("man closed/pages", 1, "cannot make closed/pages: Permission denied", CHOOSE),
    ];
    closed().tries(TABLE);
}

#[test]
fn a_file_that_is_not_handed_out() {
    const SECRET: &str = "secret.iso may not be read";
    const ASK: &str = "Ask its owner, or be root.";
    const MAP: &str = "cannot read the map secret.map: Permission denied";
    const BESIDE: &str = "cannot read the map of.iso.map: Permission denied";
    const TABLE: &[Trial] = &[
        ("sweep secret.iso o.iso", 1, SECRET, ASK),
        ("patch secret.iso disc.iso", 1, SECRET, ASK),
        ("mux secret.iso x.mkv", 1, SECRET, ASK),
        ("rip secret.iso rips", 1, SECRET, ASK),
        ("info secret.iso", 1, SECRET, ASK),
        ("verify secret.iso film.iso", 1, SECRET, ASK),
        ("verify film.iso secret.iso", 1, SECRET, ASK),
        ("convert secret.iso x.qcow2", 1, SECRET, ASK),
        ("map show secret.map", 1, MAP, ASK),
        ("map picture secret.map", 1, MAP, ASK),
        ("map invert secret.map", 1, MAP, ASK),
        ("map compare m secret.map", 1, MAP, ASK),
        ("map merge secret.map m --maps-only", 1, MAP, ASK),
        ("info film.iso --map secret.map", 1, MAP, ASK),
        ("mux film.iso x.mkv --map secret.map", 1, MAP, ASK),
        ("verify film.iso fixed.iso --map secret.map", 1, MAP, ASK),
        ("sweep film.iso o.iso --map secret.map", 1, MAP, "Nothing was changed. Make it readable"),
        ("info of.iso", 1, BESIDE, ASK),
        ("mux of.iso x.mkv", 1, BESIDE, ASK),
        ("rip of.iso rips", 1, BESIDE, ASK),
        ("verify film.iso of.iso", 1, BESIDE, ASK),
        ("convert of.iso x.qcow2", 1, BESIDE, ASK),
        ("sweep of.iso o.iso", 1, BESIDE, ASK),
        ("sweep film.iso of.iso", 1, BESIDE, "Nothing was changed. Make it readable"),
        ("patch film.iso of.iso", 1, BESIDE, "Nothing was changed. Make it readable"),
    ];
    closed().tries(TABLE);
}

#[test]
fn an_image_that_may_not_be_written() {
    const FIXED: &str = "cannot open fixed.iso: Permission denied";
    const OTHER: &str = "Make it writable, or choose another name.";
    let room = closed();
    room.tries(&[
        ("sweep film.iso fixed.iso", 1, FIXED, OTHER),
        ("sweep film.iso fixed.iso --force", 1, FIXED, OTHER),
        ("patch film.iso fixed.iso", 1, FIXED, OTHER),
    ]);
    assert_eq!(fs::read(room.path("fixed.iso")).unwrap(), fs::read(room.path("film.iso")).unwrap());
}
