//! Sources, folders and maps that are not there.

use crate::room::{Room, Trial};

#[test]
fn a_source_that_is_not_there() {
    const GONE: &str = "nowhere.iso: there is no such file";
    const RIGHT: &str = "Is the name right? freemkv drives lists the optical drives.";
    const TABLE: &[Trial] = &[
        ("sweep nowhere.iso out.iso", 1, GONE, RIGHT),
        ("patch nowhere.iso out.iso", 1, GONE, RIGHT),
        ("mux nowhere.iso x.mkv", 1, GONE, RIGHT),
        ("rip nowhere.iso rips", 1, GONE, RIGHT),
        ("info nowhere.iso", 1, GONE, RIGHT),
        ("verify nowhere.iso disc.iso", 1, GONE, RIGHT),
        ("verify film.iso nowhere.iso", 1, GONE, RIGHT),
        ("convert nowhere.iso x.qcow2", 1, GONE, RIGHT),
        ("map show nowhere", 1, "there is no map nowhere", "Is the name right?"),
        ("map picture nowhere", 1, "there is no map nowhere", "Is the name right?"),
        ("map convert nowhere --to json", 1, "there is no map nowhere", "Is the name right?"),
        ("map and m nowhere", 1, "there is no map nowhere", "Is the name right?"),
        ("map or nowhere m", 1, "there is no map nowhere", "Is the name right?"),
        ("map xor m nowhere", 1, "there is no map nowhere", "Is the name right?"),
        ("map invert nowhere", 1, "there is no map nowhere", "Is the name right?"),
        ("map compare nowhere m", 1, "there is no map nowhere", "Is the name right?"),
        ("map merge nowhere.iso disc.iso -o x.iso", 1, "there is no map nowhere.iso", "Is the name right?"),
        ("drives /dev/nowhere", 4, "there is no /dev/nowhere", "Is it plugged in?"),
        ("drives /dev/null", 4, "/dev/null is no optical drive", "freemkv drives lists those that are there."),
        ("sweep emu:film.iso,faults=no/plan x.iso", 2, "no/plan: No such file", "faults= names a damage plan"),
    ];
    Room::new().tries(TABLE);
}

#[test]
fn a_folder_that_is_not_there() {
    const MAKE: &str = "Make its folder first, or correct the name.";
    const TABLE: &[Trial] = &[
        ("sweep film.iso no/o.iso", 1, "cannot open no/o.iso: No such file or directory", MAKE),
        ("sweep film.iso o.iso --map no/m", 1, "cannot save the map no/m: No such file", MAKE),
        ("mux film.iso no/f.mkv", 1, "cannot create no/f.mkv: No such file", MAKE),
        ("mux film.iso no/f.mkv --dry-run", 1, "cannot create no/f.mkv: No such file", MAKE),
        ("convert film.iso no/o.qcow2", 1, "cannot open no/o.qcow2.part: No such file", MAKE),
        ("map and m m -o no/x", 1, "cannot write no/x: No such file", MAKE),
        ("map or m m -o no/x", 1, "cannot write no/x: No such file", MAKE),
        ("map xor m m -o no/x", 1, "cannot write no/x: No such file", MAKE),
        ("map invert m -o no/x", 1, "cannot write no/x: No such file", MAKE),
        ("map convert m --to blocks -o no/x", 1, "cannot write no/x: No such file", MAKE),
        ("map picture m --png no/x", 1, "cannot write no/x: No such file", MAKE),
        ("map picture m --svg no/x", 1, "cannot write no/x: No such file", MAKE),
        ("map merge m m --maps-only -o no/x", 1, "cannot write no/x: No such file", MAKE),
        ("map merge disc.iso disc.iso -o no/x.iso", 1, "no/x.iso: No such file", MAKE),
        ("sweep film.iso o.iso --log-file no/log", 1, "cannot write the log no/log: No such file", MAKE),
        ("patch disc.iso disc.iso --log-file no/log", 2, "disc.iso cannot be", "Choose another name."),
        ("mux film.iso f.mkv --log-file no/log", 1, "cannot write the log no/log: No such file", MAKE),
        ("rip film.iso rips --log-file no/log", 1, "cannot write the log no/log: No such file", MAKE),
        ("info film.iso --log-file no/log", 1, "cannot write the log no/log: No such file", MAKE),
        ("verify film.iso disc.iso --log-file no/log", 1, "cannot write the log no/log: No such file", MAKE),
        ("convert film.iso o.qcow2 --log-file no/log", 1, "cannot write the log no/log: No such file", MAKE),
        ("map show m --log-file no/log", 1, "cannot write the log no/log: No such file", MAKE),
        ("drives --log-file no/log", 1, "cannot write the log no/log: No such file", MAKE),
        ("mux film.iso film.iso/x.mkv", 1, "Not a directory", "A part of that name is no folder"),
        ("man film.iso", 1, "cannot make film.iso: File exists", "A part of that name is no folder"),
    ];
    let room = Room::new();
    room.tries(TABLE);
    for left in ["o.iso", "o.iso.map", "f.mkv", "rips", "o.qcow2", "no"] {
        assert!(!room.path(left).exists(), "{left} was left");
    }
    // Folders for many files are made.
    room.tries(&[("mux film.iso new/films/", 0, "", ""), ("man new/pages", 0, "", "")]);
    assert!(room.path("new/films/SCRATCHED_FILM-t01.mkv").exists() && room.path("new/pages/freemkv.1").exists());
}

#[test]
fn a_map_that_is_not_there() {
    const TABLE: &[Trial] = &[
        ("mux film.iso f.mkv --map no/map", 2, "there is no map no/map", "Is the name right?"),
        ("info film.iso --map no/map", 2, "there is no map no/map", "Is the name right?"),
        ("verify disc.iso film.iso --map no/map", 2, "there is no map no/map", "Is the name right?"),
        ("patch film.iso o.iso --map no/map", 2, "there is no map no/map", "Begin with freemkv sweep"),
        ("patch film.iso film.iso", 2, "cannot be the source and the image at once", "Choose another name."),
        ("map merge film.iso film.iso -o x.iso", 1, "film.iso: line 1", "beside it, as film.iso.map"),
    ];
    Room::new().tries(TABLE);
}
