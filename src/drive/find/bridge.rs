//! USB bridges that are known to hand over less than they say, or other bytes.

use std::path::{Path, PathBuf};

use super::attribute::attribute;
use crate::base::human::printable;
use crate::os::block::DeviceNumber;

/// Vendor, product (none: all of the vendor's), and what it is. Each was named in reports of cut or garbled transfers.
const UNRELIABLE: [(u16, Option<u16>, &str); 4] = [
    (0x13FD, None, "an Initio bridge"),
    (0x152D, Some(0x0561), "a JMicron JMS561 bridge"),
    (0x174C, Some(0x5106), "an ASMedia ASM1051 bridge"),
    (0x174C, Some(0x5136), "an ASMedia ASM1051 bridge"),
];

/// Folders above a drive's own that are looked through: interface, device, hub after hub.
const DEPTH_MAX: usize = 32;

/// A sentence about the bridge that the drive with this block number hangs on, when it is one of those.
pub(super) fn warning(root: &Path, drive: DeviceNumber) -> Option<String> {
    let (_, vendor, product) = usb_bridge(&place(root, drive)?)?;
    let known = UNRELIABLE.iter().find(|(v, p, _)| *v == vendor && p.is_none_or(|p| p == product))?;
    // Flag m: no more than 32 KiB at a time. Flag r would have the kernel keep silent about what did not come.
    Some(format!(
        "the drive hangs on {} (USB {vendor:04x}:{product:04x}); some of them cut transfers short. If reads go wrong, \
         use another adapter or SATA, or load usb-storage with quirks={vendor:04x}:{product:04x}:m, which keeps them short",
        known.2
    ))
}

/// What the drive with this block number hangs on, the same in every run: a USB bridge and its port, or the port of an
/// adapter in the machine.
pub(super) fn way(root: &Path, drive: DeviceNumber) -> Option<String> {
    let place = place(root, drive)?;
    if let Some((bridge, vendor, product)) = usb_bridge(&place) {
        let port = bridge.file_name()?.to_string_lossy().into_owned();
        return Some(printable(&format!("usb {vendor:04x}:{product:04x} {port}")));
    }
    let devices = std::fs::canonicalize(root.join("sys/devices")).ok()?;
    let below = place.strip_prefix(devices).ok()?;
    // The number of a host changes from boot to boot; what it belongs to does not.
    let parts = below.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
    let fixed: Vec<String> = parts.take_while(|part| !is_host(part)).collect();
    (!fixed.is_empty()).then(|| printable(&fixed.join("/")))
}

/// What the drive with this block number hangs on.
pub(super) fn bus(root: &Path, drive: DeviceNumber) -> Option<&'static str> {
    let place = place(root, drive)?;
    if usb_bridge(&place).is_some() {
        return Some("usb");
    }
    let devices = std::fs::canonicalize(root.join("sys/devices")).ok()?;
    let below = place.strip_prefix(devices).ok()?;
    let has = |stem: &str| {
        let numbered =
            |part: &str| part.strip_prefix(stem).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        below.components().any(|part| part.as_os_str().to_str().is_some_and(numbered))
    };
    Some(if has("ata") {
        "ata"
    } else if has("fw") {
        "firewire"
    } else {
        "scsi"
    })
}

/// `host7`.
fn is_host(part: &str) -> bool {
    part.strip_prefix("host").is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// The folder of a drive below `sys/devices`.
fn place(root: &Path, drive: DeviceNumber) -> Option<PathBuf> {
    std::fs::canonicalize(root.join(format!("sys/dev/block/{drive}/device"))).ok()
}

/// The folder of the USB bridge that a drive in `place` hangs on, its vendor and product. The first USB device upwards is the
/// bridge; hubs lie above it.
fn usb_bridge(place: &Path) -> Option<(&Path, u16, u16)> {
    let number = |folder: &Path, name: &str| u16::from_str_radix(&attribute(&folder.join(name)), 16).ok();
    let bridge = place.ancestors().take(DEPTH_MAX).find(|folder| folder.join("idVendor").exists())?;
    Some((bridge, number(bridge, "idVendor")?, number(bridge, "idProduct")?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    /// A drive on a USB device with these ids, below a hub.
    fn machine(ids: Option<(&str, &str)>) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let hub = root.path().join("sys/devices/pci0000:00/usb1/1-2");
        let device = hub.join("1-2.1");
        let scsi = device.join("1-2.1:1.0/host6/target6:0:0/6:0:0:0");
        fs::create_dir_all(&scsi).unwrap();
        fs::create_dir_all(root.path().join("sys/dev/block/11:0")).unwrap();
        symlink(&scsi, root.path().join("sys/dev/block/11:0/device")).unwrap();
        if let Some((vendor, product)) = ids {
            for (folder, vendor, product) in [(&hub, "13fd", "0001"), (&device, vendor, product)] {
                fs::write(folder.join("idVendor"), format!("{vendor}\n")).unwrap();
                fs::write(folder.join("idProduct"), format!("{product}\n")).unwrap();
            }
        }
        root
    }

    fn said(ids: Option<(&str, &str)>) -> Option<String> {
        warning(machine(ids).path(), DeviceNumber { major: 11, minor: 0 })
    }

    #[test]
    fn a_bridge_with_a_bad_name_is_told_with_what_helps() {
        let text = said(Some(("13fd", "0840"))).unwrap();
        assert!(text.contains("Initio") && text.contains("quirks=13fd:0840:m"), "{text}");
        assert!(said(Some(("152d", "0561"))).is_some() && said(Some(("174c", "5106"))).is_some());
    }

    #[test]
    fn the_way_to_a_drive_is_its_bridge_and_port_or_the_port_of_its_adapter() {
        let of = |root: &Path| way(root, DeviceNumber { major: 11, minor: 0 });
        assert_eq!(of(machine(Some(("152d", "0578"))).path()).as_deref(), Some("usb 152d:0578 1-2.1"));
        let bus = |ids| bus(machine(ids).path(), DeviceNumber { major: 11, minor: 0 });
        assert_eq!((bus(Some(("152d", "0578"))), bus(None)), (Some("usb"), Some("scsi")));
        let way = of(machine(None).path()).unwrap();
        assert!(way.starts_with("pci0000:00/") && !way.contains("host"), "{way}");
        assert_eq!(of(Path::new("/no/such/root")), None);
    }

    #[test]
    fn other_bridges_and_other_ways_are_passed_over_in_silence() {
        for ids in [Some(("152d", "0578")), Some(("174c", "1153")), Some(("zz", "")), None] {
            assert_eq!(said(ids), None, "{ids:?}");
        }
        assert_eq!(warning(Path::new("/no/such/root"), DeviceNumber { major: 11, minor: 0 }), None);
    }
}
