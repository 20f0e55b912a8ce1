//! How a source is named on the command line.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

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
        if drive_node(&path).is_some() || (names_a_drive(text) && !path.exists()) {
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

/// Whether `text` is what the kernel calls a drive's node.
fn names_a_drive(text: &OsStr) -> bool {
    let Some(text) = text.to_str() else { return false };
    let number = text.strip_prefix("/dev/sr").or_else(|| text.strip_prefix("/dev/sg"));
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
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
    fn missing_nodes_of_drives_are_drives_and_the_rest_are_images() {
        for node in ["/dev/sr98", "/dev/sg98"] {
            assert_eq!(SourceName::parse(node, false), Ok(SourceName::Drive(node.into())));
        }
        for path in ["/dev/sr", "/dev/null", "disc.iso", "./dev/sr0"] {
            assert_eq!(SourceName::parse(path, false), Ok(SourceName::Image(path.into())));
        }
        assert!(matches!(SourceName::parse("emu:disc.iso,profile=dvd", false), Ok(SourceName::Emulated(_))));
        assert!(matches!(SourceName::parse("emu:", false), Err(NameError::Emulated(_))));
    }

    #[test]
    fn other_formats_are_refused_until_they_work() {
        assert!(matches!(SourceName::parse("disc.QCOW2", false), Err(NameError::Format(_))));
        assert!(SourceName::parse("disc.vmdk", true).is_ok());
    }
}
