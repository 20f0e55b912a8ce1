//! `--format`.

use clap::ValueEnum;

/// `--format`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Format {
    /// The bytes of the disc, nothing else.
    Raw,
}

/// Whether a file is raw whatever its name ends in.
pub(crate) fn is_raw(format: Option<Format>) -> bool {
    format == Some(Format::Raw)
}
