//! A drive in software. It sits where the hardware sits, so everything above it is what runs on real drives.

mod commands;
pub mod faults;
pub mod latency;
pub mod medium;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::sense::{self, status};
use super::{Data, Reply, Transport};
use crate::base::clock::Clock;
use crate::base::media::Media;
use crate::base::outcome::Sense;

pub use commands::TrackLayout;
pub use faults::{DamagePlan, Happening, PlanError};
pub use medium::{Medium, MemoryMedium, NumberedMedium};

/// Bytes that one command may transfer: what ATAPI drives on SATA take.
const TRANSFER_MAX: usize = 128 * 1024;

/// What a command ends with, before it becomes a [`Reply`].
enum Ending {
    /// GOOD; so many bytes of the buffer were transferred.
    Good(usize),
    /// CHECK CONDITION; a part may have been transferred, and an address may belong to the sense.
    Check { sense: Sense, information: Option<u32>, transferred: usize },
}

impl Ending {
    fn check(key: u8, asc: u8, ascq: u8) -> Self {
        Self::Check { sense: Sense::new(key, asc, ascq), information: None, transferred: 0 }
    }
}

/// An emulated CD, DVD or Blu-ray drive with a disc in it.
pub struct EmulatedDrive {
    medium: Box<dyn Medium>,
    media: Media,
    mechanism: latency::Mechanism,
    clock: Arc<dyn Clock>,
    born: Duration,
    /// What is still to happen, the next one last.
    happenings: Vec<(Duration, Happening)>,
    unplugged: bool,
    disc_in: bool,
    tray_open: bool,
    stopped: bool,
    locked: bool,
    not_ready_until: Option<Duration>,
    /// A condition that the next command is told of instead of being carried out (SAM-5, unit attention).
    attention: Option<Sense>,
    error_page: Vec<u8>,
    tracks: Vec<TrackLayout>,
}

impl EmulatedDrive {
    /// A drive with `medium` in it, a disc of the kind `media`. Time passes on `clock`: the drive sleeps there as
    /// long as the modelled one takes.
    #[must_use]
    pub fn new(medium: Box<dyn Medium>, media: Media, plan: DamagePlan, clock: Arc<dyn Clock>) -> Self {
        let settings = plan.settings_for(media);
        let mechanism = latency::Mechanism::new(settings, medium.sectors(), plan.units, plan.sectors);
        let mut happenings = plan.happenings;
        happenings.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        Self {
            medium,
            media,
            mechanism,
            born: clock.now(),
            clock,
            happenings,
            unplugged: false,
            disc_in: true,
            tray_open: false,
            stopped: false,
            locked: false,
            not_ready_until: None,
            attention: None,
            error_page: commands::ERROR_PAGE_DEFAULT.to_vec(),
            tracks: vec![TrackLayout { start: 0, data: true }],
        }
    }

    /// Replaces the one data track by these, in ascending order of their starts. Audio tracks refuse READ.
    #[must_use]
    pub fn with_tracks(mut self, tracks: Vec<TrackLayout>) -> Self {
        self.tracks = tracks;
        self
    }

    /// The present values of mode page 01h: what a drive's user may have left changed.
    #[must_use]
    pub fn error_page(&self) -> &[u8] {
        &self.error_page
    }

    /// Time since the drive's first moment.
    fn age(&self) -> Duration {
        self.clock.now().saturating_sub(self.born)
    }

    fn let_happen(&mut self) {
        let age = self.age();
        while let Some((at, what)) = self.happenings.pop_if(|(at, _)| *at <= age) {
            match what {
                Happening::Unplug => self.unplugged = true,
                Happening::Eject => self.disc_in = false,
                Happening::NotReady(time) => {
                    self.not_ready_until = Some(time.map_or(Duration::MAX, |time| at.saturating_add(time)));
                }
            }
        }
        self.not_ready_until = self.not_ready_until.filter(|until| *until > age);
    }
}

impl Transport for EmulatedDrive {
    fn execute(&mut self, cdb: &[u8], mut data: Data<'_>, timeout: Duration) -> io::Result<Reply> {
        self.let_happen();
        if self.unplugged {
            return Err(io::Error::new(io::ErrorKind::NotFound, "the emulated drive is unplugged"));
        }
        let (ending, seconds) = self.carry_out(cdb, &mut data)?;
        let duration = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        let length = match &data {
            Data::None => 0,
            Data::In(buffer) => buffer.len(),
            Data::Out(buffer) => buffer.len(),
        };
        self.clock.sleep(duration.min(timeout));
        if duration > timeout {
            let host_status = sense::HOST_TIME_OUT;
            return Ok(Reply { host_status, residual: length, duration: timeout, ..Reply::default() });
        }
        Ok(match ending {
            Ending::Good(transferred) => {
                Reply { residual: length - transferred.min(length), duration, ..Reply::default() }
            }
            Ending::Check { sense, information, transferred } => Reply {
                status: status::CHECK_CONDITION,
                driver_status: 8,
                residual: length - transferred.min(length),
                sense: sense::encode_fixed(sense, information),
                duration,
                ..Reply::default()
            },
        })
    }

    fn max_transfer(&self) -> usize {
        TRANSFER_MAX
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
