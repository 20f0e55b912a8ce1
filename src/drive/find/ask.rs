//! A word with a drive that nobody uses: is a disc in, and of which kind?

use std::path::Path;
use std::sync::Arc;

use super::enumerate::DriveEntry;
use super::lying;
use super::open::{drive_node, open_transport};
use crate::base::cancel::Cancel;
use crate::base::clock::SystemClock;
use crate::drive::disc::media::media_of_profile;
use crate::drive::link::Link;
use crate::os::block::Node;
use crate::os::cdrom::{DriveStatus, drive_status};
use crate::scsi::sg_io::Sharing;
use crate::scsi::{answers, cdb};

/// Asks a drive whether a disc is in, and of which kind, where nobody is seen to use it. Neither question spins the disc up.
pub fn ask(entry: &mut DriveEntry) {
    if !entry.users.is_empty() || !entry.mounted.is_empty() {
        return;
    }
    entry.status = drive_status(&entry.node).ok();
    match entry.status {
        Some(DriveStatus::Disc) => {
            let mut disc = entry.disc.take().unwrap_or_default();
            if let Some(Node::Block(number)) = drive_node(&entry.node) {
                disc.size_bytes = lying::size(Path::new("/"), number).or(disc.size_bytes);
            }
            disc.media = disc.media.or_else(|| profile(&entry.node).and_then(media_of_profile));
            entry.disc = Some(disc);
        }
        Some(DriveStatus::NoDisc | DriveStatus::TrayOpen) => entry.disc = None,
        Some(DriveStatus::NotReady | DriveStatus::Unknown) | None => {}
    }
}

/// The present profile (MMC-6, GET CONFIGURATION).
fn profile(node: &Path) -> Option<u16> {
    let (transport, _guard) = open_transport(node, Sharing::Shared, Arc::new(SystemClock::new())).ok()?;
    let mut link = Link::new(Box::new(transport), Cancel::new());
    let answer = link.ask(&cdb::get_configuration(0, 8), 8).ok()?;
    answers::current_profile(&answer).filter(|profile| *profile != 0)
}
