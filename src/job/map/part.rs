//! An image with its map, whichever of the two is named.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::os::durable;

/// What the map of an image adds to its name.
const SUFFIX: &str = ".map";

/// A map, and the image that it is of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// The map.
    pub map: PathBuf,
    /// The image, when it is there.
    pub image: Option<PathBuf>,
}

impl Part {
    /// The part that `name` means: an image with its map beside it, or a map with or without its image.
    #[must_use]
    pub fn named(name: &Path) -> Self {
        let map = durable::beside(name, SUFFIX);
        match map.is_file() {
            true => Self { map, image: Some(name.to_owned()) },
            false => Self { map: name.to_owned(), image: image_of(name) },
        }
    }
}

/// The image that a map lies beside, when it is there: the map's name without `.map`.
#[must_use]
pub fn image_of(map: &Path) -> Option<PathBuf> {
    let stem = map.as_os_str().as_bytes().strip_suffix(SUFFIX.as_bytes())?;
    let image = PathBuf::from(OsStr::from_bytes(stem));
    image.is_file().then_some(image)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_name_finds_both() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["a.iso", "a.iso.map", "b.map", ".map"] {
            std::fs::write(path(name), "x").unwrap();
        }
        let whole = Part { map: path("a.iso.map"), image: Some(path("a.iso")) };
        assert_eq!([Part::named(&path("a.iso")), Part::named(&path("a.iso.map"))], [whole.clone(), whole]);
        for name in ["b.map", "none", ".map"] {
            assert_eq!(Part::named(&path(name)), Part { map: path(name), image: None });
        }
    }
}
