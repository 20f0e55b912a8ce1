//! What the integration tests share: the built program, discs made up on the spot, other programs.
//!
//! Beside this file lies `drivesim`, which charges any program for the drive time it uses (see its README).
#![allow(dead_code, unused_imports, reason = "each test program uses its own part of this")]
#![allow(clippy::panic, clippy::unwrap_used, reason = "a panic is how a test fails")]

pub(crate) mod bench;
pub(crate) mod kill;
#[path = "../../src/base/testing.rs"]
mod testing;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(crate) use testing::{installed, program, skip, test_data};

/// Bytes in a sector of every disc here.
pub(crate) const SECTOR: usize = 2048;

/// How a program ended and what it said.
#[derive(Debug)]
pub(crate) struct Finished {
    /// Exit code; `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    /// Its standard output.
    pub(crate) stdout: String,
    /// Its standard error.
    pub(crate) stderr: String,
}

/// The freemkv that cargo built for this test, without a terminal on standard input.
pub(crate) fn freemkv() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_freemkv"));
    command.stdin(Stdio::null()).env_remove("NO_COLOR").env("LC_ALL", "C.UTF-8");
    command
}

/// Runs freemkv to its end.
pub(crate) fn run<I, S>(arguments: I) -> Finished
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    finish(freemkv().args(arguments))
}

/// Runs any command to its end.
pub(crate) fn finish(command: &mut Command) -> Finished {
    let output = command.output().unwrap_or_else(|e| panic!("{}: {e}", command.get_program().display()));
    Finished {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The content of a made-up disc: the same for the same seed, different in every sector.
pub(crate) fn disc_bytes(seed: u64, sectors: usize) -> Vec<u8> {
    // SplitMix64: a counter and a mixer, so that no two of its outputs are alike.
    let mut state = seed;
    let mut bytes = Vec::with_capacity(sectors * SECTOR);
    for _ in 0..sectors * SECTOR / 8 {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bytes.extend_from_slice(&(word ^ (word >> 31)).to_le_bytes());
    }
    bytes
}

/// Writes a made-up disc into a file of the folder.
pub(crate) fn disc_file(folder: &Path, name: &str, seed: u64, sectors: usize) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, disc_bytes(seed, sectors)).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    path
}

/// The sectors that a map calls rescued.
pub(crate) fn rescued_sectors(map: &Path) -> BTreeSet<usize> {
    let content = fs::read_to_string(map).unwrap_or_else(|e| panic!("{}: {e}", map.display()));
    let lines = content.lines().filter(|line| !line.starts_with('#')).skip(1);
    let number = |field: &str| usize::from_str_radix(field.trim_start_matches("0x"), 16).unwrap_or_default() / SECTOR;
    lines
        .filter_map(|line| match line.split_whitespace().collect::<Vec<_>>()[..] {
            [start, length, "+"] => Some(number(start)..number(start) + number(length)),
            _ => None,
        })
        .flatten()
        .collect()
}

/// Runs another program; what it printed, or why that did not work.
pub(crate) fn run_program(program: &str, arguments: &[&str]) -> Result<String, String> {
    let told = |text: &[u8]| String::from_utf8_lossy(text).trim().to_owned();
    let output = Command::new(program).args(arguments).output().map_err(|e| format!("{program}: {e}"))?;
    if output.status.success() { Ok(told(&output.stdout)) } else { Err(format!("{program}: {}", told(&output.stderr))) }
}

/// A loop device, gone when dropped.
pub(crate) struct LoopDevice(PathBuf);

impl LoopDevice {
    /// A device over a file; `None`, with a note, where it cannot be made.
    pub(crate) fn new(backing: &Path) -> Option<Self> {
        let made = run_program("losetup", &["--find", "--show", &backing.to_string_lossy()]);
        made.map_err(|why| skip(&format!("no loop device: {why}"))).ok().map(|path| Self(path.into()))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for LoopDevice {
    fn drop(&mut self) {
        let _ = run_program("losetup", &["--detach", &self.0.to_string_lossy()]);
    }
}

/// A mounted file system of its own, gone when dropped.
pub(crate) struct SmallDisk {
    mount: PathBuf,
    device: LoopDevice,
}

impl SmallDisk {
    /// A file system of that kind and size, its backing file in `folder`; `None`, with a note, without root,
    /// the programs or a kernel that knows the kind.
    pub(crate) fn new(folder: &Path, kind: &str, bytes: u64) -> Option<Self> {
        let backing = folder.join(format!("{kind}.disk"));
        fs::File::create(&backing).and_then(|file| file.set_len(bytes)).ok()?;
        let made = run_program(&format!("mkfs.{kind}"), &[&backing.to_string_lossy()]);
        made.map_err(|why| skip(&format!("no {kind}: {why}"))).ok()?;
        let device = LoopDevice::new(&backing)?;
        let mount = folder.join(format!("{kind}.mount"));
        fs::create_dir(&mount).ok()?;
        let place = [device.path(), &mount].map(|path| path.to_string_lossy().into_owned());
        let mounted = run_program("mount", &["-t", kind, &place[0], &place[1]]);
        mounted.map_err(|why| skip(&format!("no {kind} here: {why}"))).ok()?;
        Some(Self { mount, device })
    }

    /// Where it is mounted.
    pub(crate) fn mount(&self) -> &Path {
        &self.mount
    }

    /// The device below it.
    pub(crate) fn device(&self) -> &Path {
        self.device.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let mount = self.mount.to_string_lossy();
        let _ = run_program("umount", &[&mount]).or_else(|_| run_program("umount", &["--lazy", &mount]));
    }
}
