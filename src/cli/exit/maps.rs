//! What goes wrong with maps and the images beside them, in words.

use std::path::Path;

use crate::image::ImageError;
use crate::job::map::Error;
use crate::job::map::part::Part;
use crate::mapfile::error::MapError;
use crate::source::file::FileError;

use super::super::words::shell;
use super::failure::Failure;
use super::{source, system};

/// Why a command about maps did not do what it was asked for.
pub(crate) fn failed(error: &Error) -> Failure {
    let failure = Failure::of(error);
    match error {
        Error::NoMap(_) => failure.hint("Is the name right?"),
        Error::Map(MapError::InUse { .. }) => failure.hint("Wait until that run has ended."),
        Error::Map(MapError::Bad { path, .. } | MapError::TooLong { path, .. }) if Part::named(path).map != *path => {
            let map = Part::named(path).map;
            failure.hint(format!("Its map is beside it: {}", shell::word(map)))
        }
        Error::Map(
            error @ (MapError::Bad { path, .. } | MapError::TooLong { path, .. } | MapError::Read { path, .. }),
        ) => source::map(error, path),
        Error::Map(MapError::Lock { path, error } | MapError::Save { path, error }) => {
            failure.maybe(system::writing(error.kind(), path))
        }
        Error::Write { path, cause } => failure.maybe(system::writing(cause.kind(), path)),
        Error::Read { cause, .. } => failure.maybe(system::reading(cause.kind())),
        Error::Map(_) | Error::TooMany { .. } => failure,
        Error::Exists(_) => failure.hint("Choose another name, or write over a map, a list or a picture with --force."),
        Error::NotAFile { .. } => failure.hint("Name a file; without -o the result goes to standard output."),
        Error::NoImage(map) => failure.hint(format!(
            "Name the image, with its map beside it; --maps-only merges maps without their images, such as {}.",
            shell::word(map)
        )),
        Error::Name(error) => source::name(error),
        Error::NotAnImage { .. } => failure.hint("Name an image file."),
        Error::ShortImage { path, .. } => failure.hint(whole(path)),
        Error::Differ { one, other, .. } => failure.hint(format!(
            "They are images of different discs, or one of them is wrong; {}",
            [one, other].map(|path| looked_at(path)).join(" and ") + " say whether a file lacks what its map claims."
        )),
        Error::NothingInCommon(_) => failure.hint("If you know that they are of one disc, go on with --force."),
        Error::NoSpace { .. } => failure.hint("Make room, or go on all the same with --force."),
        Error::Image(ImageError::Exists { .. }) => failure.hint("Choose another name."),
        Error::Image(image) if image.is_disk_full() => failure.hint("Make room and run the same command again."),
        Error::Image(ImageError::Io { path, cause, .. }) => failure.maybe(system::writing(cause.kind(), path)),
        Error::Open(FileError::Io { cause, .. }) => failure.maybe(system::reading(cause.kind())),
        Error::Image(_) | Error::Open(_) | Error::Container(_) | Error::Stopped => failure,
    }
}

fn whole(image: &Path) -> String {
    format!("The image was cut off. {} shows what it lacks.", looked_at(image))
}

fn looked_at(image: &Path) -> String {
    let mut map = image.as_os_str().to_owned();
    map.push(".map");
    format!("freemkv map show {}", shell::word(map))
}
