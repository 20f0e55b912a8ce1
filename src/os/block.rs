//! Block devices: their size, their limits, and who has them mounted.

use std::ffi::{OsString, c_int, c_ushort};
use std::fs::{File, Metadata};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

/// What the macros make is public in its module.
#[allow(unreachable_pub)]
mod request {
    use super::c_ushort;

    // The size is 64 bits wide; the request's number was fixed with the size of a `size_t` in it.
    nix::ioctl_read!(size_bytes, 0x12, 114, usize);
    nix::ioctl_read_bad!(transfer_sectors, 0x1267, c_ushort);
}

/// Size of an open block device, bytes (BLKGETSIZE64).
///
/// # Errors
/// It is no block device, or the device is gone.
pub fn size_bytes(device: &File) -> io::Result<u64> {
    let mut size: u64 = 0;
    // SAFETY: the descriptor is open, and the kernel writes 64 bits, which is what `size` has.
    unsafe { request::size_bytes(device.as_raw_fd(), (&raw mut size).cast()) }?;
    Ok(size)
}

/// Most bytes that the kernel sends to a block device in one request (BLKSECTGET).
///
/// # Errors
/// It is no block device, or the device is gone.
pub fn most_bytes(device: &File) -> io::Result<usize> {
    let mut units: c_ushort = 0;
    // SAFETY: the descriptor is open, and BLKSECTGET of a block device writes one unsigned short.
    unsafe { request::transfer_sectors(device.as_raw_fd(), &raw mut units) }?;
    Ok(usize::from(units) * 512)
}

/// Major and minor number of a device.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct DeviceNumber {
    /// The driver: 11 for `sr`, 21 for `sg`.
    pub major: u64,
    /// Which one of the driver's devices.
    pub minor: u64,
}

impl DeviceNumber {
    /// Reads `11:0`, as `/sys` and `mountinfo` write it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.trim().split_once(':')?;
        Some(Self { major: major.parse().ok()?, minor: minor.parse().ok()? })
    }
}

/// As `/sys/dev` names it: `11:0`.
impl std::fmt::Display for DeviceNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.major, self.minor)
    }
}

/// What a path leads to, when it is a device node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Node {
    /// A block device.
    Block(DeviceNumber),
    /// A character device.
    Character(DeviceNumber),
}

/// The device behind a file's metadata; `None` for anything but a device node.
#[must_use]
pub fn node(metadata: &Metadata) -> Option<Node> {
    let number =
        DeviceNumber { major: libc::major(metadata.rdev()).into(), minor: libc::minor(metadata.rdev()).into() };
    let kind = metadata.file_type();
    if kind.is_block_device() {
        Some(Node::Block(number))
    } else {
        kind.is_char_device().then_some(Node::Character(number))
    }
}

/// A word for what lies in a block device since it was put in: the number that the kernel counts up with each medium (Linux
/// 5.15), which begins again with each start of the system. `root` is `/` but in tests. `None` where it is not counted.
#[must_use]
pub fn inserted(root: &Path, device: DeviceNumber) -> Option<String> {
    let text = |path: String| std::fs::read_to_string(root.join(path)).ok().map(|text| text.trim().to_owned());
    let number: u64 = text(format!("sys/dev/block/{device}/diskseq"))?.parse().ok()?;
    let start = text("proc/sys/kernel/random/boot_id".to_owned())?;
    Some(format!("{number} of {start}"))
}

/// Where a device is mounted, by the text of `/proc/self/mountinfo` (proc_pid_mountinfo(5)).
#[must_use]
pub fn mount_points(mountinfo: &[u8], device: DeviceNumber) -> Vec<PathBuf> {
    let lines = mountinfo.split(|b| *b == b'\n');
    lines
        .filter_map(|line| {
            let mut fields = line.split(|b| *b == b' ').skip(2);
            let number = std::str::from_utf8(fields.next()?).ok().and_then(DeviceNumber::parse)?;
            let point = fields.nth(1)?;
            (number == device).then(|| PathBuf::from(OsString::from_vec(unescape(point))))
        })
        .collect()
}

/// Where a device is mounted now, as this process sees it; empty when that cannot be found out.
#[must_use]
pub fn mounted_at(device: DeviceNumber) -> Vec<PathBuf> {
    std::fs::read(Path::new("/proc/self/mountinfo")).map(|text| mount_points(&text, device)).unwrap_or_default()
}

/// Blanks, tabs, newlines and backslashes are written as `\` and three octal digits.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, tail)) = rest.split_first() {
        let code = tail
            .get(..3)
            .filter(|_| *first == b'\\')
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match code {
            Some(byte) => {
                out.push(byte);
                rest = tail.get(3..).unwrap_or_default();
            }
            None => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    out
}

/// Tells the kernel that reads of this file come in no order, so that it does not read ahead.
pub fn expect_random_reads(file: &File) {
    advise(file, 0, 0, libc::POSIX_FADV_RANDOM);
}

/// Lets the kernel forget the cached pages of a part of a file; dirty pages stay.
pub fn forget_pages(file: &File, start: u64, length: u64) {
    advise(file, start, length, libc::POSIX_FADV_DONTNEED);
}

/// `struct cachestat` of linux/mman.h, in pages.
#[repr(C)]
#[derive(Default)]
struct CacheStat {
    cached: u64,
    dirty: u64,
    under_write_out: u64,
    evicted: u64,
    recently_evicted: u64,
}

/// `struct cachestat_range`.
#[repr(C)]
struct CacheStatRange {
    offset: u64,
    length: u64,
}

/// The number of cachestat(2), the same on every architecture that Linux gained since it numbers them alike.
const CACHESTAT: libc::c_long = 451;

/// Pages of a part of a file that lie in the kernel's cache (cachestat(2), Linux 6.5); `None` where it cannot be told.
#[must_use]
pub fn cached_pages(file: &File, offset: u64, length: u64) -> Option<u64> {
    let (range, mut stat) = (CacheStatRange { offset, length }, CacheStat::default());
    // SAFETY: the descriptor is open; the kernel reads one `range` and writes one `stat`, laid out as it has them.
    let failed = unsafe { libc::syscall(CACHESTAT, file.as_raw_fd(), &raw const range, &raw mut stat, 0_u32) };
    (failed == 0).then_some(stat.cached)
}

/// Advice only: that it is not taken is no error.
fn advise(file: &File, start: u64, length: u64, advice: c_int) {
    if let (Ok(start), Ok(length)) = (libc::off_t::try_from(start), libc::off_t::try_from(length)) {
        // SAFETY: the descriptor is open; the call takes numbers only.
        unsafe { libc::posix_fadvise(file.as_raw_fd(), start, length, advice) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MOUNTINFO: &[u8] = b"22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n\
        90 22 11:0 / /media/me/MY\\040FILM ro,nosuid - udf /dev/sr0 ro\n\
        91 22 11:0 / /mnt/again ro - udf /dev/sr0 ro\nbroken line\n";

    #[test]
    fn mounts_are_found_by_device_and_unescaped() {
        let of = |text| mount_points(MOUNTINFO, DeviceNumber::parse(text).unwrap());
        assert_eq!(of("11:0"), [Path::new("/media/me/MY FILM"), Path::new("/mnt/again")]);
        assert_eq!(of("11:1"), Vec::<PathBuf>::new());
    }

    #[test]
    fn another_medium_and_another_start_of_the_system_have_other_words() {
        let root = tempfile::tempdir().unwrap();
        let device = DeviceNumber { major: 11, minor: 0 };
        let now = |number: &str, start: &str| {
            for (path, text) in [("sys/dev/block/11:0/diskseq", number), ("proc/sys/kernel/random/boot_id", start)] {
                let path = root.path().join(path);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, text).unwrap();
            }
            inserted(root.path(), device)
        };
        let first = now("17\n", "a-b\n");
        assert!(first.is_some() && first == now("17\n", "a-b\n"));
        assert_ne!(first, now("18\n", "a-b\n"));
        assert_ne!(first, now("17\n", "c-d\n"));
        assert_eq!(now("x\n", "a-b\n"), None);
        assert_eq!(inserted(root.path(), DeviceNumber { major: 11, minor: 1 }), None);
    }

    #[test]
    fn nodes_are_told_from_files() {
        let null = node(&std::fs::metadata("/dev/null").unwrap());
        assert_eq!(null, Some(Node::Character(DeviceNumber { major: 1, minor: 3 })));
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(node(&std::fs::metadata(folder.path()).unwrap()), None);
    }

    #[test]
    fn a_file_has_no_device_size() {
        let file = tempfile::tempfile().unwrap();
        assert!(size_bytes(&file).is_err());
        assert!(most_bytes(&file).is_err());
    }

    proptest! {
        #[test]
        fn no_mountinfo_makes_a_panic(text in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = mount_points(&text, DeviceNumber { major: 11, minor: 0 });
            let _ = unescape(&text);
        }
    }
}
