//! The test machine: QEMU with CD drives, from a list of drives and a shell script to what the script left behind.

mod drive;
pub(crate) mod host;
mod initramfs;
pub(crate) mod kernel;
mod output;
pub(crate) mod trace;

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use drive::blockdev;
use host::{Host, host};
use initramfs::Initramfs;

use crate::support;

pub(crate) use drive::Drive;
pub(crate) use output::{Output, ext4_disk};

/// How long a machine may run, from start to power-off.
const TIME_LIMIT: Duration = Duration::from_secs(240);

/// Room for what a script leaves in `/out`, in bytes; the file is sparse.
const OUT_SIZE: u64 = 512 << 20;

/// What every machine loads, lowest first. `crc32c_generic` is named because ext4 asks for it by a name that only
/// modprobe could look up.
const MODULES: [&str; 9] =
    ["virtio_pci", "virtio_blk", "crc32c_generic", "ext4", "sr_mod", "sg", "virtio_scsi", "xhci_pci", "usb_storage"];

/// What the script prints, through the init's `power_cut`, where the machine is to die.
const POWER_CUT: &str = "@@ power cut";

/// A machine that is put together. Drives that are not on USB are `/dev/sr0`, `/dev/sr1`, … in the order they are added.
#[derive(Clone, Default)]
pub(crate) struct Machine {
    drives: Vec<Drive>,
    programs: Vec<(String, Vec<u8>)>,
    folders: Vec<String>,
    files: Vec<(String, Vec<u8>)>,
    modules: Vec<&'static str>,
    disk: Option<PathBuf>,
    disk_kind: Option<&'static str>,
    disk_log: Option<PathBuf>,
    time_limit: Option<Duration>,
}

impl Machine {
    /// The machine, or `None` where a part of it is missing: a note says which. With `FREEMKV_REQUIRE_VM=1` that
    /// is a failure.
    pub(crate) fn new() -> Option<Self> {
        match host() {
            Ok(_) => Some(Self::default()),
            Err(why) if env::var_os("FREEMKV_REQUIRE_VM").is_some_and(|value| value == "1") => {
                panic!("the test machine cannot run: {why}")
            }
            Err(why) => {
                support::skip(&format!("no test machine: {why}"));
                None
            }
        }
    }

    /// Adds a drive.
    pub(crate) fn drive(mut self, drive: Drive) -> Self {
        self.drives.push(drive);
        self
    }

    /// Adds a program, as `/bin/NAME`. It must be linked statically.
    pub(crate) fn program(mut self, name: &str, file: &Path) -> Self {
        let content = fs::read(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        self.programs.push((format!("bin/{name}"), content));
        self
    }

    /// Adds a folder at the root.
    pub(crate) fn folder(mut self, name: &str) -> Self {
        self.folders.push(name.to_owned());
        self
    }

    /// Adds a file; its folder must be there.
    pub(crate) fn file(mut self, path: &str, content: &[u8]) -> Self {
        self.files.push((path.to_owned(), content.to_vec()));
        self
    }

    /// Loads these modules of the kernel, too.
    pub(crate) fn modules(mut self, names: &[&'static str]) -> Self {
        self.modules.extend(names);
        self
    }

    /// Adds a hard disk: a file that holds an ext4 file system, mounted at `/disk`, written for good.
    pub(crate) fn disk(mut self, file: &Path) -> Self {
        self.disk = Some(file.to_owned());
        self
    }

    /// The hard disk has another file system, and what is written to it, and where it is flushed, is kept in a log beside
    /// (`support/write_log.rs`).
    pub(crate) fn logged(mut self, kind: &'static str, log: &Path) -> Self {
        self.disk_kind = Some(kind);
        self.disk_log = Some(log.to_owned());
        self
    }

    /// Lets it run longer than usual.
    pub(crate) fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = Some(limit);
        self
    }

    /// Starts the machine, runs the script in it and takes what it left in `/out`. The script has busybox,
    /// and from `guest/init` `step`, `as_user`, `wait_for`, `at_least`, `hand_out`, `power_cut`.
    pub(crate) fn run(&self, script: &str) -> Output {
        let host = host().as_ref().expect("Machine::new looked");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| folder.path().join(name);
        fs::write(path("initramfs"), self.initramfs(host, script)).expect("room for the initramfs");
        let out = fs::File::create(path("out")).expect("room for the results");
        out.set_len(OUT_SIZE).expect("a sparse file");

        let mut qemu = Command::new("qemu-system-x86_64");
        qemu.args(base_arguments());
        qemu.arg("-kernel").arg(&host.kernel.image).arg("-initrd").arg(path("initramfs"));
        qemu.arg("-append").arg(format!(
            // A host that is busy lets the kernel think that its timer does not tick.
            "console=ttyS0 quiet panic=-1 no_timer_check scsi_mod.scan=sync usb-storage.delay_use=0 DRIVES={} DISK={}",
            self.drives.len(),
            self.disk_kind.unwrap_or("ext4")
        ));
        self.add_disks(&mut qemu, &path("out"));
        self.add_drives(&mut qemu);
        qemu.args(trace::ARGUMENTS).arg("-D").arg(path("trace"));

        let (console, power_cut) = boot(&mut qemu, self.time_limit.unwrap_or(TIME_LIMIT));
        fs::create_dir(path("results")).expect("a folder");
        if !power_cut || handed_out(&path("out")) {
            let tar = Command::new("tar").arg("-xmf").arg(path("out")).arg("-C").arg(path("results")).status();
            assert!(tar.is_ok_and(|status| status.success()), "no results came out; the console says:\n{console}");
            let finished = power_cut || path("results/finished").exists();
            assert!(finished, "the script did not end; the console says:\n{console}");
        }
        let commands = trace::read(&fs::read_to_string(path("trace")).expect("QEMU keeps its log"));
        Output { folder, console, power_cut, commands }
    }

    fn initramfs(&self, host: &Host, script: &str) -> Vec<u8> {
        let mut archive = Initramfs::new();
        archive.program("init", include_bytes!("../guest/init"));
        archive.program("bin/busybox", &host.busybox);
        archive.file("etc/passwd", b"root:x:0:0::/root:/bin/sh\nuser:x:1000:1000::/tmp:/bin/sh\n");
        archive.file("etc/group", b"root:x:0:\ncdrom:x:24:user\nuser:x:1000:\n");
        let mut order = String::new();
        for module in host.kernel.modules(&[&MODULES[..], &self.modules].concat()) {
            let name = module.file_name().unwrap_or_default().to_string_lossy();
            archive.file(&format!("modules/{name}"), &fs::read(module).expect("the cache is whole"));
            order += &format!("{name}\n");
        }
        archive.file("modules/order", order.as_bytes());
        archive.file("script", script.as_bytes());
        for (path, content) in &self.programs {
            archive.program(path, content);
        }
        for folder in &self.folders {
            archive.folder(folder);
        }
        for (path, content) in &self.files {
            archive.file(path, content);
        }
        archive.finish()
    }

    fn add_disks(&self, qemu: &mut Command, out: &Path) {
        // What the guest flushed is safe enough in the host's memory: only the guest's power is ever cut.
        let cache = json!({ "no-flush": true });
        let disks = [Some(out), self.disk.as_deref()];
        for (file, node) in disks.into_iter().flatten().zip(["disk0", "disk1"]) {
            blockdev(qemu, &json!({ "driver": "file", "node-name": node, "filename": file, "cache": cache }));
            let top = self.disk_log.as_ref().filter(|_| node == "disk1").map_or(node, |log| {
                blockdev(qemu, &json!({ "driver": "file", "node-name": "log", "filename": log, "cache": cache }));
                let mut logged = json!({ "driver": "blklogwrites", "node-name": "logged", "file": node, "log": "log" });
                logged["log-super-update-interval"] = 1.into();
                blockdev(qemu, &logged);
                "logged"
            });
            qemu.arg("-device").arg(format!("virtio-blk-pci,drive={top}"));
        }
    }

    fn add_drives(&self, qemu: &mut Command) {
        qemu.args(["-device", "virtio-scsi-pci,id=scsi", "-device", "qemu-xhci,id=usb"]);
        for (number, drive) in self.drives.iter().enumerate() {
            let node = drive.add_medium(qemu, number);
            let place = if drive.usb {
                qemu.arg("-device").arg(format!("usb-bot,bus=usb.0,id=bridge{number}"));
                format!("bus=bridge{number}.0,scsi-id=0,lun=0")
            } else {
                format!("bus=scsi.0,scsi-id={}", trace::target_of(number))
            };
            let medium = node.map(|node| format!(",drive={node}")).unwrap_or_default();
            let identity = drive
                .identity
                .map(|[vendor, model, revision]| format!(",vendor={vendor},product={model},ver={revision}"));
            qemu.arg("-device").arg(format!("scsi-cd,{place}{medium}{}", identity.unwrap_or_default()));
        }
    }
}

/// The bare machine. Processors are emulated: that runs everywhere, and a host whose `/dev/kvm` opens but does
/// not work looks healthy until the machine hangs. `FREEMKV_VM_ACCEL=kvm` asks for the real thing.
fn base_arguments() -> Vec<String> {
    let accelerator = env::var("FREEMKV_VM_ACCEL").unwrap_or_else(|_| "tcg".to_owned());
    let arguments =
        "-M q35 -m 768 -nodefaults -no-user-config -display none -no-reboot -monitor none -serial stdio -accel";
    arguments.split(' ').map(str::to_owned).chain([accelerator]).collect()
}

/// Whether a script that did not end has handed something out.
fn handed_out(out: &Path) -> bool {
    let mut head = [0; 512];
    let read = fs::File::open(out).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head.iter().any(|byte| *byte != 0)
}

/// Ends the machine when the test ends early.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs the machine until it is off. Returns what its console said, and whether its power was cut.
fn boot(qemu: &mut Command, limit: Duration) -> (String, bool) {
    let child = qemu.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut running = Running(child.expect("qemu starts"));
    let (sender, lines) = mpsc::channel();
    let stdout = running.0.stdout.take().expect("a pipe");
    let stderr = running.0.stderr.take().expect("a pipe");
    let streams: [Box<dyn std::io::Read + Send>; 2] = [Box::new(stdout), Box::new(stderr)];
    for stream in streams {
        let sender = sender.clone();
        thread::spawn(move || {
            for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
                if sender.send(String::from_utf8_lossy(&line).trim_end().to_owned()).is_err() {
                    break;
                }
            }
        });
    }
    drop(sender);

    let end = Instant::now() + limit;
    let mut console = String::new();
    loop {
        match lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
            // Something may have been drawn on the same line before.
            Ok(line) if line.ends_with(POWER_CUT) => {
                drop(running);
                return (console, true);
            }
            Ok(line) => console = console + &line + "\n",
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                drop(running);
                panic!("the machine was still up after {limit:?}; the console says:\n{console}");
            }
        }
    }
    let status = running.0.wait().expect("qemu was started");
    assert!(status.success(), "qemu: {status}; it says:\n{console}");
    (console, false)
}
