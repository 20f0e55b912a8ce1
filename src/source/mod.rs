//! What sectors are read from: a drive, an image file, a block device.

pub mod container;
pub mod content;
pub mod drive;
pub mod file;
mod input;
pub mod mapped;
pub mod raw_cd;

use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::Clock;
use crate::base::media::Media;
use crate::base::outcome::Outcome;
use crate::base::sector::SectorRange;
use crate::base::sector::set::SectorSet;
use crate::base::sector::tract::LeftOut;

pub use input::{Input, Source};

/// One read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReadRequest {
    /// The sectors wanted; not empty, and no more than [`Facts::max_sectors`].
    pub range: SectorRange,
    /// Force unit access: read the medium itself, not the drive's cache (MMC-6, READ (10)).
    pub fua: bool,
    /// How long the source may try before it gives the read up.
    pub time_limit: Duration,
}

/// What is known of a source when it is opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Facts {
    /// What a person calls it: the path, or vendor and model.
    pub name: String,
    /// Size in bytes. A file may end inside its last sector.
    pub size_bytes: u64,
    /// Size in sectors, a last part of one included.
    pub sectors: u64,
    /// The kind of disc, when the source can tell.
    pub media: Option<Media>,
    /// Most sectors that one read may ask for.
    pub max_sectors: u64,
}

/// Something that sectors can be read from, one command at a time.
pub trait SectorSource: Send {
    /// What is known of it.
    fn facts(&self) -> &Facts;

    /// Reads into `buffer`, which holds at least the request's bytes. On return the first
    /// [`Outcome::sectors`] sectors of the buffer are good; what lies behind them is anything.
    /// The part of a last sector that a file lacks is zero.
    fn read(&mut self, request: &ReadRequest, buffer: &mut [u8]) -> Outcome;

    /// The clock that the source's seconds are counted on; pauses are slept on it.
    fn clock(&self) -> Arc<dyn Clock>;

    /// The tracts that hold no data, as far as they are known by now: a read inside the disc that ends with
    /// [`WrongTrack`](crate::base::outcome::Fault::WrongTrack) or
    /// [`OutOfRange`](crate::base::outcome::Fault::OutOfRange) may add some.
    fn left_out(&self) -> &LeftOut {
        const { &LeftOut::new() }
    }

    /// Where the first data track of each session begins, ascending; empty where nothing tells.
    fn sessions(&self) -> &[u64] {
        &[]
    }

    /// A sentence where more than one thing tells how large the disc is, and not all of them the same.
    fn size_note(&self) -> Option<&str> {
        None
    }

    /// Sectors that the source is known to lack: an image of a damaged disc. They cannot be had from it.
    fn lacking(&self) -> &SectorSet {
        const { &SectorSet::new() }
    }
}
