//! `mux --dry-run` judges the output, and touches nothing.

use std::fs;
use std::os::unix::fs::symlink;

use crate::room::{Room, Trial};

#[test]
fn an_output_that_is_there_is_refused_by_the_plan_too() {
    const FORCE: &str = "Choose another name, or write over it with --force.";
    const FILM: &str = "Name a file, or a folder with / at its end.";
    const TABLE: &[Trial] = &[
        ("mux film.iso there.mkv --dry-run", 2, "there.mkv exists already", FORCE),
        ("mux film.iso there.mkv --dry-run --json", 2, "there.mkv exists already", FORCE),
        ("mux film.iso there.mkv --dry-run --force", 0, "", ""),
        ("mux film.iso films/ --dry-run", 2, "films/SCRATCHED_FILM-t01.mkv exists already", FORCE),
        ("mux film.iso films --dry-run --force", 0, "Left out: 00001 (too short).", ""),
        ("mux film.iso pipe --dry-run", 2, "pipe cannot be the film: it is a pipe", FILM),
        ("mux film.iso there.mkv/ --dry-run", 1, "Not a directory", "A part of that name is no folder"),
        ("mux film.iso film.iso --dry-run --force", 2, "film.iso cannot be the source and the film at once", ""),
        ("mux film.iso new.mkv --dry-run", 0, "", ""),
        ("mux film.iso new/films/ --dry-run", 0, "", ""),
        ("mux film.iso - --dry-run", 0, "", ""),
        ("mux film.iso new.mkv --dry-run --title 9", 2, "there is no title 9: this disc has the titles 1 to 2", ""),
    ];
    let room = Room::new();
    fs::write(room.path("there.mkv"), "mine").unwrap();
    fs::create_dir(room.path("films")).unwrap();
    fs::write(room.path("films/SCRATCHED_FILM-t01.mkv"), "mine").unwrap();
    nix::unistd::mkfifo(&room.path("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    symlink("there.mkv", room.path("link.mkv")).unwrap();
    room.tries(TABLE);
    room.tries(&[("mux film.iso link.mkv --dry-run", 2, "there.mkv exists already", FORCE)]);
    for name in ["there.mkv", "films/SCRATCHED_FILM-t01.mkv"] {
        assert_eq!(fs::read(room.path(name)).unwrap(), b"mine");
    }
    assert!(!room.path("new.mkv").exists() && !room.path("new").exists());
}
