//! How a source is named on the command line.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use thiserror::Error;

use crate::drive::emulated::EmulatedSpec;
use crate::drive::find::drive_node;

/// A source as a person names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SourceName {
    /// A drive, through SG_IO: `/dev/srN`, `/dev/sgN`, or a link to one.
    Drive(PathBuf),
    /// An image file or another block device.
    Image(PathBuf),
    /// The emulated drive, `emu:…`.
    Emulated(EmulatedSpec),
}

/// A name that cannot be understood.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum NameError {
    /// An `emu:` name that is wrong.
    #[error("{0}")]
    Emulated(String),
    /// An image format that does not work yet.
    #[error("{} is not a raw image by its name, and other formats do not work yet", .0.display())]
    Format(PathBuf),
}

impl SourceName {
    /// Understands `text`. `raw` says that a file is raw whatever its name ends in.
    ///
    /// # Errors
    /// [`NameError`].
    pub fn parse(text: impl AsRef<OsStr>, raw: bool) -> Result<Self, NameError> {
        let text = text.as_ref();
        if let Some(rest) = text.as_bytes().strip_prefix(b"emu:") {
            return EmulatedSpec::parse(OsStr::from_bytes(rest)).map(Self::Emulated).map_err(NameError::Emulated);
        }
        let path = PathBuf::from(text);
        // A drive that is not there (any more) is a missing drive, not a missing image.
        if drive_node(&path).is_some() || (!path.exists() && names_a_missing_drive(&path)) {
            return Ok(Self::Drive(path));
        }
        check_format(&path, raw)?;
        Ok(Self::Image(path))
    }

    /// The files and devices that are read for it.
    #[must_use]
    pub fn paths(&self) -> Vec<&Path> {
        match self {
            Self::Drive(path) | Self::Image(path) => vec![path],
            Self::Emulated(spec) => std::iter::once(&spec.image).chain(&spec.faults).map(PathBuf::as_path).collect(),
        }
    }
}

/// Links that are followed from a name that leads nowhere.
const LINKS_MAX: usize = 8;

/// What the kernel and udev call nodes of optical drives, without their numbers.
const DRIVE_NAMES: [&str; 10] = ["sr", "sg", "scd", "cdrom", "cdrw", "cdwriter", "dvd", "dvdrw", "dvdram", "bdrw"];

/// What begins like one of those, and is so without a number, is no name of a node.
const NUMBERED: [&str; 3] = ["sr", "sg", "scd"];

/// Whether a name that leads nowhere, or what it links to, is one that a drive would have.
fn names_a_missing_drive(path: &Path) -> bool {
    let mut path = path.to_owned();
    for _ in 0..LINKS_MAX {
        if names_a_drive(&path) {
            return true;
        }
        let Ok(target) = std::fs::read_link(&path) else { return false };
        path = path.parent().unwrap_or(Path::new("/")).join(target);
    }
    false
}

/// Whether this is what the kernel or udev calls the node of a drive: `/dev/sr0`, `/dev/cdrom`, `/dev/dvd1`, and every
/// name by which devices are known (`/dev/disk/by-id/…`).
fn names_a_drive(path: &Path) -> bool {
    let mut parts = path.components().filter(|part| *part != Component::CurDir).map(|part| part.as_os_str().to_str());
    match [(); 5].map(|()| parts.next().flatten()) {
        [Some("/"), Some("dev"), Some(name), None, None] => {
            let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
            DRIVE_NAMES.contains(&stem) && (stem != name || !NUMBERED.contains(&stem))
        }
        [Some("/"), Some("dev"), Some("disk"), Some(by), Some(_)] => by.starts_with("by-"),
        _ => false,
    }
}

/// Refuses names of image formats that do not work yet, unless the person says that the content is raw.
///
/// # Errors
/// [`NameError::Format`].
pub fn check_format(path: &Path, raw: bool) -> Result<(), NameError> {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    if !raw && (extension.eq_ignore_ascii_case("qcow2") || extension.eq_ignore_ascii_case("vmdk")) {
        return Err(NameError::Format(path.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_drives_are_drives_and_the_rest_are_images() {
        let drives =
            ["sr98", "sg98", "scd9", "cdrom9", "dvd97", "dvdrw9", "cdrw9", "disk/by-id/usb-none", "disk/by-path/x"];
        for node in drives.map(|name| format!("/dev/{name}")) {
            assert_eq!(SourceName::parse(&node, false), Ok(SourceName::Drive(node.into())));
        }
        for path in
            ["/dev/sr", "/dev/scd", "/dev/null", "disc.iso", "./dev/sr0", "/dev/dvd9/x", "/dev/shm/dvd9", "dvd9"]
        {
            assert_eq!(SourceName::parse(path, false), Ok(SourceName::Image(path.into())));
        }
        for name in ["/dev/cdrom", "/dev/dvd", "/dev//dvd", "/dev/./dvd"] {
            assert!(names_a_drive(Path::new(name)), "{name}");
        }
        assert!(matches!(SourceName::parse("emu:disc.iso,profile=dvd", false), Ok(SourceName::Emulated(_))));
        assert!(matches!(SourceName::parse("emu:", false), Err(NameError::Emulated(_))));
    }

    #[test]
    fn a_link_to_a_drive_that_is_not_there_is_a_missing_drive() {
        let folder = tempfile::tempdir().unwrap();
        let link = |name: &str, target: &str| {
            let path = folder.path().join(name);
            std::os::unix::fs::symlink(target, &path).unwrap();
            SourceName::parse(&path, false).unwrap()
        };
        assert!(matches!(link("first", "/dev/sr98"), SourceName::Drive(_)));
        assert!(matches!(link("second", "first"), SourceName::Drive(_)));
        assert!(matches!(link("film", "film.iso"), SourceName::Image(_)));
        assert!(matches!(link("round", "round"), SourceName::Image(_)));
    }

    #[test]
    fn other_formats_are_refused_until_they_work() {
        assert!(matches!(SourceName::parse("disc.QCOW2", false), Err(NameError::Format(_))));
        assert!(SourceName::parse("disc.vmdk", true).is_ok());
    }
}
