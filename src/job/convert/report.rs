//! What a conversion came to.

use std::path::PathBuf;

use serde::Serialize;

use crate::base::human::{path_text, paths_text};

/// What a conversion came to.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ConvertReport {
    /// `convert`.
    pub command: &'static str,
    /// The image that was read.
    pub source: String,
    /// The image that was made.
    #[serde(serialize_with = "path_text")]
    pub image: PathBuf,
    /// Its map, where the source has one.
    #[serde(serialize_with = "paths_text")]
    pub map: Option<PathBuf>,
    /// Its format.
    pub format: &'static str,
    /// Bytes of content.
    pub size_bytes: u64,
    /// Bytes of it that were copied.
    pub data_bytes: u64,
    /// Bytes of it that nobody ever wrote.
    pub hole_bytes: u64,
    /// Bytes of the disc that the source lacks, as its map says.
    pub missing_bytes: u64,
    /// Whether all of it was read back.
    pub verified: bool,
    /// Whether it is on stable storage, as far as the system says.
    pub durable: bool,
    /// How it was written.
    pub write_strategy: &'static str,
    /// Whether the output was ever too slow to be waited for.
    pub degraded: bool,
    /// Whether nothing is missing.
    pub complete: bool,
    /// How long it took.
    pub seconds: f64,
    /// Bytes of content a second.
    pub bytes_per_second: u64,
}
