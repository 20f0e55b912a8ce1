//! What only a drive can do: settings, spin cycles, finding itself again, and telling what was wrong with its commands.

use std::time::Duration;

use super::SectorSource;
use crate::base::media::Sitting;
use crate::base::outcome::{Fault, Sense};
use crate::base::sector::SectorRange;
use crate::base::sector::set::SectorSet;

/// A setting of a drive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Control {
    /// Reading speed in kB/s; `None` is the fastest the drive has (MMC-6, SET CD SPEED).
    Speed(Option<u16>),
    /// How often the drive itself tries before it gives a unit up (byte 3 of mode page 01h); `None` is as it was found.
    Retries(Option<u8>),
}

/// Whether something was carried out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Supported {
    /// It was.
    Yes,
    /// The drive has no such thing, or refused.
    No,
}

/// Whether a drive wants its failures kept apart in time, lest its firmware gives up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pacing {
    /// Nobody knows: they are kept apart.
    Unknown,
    /// It does.
    Needed,
    /// It does not mind.
    NotNeeded,
    /// That is being found out: they are not kept apart.
    Trial,
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

/// A read command that was not as it should be, as the drive saw it. One [`read`](SectorSource::read) may take several.
#[derive(Clone, PartialEq, Debug)]
pub struct Incident {
    /// What was asked for.
    pub range: SectorRange,
    /// Past the drive's cache.
    pub fua: bool,
    /// What was wrong.
    pub trouble: Trouble,
    /// When it ended, on the drive's clock.
    pub at: Duration,
    /// Seconds that it took.
    pub seconds: f64,
    /// SCSI status byte.
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

/// A drive, as far as reading discs from it knows one.
pub trait DriveSource: SectorSource {
    /// The sectors that hold data: all of them, but for CDs with audio tracks or several sessions.
    fn data(&self) -> &SectorSet;

    /// Sectors that were never written, as far as the drive knows before they are read. They are no part of
    /// [`data`](Self::data).
    fn unwritten(&self) -> &SectorSet;

    /// In which drive the disc lies and since when, as far as that can be told from run to run.
    fn lies_in(&self) -> Option<Sitting> {
        None
    }

    /// The fastest that the drive says it reads, bytes a second.
    fn top_speed(&self) -> Option<u64>;

    /// Changes a setting.
    fn set(&mut self, control: Control) -> Supported;

    /// Whether settings are read back, and sent again where they are lost, after every command behind which the drive
    /// may have been reset, before the next read. They are, unless somebody says no.
    fn keep_settings(&mut self, keep: bool);

    /// A run begins: what was given back since the drive was opened is taken again.
    fn take_up(&mut self) {}

    /// Gives the settings back as they were found; a sentence for each that could not be given back.
    fn give_back(&mut self) -> Vec<String>;

    /// The same when nothing more is asked of the drive: its tray is unlocked, too.
    fn let_go(&mut self) -> Vec<String> {
        self.give_back()
    }

    /// Stops the disc and starts it again, which brings some firmware back to its senses.
    fn spin(&mut self) -> Supported;

    /// After [`Fault::Gone`]: looks for the drive under another name for a while,
    /// and goes on with it there. Its next read says that the medium may have been changed.
    fn find_again(&mut self) -> Supported;

    /// After [`Fault::MediumChanged`]: is it a disc of the same kind and size? If so, the settings that a new disc resets are
    /// sent again.
    ///
    /// # Errors
    /// The drive does not let anybody look: it is not ready, gone, or without a disc.
    fn is_same_medium(&mut self) -> Result<bool, Fault>;

    /// Whether the drive answers TEST UNIT READY and INQUIRY as the drive that it was.
    fn is_well(&mut self) -> bool;

    /// Unlocks the tray and opens it.
    fn eject(&mut self) -> Supported;

    /// How often the drive, or the disc in it, was started again since it was opened (spun up, plugged in, or perhaps
    /// reset). What brings it back to its senses says nothing for what it said before.
    fn restarts(&self) -> u64;

    /// Most sectors of one command where longer ones were found to fail wherever they are sent, shorter than
    /// [`Facts::max_sectors`](super::Facts::max_sectors); reads are taken apart.
    fn longest_command(&self) -> Option<u64> {
        None
    }

    /// What an earlier run has found out of that. Longer ones are tried once more.
    fn set_longest_command(&mut self, _sectors: Option<u64>) {}

    /// The port or the bridge that the drive hangs on now, where the system tells: what commands it takes may be its doing.
    fn way(&self) -> Option<&str> {
        None
    }

    /// Hands over what was wrong with the commands since the last call; the latest few when nobody asked for long.
    fn take_incidents(&mut self) -> Vec<Incident>;

    /// How long the drive still wants no read that may fail.
    fn rest(&self) -> Duration;

    /// Whether its failures are kept apart.
    fn pacing(&self) -> Pacing;

    /// What is known of that.
    fn set_pacing(&mut self, pacing: Pacing);

    /// Whether in a trial more failures have come in a short time than are known to make firmware give up.
    fn has_outdone_pace(&self) -> bool;
}
