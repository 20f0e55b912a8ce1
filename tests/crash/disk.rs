//! A disk that logs what is written to it: a file behind QEMU's driver `blklogwrites`, shown by FUSE, as a loop device with a file
//! system. A write is on it only when a flush came behind it; the log says which were not.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::kill::ended_within;
use crate::support::{LoopDevice, run_program, skip};
use crate::write_log::WriteLog;

/// Bytes of the disk: what XFS wants at least, and some more; the file is sparse.
const SIZE: u64 = 320 << 20;

/// Bytes that the log may have: no run here writes so much.
const LOG_SIZE: u64 = 2 << 30;

/// A mounted disk with a log.
pub(crate) struct LoggedDisk {
    folder: PathBuf,
    server: Child,
    device: Option<LoopDevice>,
    is_mounted: bool,
}

impl LoggedDisk {
    /// A disk with that file system, its log empty, what lies below it in `folder`; `None`, with a note, without root, the
    /// programs or a kernel that knows the file system.
    pub(crate) fn new(folder: &Path, kind: &'static str) -> Option<Self> {
        let path = |name: &str| folder.join(name).display().to_string();
        File::create(folder.join("disk")).and_then(|file| file.set_len(SIZE)).ok()?;
        let made = match kind {
            // As a disk that was used: no table is left to be written later.
            "ext4" => run_program(
                "mkfs.ext4",
                &["-q", "-F", "-N", "1024", "-E", "lazy_itable_init=0,lazy_journal_init=0", &path("disk")],
            ),
            _ => run_program(&format!("mkfs.{kind}"), &["-q", "-f", &path("disk")]),
        };
        made.map_err(|why| skip(&format!("no {kind}: {why}"))).ok()?;
        fs::copy(folder.join("disk"), folder.join("base")).ok()?;
        File::create(folder.join("log")).and_then(|file| file.set_len(LOG_SIZE)).ok()?;
        File::create(folder.join("shown")).ok()?;
        fs::create_dir(folder.join("mount")).ok()?;
        let server = serve(&path("disk"), &path("log"), &path("shown"));
        let server = server.map_err(|why| skip(&format!("no disk that logs: {why}"))).ok()?;
        let mut disk = Self { folder: folder.to_owned(), server, device: None, is_mounted: false };
        disk.wait_until_shown()?;
        disk.device = Some(LoopDevice::new(&folder.join("shown"))?);
        let device = disk.device.as_ref()?.path().display().to_string();
        let mounted = run_program("mount", &["-t", kind, &device, &path("mount")]);
        mounted.map_err(|why| skip(&format!("no {kind} here: {why}"))).ok()?;
        disk.is_mounted = true;
        Some(disk)
    }

    /// Until the file has the size of the disk.
    fn wait_until_shown(&mut self) -> Option<()> {
        let end = Instant::now() + Duration::from_secs(20);
        while fs::metadata(self.folder.join("shown")).map(|file| file.len()).unwrap_or_default() != SIZE {
            if self.server.try_wait().ok()?.is_some() || Instant::now() > end {
                skip("no disk that logs: qemu-storage-daemon shows no file by FUSE");
                return None;
            }
            std::thread::yield_now();
        }
        Some(())
    }

    /// Where it is mounted.
    pub(crate) fn mount(&self) -> PathBuf {
        self.folder.join("mount")
    }

    /// Brings all that was written onto the disk; returns how many entries the log has then.
    pub(crate) fn sync(&self) -> usize {
        let synced = run_program("sync", &["--file-system", &self.mount().display().to_string()]);
        assert!(synced.is_ok(), "{synced:?}");
        let log = self.folder.join("log");
        while !WriteLog::is_begun(&log) {
            std::thread::yield_now();
        }
        WriteLog::read(&log).steps.len()
    }

    /// The power is gone: what was never written is in no log. Returns the disk as it was at first, and the log.
    pub(crate) fn cut(mut self) -> (PathBuf, PathBuf) {
        // What the kernel still writes when the disk is let go comes behind the entries that count.
        let before = self.folder.join("log.cut");
        copy_sparse(&self.folder.join("log"), &before);
        self.let_go();
        (self.folder.join("base"), before)
    }

    fn let_go(&mut self) {
        if self.is_mounted {
            let mount = self.mount().display().to_string();
            let _ = run_program("umount", &[&mount]).or_else(|_| run_program("umount", &["--lazy", &mount]));
            self.is_mounted = false;
        }
        self.device = None;
        let _ = nix::sys::signal::kill(
            nix::unistd::Pid::from_raw(i32::try_from(self.server.id()).unwrap_or_default()),
            nix::sys::signal::Signal::SIGTERM,
        );
        if ended_within(&mut self.server, Duration::from_secs(20)).is_none() {
            let _ = self.server.kill();
            let _ = self.server.wait();
        }
    }
}

impl Drop for LoggedDisk {
    fn drop(&mut self) {
        self.let_go();
    }
}

/// Shows the file `disk` as `shown` and logs what is written to it.
fn serve(disk: &str, log: &str, shown: &str) -> Result<Child, String> {
    let node = |name: &str, file: &str| format!("driver=file,node-name={name},filename={file},cache.no-flush=on");
    let mut daemon = Command::new("qemu-storage-daemon");
    daemon.arg("--blockdev").arg(node("disk", disk)).arg("--blockdev").arg(node("log", log));
    daemon.args(["--blockdev", "driver=blklogwrites,node-name=logged,file=disk,log=log,log-super-update-interval=1"]);
    daemon
        .arg("--export")
        .arg(format!("fuse,id=shown,node-name=logged,mountpoint={shown},writable=on,allow-other=off"));
    daemon
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| format!("qemu-storage-daemon: {e}"))
}

/// Copies a file, its holes as holes.
pub(crate) fn copy_sparse(from: &Path, to: &Path) {
    let copied = run_program("cp", &["--sparse=always", &from.display().to_string(), &to.display().to_string()]);
    assert!(copied.is_ok(), "{copied:?}");
}

/// A disk as a power cut left it, mounted: its file system puts itself in order.
pub(crate) struct CutDisk {
    mount: PathBuf,
    _device: LoopDevice,
}

impl CutDisk {
    /// Mounts the file. That must work: a file system that a power cut destroys proves nothing about freemkv, and says so.
    pub(crate) fn mount(file: &Path, kind: &str, mount: &Path) -> Self {
        let device = LoopDevice::new(file).expect("there was a loop device before");
        let mounted =
            run_program("mount", &["-t", kind, &device.path().display().to_string(), &mount.display().to_string()]);
        assert!(mounted.is_ok(), "the file system itself does not survive the cut: {mounted:?}");
        Self { mount: mount.to_owned(), _device: device }
    }
}

impl Drop for CutDisk {
    fn drop(&mut self) {
        let _ = run_program("umount", &[&self.mount.display().to_string()]);
    }
}
