//! Opening the node of a real drive, so that nobody else mounts or polls it meanwhile.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::bridge;
use super::enumerate::{block_twin, drives};
use crate::base::cancel::Cancel;
use crate::base::clock::{Clock, SystemClock};
use crate::base::human::printable;
use crate::drive::finder::Found;
use crate::drive::identity::{Identity, identify};
use crate::drive::link::Link;
use crate::drive::{Drive, DriveError, DriveOptions};
use crate::os::block::{self, DeviceNumber, Node};
use crate::scsi::Standing;
use crate::scsi::sg_io::{OpenError, SgIo, Sharing, standing_of};

/// Major number of `sr`.
const MAJOR_SR: u64 = 11;

/// Major number of `sg`.
const MAJOR_SG: u64 = 21;

/// The number of an optical drive's node when `path` is one, whatever its name: `sr`, or `sg` (which may turn out to
/// be some other SCSI device).
#[must_use]
pub fn drive_node(path: &Path) -> Option<Node> {
    let node = block::node(&std::fs::metadata(path).ok()?)?;
    matches!(
        node,
        Node::Block(DeviceNumber { major: MAJOR_SR, .. }) | Node::Character(DeviceNumber { major: MAJOR_SG, .. })
    )
    .then_some(node)
}

/// Opens `/dev/srN` or `/dev/sgN`. `options.name` is set to the path; a shared drive keeps its settings.
///
/// # Errors
/// [`DriveError`]; a mounted disc is named with where it is mounted.
pub fn open_node(path: &Path, sharing: Sharing, mut options: DriveOptions) -> Result<Drive, DriveError> {
    options.name = printable(&path.to_string_lossy());
    options.leave_settings |= sharing == Sharing::Shared;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let (transport, guard) = open_transport(path, sharing, Arc::clone(&clock))?;
    let read_only = transport.is_read_only();
    let mut drive = Drive::open(Box::new(transport), options)?;
    if read_only {
        let note = "opened for reading only: the drive's error reporting and speed cannot be set";
        drive.notes.push(note.to_owned());
    }
    if let Some(Node::Block(number)) = sr_of(path).as_deref().and_then(drive_node) {
        drive.notes.extend(bridge::warning(Path::new("/"), number));
        drive.way = bridge::way(Path::new("/"), number);
        drive.inserted = block::inserted(Path::new("/"), number);
    }
    drive.guard = guard;
    if sharing == Sharing::Exclusive {
        drive.finder = Some(Box::new(move |identity| find(identity, &clock)));
    }
    Ok(drive)
}

/// Looks for a drive by what it says of itself. Of several that cannot be told apart it is none.
fn find(identity: &Identity, clock: &Arc<dyn Clock>) -> Option<Found> {
    let mut alike = drives(Path::new("/"));
    alike.retain(|drive| {
        (&drive.vendor, &drive.model, &drive.revision) == (&identity.vendor, &identity.model, &identity.revision)
    });
    if identity.serial.is_none() && alike.len() > 1 {
        return None;
    }
    alike.into_iter().find_map(|drive| {
        let name = printable(&drive.node.to_string_lossy());
        let (transport, guard) = open_transport(&drive.node, Sharing::Exclusive, Arc::clone(clock)).ok()?;
        let mut link = Link::new(Box::new(transport), Cancel::new());
        let is_it = identify(&mut link, &name).is_ok_and(|found| found == *identity);
        let way = match drive_node(&drive.node) {
            Some(Node::Block(number)) => bridge::way(Path::new("/"), number),
            _ => None,
        };
        is_it.then(|| Found { transport: link.into_transport(), guard, name, way })
    })
}

/// The `/dev/srN` of a drive, given either of its nodes.
fn sr_of(path: &Path) -> Option<PathBuf> {
    match drive_node(path)? {
        Node::Character(number) => block_twin(Path::new("/"), number),
        Node::Block(_) => Some(path.to_owned()),
    }
}

/// Opens the way to a drive, and where its other node must be held as well, that one.
pub(in crate::drive) fn open_transport(
    path: &Path,
    sharing: Sharing,
    clock: Arc<dyn Clock>,
) -> Result<(SgIo, Option<File>), DriveError> {
    let sr = sr_of(path);
    let guard = match &sr {
        Some(twin) if twin != path && sharing == Sharing::Exclusive => guard(twin, path)?,
        _ => None,
    };
    let transport = SgIo::open(path, sharing, clock).map_err(|e| who_holds_it(e, sr.as_deref()))?;
    Ok((transport, guard))
}

/// Holds the block node of a drive that is used through its other node. Only that somebody else holds it is an error.
fn guard(twin: &Path, path: &Path) -> Result<Option<File>, DriveError> {
    let flags = libc::O_NONBLOCK | libc::O_EXCL;
    match OpenOptions::new().read(true).custom_flags(flags).open(twin) {
        Ok(file) => Ok(Some(file)),
        Err(e) if e.raw_os_error() == Some(libc::EBUSY) => {
            Err(who_holds_it(OpenError::Busy { path: path.to_owned() }, Some(twin)))
        }
        Err(_) => Ok(None),
    }
}

/// Says who is in the way when the drive is busy: a mount, or a program; and whether the system has given it up.
fn who_holds_it(error: OpenError, sr: Option<&Path>) -> DriveError {
    let mounts: Vec<PathBuf> = match sr.and_then(drive_node) {
        Some(Node::Block(number)) => block::mounted_at(number),
        _ => Vec::new(),
    };
    if let OpenError::Gone { path } = &error
        && standing_of(path) == Standing::Offline
    {
        return DriveError::Offline { name: printable(&path.to_string_lossy()) };
    }
    let OpenError::Busy { path } = &error else { return DriveError::Open(error) };
    let name = printable(&path.to_string_lossy());
    if let Some(at) = mounts.first() {
        return DriveError::Mounted { name, at: printable(&at.to_string_lossy()) };
    }
    let entry = drives(Path::new("/")).into_iter().find(|drive| Some(drive.node.as_path()) == sr);
    match entry.and_then(|drive| drive.users.into_iter().next()) {
        Some(user) => DriveError::Busy { name, user: Some(user) },
        None => DriveError::Open(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_drive_is_not_taken_for_one() {
        assert_eq!(drive_node(Path::new("/dev/null")), None);
        assert_eq!(drive_node(Path::new("/proc/self/status")), None);
        let result = open_node(Path::new("/dev/no-such-drive"), Sharing::Exclusive, DriveOptions::default());
        assert_eq!(result.err().and_then(|e| e.fault()), Some(crate::base::outcome::Fault::Gone));
    }

    #[test]
    fn a_drive_that_is_busy_without_a_mount_says_so() {
        let error = who_holds_it(OpenError::Busy { path: PathBuf::from("/dev/sr0") }, None);
        assert!(error.to_string().contains("another program"), "{error}");
    }
}
