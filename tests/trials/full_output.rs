//! Standard output on a disk that is full.

use std::fs::File;
use std::process::Stdio;

use crate::room::Room;

fn run(room: &Room, line: &str) -> (Option<i32>, String) {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let mut command = room.command(line.split(' '));
    let output = command.stdout(full).stderr(Stdio::piped()).output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_product_that_does_not_arrive_is_a_failure() {
    let room = Room::new();
    for line in [
        "info film.iso",
        "info film.iso --json",
        "info nowhere.iso --json",
        "verify film.iso film.iso",
        "mux film.iso f.mkv --dry-run",
        "mux film.iso g.mkv --json",
        "sweep film.iso h.iso --json",
        "convert film.iso i.qcow2 --json",
        "map show m",
        "map picture m",
        "map convert m --to json",
        "map and m m",
        "map or m m",
        "map xor m m",
        "map invert m",
        "map compare m m",
        "map merge m m --maps-only",
        "completions bash",
        "man pages --json",
    ] {
        let (code, said) = run(&room, line);
        assert_eq!(code, Some(1), "{line}: {said}");
        assert!(said.contains("cannot write to standard output: No space left on device\n"), "{line}: {said}");
        assert!(said.contains("Make room where it goes to."), "{line}: {said}");
    }
    assert!(room.path("g.mkv").exists() && room.path("h.iso").exists(), "the work was done all the same");
}

#[test]
fn what_only_tells_of_files_is_done_all_the_same() {
    let room = Room::new();
    for line in [
        "sweep film.iso o.iso",
        "patch film.iso o.iso",
        "mux film.iso o.mkv",
        "rip film.iso rips",
        "convert film.iso o.qcow2",
        "map picture m --png o.png",
        "man pages",
    ] {
        let (code, said) = run(&room, line);
        let is_map = line.starts_with("map");
        assert_eq!(code, Some(i32::from(is_map)), "{line}: {said}");
        assert!(line == "man pages" || said.contains("standard output"), "{line}: {said}");
    }
    for made in ["o.iso", "o.mkv", "rips/SCRATCHED_FILM/SCRATCHED_FILM-t01.mkv", "o.qcow2", "o.png"] {
        assert!(room.path(made).exists(), "{made}");
    }
}
