//! `--format`.

use clap::ValueEnum;

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
