//! A file system for the machine to start from, in the kernel's own format
//! (`Documentation/driver-api/early-userspace/buffer-format.rst`: a cpio archive of kind "newc").

/// An archive in memory.
pub(crate) struct Initramfs {
    bytes: Vec<u8>,
    files: u32,
}

const DIRECTORY: u32 = 0o040_000;
const REGULAR: u32 = 0o100_000;
const CHARACTER_DEVICE: u32 = 0o020_000;

impl Initramfs {
    /// With nothing in it but a console: without one, the first program has no output.
    pub(crate) fn new() -> Self {
        let mut archive = Self { bytes: Vec::new(), files: 0 };
        for folder in ["bin", "dev", "etc", "modules"] {
            archive.folder(folder);
        }
        archive.entry("dev/console", CHARACTER_DEVICE | 0o600, (5, 1), &[]);
        archive
    }

    /// Adds a folder. Parents are not made.
    pub(crate) fn folder(&mut self, path: &str) {
        self.entry(path, DIRECTORY | 0o755, (0, 0), &[]);
    }

    /// Adds a file that anybody may read.
    pub(crate) fn file(&mut self, path: &str, content: &[u8]) {
        self.entry(path, REGULAR | 0o644, (0, 0), content);
    }

    /// Adds a file that anybody may run.
    pub(crate) fn program(&mut self, path: &str, content: &[u8]) {
        self.entry(path, REGULAR | 0o755, (0, 0), content);
    }

    /// The whole archive.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.entry("TRAILER!!!", 0, (0, 0), &[]);
        self.bytes
    }

    fn entry(&mut self, path: &str, mode: u32, device: (u32, u32), content: &[u8]) {
        self.files += 1;
        let size = u32::try_from(content.len()).expect("a file below 4 GiB");
        let name_size = u32::try_from(path.len() + 1).expect("a short name");
        let (major, minor) = device;
        // ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor namesize check
        let fields = [self.files, mode, 0, 0, 1, 0, size, 0, 0, major, minor, name_size, 0];
        self.bytes.extend_from_slice(b"070701");
        for field in fields {
            self.bytes.extend_from_slice(format!("{field:08x}").as_bytes());
        }
        self.bytes.extend_from_slice(path.as_bytes());
        self.bytes.push(0);
        self.pad();
        self.bytes.extend_from_slice(content);
        self.pad();
    }

    fn pad(&mut self) {
        while !self.bytes.len().is_multiple_of(4) {
            self.bytes.push(0);
        }
    }
}

#[test]
fn the_archive_is_one_that_cpio_reads() {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let mut archive = Initramfs::new();
    archive.file("etc/odd", b"12345");
    archive.program("init", b"#!/bin/sh\n");
    let bytes = archive.finish();
    let Some(busybox) = crate::support::program("busybox") else { return };
    let mut child = Command::new(busybox)
        .args(["cpio", "-t"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("busybox starts");
    child.stdin.take().expect("a pipe").write_all(&bytes).expect("cpio reads all");
    let output = child.wait_with_output().expect("cpio ends");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout).lines().collect::<Vec<_>>(),
        ["bin", "dev", "etc", "modules", "dev/console", "etc/odd", "init"]
    );
}
