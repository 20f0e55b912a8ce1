//! Real disks in trouble while a run is under way: a mount that stops answering, one that becomes read-only, a disk that fails.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::hang::{Watched, interrupt};
use super::inject::false_claims;
use super::judge::left_in_order;
use crate::support::{SmallDisk, disc_file, finish, freemkv, installed, rescued_sectors, run_program, skip};

/// A drive that takes some seconds for the disc of the tests.
const SLOW: &str = "rate 2\n";
const SECTORS: usize = 8 << 20 >> 11;

/// A folder behind a file system that can be made to stop answering, or to fail. Gone when dropped.
struct TroubledMount {
    mount: PathBuf,
    below: PathBuf,
}

impl TroubledMount {
    /// `None`, with a note, where none can be had.
    fn new(folder: &Path) -> Option<Self> {
        let made = Self::make(folder);
        made.map_err(|why| skip(&format!("no mount that can be in trouble: {why}"))).ok()
    }

    fn make(folder: &Path) -> Result<Self, String> {
        if !nix::unistd::geteuid().is_root() || !Path::new("/dev/fuse").exists() {
            return Err("not root, or no /dev/fuse".into());
        }
        let [cc, config] = ["cc", "pkg-config"].map(installed);
        let (Some(cc), Some(_)) = (cc, config) else { return Err("no cc or pkg-config".into()) };
        let flags = run_program("pkg-config", &["--cflags", "--libs", "fuse3"])?;
        let server = folder.join("stuck_fs");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/stuck_fs.c");
        let mut build = Command::new(cc);
        build.args(["-O1", "-w", "-o"]).arg(&server).arg(source).args(flags.split_whitespace());
        let done = finish(&mut build);
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        let (below, mount) = (folder.join("below"), folder.join("mount"));
        [&below, &mount].iter().for_each(|folder| fs::create_dir(folder).unwrap());
        run_program(server.to_str().unwrap(), &[below.to_str().unwrap(), mount.to_str().unwrap()])?;
        Ok(Self { mount, below })
    }

    fn stop_answering(&self) {
        fs::write(self.below.with_extension("stuck"), "").unwrap();
    }

    /// Writes and syncs fail from now on.
    fn fail(&self) {
        fs::write(self.below.with_extension("broken"), "").unwrap();
    }

    /// All is well again.
    fn answer(&self) {
        for switch in ["stuck", "broken"] {
            let _ = fs::remove_file(self.below.with_extension(switch));
        }
    }
}

impl Drop for TroubledMount {
    fn drop(&mut self) {
        self.answer();
        let _ = run_program("umount", &["--lazy", self.mount.to_str().unwrap()]);
    }
}

/// A disc, and a drive with it that takes its time.
fn slow_drive(folder: &Path, seed: u64) -> (PathBuf, String) {
    let disc = disc_file(folder, "disc.iso", seed, SECTORS);
    let plan = folder.join("plan");
    fs::write(&plan, SLOW).unwrap();
    let drive = format!("emu:{},profile=bd,faults={},time=real", disc.display(), plan.display());
    (disc, drive)
}

fn start(folder: &Path, arguments: &[&str]) -> Watched {
    let mut command = freemkv();
    command.args(arguments).arg("-vv").arg("--log-file").arg(folder.join("drive.log")).stdin(Stdio::null());
    Watched::start(command, folder)
}

fn pid(program: &Watched) -> i32 {
    i32::try_from(program.child.id()).unwrap()
}

#[test]
fn a_mount_that_stops_answering_is_named_and_the_drive_is_let_go() {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let Some(stuck) = TroubledMount::new(folder.path()) else { return };
    let (disc, drive) = slow_drive(folder.path(), 31);
    let out = stuck.mount.join("out.iso");
    let arguments = ["sweep", &drive, out.to_str().unwrap()];

    // It answers again: all is saved, the drive is as it was, and the run can go on.
    let map = stuck.mount.join("out.iso.map");
    let mut program = start(folder.path(), &arguments);
    program.until("begun", |_| map.exists());
    stuck.stop_answering();
    program.until("told", |program| program.said().contains("Waiting for "));
    assert!(program.said().contains("out.iso"), "{}", program.said());
    interrupt(pid(&program));
    program.until("let go", |program| program.logged().contains("nothing more is asked of it"));
    stuck.answer();
    // The signal is raised again when all is saved.
    assert_eq!(program.end().code(), None, "{}", program.said());
    assert!(left_in_order(&folder.path().join("drive.log")), "{}", program.logged());
    assert_eq!(false_claims(&fs::read(&disc).unwrap(), &fs::read(&out).unwrap(), &map), 0);

    // It never answers: the second signal ends the program.
    let mut program = start(folder.path(), &arguments);
    let before = fs::read(&map).unwrap();
    program.until("begun again", |_| fs::read(&map).unwrap() != before);
    stuck.stop_answering();
    interrupt(pid(&program));
    program.until("let go again", |program| program.logged().matches("nothing more is asked of it").count() == 2);
    program.until("told of the first signal", |program| program.said().contains("A second signal stops at once"));
    interrupt(pid(&program));
    // The kernel holds a process for a request that the file system has taken.
    program.until("stopped at once", |program| program.said().contains("stopped at once; the map on disk is true"));
    stuck.answer();
    assert_eq!(program.end().code(), Some(130), "{}", program.said());
    assert_eq!(false_claims(&fs::read(&disc).unwrap(), &fs::read(&out).unwrap(), &map), 0);

    goes_on_to_the_end(&drive, &disc, &out);
}

#[test]
fn a_disk_that_becomes_read_only_in_the_middle_ends_the_run_and_leaves_the_drive_in_order() {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let Some(disk) = SmallDisk::new(folder.path(), "ext4", 64 << 20) else { return };
    let mount = disk.mount().to_str().unwrap();
    if run_program("mount", &["-o", "remount,errors=remount-ro", mount]).is_err() {
        return skip("no remount");
    }
    let (disc, drive) = slow_drive(folder.path(), 32);
    let (out, map) = (disk.mount().join("out.iso"), disk.mount().join("out.iso.map"));
    let mut program = start(folder.path(), &["sweep", &drive, out.to_str().unwrap()]);
    program.until("begun", |_| map.exists());
    let device = disk.device().file_name().unwrap().to_str().unwrap();
    if fs::write(format!("/sys/fs/ext4/{device}/trigger_fs_error"), "test").is_err() {
        let _ = program.child.kill();
        let _ = program.end();
        return skip("this kernel does not let ext4 be broken on purpose");
    }
    assert_eq!(program.end().code(), Some(1), "{}", program.said());
    let said = program.said();
    assert!(said.contains("Read-only file system") || said.contains("Input/output error"), "{said}");
    assert!(left_in_order(&folder.path().join("drive.log")), "{}", program.logged());
    assert_eq!(false_claims(&fs::read(&disc).unwrap(), &fs::read(&out).unwrap(), &map), 0);

    mend(&disk);
    goes_on_to_the_end(&drive, &disc, &out);
}

/// As its owner would: unmounted, checked, mounted again.
fn mend(disk: &SmallDisk) {
    let [device, mount] = [disk.device(), disk.mount()].map(|path| path.to_str().unwrap());
    run_program("umount", &[mount]).unwrap();
    let _ = run_program("fsck.ext4", &["-p", "-f", device]);
    run_program("mount", &["-t", "ext4", device, mount]).unwrap();
}

fn goes_on_to_the_end(drive: &str, disc: &Path, out: &Path) {
    let done = finish(freemkv().args(["sweep", &drive.replace(",time=real", ""), out.to_str().unwrap()]));
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(fs::read(out).unwrap() == fs::read(disc).unwrap());
}

#[test]
fn a_disk_that_fails_in_the_middle_ends_the_run_and_leaves_the_drive_in_order() {
    // A disk that fails so early may never have had the map.
    fails_when("the image is there", |out, _| out.exists());
    fails_when("the map is there", |_, map| map.exists());
    let has_map = fails_when("something is rescued", |_, map| map.exists() && !rescued_sectors(map).is_empty());
    assert_ne!(has_map, Some(false), "a map that was saved is gone");
}

/// Whether the disk has a map when it is mended; `None` where none can be made to fail.
fn fails_when(what: &str, is_so: impl Fn(&Path, &Path) -> bool) -> Option<bool> {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let below = TroubledMount::new(folder.path())?;
    let disk = SmallDisk::new(&below.mount, "ext4", 64 << 20)?;
    let (disc, drive) = slow_drive(folder.path(), 33);
    let (out, map) = (disk.mount().join("out.iso"), disk.mount().join("out.iso.map"));
    let mut program = start(folder.path(), &["sweep", &drive, out.to_str().unwrap()]);
    program.until(what, |_| is_so(&out, &map));
    below.fail();
    assert_eq!(program.end().code(), Some(1), "when {what}: {}", program.said());
    let said = program.said();
    assert!(said.contains("Read-only file system") || said.contains("Input/output error"), "when {what}: {said}");
    assert!(left_in_order(&folder.path().join("drive.log")), "when {what}: {}", program.logged());

    // What the disk has of it is true, whatever the kernel kept in memory.
    below.answer();
    mend(&disk);
    let has_map = map.exists();
    if has_map {
        assert_eq!(false_claims(&fs::read(&disc).unwrap(), &fs::read(&out).unwrap(), &map), 0, "when {what}");
    }
    goes_on_to_the_end(&drive, &disc, &out);
    Some(has_map)
}
