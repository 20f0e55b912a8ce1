//! A drive of the firmware's (`firmware/`) in the machine, behind one of the three ways from the kernel to it, and what
//! came of a read that it was told to answer in its own way.

use std::path::PathBuf;
use std::sync::OnceLock;

use crate::imaging::{machine, static_firmware};
use crate::machine::{Machine, Output};
use crate::support::disc_bytes;

/// Sectors of the disc: 64 units of a Blu-ray.
pub(crate) const SECTORS: usize = 2048;

/// The unit that plans are about, and its first sector.
pub(crate) const UNIT: usize = 20;
pub(crate) const FIRST: usize = UNIT * 32;

/// How the kernel reaches the drive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Way {
    /// USB, Bulk-Only Transport: `usb-storage`.
    Usb,
    /// USB Attached SCSI: `uas`.
    Uas,
    /// A SCSI host adapter: `tcm_loop`.
    Scsi,
}

impl Way {
    /// Its name, which is the firmware's word for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Usb => "usb",
            Self::Uas => "uas",
            Self::Scsi => "scsi",
        }
    }

    fn modules(self) -> &'static [&'static str] {
        match self {
            Self::Usb => &["vhci_hcd"],
            Self::Uas => &["vhci_hcd", "uas"],
            Self::Scsi => &["configfs", "target_core_user", "tcm_loop"],
        }
    }
}

/// The machine with freemkv, the firmware and two discs of the same size; `None`, with a note, where it cannot be had.
pub(crate) fn plugged(way: Way) -> Option<Machine> {
    static FIRMWARE: OnceLock<PathBuf> = OnceLock::new();
    let machine = machine()?.program("firmware", FIRMWARE.get_or_init(static_firmware));
    let discs = [("discs/disc.iso", 1), ("discs/other.iso", 2)];
    let machine = discs
        .into_iter()
        .fold(machine.folder("discs"), |machine, (name, seed)| machine.file(name, &disc_bytes(seed, SECTORS)));
    Some(machine.modules(way.modules()))
}

/// Runs a script with the drive plugged in.
pub(crate) fn run(machine: &Machine, way: Way, script: &str) -> Output {
    let start = include_str!("guest/plugged");
    machine.run(&format!("{start}\nconnect {}\n{script}\ndmesg >/out/dmesg\n", way.name()))
}

/// Where the drive answers so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// The first read that comes to a unit.
    Once,
    /// Each read that comes to the unit.
    Always,
    /// Each read behind the start of the disc.
    Everywhere,
}

impl Place {
    /// Its word.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Always => "always",
            Self::Everywhere => "everywhere",
        }
    }

    /// The line of a plan in which reads there are answered with `says`, which may have words about data behind it.
    pub(crate) fn plan(self, says: &str) -> String {
        if let Some(sectors) = says.strip_prefix("short ") {
            let count = if self == Self::Everywhere { 1000 } else { 1 };
            return format!("short {UNIT} {count} {sectors}");
        }
        let (what, how) = says.split_once(' ').unwrap_or((says, ""));
        match self {
            Self::Once => format!("answer {UNIT} 1 {what} 1 {how}"),
            Self::Always => format!("answer {UNIT} 1 {what} {how}"),
            Self::Everywhere => format!("answer {UNIT} 1000 {what} {how}"),
        }
    }
}

/// What came of a cell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Came {
    /// What the kernel handed up of one read.
    pub(crate) handed: String,
    /// Exit code of the sweep.
    pub(crate) exit: String,
    /// What is missing, as `FIRST+COUNT STATUS` with commas between; or what is wrong with the map.
    pub(crate) missing: String,
    /// Seconds that it took.
    pub(crate) seconds: u64,
}

impl Came {
    /// Of the cell of that name.
    ///
    /// # Panics
    /// The map calls something rescued that is not what is on the disc.
    pub(crate) fn of(output: &Output, name: &str) -> Self {
        let file = |kind: &str| output.text(&format!("{name}.{kind}")).trim().to_owned();
        let missing = file("map").replace('\n', ", ");
        assert!(!missing.contains("differ from the disc"), "{name}: {missing}\n{}", file("err"));
        let seconds = file("seconds").parse().unwrap_or_default();
        Self { handed: file("handed"), exit: file("code"), missing, seconds }
    }
}
