//! A CD drive of the machine, and the disc in it as QEMU's block devices.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

/// A CD drive of the machine and what lies in it.
#[derive(Clone, Default)]
pub(crate) struct Drive {
    image: Option<PathBuf>,
    bad_sectors: Vec<u64>,
    bytes_per_second: Option<u64>,
    pub(super) usb: bool,
    pub(super) identity: Option<[&'static str; 3]>,
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

impl Drive {
    /// Adds the nodes that the drive reads from and names the topmost; `None` without a disc.
    pub(super) fn add_medium(&self, qemu: &mut Command, number: usize) -> Option<String> {
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

pub(super) fn blockdev(qemu: &mut Command, node: &Value) {
    qemu.arg("-blockdev").arg(node.to_string());
}
