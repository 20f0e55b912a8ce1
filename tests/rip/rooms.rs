//! A disk that is full: before the disc is begun, and in the middle of each step.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;

use super::rack::{FILM, LABEL, OPTIONS, Rack};
use super::support::bench::json;
use super::support::{Finished, SmallDisk, finish, freemkv, run_program, skip};

/// Five seconds of reading, so that a step is still under way when the disk is full.
const SLOW: &str = "rate 2\ninner 1\nseek_s 0.01\nstroke_s 0.01\nbad_s 0.5\n";

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
    assert_eq!(disc["sweep"], Value::Null, "nothing was read");
    let done = rip_into(&rips, &rack.drive("sound", ""), &["--keep", "image"]);
    assert_eq!(done.code, Some(0), "{done:?}");
}

/// A folder in a small file system of memory, which is full to the last byte when it is full: ext4 keeps something back.
struct Room {
    rack: Rack,
    mount: PathBuf,
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = run_program("umount", &[&self.mount.to_string_lossy()]);
    }
}

impl Room {
    /// `None`, with a note, where nothing can be mounted.
    fn new() -> Option<Self> {
        let rack = Rack::new();
        let mount = rack.path("disk");
        fs::create_dir(&mount).unwrap();
        let mounted = run_program("mount", &["-t", "tmpfs", "-o", "size=40m", "tmpfs", &mount.to_string_lossy()]);
        mounted.map_err(|why| skip(&format!("no small disk: {why}"))).ok()?;
        Some(Self { rack, mount })
    }

    /// Rips, and fills the disk as soon as a phase of this name has begun: the program is held meanwhile. Its exit code and
    /// the report of its disc.
    fn filled_in(&self, phase: &str, drive: &str, more: &[&str]) -> (Option<i32>, Value) {
        let mut command = freemkv();
        command.arg("rip").arg(drive).arg(self.mount.join("rips")).args(OPTIONS).args(more);
        command.args(["--json", "--progress", "json"]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let id = child.id().to_string();
        let signal = |name: &str| run_program("kill", &[name, &id]).unwrap();
        let mut is_full = false;
        for line in BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok) {
            let line: Value = serde_json::from_str(&line).unwrap();
            if !is_full && line["phase"].as_str().is_some_and(|now| now.starts_with(phase)) {
                signal("-STOP");
                self.fill();
                signal("-CONT");
                is_full = true;
            }
        }
        let ended = child.wait_with_output().unwrap();
        assert!(is_full, "there was no {phase}");
        let report: Value = serde_json::from_slice(&ended.stdout).unwrap();
        (ended.status.code(), report["discs"][0].clone())
    }

    /// Takes all room, what is kept for root too.
    fn fill(&self) {
        let fill = format!("cat /dev/zero >{}/filler 2>/dev/null || true", self.mount.display());
        run_program("sh", &["-c", &fill]).unwrap();
    }

    fn made(&self, name: &str) -> PathBuf {
        self.mount.join("rips").join(LABEL).join(name)
    }

    /// That the disk is full was said; nothing half has a name of something whole; with room the same command
    /// brings all, and reads nothing of the disc again that is there.
    fn is_told_and_gone_on_with(&self, (code, disc): (Option<i32>, Value), more: &[&str]) {
        assert_eq!(code, Some(1), "{disc}");
        let errors = disc["errors"].as_array().unwrap();
        assert!(errors.iter().any(|e| e["message"].as_str().unwrap().contains("No space left")), "{disc}");
        assert!(errors.iter().all(|error| error["hint"].is_string()), "{disc}");
        fs::remove_file(self.mount.join("filler")).unwrap();
        let left = || {
            let names = fs::read_dir(self.made("")).unwrap().map(|entry| entry.unwrap().file_name());
            names.map(|name| name.to_string_lossy().into_owned()).collect::<Vec<_>>()
        };
        for name in left() {
            assert!(!name.ends_with(".part") && !name.ends_with(".tmp"), "{name} was left");
        }
        let before = fs::read_to_string(self.made("SCRATCHED_FILM.iso.map")).unwrap();
        let rescued = before.lines().any(|line| line.ends_with('+'));
        let done = rip_into(&self.mount.join("rips"), &self.rack.drive("sound", SLOW), more);
        let disc = &json(&done)["discs"][0];
        assert_eq!((done.code, &disc["skipped"]), (Some(0), &false.into()), "{done:?}");
        assert_eq!(fs::read(self.made("SCRATCHED_FILM.iso")).unwrap(), fs::read(FILM).unwrap());
        assert!(self.made("report.html").exists() && disc["films"][0]["complete"] == true, "{disc}");
        assert!(self.made("SHA256SUMS").exists() && left().iter().all(|name| !name.ends_with(".tmp")));
        if rescued {
            let seconds = disc["sweep"]["drive_seconds"].as_f64().unwrap();
            assert!(seconds < 4.0, "what was there was read again: {seconds} s");
        }
    }
}

#[test]
fn a_disk_that_is_full_in_the_sweep() {
    let Some(room) = Room::new() else { return };
    let drive = format!("{},time=real", room.rack.drive("slow", SLOW));
    let ended = room.filled_in("sweep", &drive, &[]);
    assert_eq!(ended.1["films"], serde_json::json!([]));
    room.is_told_and_gone_on_with(ended, &[]);
}

#[test]
fn a_disk_that_is_full_in_the_patch() {
    let Some(room) = Room::new() else { return };
    // They come when they are asked for often, and then there is no room for them.
    let drive = format!("{},time=real", room.rack.drive("weak", &format!("{SLOW}seed 3\nbad 63 4 0.4\n")));
    let ended = room.filled_in("retry", &drive, &["--passes", "40"]);
    assert_eq!(ended.1["films"], serde_json::json!([]));
    room.is_told_and_gone_on_with(ended, &[]);
}

#[test]
fn a_disk_that_is_full_when_the_hash_is_made() {
    let Some(room) = Room::new() else { return };
    // What was patched did not come in order: its hash is made of the image.
    let drive = room.rack.drive("weak", "seed 3\nbad 63 4 0.4\n");
    let ended = room.filled_in("hash", &drive, &["--passes", "60"]);
    assert!(!room.made("SCRATCHED_FILM.iso.sha256").exists());
    room.is_told_and_gone_on_with(ended, &[]);
}

#[test]
fn a_disk_that_is_full_when_films_are_made() {
    let Some(room) = Room::new() else { return };
    let drive = room.rack.drive("weak", "seed 3\nbad 63 4 0.4\n");
    let ended = room.filled_in("mux", &drive, &["--passes", "60"]);
    assert_eq!(ended.1["films"], serde_json::json!([]));
    assert!(!room.made("SCRATCHED_FILM-t01.mkv").exists());
    room.is_told_and_gone_on_with(ended, &[]);
}

#[test]
fn a_disk_that_is_full_when_the_reports_are_written() {
    let Some(room) = Room::new() else { return };
    // By then the film is whole.
    let ended = room.filled_in("read back", &room.rack.drive("sound", ""), &[]);
    assert_eq!(ended.1["films"][0]["complete"], true, "the film is whole all the same");
    for name in ["report.json", "report.txt", "report.html", "SHA256SUMS"] {
        assert!(!room.made(name).exists(), "{name}");
    }
    room.is_told_and_gone_on_with(ended, &[]);
}
