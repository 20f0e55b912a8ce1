//! The kernel of the test machine: Debian's own, from the package that `linux-image-amd64` points to.
//!
//! The package is downloaded and unpacked below `tests/.cache`, never installed. What is kept of it, by package and
//! version, is the kernel and the modules that the machine loads, in the order they are loaded.

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What is kept of the package; what each needs is found in the modules themselves.
const WANTED: [&str; 16] = [
    "virtio_pci",
    "virtio_blk",
    "crc32c_generic",
    "ext4",
    "sr_mod",
    "sg",
    "virtio_scsi",
    "xhci_pci",
    "usb_storage",
    "uas",
    "vhci_hcd",
    "configfs",
    "target_core_user",
    "tcm_loop",
    "xfs",
    "btrfs",
];

/// Ends where the network is gone.
const DOWNLOAD: [&str; 6] = ["-q", "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20", "download"];

/// A kernel that is ready to boot.
pub(crate) struct Kernel {
    /// For `qemu -kernel`.
    pub(crate) image: PathBuf,
    /// The modules that were kept, each behind what it needs.
    modules: Vec<Module>,
}

struct Module {
    name: String,
    file: PathBuf,
    needs: Vec<String>,
}

impl Kernel {
    /// The files of these modules and of what they need, in the order in which they are to be loaded. What is not
    /// there is part of the kernel, or the boot tells.
    pub(crate) fn modules(&self, wanted: &[&str]) -> Vec<&Path> {
        let mut names: Vec<&str> = wanted.to_vec();
        let mut at = 0;
        while let Some(name) = names.get(at) {
            let module = self.modules.iter().find(|module| module.name == *name);
            names.extend(module.into_iter().flat_map(|module| module.needs.iter().map(String::as_str)));
            at += 1;
        }
        self.modules.iter().filter(|module| names.contains(&module.name.as_str())).map(|module| &*module.file).collect()
    }
}

/// Finds the current kernel in the cache, or fetches it. Where it cannot be had, for want of a network or of apt, any
/// one in the cache does.
pub(crate) fn find() -> Result<Kernel, String> {
    let cache = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/.cache/kernel");
    current(&cache).or_else(|why| any(&cache).ok_or(why))
}

fn any(cache: &Path) -> Option<Kernel> {
    fs::read_dir(cache).ok()?.flatten().find_map(|entry| load(&entry.path()).ok())
}

fn current(cache: &Path) -> Result<Kernel, String> {
    let wanted = package()?;
    let folder = cache.join(format!("{}_{}", wanted.name, wanted.version.replace(':', "%3a")));
    if let Ok(kernel) = load(&folder) {
        return Ok(kernel);
    }
    fs::create_dir_all(cache).map_err(|e| format!("{}: {e}", cache.display()))?;
    let work = tempfile::tempdir_in(cache).map_err(|e| format!("{}: {e}", cache.display()))?;
    fetch(&wanted, work.path())?;
    let ready = work.path().join("ready");
    prepare(&work.path().join("unpacked"), &ready)?;
    // Two test runs may do this at once: the later one finds the folder there and uses it. A folder that
    // does not load is from another list of modules.
    if load(&folder).is_err() {
        let _ = fs::remove_dir_all(&folder);
        let _ = fs::rename(&ready, &folder);
    }
    load(&folder)
}

struct Package {
    name: String,
    version: String,
}

/// The kernel package that is current, by the package lists of this machine.
fn package() -> Result<Package, String> {
    let depends = text_of(Command::new("apt-cache").args(["depends", "linux-image-amd64"]))?;
    let name = depends
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Depends: "))
        .find(|name| name.starts_with("linux-image-"))
        .ok_or("apt knows no package linux-image-amd64 (apt-get update?)")?;
    let show = text_of(Command::new("apt-cache").args(["show", "--no-all-versions", name]))?;
    let version = show
        .lines()
        .find_map(|line| line.strip_prefix("Version: "))
        .ok_or_else(|| format!("apt knows no version of {name}"))?;
    Ok(Package { name: name.to_owned(), version: version.to_owned() })
}

/// Downloads the package and unpacks it to `work/unpacked`.
fn fetch(package: &Package, work: &Path) -> Result<(), String> {
    eprintln!("vm: fetching {} {}", package.name, package.version);
    let exact = format!("{}={}", package.name, package.version);
    text_of(Command::new("apt-get").args(DOWNLOAD).arg(&exact).current_dir(work))?;
    let archive = first_file(work, |name| name.ends_with(".deb")).ok_or("apt-get left no package")?;
    let unpacked = work.join("unpacked");
    text_of(Command::new("dpkg").arg("-x").arg(&archive).arg(&unpacked))?;
    Ok(())
}

/// Picks what the machine needs out of an unpacked package.
fn prepare(unpacked: &Path, ready: &Path) -> Result<(), String> {
    let io = |e: std::io::Error| format!("preparing the kernel: {e}");
    fs::create_dir_all(ready).map_err(io)?;
    let packed = first_file(&unpacked.join("boot"), |name| name.starts_with("vmlinuz-")).ok_or("no vmlinuz")?;
    let packed = fs::read(packed).map_err(io)?;
    let image = unpacked_kernel(&packed).unwrap_or(packed);
    fs::write(ready.join("kernel"), image).map_err(io)?;

    let mut files = HashMap::new();
    collect_modules(&unpacked.join("lib/modules"), &mut files).map_err(io)?;
    let mut order = Vec::new();
    for name in WANTED {
        add_module(name, &files, ready, &mut order)?;
    }
    // Of each module a line: its name and what it needs.
    let list = format!("{}\n{}\n", WANTED.join(" "), order.join("\n"));
    fs::write(ready.join("modules"), list).map_err(io)
}

/// The kernel proper out of a compressed boot image: the machine then need not unpack it, which takes an
/// emulated processor longer than booting. `None` when it is not packed with xz.
fn unpacked_kernel(packed: &[u8]) -> Option<Vec<u8>> {
    let start = packed.windows(6).position(|bytes| bytes == b"\xfd7zXZ\0")?;
    let plain = filter(Command::new("xz").args(["-dc", "--single-stream"]), &packed[start..])?;
    plain.starts_with(b"\x7fELF").then_some(plain)
}

/// Every module file below a folder, by the module's name.
fn collect_modules(folder: &Path, files: &mut HashMap<String, PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            collect_modules(&entry.path(), files)?;
        } else if let Some((stem, "ko" | "ko.xz")) = name.split_once('.') {
            files.insert(stem.replace('-', "_"), entry.path());
        }
    }
    Ok(())
}

/// Copies a module and, before it, what it needs. One that is missing is part of the kernel, or the boot tells.
fn add_module(
    name: &str,
    files: &HashMap<String, PathBuf>,
    ready: &Path,
    order: &mut Vec<String>,
) -> Result<(), String> {
    let name = name.replace('-', "_");
    let file = format!("{name}.ko");
    let Some(path) = files.get(&name) else { return Ok(()) };
    if order.iter().any(|line| line.split(' ').next() == Some(&name)) {
        return Ok(());
    }
    let mut bytes = fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    if path.extension().is_some_and(|extension| extension == "xz") {
        bytes = filter(Command::new("xz").arg("-dc"), &bytes).ok_or_else(|| format!("xz on {}", path.display()))?;
    }
    let needs = needed_by(&bytes);
    for needed in &needs {
        add_module(needed, files, ready, order)?;
    }
    fs::write(ready.join(&file), bytes).map_err(|e| format!("{file}: {e}"))?;
    order.push([vec![name], needs].concat().join(" "));
    Ok(())
}

/// The `depends=` line of a module's own description (section `.modinfo`).
fn needed_by(module: &[u8]) -> Vec<String> {
    let key = b"\0depends=";
    let Some(at) = module.windows(key.len()).position(|bytes| bytes == key) else { return Vec::new() };
    let value = &module[at + key.len()..];
    let value = value.split(|byte| *byte == 0).next().unwrap_or_default();
    let names = String::from_utf8_lossy(value);
    names.split(',').filter(|name| !name.is_empty()).map(|name| name.replace('-', "_")).collect()
}

fn load(folder: &Path) -> Result<Kernel, String> {
    let list = fs::read_to_string(folder.join("modules")).map_err(|e| format!("{}: {e}", folder.display()))?;
    let (wanted, order) = list.split_once('\n').ok_or("an empty list of modules")?;
    if wanted != WANTED.join(" ") {
        return Err(format!("{}: other modules", folder.display()));
    }
    let module = |line: &str| {
        let mut words = line.split(' ').map(str::to_owned);
        let name = words.next().unwrap_or_default();
        Module { file: folder.join(format!("{name}.ko")), name, needs: words.collect() }
    };
    Ok(Kernel { image: folder.join("kernel"), modules: order.lines().map(module).collect() })
}

fn first_file(folder: &Path, fits: impl Fn(&str) -> bool) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?;
    entries.flatten().find(|entry| fits(&entry.file_name().to_string_lossy())).map(|entry| entry.path())
}

/// What a program prints; its complaint when it fails.
fn text_of(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.env("LC_ALL", "C").stdin(Stdio::null()).output().map_err(|e| format!("{program}: {e}"))?;
    if !output.status.success() {
        return Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Bytes through a program.
fn filter(command: &mut Command, input: &[u8]) -> Option<Vec<u8>> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let mut stdin = child.stdin.take()?;
    let input = input.to_vec();
    // The program may stop reading before the end; that is no error of ours.
    let feeder = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().ok()?;
    let _ = feeder.join();
    output.status.success().then_some(output.stdout)
}
