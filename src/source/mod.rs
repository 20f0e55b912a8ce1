//! What sectors are read from: a drive, an image file, a block device.

pub mod file;

use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::Clock;
use crate::base::media::Media;
use crate::base::outcome::{Outcome, Sense};
use crate::base::sector::SectorRange;
use crate::base::set::SectorSet;

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

/// A wish about how the source reads. A source does what it can.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Control {
    /// Reading speed in kB/s; `None` is the fastest the drive has (MMC-6, SET CD SPEED).
    Speed(Option<u16>),
    /// How often the drive itself tries before it gives a unit up (byte 3 of mode page 01h); `None` is as it was found.
    Retries(Option<u8>),
    /// Stops the disc and starts it again, which brings some firmware back to its senses.
    SpinCycle,
    /// After [`Fault::MediumChanged`](crate::base::outcome::Fault::MediumChanged): is it a disc of the same kind and
    /// size? If so, the settings that a new disc resets are sent again.
    SameMedium,
    /// After [`Fault::Gone`](crate::base::outcome::Fault::Gone): looks for the drive under another name for a while,
    /// and goes on with it there. Its next read says that the medium may have been changed.
    FindAgain,
    /// Unlocks the tray and opens it.
    Eject,
}

/// What was wrong with a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// It brought less than was asked for.
    Failed,
    /// The drive had to work for the data, and said so.
    Recovered,
    /// It took long, [`SLOW`](Incident::SLOW) or more.
    Slow,
    /// Nothing; it is told because it was an attempt at what had failed before.
    None,
}

/// A read command that was not as it should be, as the source saw it. One [`read`](SectorSource::read) may take several.
#[derive(Clone, PartialEq, Debug)]
pub struct Incident {
    /// What was asked for.
    pub range: SectorRange,
    /// Past the drive's cache.
    pub fua: bool,
    /// What was wrong.
    pub trouble: Trouble,
    /// When it ended, on the source's clock.
    pub at: Duration,
    /// Seconds that it took.
    pub seconds: f64,
    /// SCSI status byte; 0 where the source has none.
    pub status: u8,
    /// Linux host status: whether the way to the drive worked.
    pub host_status: u16,
    /// What the drive said.
    pub sense: Option<Sense>,
}

impl Incident {
    /// A read of sound sectors takes a fifth of this, a seek over the whole disc included.
    pub const SLOW: f64 = 1.0;
}

/// Whether a wish was carried out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Supported {
    /// It was.
    Yes,
    /// The source has no such thing, or refused.
    No,
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
    /// Whether failures cost a mechanism something: a drive wants pauses between them, an image file does not.
    pub is_drive: bool,
}

/// Something that sectors can be read from, one command at a time.
pub trait SectorSource: Send {
    /// What is known of it.
    fn facts(&self) -> &Facts;

    /// Reads into `buffer`, which holds at least the request's bytes. On return the first
    /// [`Outcome::sectors`] sectors of the buffer are good; what lies behind them is anything.
    /// The part of a last sector that a file lacks is zero.
    fn read(&mut self, request: &ReadRequest, buffer: &mut [u8]) -> Outcome;

    /// The sectors that hold data, where that is not all of them: a CD with audio tracks.
    fn data(&self) -> Option<&SectorSet> {
        None
    }

    /// Sectors that were never written, when the source knows before it reads them. They are no part of
    /// [`data`](Self::data).
    fn unwritten(&self) -> Option<&SectorSet> {
        None
    }

    /// The fastest that the source says it reads, bytes a second.
    fn top_speed(&self) -> Option<u64> {
        None
    }

    /// How often the source was started anew since it was opened (spun up, reset, plugged in again). What brings it back
    /// to its senses says nothing for what it said before.
    fn restarts(&self) -> u64 {
        0
    }

    /// Hands over what was wrong with the commands since the last call; the latest few when nobody asked for long.
    fn take_incidents(&mut self) -> Vec<Incident> {
        Vec::new()
    }

    /// Carries out a wish.
    fn control(&mut self, control: Control) -> Supported;

    /// The clock that the source's seconds are counted on; pauses are slept on it.
    fn clock(&self) -> Arc<dyn Clock>;
}
