//! Outputs that take no more: a full disk, a limit of the file's size, a file system that became read-only.
//! Each ends the run with exit 1 and a sentence; the map claims what is there, and the same command goes on later.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use crate::support::{Finished, SECTOR, SmallDisk, disc_file, rescued_sectors, run, skip};
use freemkv::base::clock::SystemClock;
use freemkv::image::format::Format;
use freemkv::image::store::ImageStore;
use freemkv::image::writeback::strategy::WriteChoice;

const MIB: u64 = 1 << 20;
const STRATEGIES: [&str; 4] = ["dontcache", "window", "direct", "plain"];

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The run failed, said so with `words`, and what its map claims is in the image.
fn assert_failed_truly(done: &Finished, words: &[&str], disc: &Path, out: &Path, map: &Path) {
    assert_eq!(done.code, Some(1), "{done:?}");
    for word in words {
        assert!(done.stderr.contains(word), "no \"{word}\" in: {}", done.stderr);
    }
    let (disc, image) = (fs::read(disc).unwrap(), fs::read(out).unwrap());
    for sector in rescued_sectors(map) {
        let at = sector * SECTOR..(sector + 1) * SECTOR;
        assert!(image.get(at.clone()) == Some(&disc[at]), "sector {sector} is called rescued");
    }
}

fn sweep(disc: &Path, out: &Path, map: &Path, more: &[&str]) -> Finished {
    let mut arguments = vec!["sweep", text(disc), text(out), "--map", text(map)];
    arguments.extend(more);
    run(arguments)
}

#[test]
fn a_full_disk_ends_the_run_and_room_lets_it_go_on() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let Some(disk) = SmallDisk::new(folder.path(), "ext4", 32 * MIB) else { return };
    let disc = disc_file(folder.path(), "disc.iso", 9, 10_000);
    let (out, filler) = (disk.mount().join("out.iso"), disk.mount().join("filler"));
    for strategy in STRATEGIES {
        let map = folder.path().join(format!("{strategy}.map"));
        let _ = fs::remove_file(&out);
        fs::write(&filler, vec![1; 16 << 20]).unwrap();
        let refused = sweep(&disc, &out, &map, &["--write", strategy]);
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(refused.stderr.contains("still to be written") && !out.exists() && !map.exists());

        let done = sweep(&disc, &out, &map, &["--write", strategy, "--force"]);
        if done.code == Some(2) {
            skip(&format!("{strategy} does not work here"));
            continue;
        }
        assert_failed_truly(&done, &["No space left", "Make room and run freemkv sweep again"], &disc, &out, &map);
        fs::remove_file(&filler).unwrap();
        let done = sweep(&disc, &out, &map, &["--write", strategy]);
        assert_eq!(done.code, Some(0), "{strategy}: {done:?}");
        assert!(fs::read(&out).unwrap() == fs::read(&disc).unwrap());
    }
}

#[test]
fn reserving_room_on_a_full_disk_fails_before_the_first_read_and_leaves_nothing() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let Some(disk) = SmallDisk::new(folder.path(), "ext4", 16 * MIB) else { return };
    let disc = disc_file(folder.path(), "disc.iso", 9, 10_000);
    let (out, map) = (disk.mount().join("out.iso"), folder.path().join("map"));
    for how in ["allocate", "write"] {
        let done = sweep(&disc, &out, &map, &["--force", "--prealloc", how]);
        assert_eq!(done.code, Some(1), "{done:?}");
        assert!(done.stderr.contains("No space left"), "{}", done.stderr);
        assert!(!out.exists() && !map.exists());
    }
}

/// The limit of the process stands for that of a file system: the same error at the same place.
#[test]
fn a_file_that_may_not_grow_further_is_an_error_and_not_the_end_of_the_process() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let disc = disc_file(folder.path(), "disc.iso", 9, 4096);
    for strategy in STRATEGIES {
        let (out, map) = (folder.path().join(strategy), folder.path().join(format!("{strategy}.map")));
        let mut command = Command::new("sh");
        // In blocks of 512 bytes (POSIX, ulimit).
        command.args(["-c", "ulimit -f 8000; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_freemkv"), "sweep"]);
        command.args([text(&disc), text(&out), "--map", text(&map), "--write", strategy]);
        let done = crate::support::finish(&mut command);
        if done.code == Some(2) {
            skip(&format!("{strategy} does not work here"));
            continue;
        }
        assert_failed_truly(
            &done,
            &["File too large", "see ulimit -f and the file system. Then run freemkv sweep again"],
            &disc,
            &out,
            &map,
        );
        let done = sweep(&disc, &out, &map, &[]);
        assert_eq!(done.code, Some(0), "{strategy}: {done:?}");
    }
}

#[test]
fn a_disc_that_is_too_large_for_a_file_of_fat_is_refused_with_both_numbers() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let Some(disk) = SmallDisk::new(folder.path(), "vfat", 64 * MIB) else { return };
    let disc = folder.path().join("disc.iso");
    fs::File::create(&disc).unwrap().set_len(4 << 30).unwrap();
    let (out, map) = (disk.mount().join("out.iso"), folder.path().join("map"));
    let done = sweep(&disc, &out, &map, &["--only", "0-99"]);
    assert_eq!(done.code, Some(1), "{done:?}");
    assert!(done.stderr.contains("the disc holds 4.0 GiB, but a file here can be 4.0 GiB at most"), "{}", done.stderr);
    assert_eq!(fs::read_dir(disk.mount()).unwrap().count(), 0);
    let done = sweep(&disc, &out, &map, &["--only", "0-99", "--force"]);
    assert_failed_truly(&done, &["File too large"], &disc, &out, &map);
}

/// What ext4 does when it finds itself damaged (`errors=remount-ro`).
#[test]
fn a_file_system_that_becomes_read_only_is_final() {
    for choice in [WriteChoice::DontCache, WriteChoice::Window, WriteChoice::Direct, WriteChoice::Plain] {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let Some(disk) = SmallDisk::new(folder.path(), "ext4", 64 * MIB) else { return };
        let name = disk.device().file_name().unwrap().to_str().unwrap();
        let trigger = PathBuf::from(format!("/sys/fs/ext4/{name}/trigger_fs_error"));
        let path = disk.mount().join("disc.iso");
        if crate::support::run_program("mount", &["-o", "remount,errors=remount-ro", text(disk.mount())]).is_err() {
            return skip("no remount");
        }
        let Ok(mut image) = ImageStore::create(&path, Format::Raw, 32 * MIB, choice, Arc::new(SystemClock::new()))
        else {
            skip(&format!("{choice:?} does not work here"));
            continue;
        };
        image.write_at(0, &[7; 1 << 20]).unwrap();
        let mark = image.mark().unwrap();
        assert_eq!(image.wait_mark(Duration::from_secs(600)).unwrap().unwrap(), mark);
        if fs::write(&trigger, "test").is_err() {
            return skip("this kernel does not let ext4 be broken on purpose");
        }
        let failed = (MIB..32 * MIB).step_by(1 << 20).try_for_each(|at| {
            image.write_at(at, &[7; 1 << 20])?;
            image.mark()?;
            image.wait_mark(Duration::from_secs(600)).map_or(Ok(()), |answer| answer.map(drop))
        });
        let failed = failed.unwrap_err();
        assert!(matches!(failed.cause().unwrap().raw_os_error(), Some(libc::EROFS | libc::EIO)), "{failed}");
        for _ in 0..3 {
            assert!(image.mark().is_err() && image.sync_all().is_err() && image.finish(32 * MIB).is_err());
        }
    }
}

#[test]
fn a_read_only_folder_is_told_before_anything_is_read() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let Some(disk) = SmallDisk::new(folder.path(), "ext4", 16 * MIB) else { return };
    let disc = disc_file(folder.path(), "disc.iso", 9, 100);
    if crate::support::run_program("mount", &["-o", "remount,ro", text(disk.mount())]).is_err() {
        return skip("no remount");
    }
    let out = disk.mount().join("out.iso");
    let done = run(["sweep", text(&disc), text(&out)]);
    assert_eq!(done.code, Some(1), "{done:?}");
    assert!(done.stderr.contains("Read-only file system") && done.stderr.contains("out.iso"), "{}", done.stderr);
}
