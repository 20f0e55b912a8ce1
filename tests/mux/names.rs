//! Names of sources, outputs and maps that are no text.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::support::{Finished, finish, freemkv, test_data};
use crate::fixtures::disc::Disc;
use serde_json::Value;

fn name(bytes: &[u8]) -> OsString {
    OsStr::from_bytes(bytes).to_owned()
}

fn run(folder: &Path, command: &str, words: &[&OsStr]) -> (Finished, Value) {
    let done = finish(freemkv().current_dir(folder).arg(command).args(words).arg("--json"));
    let report = serde_json::from_str(&done.stdout).unwrap_or_else(|e| panic!("{e}: {done:?}"));
    (done, report)
}

#[test]
fn a_film_is_made_whatever_bytes_the_names_are() {
    let folder = tempfile::tempdir().unwrap();
    let film = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/discs/film.iso");
    fs::copy(film, folder.path().join(name(b"d\xFF.iso"))).unwrap();
    // A map that ends where the disc does, and lacks nothing.
    fs::write(folder.path().join(name(b"m\xFF")), "0 + 1\n0 6815744 +\n").unwrap();
    let (image, map, option) = (name(b"d\xFF.iso"), name(b"m\xFF"), OsStr::new("--map"));
    let emulated: OsString = [OsStr::new("emu:"), &image].into_iter().collect();
    for (source, output) in [(&image, name(b"f\xFE.mkv")), (&emulated, name(b"films\xFE/"))] {
        let (done, report) = run(folder.path(), "mux", &[source, &output, option, &map]);
        assert_eq!(done.code, Some(0), "{done:?}");
        assert!(report["source"].as_str().unwrap().contains("d\u{fffd}.iso"), "{report}");
        assert!(report["outputs"][0]["path"].as_str().unwrap().contains('\u{fffd}'), "{report}");
    }
    assert!(folder.path().join(name(b"f\xFE.mkv")).is_file());
    assert_eq!(fs::read_dir(folder.path().join(name(b"films\xFE"))).unwrap().count(), 1);
    let (done, report) = run(folder.path(), "info", &[&image, option, &map]);
    assert_eq!((done.code, &report["damage"]["missing_bytes"]), (Some(0), &0.into()));
    let lost = name(b"no\xFF");
    for command in ["info", "mux"] {
        let words: &[&OsStr] = if command == "mux" { &[&lost, OsStr::new("x.mkv")] } else { &[&lost] };
        let (done, report) = run(folder.path(), command, words);
        assert_eq!((done.code, &report["source"]), (Some(1), &"no\u{fffd}".into()), "{report}");
    }
}

#[test]
fn a_stream_file_and_a_folder_too() {
    let Some(data) = test_data() else { return };
    let folder = tempfile::tempdir().unwrap();
    let disc = Disc::image(&data, "bd-basic");
    let film = disc.fs.read_whole("BDMV/STREAM/00000.m2ts", 1 << 30).unwrap();
    fs::write(folder.path().join(name(b"s\xFF.m2ts")), &film).unwrap();
    fs::create_dir_all(folder.path().join(name(b"d\xFF")).join("BDMV/STREAM")).unwrap();
    fs::write(folder.path().join(name(b"d\xFF")).join("BDMV/STREAM/00000.m2ts"), &film).unwrap();
    for (source, output, more) in [(name(b"s\xFF.m2ts"), "a.mkv", "main"), (name(b"d\xFF"), "b.mkv", "00000.m2ts")] {
        let words = [&source, OsStr::new(output), OsStr::new("--title"), OsStr::new(more)];
        let (done, report) = run(folder.path(), "mux", &words);
        assert_eq!(done.code, Some(0), "{done:?}");
        assert!(report["source"].as_str().unwrap().contains('\u{fffd}'), "{report}");
    }
}
