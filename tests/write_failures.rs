//! Devices that fail while an image is written: after the error nothing is claimed any more.
//!
//! The device is a loop device whose backing file lies, sparse, on a tmpfs too small for it. The kernel takes
//! every write into its cache and fails when it writes out. Needs root; skipped with a note without.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use freemkv::base::clock::SystemClock;
use freemkv::image::ImageError;
use freemkv::image::store::ImageStore;
use freemkv::image::strategy::WriteChoice;
use freemkv::image::writeback_file::{MarkId, WritebackFile};
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
            eprintln!("skipped: no failing device can be made here: {reason}");
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
    for choice in [WriteChoice::Window, WriteChoice::Plain] {
        let Some(device) = FailingDevice::new() else { return };
        let mut file = device.writeback(choice);
        let failed = stream(&mut file, 0, SIZE).unwrap_err();
        assert!(failed.to_string().contains(text(device.path())), "{failed}");
        assert_final(&mut file);
    }
}

#[test]
fn marks_before_the_failure_are_acknowledged_and_none_after_it() {
    for choice in [WriteChoice::Window, WriteChoice::Plain] {
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
        Err(reason) => return eprintln!("skipped: no file system on it: {reason}"),
    };
    let path = mount.join("disc.iso");
    let mut image = ImageStore::create(&path, 100 * MIB, WriteChoice::Auto, Arc::new(SystemClock::new())).unwrap();
    assert_eq!(image.strategy_name(), "window");
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
