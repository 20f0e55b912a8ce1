//! `--format`.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use clap::ValueEnum;

use crate::image::container::Kind;
use crate::job::source_name::FormatChoice;

/// `--format`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Format {
    /// The bytes of the disc, nothing else.
    Raw,
    /// A qcow2 image.
    #[cfg(feature = "qcow2")]
    #[value(name = "qcow2")]
    Qcow2,
}

/// What image files are.
pub(crate) fn choice(format: Option<Format>) -> FormatChoice {
    match format {
        None => FormatChoice::ByName,
        Some(Format::Raw) => FormatChoice::Raw,
        #[cfg(feature = "qcow2")]
        Some(Format::Qcow2) => FormatChoice::Qcow2,
    }
}

/// What the source of a copy is. `--format qcow2` then speaks of the image above all: a source that is no such file is what
/// its name says.
pub(crate) fn choice_of_copied(format: Option<Format>, source: &OsStr) -> FormatChoice {
    let choice = choice(format);
    if choice == FormatChoice::Qcow2 && !begins_as(Path::new(source), Kind::Qcow2) {
        FormatChoice::ByName
    } else {
        choice
    }
}

/// Whether a regular file has the first bytes of that kind.
fn begins_as(path: &Path, kind: Kind) -> bool {
    let mut head = Vec::new();
    let file = if path.is_file() { File::open(path).ok() } else { None };
    file.is_some_and(|file| file.take(Kind::HEAD as u64).read_to_end(&mut head).is_ok())
        && Kind::of_head(&head) == Some(kind)
}
