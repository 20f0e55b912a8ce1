//! What became of a merge.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::super::part::Part;
use super::copy::Copied;
use super::job::Job;
use super::maps::Maps;
use crate::base::human::path_text;
use crate::base::sector::SECTOR_BYTES;
use crate::mapfile::status::Status;

/// An image that was merged.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Source {
    /// The image.
    #[serde(serialize_with = "path_text")]
    pub image: PathBuf,
    /// Its map.
    #[serde(serialize_with = "path_text")]
    pub map: PathBuf,
    /// Bytes that were taken from it.
    pub taken_bytes: u64,
    /// Bytes of it that an image before it had too, and that were the same.
    pub compared_bytes: u64,
}

/// The new image.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct MergeReport {
    /// The image.
    #[serde(serialize_with = "path_text")]
    pub image: PathBuf,
    /// Its map.
    #[serde(serialize_with = "path_text")]
    pub map: PathBuf,
    /// The images that it is made of.
    pub sources: Vec<Source>,
    /// Sectors, a last part of one included.
    pub sectors: u64,
    /// Bytes.
    pub size_bytes: u64,
    /// Bytes that are there.
    pub rescued_bytes: u64,
    /// Bytes that are in none of the images, and in no tract without data.
    pub missing_bytes: u64,
    /// Bytes that were called rescued and have no room in the file they were taken from: zeros of the disc, or of a copy that
    /// was cut off.
    pub rescued_in_holes_bytes: u64,
    /// Whether it is on stable storage: `false` where the file system has no such thing.
    pub durable: bool,
    /// Whether nothing is missing.
    pub complete: bool,
}

impl MergeReport {
    pub(super) fn new(job: &Job, map: &Path, maps: &Maps, copied: Copied, durable: bool) -> Self {
        let missing_bytes = maps.missing_bytes();
        let counts = copied.taken.iter().zip(&copied.compared);
        let source = |(part, (taken, compared)): (&Part, (&u64, &u64))| Source {
            image: part.image.clone().unwrap_or_default(),
            map: part.map.clone(),
            taken_bytes: *taken,
            compared_bytes: *compared,
        };
        let size_bytes = maps.size_bytes();
        Self {
            image: job.image.clone(),
            map: map.to_owned(),
            sources: job.parts.iter().zip(counts).map(source).collect(),
            sectors: size_bytes.div_ceil(SECTOR_BYTES),
            size_bytes,
            rescued_bytes: maps.tally().bytes(Status::Finished),
            missing_bytes,
            rescued_in_holes_bytes: copied.from_holes,
            durable,
            complete: missing_bytes == 0,
        }
    }

    /// Whether nothing is missing, and nothing in doubt.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.complete && self.rescued_in_holes_bytes == 0
    }
}
