//! What kind of file system a file lies on.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;

use nix::sys::statfs::fstatfs;

/// File systems whose server may go away (numbers of linux/magic.h and of the file systems' own sources).
const NETWORK: [u64; 9] = [
    0x6969,      // NFS
    0x517b,      // SMB, the old client
    0xff53_4d42, // CIFS
    0xfe53_4d42, // SMB2 and later
    0x0102_1997, // 9P
    0x5346_414f, // AFS, OpenAFS
    0x6b41_4653, // AFS, the kernel's own
    0x00c3_6400, // Ceph
    0x7375_7245, // Coda
];

const FUSE: u64 = 0x6573_5546;

/// FUSE file systems that are known to talk to another machine, as `/proc/self/mountinfo` names them.
const FUSE_NETWORK: [&str; 16] = [
    "fuse.sshfs",
    "fuse.rclone",
    "fuse.s3fs",
    "fuse.s3ql",
    "fuse.goofys",
    "fuse.gcsfuse",
    "fuse.blobfuse2",
    "fuse.curlftpfs",
    "fuse.davfs2",
    "fuse.glusterfs",
    "fuse.ceph",
    "fuse.ceph-fuse",
    "fuse.mfs",
    "fuse.lizardfs",
    "fuse.juicefs",
    "fuse.smbnetfs",
];

/// Whether `file` lies on a file system whose server is another machine.
///
/// # Errors
/// The file system does not say what it is.
pub fn is_network(file: &File) -> io::Result<bool> {
    let kind = magic(fstatfs(file)?.filesystem_type().0);
    if kind != FUSE {
        return Ok(NETWORK.contains(&kind));
    }
    let device = file.metadata()?.dev();
    let (major, minor) = (nix::sys::stat::major(device), nix::sys::stat::minor(device));
    // Without /proc nothing is known of it; a local disk is the likelier and the more careful guess.
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    Ok(mounted_type(&mounts, major, minor).is_some_and(|name| FUSE_NETWORK.contains(&name)))
}

/// The type of the file system on a device number, from the text of `/proc/self/mountinfo` (proc(5)).
fn mounted_type(mounts: &str, major: u64, minor: u64) -> Option<&str> {
    let device = format!("{major}:{minor}");
    mounts.lines().find_map(|line| {
        let (before, after) = line.split_once(" - ")?;
        (before.split(' ').nth(2)? == device).then(|| after.split(' ').next())?
    })
}

/// The magic number without the sign that some machines' `f_type` gives it: all of them have 32 bits.
#[allow(clippy::cast_sign_loss, clippy::unnecessary_cast, reason = "f_type differs between machines")]
pub(super) fn magic(kind: nix::libc::__fsword_t) -> u64 {
    (kind as u64) & 0xffff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
25 30 0:23 / /proc rw,nosuid shared:13 - proc proc rw
611 30 0:55 / /mnt/nas\\040share rw,nosuid,nodev - fuse.sshfs nas:/films rw,user_id=0
612 30 8:17 / /media/stick rw - fuseblk /dev/sdb1 rw,user_id=0
613 30 8:18 /";

    #[test]
    fn the_type_of_a_mount_is_found_by_its_device() {
        assert_eq!(mounted_type(MOUNTS, 0, 55), Some("fuse.sshfs"));
        assert_eq!(mounted_type(MOUNTS, 8, 17), Some("fuseblk"));
        assert_eq!(mounted_type(MOUNTS, 8, 18), None);
        assert_eq!(mounted_type("", 0, 0), None);
    }

    #[test]
    fn a_temporary_file_is_local() {
        assert!(!is_network(&tempfile::tempfile().unwrap()).unwrap());
    }
}
