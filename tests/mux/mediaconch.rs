//! Films before MediaConch, which checks Matroska files by its own schema. Needs `FREEMKV_TEST_DATA` and mediaconch.

use std::path::Path;
use std::process::Command;

use super::support::{program, test_data};
use crate::fixtures::disc::Disc;
use crate::stream_files::samples::mux;

/// Elements whose parents MediaConch (23.03) does not know: its schema is older than RFC 9559, where they stand
/// in `TrackEntry` and `BlockAdditionMapping`. It writes some of them as numbers: `15AB` to `15AF` are `AudioEmphasis` and
/// the flags of hearing impaired, visual impaired, text descriptions and the original. Of `MasteringMetadata` it knows one
/// child alone.
const YOUNGER: [&str; 9] = [
    "TrackEntry is not a valid Parent Element of LanguageIETF.",
    "TrackEntry is not a valid Parent Element of BlockAdditionMapping.",
    "TrackEntry is not a valid Parent Element of 15AB.",
    "TrackEntry is not a valid Parent Element of 15AC.",
    "TrackEntry is not a valid Parent Element of 15AF.",
    "BlockAdditionMapping is not a valid Parent Element of BlockAddIDName.",
    "BlockAdditionMapping is not a valid Parent Element of BlockAddIDType.",
    "BlockAdditionMapping is not a valid Parent Element of Dolby Vision Configuration.",
    "MasteringMetadata is not a valid Parent Element of ",
];

/// What it has against the file. It keeps what it found in a home, which it gets for this once.
fn complaints(file: &Path) -> Vec<String> {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new("mediaconch");
    command.env("HOME", home.path()).env_remove("XDG_DATA_HOME").env_remove("XDG_CONFIG_HOME");
    let output = command.args(["--force", "-mc"]).arg(file).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains(&file.display().to_string()), "{}: {said}", file.display());
    said.split("[fail:").skip(1).filter_map(|rest| rest.split(']').next()).map(str::to_owned).collect()
}

#[test]
fn it_has_nothing_against_the_films_of_samples_and_discs() {
    let Some(data) = test_data() else { return };
    if program("mediaconch").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("film.mkv");
    let (mut films, mut false_alarms) = (0, 0);
    let mut content = |what: &str| {
        for complaint in complaints(&output) {
            assert!(YOUNGER.iter().any(|known| complaint.starts_with(known)), "{what}: {complaint}");
            false_alarms += 1;
        }
        std::fs::remove_file(&output).unwrap();
        films += 1;
    };
    for entry in std::fs::read_dir(data.join("samples/ts")).unwrap() {
        let path = entry.unwrap().path();
        // What has a name in Matroska.
        if path.extension().is_some_and(|extension| extension == "ts") && mux(&path, &output).is_ok() {
            content(&path.display().to_string());
        }
    }
    for (name, id) in [("bd-codecs", "00001"), ("bd-basic", "00000"), ("uhd-dv", "00001"), ("dvd-subs", "1")] {
        Disc::image(&data, name).mux(id, &output).unwrap();
        content(name);
    }
    // Without any, this test does not understand what it says.
    assert!(films >= 18 && false_alarms > 0, "{films} films, {false_alarms} false alarms");
}
