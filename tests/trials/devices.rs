//! A block device where an output is to be.

use std::fs::File;

use crate::room::Room;
use crate::support::{LoopDevice, skip};

#[test]
fn a_device_takes_an_image_and_nothing_else() {
    if !nix::unistd::geteuid().is_root() {
        return skip("only root makes block devices");
    }
    let room = Room::new();
    File::create(room.path("backing")).unwrap().set_len(16 << 20).unwrap();
    let Some(device) = LoopDevice::new(&room.path("backing")) else { return };
    let name = device.path().to_str().unwrap();
    const FILE: &str = "Name a file; without -o the result goes to standard output.";
    const FILM: &str = "Name a file, or a folder with / at its end.";
    const NO_FILE: &str = "is a device, and no file can be written in its place";
    let table = [
        ("mux film.iso DEV", 2, "cannot be the film: it is a device", FILM),
        ("mux film.iso DEV --force", 2, "cannot be the film: it is a device", FILM),
        ("mux film.iso DEV --dry-run", 2, "cannot be the film: it is a device", FILM),
        ("rip film.iso DEV", 2, "what is named last is no folder", "freemkv rip /dev/sr0 rips"),
        ("convert disc.iso DEV", 2, "is no regular file", "Give the name of a file that is not there yet."),
        ("map and m m -o DEV", 2, NO_FILE, FILE),
        ("map or m m -o DEV --force", 2, NO_FILE, FILE),
        ("map xor m m -o DEV", 2, NO_FILE, FILE),
        ("map invert m -o DEV --force", 2, NO_FILE, FILE),
        ("map convert m --to blocks -o DEV", 2, NO_FILE, FILE),
        ("map picture m --png DEV --force", 2, NO_FILE, FILE),
        ("map picture m --svg DEV", 2, NO_FILE, FILE),
        ("map merge disc.iso disc.iso -o DEV", 2, NO_FILE, FILE),
        ("map merge m m --maps-only -o DEV", 2, NO_FILE, FILE),
        ("sweep film.iso DEV", 2, "is there already and has no map", "keep the map in a file with --map"),
        ("sweep film.iso DEV --restart", 2, "which --restart cannot move aside", "--force writes over it"),
        ("patch film.iso DEV", 2, "so nothing is known to be missing", "name the map with --map"),
        ("sweep film.iso x.iso --map DEV", 2, "it is a device", "leave --map out"),
        ("info film.iso --log-file DEV", 2, "cannot be the log: it is a device", "Name a file"),
        ("drives DEV", 4, "is no optical drive", "freemkv drives lists those that are there."),
        ("man DEV", 1, "cannot make DEV", "A part of that name is no folder"),
    ];
    for (line, code, says, next) in table {
        let done = room.run(&line.replace("DEV", name));
        let told = format!("freemkv {line}: {done:?}");
        assert_eq!(done.code, Some(code), "{told}");
        assert!(done.stderr.contains(&says.replace("DEV", name)) && done.stderr.contains(next), "{told}");
    }
    let untouched = std::fs::read(room.path("backing")).unwrap();
    assert!(untouched.iter().all(|byte| *byte == 0), "a refusal writes nothing");
    // As an image it is taken, with its map elsewhere, and is then a source like any other.
    for line in ["sweep film.iso DEV --map y.map --force", "patch film.iso DEV --map y.map", "info DEV"] {
        let done = room.run(&line.replace("DEV", name));
        assert_eq!(done.code, Some(0), "{line}: {done:?}");
    }
    assert_eq!(room.run(&format!("verify {name} film.iso")).code, Some(3), "the device is longer");
}
