//! The test machine: QEMU with CD drives, from a list of drives and a shell script to what the script left behind.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::host::{Host, host};
use crate::initramfs::Initramfs;
use crate::support;
use crate::trace::{self, Traced};

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

/// A CD drive of the machine and what lies in it.
#[derive(Clone, Default)]
pub(crate) struct Drive {
    image: Option<PathBuf>,
    bad_sectors: Vec<u64>,
    bytes_per_second: Option<u64>,
    usb: bool,
    identity: Option<[&'static str; 3]>,
}

impl Drive {
    /// With nothing in it.
    pub(crate) fn empty() -> Self {
        Self::default()
    }

    /// With a disc. Above 737 MB QEMU presents it as a DVD, below as a CD.
    pub(crate) fn with(image: &Path) -> Self {
        Self { image: Some(image.to_owned()), ..Self::default() }
    }

    /// Reads that touch these sectors (of 2,048 bytes) fail with MEDIUM ERROR, UNRECOVERED READ ERROR.
    pub(crate) fn bad(mut self, sectors: &[u64]) -> Self {
        self.bad_sectors.extend_from_slice(sectors);
        self
    }

    /// Reads no faster than this.
    pub(crate) fn slow(mut self, bytes_per_second: u64) -> Self {
        self.bytes_per_second = Some(bytes_per_second);
        self
    }

    /// Says in its INQUIRY data that it is of this vendor, model and firmware revision, instead of QEMU's.
    pub(crate) fn identity(mut self, vendor: &'static str, model: &'static str, revision: &'static str) -> Self {
        self.identity = Some([vendor, model, revision]);
        self
    }

    /// On USB, through the mass storage protocol. Such a drive gets its number after the others.
    pub(crate) fn usb(mut self) -> Self {
        self.usb = true;
        self
    }
}

/// A machine that is put together. Drives that are not on USB are `/dev/sr0`, `/dev/sr1`, … in the order they are added.
#[derive(Clone, Default)]
pub(crate) struct Machine {
    drives: Vec<Drive>,
    programs: Vec<(String, Vec<u8>)>,
    folders: Vec<String>,
    files: Vec<(String, Vec<u8>)>,
    modules: Vec<&'static str>,
    disk: Option<PathBuf>,
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
            "console=ttyS0 quiet panic=-1 no_timer_check scsi_mod.scan=sync usb-storage.delay_use=0 DRIVES={}",
            self.drives.len()
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
        archive.program("init", include_bytes!("guest/init"));
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
            qemu.arg("-device").arg(format!("virtio-blk-pci,drive={node}"));
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

impl Drive {
    /// Adds the nodes that the drive reads from and names the topmost; `None` without a disc.
    fn add_medium(&self, qemu: &mut Command, number: usize) -> Option<String> {
        let mut top = format!("disc{number}");
        blockdev(
            qemu,
            &json!({ "driver": "file", "node-name": top, "filename": self.image.as_ref()?, "read-only": true }),
        );
        if !self.bad_sectors.is_empty() {
            // blkdebug counts sectors of 512 bytes; 61 is ENODATA, which the drive reports as a medium error.
            let rule = |sector: &u64| json!({ "event": "none", "iotype": "read", "errno": 61, "once": false, "sector": sector * 4 });
            let rules: Vec<Value> = self.bad_sectors.iter().map(rule).collect();
            let node = format!("damage{number}");
            blockdev(
                qemu,
                &json!({ "driver": "blkdebug", "node-name": node, "image": top, "inject-error": rules, "read-only": true }),
            );
            top = node;
        }
        if let Some(rate) = self.bytes_per_second {
            let (node, group) = (format!("slow{number}"), format!("rate{number}"));
            let object = json!({ "qom-type": "throttle-group", "id": group, "limits": { "bps-read": rate } });
            qemu.arg("-object").arg(object.to_string());
            blockdev(
                qemu,
                &json!({ "driver": "throttle", "node-name": node, "throttle-group": group, "file": top, "read-only": true }),
            );
            top = node;
        }
        Some(top)
    }
}

fn blockdev(qemu: &mut Command, node: &Value) {
    qemu.arg("-blockdev").arg(node.to_string());
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

/// What a script left behind.
pub(crate) struct Output {
    folder: TempDir,
    /// What the machine's console said.
    pub(crate) console: String,
    /// Whether it ended by `power_cut`; only what `hand_out` let out is there then.
    pub(crate) power_cut: bool,
    commands: Vec<Traced>,
}

impl Output {
    /// A file that the script left in `/out`.
    pub(crate) fn file(&self, name: &str) -> Vec<u8> {
        let path = self.folder.path().join("results").join(name);
        fs::read(&path).unwrap_or_else(|e| panic!("{name}: {e}; the console says:\n{}", self.console))
    }

    /// The same as text.
    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8_lossy(&self.file(name)).into_owned()
    }

    /// Where all that the script left lies, until this is dropped.
    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().join("results")
    }

    /// Whether the script left such a file.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.folder.path().join("results").join(name).exists()
    }

    /// Fails with all that is known when a step did not end with this exit code.
    pub(crate) fn expect_exit(&self, step: &str, code: i32) {
        let was = self.text(&format!("{step}.code"));
        let said = |stream: &str| self.text(&format!("{step}.{stream}"));
        assert_eq!(
            was.trim(),
            code.to_string(),
            "exit code of {step}\n{}{}\n{}",
            said("out"),
            said("err"),
            self.console
        );
    }

    /// The SCSI commands that a drive got, in order. `drive` counts those that are not on USB from 0.
    pub(crate) fn commands(&self, drive: usize) -> Vec<&Traced> {
        self.commands.iter().filter(|command| command.target == trace::target_of(drive)).collect()
    }
}

/// A file that holds an empty ext4 file system, for [`Machine::disk`]; `None`, with a note, without mke2fs.
pub(crate) fn ext4_disk(folder: &Path, bytes: u64) -> Option<PathBuf> {
    let path = folder.join("disk.ext4");
    let file = fs::File::create(&path).expect("room for a disk");
    file.set_len(bytes).expect("a sparse file");
    // mke2fs lies in sbin, which a normal person's PATH may leave out.
    let tool = ["/usr/sbin/mke2fs", "/sbin/mke2fs"].into_iter().find(|tool| Path::new(tool).exists());
    let Some(tool) = tool else {
        support::skip("mke2fs is not installed (package e2fsprogs)");
        return None;
    };
    let status = Command::new(tool).args(["-q", "-F", "-t", "ext4", "-b", "4096"]).arg(&path).status();
    assert!(status.is_ok_and(|status| status.success()), "mke2fs fails");
    Some(path)
}
