//! How images are written: `--write`, `--prealloc`, `--hash`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Finished, SECTOR, disc_file, run, skip};
use freemkv::os::durable::beside;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn json(finished: &Finished) -> serde_json::Value {
    serde_json::from_str(finished.stdout.trim()).unwrap_or_else(|e| panic!("{e}: {finished:?}"))
}

#[test]
fn every_strategy_copies_the_disc_or_says_that_it_cannot() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let disc = disc_file(folder.path(), "disc.iso", 3, 9_001);
    for strategy in ["auto", "dontcache", "window", "direct", "plain"] {
        let out = folder.path().join(strategy);
        let done = run(["sweep", text(&disc), text(&out), "--write", strategy, "--json"]);
        if done.code == Some(2) {
            assert!(["dontcache", "direct"].contains(&strategy) && done.stderr.contains("cannot be written"));
            skip(&format!("{strategy} does not work here"));
            continue;
        }
        assert_eq!(done.code, Some(0), "{strategy}: {done:?}");
        let used = json(&done)["write_strategy"].as_str().unwrap().to_owned();
        assert!(used == strategy || strategy == "auto", "{used}");
        assert!(fs::read(&disc).unwrap() == fs::read(&out).unwrap(), "{strategy}");
    }
}

/// A tmpfs is the cache: its pages cannot be dropped.
#[test]
fn a_strategy_that_cannot_work_is_refused_before_anything_is_made() {
    let Ok(memory) = tempfile::tempdir_in("/dev/shm") else { return skip("no /dev/shm") };
    let folder = tempfile::tempdir().unwrap();
    let disc = disc_file(folder.path(), "disc.iso", 3, 100);
    let out = memory.path().join("out.iso");
    let done = run(["sweep", text(&disc), text(&out), "--write", "dontcache"]);
    if done.code == Some(0) {
        return skip("this kernel's tmpfs takes RWF_DONTCACHE");
    }
    assert_eq!(done.code, Some(2), "{done:?}");
    assert!(done.stderr.contains("out.iso cannot be written so that nothing stays in the cache"), "{}", done.stderr);
    assert_eq!(fs::read_dir(memory.path()).unwrap().count(), 0);
    let done = run(["sweep", text(&disc), "/dev/null", "--write", "direct"]);
    assert_eq!(done.code, Some(2), "{done:?}");
}

/// Bytes that a file takes of its file system.
fn taken(path: &Path) -> u64 {
    std::os::unix::fs::MetadataExt::blocks(&fs::metadata(path).unwrap()) * 512
}

/// A disc of 4 MiB on the emulated drive, its third MiB dead.
fn damaged(folder: &Path) -> (PathBuf, String) {
    let disc = disc_file(folder, "disc.iso", 11, 2048);
    let plan = folder.join("disc.plan");
    fs::write(&plan, "bad 64 32 0\n").unwrap();
    let drive = format!("emu:{},profile=dvd,faults={}", disc.display(), plan.display());
    (disc, drive)
}

/// What the image must hold: the disc, and zeros where it could not be read.
fn assert_holds(image: &[u8], disc: &[u8], map: &Path) {
    let rescued = crate::support::rescued_sectors(map);
    assert!(rescued.len() > 1000 && rescued.len() < 2048);
    for sector in 0..2048 {
        let at = sector * SECTOR..(sector + 1) * SECTOR;
        let wanted = if rescued.contains(&sector) { &disc[at.clone()] } else { &[0; SECTOR] };
        assert!(image[at] == *wanted, "sector {sector}");
    }
}

#[test]
fn unread_areas_are_holes_unless_room_is_reserved() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let (disc, drive) = damaged(folder.path());
    for how in ["none", "zero", "allocate", "write"] {
        let out = folder.path().join(how);
        let done = run(["sweep", &drive, text(&out), "--prealloc", how, "--json"]);
        assert_eq!(done.code, Some(3), "{how}: {done:?}");
        let image = fs::read(&out).unwrap();
        assert_holds(&image, &fs::read(&disc).unwrap(), &beside(&out, ".map"));
        let reserved = ["allocate", "write"].contains(&how);
        if reserved && done.stderr.contains("reserves no room") {
            skip("this file system reserves no room");
            continue;
        }
        assert_eq!(taken(&out) >= image.len() as u64, reserved, "{how}: {} bytes taken", taken(&out));
    }
}

#[test]
fn a_forced_sweep_leaves_nothing_of_what_was_there() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let (disc, drive) = damaged(folder.path());
    let out = folder.path().join("out.iso");
    fs::write(&out, vec![0xee; 6 << 20]).unwrap();
    assert_eq!(run(["sweep", &drive, text(&out)]).code, Some(2));
    assert_eq!(fs::metadata(&out).unwrap().len(), 6 << 20, "refused, so nothing is touched");
    let done = run(["sweep", &drive, text(&out), "--force"]);
    assert_eq!(done.code, Some(3), "{done:?}");
    assert_holds(&fs::read(&out).unwrap(), &fs::read(&disc).unwrap(), &beside(&out, ".map"));
}

#[test]
fn a_device_holds_zeros_where_the_disc_could_not_be_read() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let (disc, drive) = damaged(folder.path());
    let backing = folder.path().join("backing");
    fs::write(&backing, vec![0xee; 5 << 20]).unwrap();
    let Some(device) = crate::support::LoopDevice::new(&backing) else { return };
    let map = folder.path().join("map");
    let done = run(["sweep", &drive, text(device.path()), "--map", text(&map), "--force", "--prealloc", "allocate"]);
    assert_eq!(done.code, Some(3), "{done:?}");
    drop(device);
    let held = fs::read(&backing).unwrap();
    assert_holds(&held, &fs::read(&disc).unwrap(), &map);
    assert!(held.len() == 5 << 20 && held[4 << 20..].iter().all(|b| *b == 0xee), "behind the disc nothing changes");
}

#[test]
fn a_pipe_cannot_be_preallocated() {
    let folder = tempfile::tempdir().unwrap();
    let disc = disc_file(folder.path(), "disc.iso", 3, 100);
    let done = run(["sweep", text(&disc), "/dev/null", "--prealloc", "zero"]);
    assert_eq!(done.code, Some(2), "{done:?}");
    assert!(done.stderr.contains("no room can be reserved for it"), "{}", done.stderr);
}

/// What a resume still needs is not asked for twice when the room is reserved already.
#[test]
fn reserved_room_counts_as_free_when_a_sweep_goes_on() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let Some(device) = crate::support::SmallDisk::new(folder.path(), "ext4", 16 << 20) else { return };
    let disc = disc_file(folder.path(), "disc.iso", 5, 4096);
    let out = device.mount().join("out.iso");
    let map = folder.path().join("map");
    let arguments = ["sweep", text(&disc), text(&out), "--map", text(&map)];
    let first = run(arguments.iter().chain(&["--prealloc", "allocate", "--only", "0-99"]));
    assert_eq!(first.code, Some(3), "{first:?}");
    let mut filler = fs::File::create(device.mount().join("filler")).unwrap();
    while std::io::Write::write_all(&mut filler, &[0; 4096]).is_ok() {}
    let done = run(arguments);
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(fs::read(&out).unwrap() == fs::read(&disc).unwrap());
}

/// The hash of a file as sha256sum says, through the file beside the image.
fn check_sum(image: &Path) -> bool {
    let mut command = std::process::Command::new("sha256sum");
    command.args(["--check", "--strict"]).arg(beside(image, ".sha256"));
    crate::support::finish(command.current_dir(image.parent().unwrap())).code == Some(0)
}

#[test]
fn the_hash_of_a_clean_sweep_is_what_sha256sum_checks() {
    let folder = tempfile::tempdir().unwrap();
    let disc = disc_file(folder.path(), "disc.iso", 3, 3001);
    fs::File::options().write(true).open(&disc).unwrap().set_len(3000 * 2048 + 77).unwrap();
    let out = folder.path().join("a \\ name.iso");
    let done = run(["sweep", text(&disc), text(&out), "--hash", "--json"]);
    assert_eq!(done.code, Some(0), "{done:?}");
    let sum = json(&done)["sha256"].as_str().unwrap().to_owned();
    assert!(fs::read_to_string(beside(&out, ".sha256")).unwrap().contains(&sum));
    assert!(check_sum(&out));
    fs::write(&out, b"x").unwrap();
    assert!(!check_sum(&out));
}

#[test]
fn only_a_complete_image_gets_a_hash_and_a_patched_one_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let (disc, drive) = damaged(folder.path());
    let out = folder.path().join("out.iso");
    let swept = run(["sweep", &drive, text(&out), "--hash", "--json"]);
    assert_eq!((swept.code, &json(&swept)["sha256"]), (Some(3), &serde_json::Value::Null));
    assert!(swept.stderr.contains("No hash was made") && !beside(&out, ".sha256").exists());
    // A better drive.
    let sound = format!("emu:{},profile=dvd", disc.display());
    let patched = run(["patch", &sound, text(&out), "--hash"]);
    assert_eq!(patched.code, Some(0), "{patched:?}");
    assert!(patched.stdout.contains("SHA-256 ") && check_sum(&out));
    let aside = run(["sweep", text(&disc), text(&out), "--restart"]);
    assert_eq!(aside.code, Some(0), "{aside:?}");
    assert!(!beside(&out, ".sha256").exists(), "it was the other image's");
}

#[test]
fn a_pipe_is_hashed_as_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let disc = disc_file(folder.path(), "disc.iso", 3, 100);
    let copied = folder.path().join("copied.iso");
    let whole = run(["sweep", text(&disc), text(&copied), "--hash", "--json"]);
    let piped = run(["sweep", text(&disc), "/dev/null", "--hash", "--json"]);
    assert_eq!(piped.code, Some(0), "{piped:?}");
    let report = json(&piped);
    assert_eq!(report["sha256"], json(&whole)["sha256"]);
    assert!(report["sha256"].is_string() && !Path::new("/dev/null.sha256").exists());
}
