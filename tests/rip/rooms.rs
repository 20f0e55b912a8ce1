//! A disk that is full: before the disc is begun, and in the middle of each step.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use super::rack::{FILM, OPTIONS, Rack};
use super::support::bench::json;
use super::support::{Finished, SmallDisk, finish, freemkv, run_program};

fn rip_into(folder: &Path, source: &str, more: &[&str]) -> Finished {
    finish(freemkv().arg("rip").arg(source).arg(folder).args(OPTIONS).args(more).arg("--json"))
}

#[test]
fn room_for_image_and_films_is_looked_for_first() {
    let rack = Rack::new();
    // The image takes 6.5 MiB, and so may the film.
    let Some(disk) = SmallDisk::new(rack.folder.path(), "ext4", 12 << 20) else { return };
    let rips = disk.mount().join("rips");
    let done = rip_into(&rips, &rack.drive("sound", ""), &[]);
    let disc = &json(&done)["discs"][0];
    assert_eq!(done.code, Some(1), "{done:?}");
    assert!(disc["errors"][0]["message"].as_str().unwrap().contains("free in"), "{disc}");
    assert_eq!(disc["sweep"], serde_json::Value::Null, "nothing was read");
    let done = rip_into(&rips, &rack.drive("sound", ""), &["--keep", "image"]);
    assert_eq!(done.code, Some(0), "{done:?}");
}

#[test]
fn a_disk_that_fills_up_under_way_is_told_and_the_same_command_goes_on() {
    let rack = Rack::new();
    let Some(disk) = SmallDisk::new(rack.folder.path(), "ext4", 40 << 20) else { return };
    let (rips, filler) = (disk.mount().join("rips"), disk.mount().join("filler"));
    let folder = rips.join("SCRATCHED_FILM");
    let fill = format!(
        "head -c $(( $(stat -f -c '%a * %S' {m}) - 1000000 )) /dev/zero > {m}/filler",
        m = disk.mount().display()
    );

    // In the middle of the sweep.
    let drive = format!("{},time=real", rack.drive("slow", "rate 2\ninner 1\n"));
    let mut command = freemkv();
    command.arg("rip").arg(&drive).arg(&rips).args(OPTIONS).arg("--json").stdout(Stdio::piped()).stderr(Stdio::null());
    let child = command.spawn().unwrap();
    while !folder.join("SCRATCHED_FILM.iso.map").exists() {
        std::thread::yield_now();
    }
    run_program("sh", &["-c", &fill]).unwrap();
    let ended = child.wait_with_output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!((ended.status.code(), &report["discs"][0]["films"]), (Some(1), &serde_json::json!([])), "{report}");
    fs::remove_file(&filler).unwrap();

    // In the middle of the films: the disk is filled when the drive is free.
    let done = rip_into(&rips, &rack.drive("sound", ""), &["--on-free", &fill]);
    let disc = &json(&done)["discs"][0];
    assert_eq!((done.code, &disc["films"]), (Some(1), &serde_json::json!([])), "{done:?}");
    assert!(disc["sweep"]["complete"] == true && disc["errors"][0]["hint"].is_string(), "{disc}");
    assert!(!folder.join("SCRATCHED_FILM-t01.mkv.part").exists());
    fs::remove_file(&filler).unwrap();

    let done = rip_into(&rips, &rack.drive("sound", ""), &[]);
    let disc = &json(&done)["discs"][0];
    assert_eq!((done.code, &disc["sweep"]["read_commands"]), (Some(0), &0.into()), "{done:?}");
    assert_eq!(fs::read(folder.join("SCRATCHED_FILM.iso")).unwrap(), fs::read(FILM).unwrap());
    assert_eq!(disc["films"][0]["complete"], true);
}
