//! How a source is named on the command line.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use thiserror::Error;

use crate::base::human::printable;
use crate::drive::emulated::EmulatedSpec;
use crate::drive::find::drive_node;
use crate::image;
use crate::image::container::{self, Kind};

/// A source as a person names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SourceName {
    /// A drive, through SG_IO: `/dev/srN`, `/dev/sgN`, or a link to one.
    Drive(PathBuf),
    /// A raw image file or another block device.
    Image(PathBuf),
    /// An image in a container.
    Container(PathBuf, Kind),
    /// The emulated drive, `emu:…`.
    Emulated(EmulatedSpec),
}

/// A name that cannot be understood.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum NameError {
    /// An `emu:` name that is wrong.
    #[error("{0}")]
    Emulated(String),
    /// An image in a container for the emulated drive.
    #[error("{}: the emulated drive serves raw images, no {}", printable(&.0.display().to_string()), .1)]
    EmulatedContainer(PathBuf, Kind),
    /// An image format that this program was built without.
    #[error("{}: this freemkv was built without {}", printable(&.0.display().to_string()), .1)]
    Format(PathBuf, Kind),
    /// An image format that is read and not written.
    #[error("{}: {} images can be read, not written", printable(&.0.display().to_string()), .1)]
    ReadOnly(PathBuf, Kind),
}

/// Which format an image has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum FormatChoice {
    /// What its name says; its content must agree. The first bytes of a raw image belong to the disc's author, so they alone
    /// make nothing of it.
    #[default]
    ByName,
    /// Raw, whatever its name says.
    Raw,
    /// qcow2, whatever its name says.
    Qcow2,
}

impl FormatChoice {
    /// The container that a file of this name is; `None`: a raw image.
    #[must_use]
    pub fn container(self, path: &Path) -> Option<Kind> {
        match self {
            Self::ByName => Kind::of_name(path),
            Self::Raw => None,
            Self::Qcow2 => Some(Kind::Qcow2),
        }
    }

    /// What it says of a source that is copied into an image of this format: of the image above all. A source that does not
    /// begin as a qcow2 image is what its name says.
    #[must_use]
    pub fn of_copied(self, source: &OsStr) -> Self {
        if self == Self::Qcow2 && !begins_as(Path::new(source), Kind::Qcow2) { Self::ByName } else { self }
    }

    /// The format of an image that is to be written.
    ///
    /// # Errors
    /// [`NameError::Format`], [`NameError::ReadOnly`].
    pub fn written(self, path: &Path) -> Result<image::Format, NameError> {
        match self.container(path).map(|kind| built_in(path, kind)).transpose()? {
            None => Ok(image::Format::Raw),
            Some(Kind::Qcow2) => Ok(image::Format::Qcow2),
            Some(kind) => Err(NameError::ReadOnly(path.to_owned(), kind)),
        }
    }
}

/// Whether a regular file has the first bytes of that kind.
fn begins_as(path: &Path, kind: Kind) -> bool {
    let mut head = Vec::new();
    let file = if path.is_file() { File::open(path).ok() } else { None };
    let is_read = file.is_some_and(|file| file.take(Kind::HEAD as u64).read_to_end(&mut head).is_ok());
    is_read && Kind::of_head(&head) == Some(kind)
}

/// Whether this program has that kind.
fn built_in(path: &Path, kind: Kind) -> Result<Kind, NameError> {
    let has = kind != Kind::Qcow2 || cfg!(feature = "qcow2");
    if has { Ok(kind) } else { Err(NameError::Format(path.to_owned(), kind)) }
}

impl SourceName {
    /// Understands `text`. `format` says what image files are.
    ///
    /// # Errors
    /// [`NameError`].
    pub fn parse(text: impl AsRef<OsStr>, format: FormatChoice) -> Result<Self, NameError> {
        let text = text.as_ref();
        if let Some(rest) = text.as_bytes().strip_prefix(b"emu:") {
            let spec = EmulatedSpec::parse(OsStr::from_bytes(rest)).map_err(NameError::Emulated)?;
            return match Kind::of_name(&spec.image).filter(|_| format == FormatChoice::ByName) {
                Some(kind) => Err(NameError::EmulatedContainer(spec.image, kind)),
                None => Ok(Self::Emulated(spec)),
            };
        }
        let path = PathBuf::from(text);
        // A drive that is not there (any more) is a missing drive, not a missing image.
        if drive_node(&path).is_some() || (!path.exists() && names_a_missing_drive(&path)) {
            return Ok(Self::Drive(path));
        }
        match format.container(&path).map(|kind| built_in(&path, kind)).transpose()? {
            Some(kind) => Ok(Self::Container(path, kind)),
            None => Ok(Self::Image(path)),
        }
    }

    /// An image that was written in this format.
    #[must_use]
    pub fn of_written(path: &Path, format: image::Format) -> Self {
        match format {
            image::Format::Raw => Self::Image(path.to_owned()),
            image::Format::Qcow2 => Self::Container(path.to_owned(), Kind::Qcow2),
        }
    }

    /// Of an image, bytes of which its length is a whole number, whatever its disc has: those of a virtual machine's sector in a
    /// container. `None` for a drive.
    #[must_use]
    pub fn unit(&self) -> Option<u64> {
        match self {
            Self::Image(_) => Some(1),
            Self::Container(..) => Some(container::UNIT),
            Self::Drive(_) | Self::Emulated(_) => None,
        }
    }

    /// The image file, folder or block device that it names; `None` for a drive.
    #[must_use]
    pub fn image(&self) -> Option<&Path> {
        match self {
            Self::Image(path) | Self::Container(path, _) => Some(path),
            Self::Drive(_) | Self::Emulated(_) => None,
        }
    }

    /// The files and devices that are read for it.
    #[must_use]
    pub fn paths(&self) -> Vec<&Path> {
        match self {
            Self::Drive(path) | Self::Image(path) | Self::Container(path, _) => vec![path],
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_drives_are_drives_and_the_rest_are_images() {
        let drives =
            ["sr98", "sg98", "scd9", "cdrom9", "dvd97", "dvdrw9", "cdrw9", "disk/by-id/usb-none", "disk/by-path/x"];
        for node in drives.map(|name| format!("/dev/{name}")) {
            assert_eq!(SourceName::parse(&node, FormatChoice::ByName), Ok(SourceName::Drive(node.into())));
        }
        for path in
            ["/dev/sr", "/dev/scd", "/dev/null", "disc.iso", "./dev/sr0", "/dev/dvd9/x", "/dev/shm/dvd9", "dvd9"]
        {
            assert_eq!(SourceName::parse(path, FormatChoice::ByName), Ok(SourceName::Image(path.into())));
        }
        for name in ["/dev/cdrom", "/dev/dvd", "/dev//dvd", "/dev/./dvd"] {
            assert!(names_a_drive(Path::new(name)), "{name}");
        }
        assert!(matches!(
            SourceName::parse("emu:disc.iso,profile=dvd", FormatChoice::ByName),
            Ok(SourceName::Emulated(_))
        ));
        assert!(matches!(SourceName::parse("emu:", FormatChoice::ByName), Err(NameError::Emulated(_))));
        let container = |format| SourceName::parse("emu:d.qcow2,profile=dvd", format);
        assert!(matches!(container(FormatChoice::ByName), Err(NameError::EmulatedContainer(_, Kind::Qcow2))));
        assert!(matches!(container(FormatChoice::Raw), Ok(SourceName::Emulated(_))));
    }

    #[test]
    fn a_link_to_a_drive_that_is_not_there_is_a_missing_drive() {
        let folder = tempfile::tempdir().unwrap();
        let link = |name: &str, target: &str| {
            let path = folder.path().join(name);
            std::os::unix::fs::symlink(target, &path).unwrap();
            SourceName::parse(&path, FormatChoice::ByName).unwrap()
        };
        assert!(matches!(link("first", "/dev/sr98"), SourceName::Drive(_)));
        assert!(matches!(link("second", "first"), SourceName::Drive(_)));
        assert!(matches!(link("film", "film.iso"), SourceName::Image(_)));
        assert!(matches!(link("round", "round"), SourceName::Image(_)));
    }

    #[test]
    fn a_container_is_one_by_its_name_or_because_a_person_says_so() {
        let parse = |text, format| SourceName::parse(text, format).unwrap();
        let vmdk = parse("disc.vmdk", FormatChoice::ByName);
        assert_eq!(
            (vmdk.image(), &vmdk),
            (Some(Path::new("disc.vmdk")), &SourceName::Container("disc.vmdk".into(), Kind::Vmdk))
        );
        assert_eq!(parse("disc.vmdk", FormatChoice::Raw), SourceName::Image("disc.vmdk".into()));
        let written = |text, format: FormatChoice| format.written(Path::new(text));
        assert_eq!(written("disc.iso", FormatChoice::ByName), Ok(image::Format::Raw));
        assert_eq!(written("disc.qcow2", FormatChoice::Raw), Ok(image::Format::Raw));
        assert!(matches!(written("disc.vmdk", FormatChoice::ByName), Err(NameError::ReadOnly(_, Kind::Vmdk))));
        let of_qcow2 = SourceName::parse("disc.QCOW2", FormatChoice::ByName);
        if cfg!(feature = "qcow2") {
            assert_eq!(of_qcow2, Ok(SourceName::Container("disc.QCOW2".into(), Kind::Qcow2)));
            assert_eq!(written("disc", FormatChoice::Qcow2), Ok(image::Format::Qcow2));
        } else {
            assert!(matches!(of_qcow2, Err(NameError::Format(..))));
        }
    }
}
