//! Devices that fail while an image is written: after the error nothing is claimed any more.
//!
//! The device is a loop device whose backing file lies, sparse, on a tmpfs too small for it. The kernel takes
//! every write into its cache and fails when it writes out. Needs root; skipped with a note without.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use crate::support::skip;
use freemkv::base::clock::SystemClock;
use freemkv::image::ImageError;
use freemkv::image::format::Format;
use freemkv::image::here::free_space_check;
use freemkv::image::store::ImageStore;
use freemkv::image::writeback::file::{MarkId, WritebackFile};
use freemkv::image::writeback::strategy::WriteChoice;
use freemkv::os::io as os_io;

const MIB: u64 = 1 << 20;
/// What the device says it holds.
const SIZE: u64 = 256 * MIB;
/// What it really holds.
const ROOM: u64 = 4 * MIB;
const BLOCK: usize = 64 * 1024;
const LONG: Duration = Duration::from_secs(600);

/// A device that takes [`ROOM`] bytes and then fails. Gone when dropped.
struct FailingDevice {
    folder: tempfile::TempDir,
    device: Option<PathBuf>,
    mounts: Vec<PathBuf>,
}

fn run(program: &str, arguments: &[&str]) -> Result<String, String> {
    let told = |text: &[u8]| String::from_utf8_lossy(text).trim().to_owned();
    let output = Command::new(program).args(arguments).output().map_err(|e| format!("{program}: {e}"))?;
    if output.status.success() { Ok(told(&output.stdout)) } else { Err(format!("{program}: {}", told(&output.stderr))) }
}

impl FailingDevice {
    /// `None`, with a note, where it cannot be made.
    fn new() -> Option<Self> {
        let made = Self::make();
        if let Err(reason) = &made {
            skip(&format!("no failing device can be made here: {reason}"));
        }
        made.ok()
    }

    fn make() -> Result<Self, String> {
        if !nix::unistd::geteuid().is_root() {
            return Err("not root".into());
        }
        let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
        let mut made = Self { folder, device: None, mounts: Vec::new() };
        let small = made.folder.path().join("small");
        std::fs::create_dir(&small).map_err(|e| e.to_string())?;
        run("mount", &["-t", "tmpfs", "-o", &format!("size={ROOM}"), "tmpfs", text(&small)])?;
        made.mounts.push(small.clone());
        let backing = small.join("backing");
        File::create(&backing).and_then(|f| f.set_len(SIZE)).map_err(|e| e.to_string())?;
        made.device = Some(run("losetup", &["--find", "--show", text(&backing)])?.into());
        Ok(made)
    }

    fn path(&self) -> &Path {
        self.device.as_deref().unwrap()
    }

    fn open(&self) -> File {
        OpenOptions::new().read(true).write(true).open(self.path()).unwrap()
    }

    fn writeback(&self, choice: WriteChoice) -> WritebackFile {
        WritebackFile::from_file(self.open(), self.path(), choice, Arc::new(SystemClock::new())).unwrap()
    }

    /// A file system on the device; whatever is written to its files fails from then on.
    fn file_system(&mut self) -> Result<PathBuf, String> {
        run("mke2fs", &["-q", "-t", "ext2", "-b", "4096", "-N", "64", "-E", "nodiscard", text(self.path())])?;
        let mount = self.folder.path().join("mount");
        std::fs::create_dir(&mount).map_err(|e| e.to_string())?;
        run("mount", &["-t", "ext2", text(self.path()), text(&mount)])?;
        self.mounts.push(mount.clone());
        // The rest of the room goes to somebody else.
        let mut filler = File::create(self.folder.path().join("small/filler")).map_err(|e| e.to_string())?;
        while std::io::Write::write_all(&mut filler, &[0; 4096]).is_ok() {}
        Ok(mount)
    }
}

impl Drop for FailingDevice {
    fn drop(&mut self) {
        let unmount = |mount: &Path| {
            let _ = run("umount", &[text(mount)]).or_else(|_| run("umount", &["--lazy", text(mount)]));
        };
        self.mounts.iter().skip(1).for_each(|mount| unmount(mount));
        if let Some(device) = &self.device {
            let _ = run("losetup", &["--detach", text(device)]);
        }
        self.mounts.iter().take(1).for_each(|mount| unmount(mount));
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn stream(file: &mut WritebackFile, from: u64, to: u64) -> Result<(), ImageError> {
    (from..to).step_by(BLOCK).try_for_each(|at| file.write_at(at, &[0x55; BLOCK]))
}

/// Everything that could claim durability gives an error, again and again.
fn assert_final(file: &mut WritebackFile) {
    for _ in 0..3 {
        assert!(file.sync_all().is_err());
        assert!(file.mark().is_err());
        assert!(file.poll_mark().unwrap().is_err());
        assert!(file.wait_mark(LONG).unwrap().is_err());
        assert!(file.write_at(0, &[0; 2048]).is_err());
    }
}

#[test]
fn a_stream_to_a_device_that_fails_stops_and_stays_stopped() {
    for choice in [WriteChoice::Window, WriteChoice::Direct, WriteChoice::Plain] {
        let Some(device) = FailingDevice::new() else { return };
        let mut file = device.writeback(choice);
        let failed = stream(&mut file, 0, SIZE).unwrap_err();
        assert!(failed.to_string().contains(text(device.path())), "{failed}");
        assert_final(&mut file);
    }
}

#[test]
fn marks_before_the_failure_are_acknowledged_and_none_after_it() {
    for choice in [WriteChoice::Window, WriteChoice::Direct, WriteChoice::Plain] {
        let Some(device) = FailingDevice::new() else { return };
        let mut file = device.writeback(choice);
        stream(&mut file, 0, MIB).unwrap();
        let good: MarkId = file.mark().unwrap();
        assert_eq!(file.wait_mark(LONG).unwrap().unwrap(), good);

        // With less than a window's bytes in plain, nobody but the mark has asked the kernel so far.
        let more = stream(&mut file, MIB, 8 * MIB).and_then(|()| file.mark());
        if more.is_ok() {
            assert!(file.wait_mark(LONG).unwrap().is_err());
        }
        assert_final(&mut file);
    }
}

#[test]
fn marks_taken_all_the_time_never_claim_what_is_not_there() {
    let Some(device) = FailingDevice::new() else { return };
    let mut file = device.writeback(WriteChoice::Window);
    let mut marks = Vec::new();
    let mut claimed = 0;
    for at in (0..SIZE).step_by(BLOCK) {
        let Ok(mark) = file.write_at(at, &[0x55; BLOCK]).and_then(|()| file.mark()) else { break };
        marks.push((mark, at + BLOCK as u64));
        if let Some(Ok(mark)) = file.poll_mark() {
            claimed = marks.iter().filter(|(m, _)| *m <= mark).map(|(_, end)| *end).max().unwrap();
        }
    }
    assert!(claimed <= ROOM, "{claimed} bytes were claimed");
    assert_final(&mut file);
}

#[test]
fn the_last_sync_fails_when_nothing_was_asked_before() {
    let Some(device) = FailingDevice::new() else { return };
    let mut file = device.writeback(WriteChoice::Plain);
    stream(&mut file, 0, 16 * MIB).unwrap();
    assert!(file.sync_all().is_err());
    assert_final(&mut file);
}

#[test]
fn a_description_of_ones_own_sees_the_error_that_another_was_told_of() {
    let Some(device) = FailingDevice::new() else { return };
    let writer = device.open();
    let helper = os_io::reopen(&writer, device.path()).unwrap();
    os_io::pwrite_all(&writer, &vec![0x55; 16 << 20], 0).unwrap();
    assert!(os_io::wait_write_out(&helper, 0, 16 * MIB).is_err());
    assert!(helper.sync_data().is_ok(), "a description is told once");
    assert!(writer.sync_data().is_err(), "and each of them is told");
}

#[test]
fn a_duplicate_would_take_the_error_away() {
    let Some(device) = FailingDevice::new() else { return };
    let writer = device.open();
    let duplicate = writer.try_clone().unwrap();
    os_io::pwrite_all(&writer, &vec![0x55; 16 << 20], 0).unwrap();
    assert!(os_io::wait_write_out(&duplicate, 0, 16 * MIB).is_err());
    assert!(writer.sync_data().is_ok(), "this is why the helper opens the file again");
}

#[test]
fn an_image_on_a_file_system_that_fails_below_is_never_durable() {
    let Some(mut device) = FailingDevice::new() else { return };
    let mount = match device.file_system() {
        Ok(mount) => mount,
        Err(reason) => return skip(&format!("no file system on it: {reason}")),
    };
    let path = mount.join("disc.iso");
    let mut image =
        ImageStore::create(&path, Format::Raw, 100 * MIB, WriteChoice::Auto, Arc::new(SystemClock::new())).unwrap();
    assert!(["dontcache", "window"].contains(&image.strategy_name()));
    let mut acknowledged = 0;
    for at in (0..100 * MIB).step_by(BLOCK) {
        if image.write_at(at, &[0x55; BLOCK]).and_then(|()| image.mark()).is_err() {
            break;
        }
        acknowledged += usize::from(matches!(image.wait_mark(LONG), Some(Ok(_))));
    }
    assert_eq!(acknowledged, 0);
    assert!(image.finish(100 * MIB).is_err());
    assert!(image.sync_all().is_err());
}

#[test]
fn a_full_disk_is_said_to_be_full() {
    let Some(device) = FailingDevice::new() else { return };
    let path = device.folder.path().join("small/disc.iso");
    let space = free_space_check(&path, SIZE).unwrap().unwrap();
    assert!(!space.is_enough() && (1..=ROOM).contains(&space.free));
    let mut image =
        ImageStore::create(&path, Format::Raw, SIZE, WriteChoice::Auto, Arc::new(SystemClock::new())).unwrap();
    let written = (0..SIZE).step_by(BLOCK).try_for_each(|at| image.write_at(at, &[0x55; BLOCK]));
    assert!(written.unwrap_err().is_disk_full());
    std::fs::remove_file(device.folder.path().join("small/backing")).unwrap();
    assert!(image.mark().unwrap_err().is_disk_full(), "room that comes later does not clear it");
}

#[test]
fn a_device_is_an_image_when_it_is_large_enough_and_nobody_else_uses_it() {
    let Some(mut device) = FailingDevice::new() else { return };
    let open = |path: &Path, size| {
        ImageStore::create(path, Format::Raw, size, WriteChoice::Auto, Arc::new(SystemClock::new()))
    };
    let refused = open(device.path(), SIZE + 2048).err().unwrap();
    assert!(matches!(refused, ImageError::TooSmall { have: SIZE, .. }), "{refused}");

    let mut image = open(device.path(), SIZE).unwrap();
    assert_eq!(image.strategy_name(), "plain");
    assert!(matches!(open(device.path(), SIZE), Err(ImageError::InUse { .. })), "a second run");
    image.write_at(SIZE - 2048, &[7; 2048]).unwrap();
    image.finish(SIZE).unwrap();
    image.sync_all().unwrap();
    let mut last = [0; 2048];
    image.read_at(SIZE - 2048, &mut last).unwrap();
    assert_eq!(last, [7; 2048]);
    drop(image);

    if let Err(reason) = device.file_system() {
        return skip(&format!("no file system on it: {reason}"));
    }
    assert!(matches!(open(device.path(), SIZE), Err(ImageError::InUse { .. })), "mounted");
}

/// The whole program: exit 1, and each range that its map calls rescued is on the device, not just in the cache.
#[test]
fn a_sweep_onto_a_failing_device_claims_nothing_that_is_not_there() {
    let Some(device) = FailingDevice::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    let sectors = usize::try_from(SIZE).unwrap() / crate::support::SECTOR;
    let disc = crate::support::disc_file(folder.path(), "disc.iso", 23, sectors);
    let map = folder.path().join("disc.map");
    for strategy in ["window", "direct", "plain"] {
        let _ = std::fs::remove_file(&map);
        let arguments =
            ["sweep", text(&disc), text(device.path()), "--force", "--map", text(&map), "--write", strategy];
        let done = crate::support::run(arguments);
        assert_eq!(done.code, Some(1), "{strategy}: {done:?}");
        let image = device.path().file_name().unwrap().to_str().unwrap();
        assert!(done.stderr.contains(image), "the output is not named: {}", done.stderr);
        assert_claims_are_there(&map, &disc, &device.folder.path().join("small/backing"));
    }
}

/// Compares what a map calls rescued with what the device really holds.
fn assert_claims_are_there(map: &Path, disc: &Path, backing: &Path) {
    let (disc, backing) = (File::open(disc).unwrap(), File::open(backing).unwrap());
    let number = |field: &str| u64::from_str_radix(field.trim_start_matches("0x"), 16).unwrap();
    let content = std::fs::read_to_string(map).unwrap();
    for line in content.lines().filter(|line| !line.starts_with('#')).skip(1).filter(|line| line.ends_with('+')) {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (start, size) = (number(fields[0]), usize::try_from(number(fields[1])).unwrap());
        let (mut wanted, mut there) = (vec![0; size], vec![0; size]);
        disc.read_exact_at(&mut wanted, start).unwrap();
        backing.read_exact_at(&mut there, start).unwrap();
        assert!(wanted == there, "the map calls lost data rescued: {line}");
    }
}
