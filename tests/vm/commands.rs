//! Every command on a film's disc in a real drive: what they say of it and make of it is what they make of its image.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::imaging::machine;
use crate::machine::{Drive, Output};
use crate::support::SECTOR;

/// Sectors of the film's stream file that the scratched disc does not give: 3 s of its minute.
const SCRATCH: std::ops::Range<u64> = 1200..1206;

fn film() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/discs/film.iso")
}

/// What a step said in JSON.
fn said(output: &Output, step: &str) -> Value {
    let text = output.text(&format!("{step}.out"));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{step}: {e}: {text}"))
}

/// What freemkv says here, of the image of the same disc.
fn here(args: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_freemkv")).args(args).output().expect("freemkv runs");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}"))
}

#[test]
fn a_film_in_a_drive_is_told_imaged_compared_and_muxed_as_its_image_is() {
    let Some(machine) = machine() else { return };
    let output = machine.drive(Drive::with(&film())).run(
        "step info freemkv info --json --files /dev/sr0\n\
         step title freemkv info --title 1 /dev/sg0\n\
         step part freemkv sweep --json /dev/sr0 part.iso --only title:2\n\
         step file freemkv sweep --json /dev/sr0 file.iso --only file:/BDMV/MovieObject.bdmv\n\
         step sweep freemkv sweep /dev/sr0 disc.iso\n\
         step show freemkv map show --json part.iso.map\n\
         step picture freemkv map picture part.iso.map --width 60\n\
         step same freemkv verify --json /dev/sr0 disc.iso\n\
         step sample freemkv verify --json /dev/sr0 disc.iso --sample 10\n\
         step part_same freemkv verify --json /dev/sr0 part.iso\n\
         cp disc.iso other.iso\n\
         printf X | dd of=other.iso bs=1 seek=3000000 conv=notrunc 2>/dev/null\n\
         step other freemkv verify --json /dev/sr0 other.iso\n\
         step mux freemkv mux --json /dev/sr0 drive.mkv\n\
         step mux_image freemkv mux --json disc.iso image.mkv\n\
         step convert freemkv convert disc.iso disc.qcow2\n\
         step container freemkv verify --json /dev/sr0 disc.qcow2\n\
         rm disc.qcow2 other.iso\n",
    );
    for step in
        ["info", "title", "sweep", "show", "picture", "same", "sample", "mux", "mux_image", "convert", "container"]
    {
        output.expect_exit(step, 0);
    }
    let image = film();
    let (told, wanted) = (said(&output, "info"), here(&["info", "--json", "--files", &image.to_string_lossy()]));
    for key in ["/disc/label", "/titles", "/files"] {
        assert!(wanted.pointer(key).is_some_and(|value| !value.is_null()), "{key}: {wanted}");
        assert_eq!(told.pointer(key), wanted.pointer(key), "{key}");
    }
    let title = output.text("title.out");
    assert!(title.contains("H.264") && title.contains("0:01:04"), "{title}");
    assert!(output.file("disc.iso") == fs::read(&image).expect("the disc"), "the image differs from its disc");
    // The second title and one file are there; of the disc much is not.
    for step in ["part", "file"] {
        output.expect_exit(step, 3);
    }
    let map = &said(&output, "show")["maps"][0];
    assert!(map["missing_bytes"].as_u64().is_some_and(|bytes| bytes > 5 << 20) && map["failed_bytes"] == 0, "{map}");
    assert!(output.text("picture.out").lines().count() > 1);
    for (step, code) in [("same", 0), ("sample", 0), ("part_same", 3), ("other", 5), ("container", 0)] {
        output.expect_exit(step, code);
        let report = said(&output, step);
        assert_eq!(report["exit_code"], code, "{step}");
        let differing = report["differing"].as_array().expect("a list").len();
        assert_eq!(differing, usize::from(step == "other"), "{report}");
    }
    // A film from the drive is the film from the image, byte for byte.
    assert!(output.file("drive.mkv") == output.file("image.mkv"), "two films of one disc differ");
    assert!(output.file("drive.mkv").len() > 4 << 20);
}

#[test]
fn a_scratched_film_has_its_scratch_told_by_every_command() {
    let Some(machine) = machine() else { return };
    let bad: Vec<u64> = SCRATCH.collect();
    let output = machine.drive(Drive::with(&film()).bad(&bad).usb()).run(
        "step sweep freemkv sweep --json /dev/sr0 disc.iso\n\
         step patch freemkv patch --json /dev/sr0 disc.iso --passes 1\n\
         step info freemkv info --json disc.iso\n\
         step show freemkv map show --json disc.iso.map\n\
         step mux freemkv mux --json disc.iso image.mkv\n\
         step drive freemkv mux --json /dev/sr0 drive.mkv\n\
         step whole freemkv verify --json /dev/sr0 disc.iso\n\
         step bare sh -c 'cp disc.iso bare.iso && freemkv verify --json /dev/sr0 bare.iso'\n",
    );
    for step in ["sweep", "patch", "mux", "drive", "whole", "bare"] {
        output.expect_exit(step, 3);
    }
    let missing = SCRATCH.count() as u64 * SECTOR as u64;
    let map = &said(&output, "show")["maps"][0];
    assert_eq!((&map["missing_bytes"], &map["failed_bytes"]), (&missing.into(), &missing.into()), "{map}");
    let info = said(&output, "info");
    assert_eq!(info["damage"]["missing_bytes"], missing, "{info}");
    // mux asks a drive for no sector by itself: what it tells of the drive encloses what the image's map tells.
    let losses = ["mux", "drive"].map(|step| {
        let report = said(&output, step);
        report["outputs"][0]["losses"].as_array().filter(|losses| !losses.is_empty()).expect("losses").clone()
    });
    let [by_map, by_drive] = &losses;
    let seconds = |loss: &Value, key: &str| loss[key].as_f64().expect("seconds");
    for (map, drive) in by_map.iter().zip(by_drive) {
        assert_eq!((&map["track"], &map["cause"]), (&drive["track"], &drive["cause"]));
        let from = seconds(drive, "from_seconds")..=seconds(map, "from_seconds");
        let to = seconds(map, "to_seconds")..=seconds(drive, "to_seconds");
        assert!(!from.is_empty() && !to.is_empty(), "{losses:?}");
    }
    assert_eq!(by_map.len(), by_drive.len());
    // What the map lacks is not compared; without a map it is asked for, and does not come.
    for (step, missing, unread) in [("whole", SCRATCH.count(), 0), ("bare", 0, SCRATCH.count())] {
        let report = said(&output, step);
        assert_eq!((&report["not_in_image_sectors"], &report["unread_sectors"]), (&missing.into(), &unread.into()));
        assert_eq!(report["differing_sectors"], 0, "{report}");
    }
}

#[test]
fn discs_of_all_drives_are_ripped_each_to_its_end_and_their_trays_opened() {
    let Some(machine) = machine() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    // Another disc of the same name.
    let second = folder.path().join("second.iso");
    let mut disc = fs::read(film()).expect("the disc");
    disc[18 * SECTOR + 100] ^= 1;
    fs::write(&second, &disc).expect("a disc");
    let bad: Vec<u64> = SCRATCH.collect();
    let drives = [Drive::with(&film()).slow(1 << 20), Drive::with(&second).bad(&bad), Drive::empty()];
    let output = drives.into_iter().fold(machine, |machine, drive| machine.drive(drive)).run(
        "freemkv rip /dev/sr0 first --keep image --eject --json >first.out 2>first.err &\n\
         wait_for 60 at_least first/SCRATCHED_FILM/SCRATCHED_FILM.iso 65536\n\
         step busy freemkv rip /dev/sg0 busy --json\n\
         wait $!\n\
         echo $? >first.code\n\
         step again freemkv rip /dev/sr0 first --json\n\
         step close freemkv drives /dev/sr0 --close\n\
         step known freemkv rip /dev/sr0 first --keep image --json\n\
         step all freemkv rip --all all --passes 1 --eject --json --on-done 'echo $FREEMKV_EXIT_CODE >>/out/codes'\n\
         step trays freemkv drives --json\n",
    );
    for (step, code) in [("first", 0), ("busy", 4), ("again", 4), ("close", 0), ("known", 0)] {
        output.expect_exit(step, code);
    }
    assert!(output.file("first/SCRATCHED_FILM/SCRATCHED_FILM.iso") == fs::read(film()).expect("the disc"));
    assert!(output.text("busy.err").contains("in use") || output.text("busy.out").contains("in use"));
    // A sound disc, one that lacks something, and a drive without a disc.
    let all = said(&output, "all");
    let mut codes: Vec<String> = output.text("codes").split_whitespace().map(str::to_owned).collect();
    codes.sort();
    assert_eq!(codes, ["0", "3", "4"], "{all}");
    let reports =
        ["all/SCRATCHED_FILM/report.json", "all/SCRATCHED_FILM (2)/report.json"].map(|name| output.text(name));
    let mut codes = reports.map(|text| {
        let report: Value = serde_json::from_str(&text).expect("an object");
        report["exit_code"].as_u64()
    });
    codes.sort();
    assert_eq!(codes, [Some(0), Some(3)]);
    let trays = said(&output, "trays");
    for drive in &trays["drives"].as_array().expect("a list")[..2] {
        assert!(drive["disc"].is_null() && drive["status"] != "disc", "{trays}");
    }
}
