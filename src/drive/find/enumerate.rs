//! Which optical drives a machine has, from `/sys` and `/proc`: nothing is opened, no drive is disturbed.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::attribute::attribute;
use super::bridge;
use super::lying::{self, Lying};
use crate::base::human;
use crate::drive::user::User;
use crate::os::block::{DeviceNumber, mount_points};
use crate::os::cdrom::DriveStatus;

/// An optical drive of the machine. Texts are safe to show.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct DriveEntry {
    /// `/dev/srN`.
    pub node: PathBuf,
    /// `/dev/sgN` of the same drive, when the sg module is loaded.
    pub generic: Option<PathBuf>,
    /// Vendor.
    pub vendor: String,
    /// Model.
    pub model: String,
    /// Firmware revision.
    pub revision: String,
    /// What it hangs on: `usb`, `firewire`, `ata` (SATA too), `scsi`.
    pub bus: Option<&'static str>,
    /// State of its tray; `None` while it was not asked.
    pub status: Option<DriveStatus>,
    /// The disc in it, as far as it is known.
    pub disc: Option<Lying>,
    /// Where its disc is mounted.
    #[serde(serialize_with = "human::paths_text")]
    pub mounted: Vec<PathBuf>,
    /// Who has it open, as far as the caller may know: all processes for root, its own for anybody else.
    pub users: Vec<User>,
}

/// The drives under `root` (`/` but for tests), in the order of their numbers.
#[must_use]
pub fn drives(root: &Path) -> Vec<DriveEntry> {
    let mut found: Vec<(u32, DriveEntry)> = names(&root.join("sys/block"))
        .filter_map(|name| Some((name.strip_prefix("sr")?.parse().ok()?, entry(root, &name))))
        .collect();
    found.sort_by_key(|(number, _)| *number);
    let mut drives: Vec<DriveEntry> = found.into_iter().map(|(_, entry)| entry).collect();
    find_users(root, &mut drives);
    drives
}

/// The `srN` that the device with this character number (`/dev/sgN`) also is.
#[must_use]
pub(super) fn block_twin(root: &Path, generic: DeviceNumber) -> Option<PathBuf> {
    let folder = root.join(format!("sys/dev/char/{generic}/device/block"));
    names(&folder).find(|name| name.starts_with("sr")).map(|name| Path::new("/dev").join(name))
}

fn entry(root: &Path, name: &str) -> DriveEntry {
    let folder = root.join("sys/block").join(name);
    let device = folder.join("device");
    let number = DeviceNumber::parse(&attribute(&folder.join("dev")));
    let mountinfo = fs::read(root.join("proc/self/mountinfo")).unwrap_or_default();
    let generic = names(&device.join("scsi_generic")).find(|name| name.starts_with("sg"));
    DriveEntry {
        node: Path::new("/dev").join(name),
        generic: generic.map(|name| Path::new("/dev").join(name)),
        vendor: attribute(&device.join("vendor")),
        model: attribute(&device.join("model")),
        revision: attribute(&device.join("rev")),
        bus: number.and_then(|number| bridge::bus(root, number)),
        status: None,
        disc: number.and_then(|number| lying::by_record(root, number)),
        mounted: number.map(|number| mount_points(&mountinfo, number)).unwrap_or_default(),
        users: Vec::new(),
    }
}

/// Fills in who has a drive open, but for this process itself.
fn find_users(root: &Path, drives: &mut [DriveEntry]) {
    if drives.is_empty() {
        return;
    }
    let processes = root.join("proc");
    for pid in names(&processes).filter_map(|name| name.parse::<u32>().ok()).filter(|pid| *pid != std::process::id()) {
        let process = processes.join(pid.to_string());
        let open: Vec<PathBuf> = fs::read_dir(process.join("fd"))
            .into_iter()
            .flatten()
            .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
            .collect();
        for drive in &mut *drives {
            if open.iter().any(|path| *path == drive.node || Some(path) == drive.generic.as_ref()) {
                drive.users.push(User { pid, name: attribute(&process.join("comm")) });
            }
        }
    }
}

/// The names in a folder; none when it cannot be read.
fn names(folder: &Path) -> impl Iterator<Item = String> + use<> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| entry.ok()?.file_name().to_str().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn put(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn machine() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (name, number, sg) in [("sr10", "11:10", "sg4"), ("sr2", "11:2", "sg1")] {
            put(root.path(), &format!("sys/block/{name}/dev"), &format!("{number}\n"));
            put(root.path(), &format!("sys/block/{name}/device/vendor"), "HL-DT-ST\n");
            put(root.path(), &format!("sys/block/{name}/device/model"), "BD-RE \x1b[31m  \n");
            put(root.path(), &format!("sys/block/{name}/device/rev"), "1.05\n");
            fs::create_dir_all(root.path().join(format!("sys/block/{name}/device/scsi_generic/{sg}"))).unwrap();
        }
        put(root.path(), "sys/block/sda/dev", "8:0\n");
        put(root.path(), "proc/self/mountinfo", "1 2 11:2 / /media/FILM ro - udf /dev/sr2 ro\n");
        put(root.path(), "proc/4000000/comm", "vlc\n");
        fs::create_dir_all(root.path().join("proc/4000000/fd")).unwrap();
        symlink("/dev/sg4", root.path().join("proc/4000000/fd/7")).unwrap();
        root
    }

    #[test]
    fn drives_are_listed_in_order_with_who_holds_them() {
        let root = machine();
        let drives = drives(root.path());
        assert_eq!(drives.iter().map(|d| d.node.to_str().unwrap()).collect::<Vec<_>>(), ["/dev/sr2", "/dev/sr10"]);
        assert_eq!((drives[0].vendor.as_str(), drives[0].model.as_str()), ("HL-DT-ST", "BD-RE ?[31m"));
        assert_eq!(drives[0].generic.as_deref(), Some(Path::new("/dev/sg1")));
        assert_eq!(drives[0].mounted, [Path::new("/media/FILM")]);
        assert_eq!(drives[1].users, [User { pid: 4_000_000, name: "vlc".into() }]);
        assert!(drives[0].users.is_empty() && drives[1].mounted.is_empty());
    }

    #[test]
    fn a_machine_without_drives_has_none() {
        assert_eq!(drives(tempfile::tempdir().unwrap().path()), []);
    }

    #[test]
    fn the_block_device_of_a_generic_node_is_found() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("sys/dev/char/21:4/device/block/sr1")).unwrap();
        let twin = |text| block_twin(root.path(), DeviceNumber::parse(text).unwrap());
        assert_eq!(twin("21:4"), Some(PathBuf::from("/dev/sr1")));
        assert_eq!(twin("21:5"), None);
    }
}
