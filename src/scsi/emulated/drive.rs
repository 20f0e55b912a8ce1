//! The emulated drive: its state, and what happens to it beside commands.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::ending::Ending;
use super::faults::{self, DamagePlan, Happening};
use super::firmware::Firmware;
use super::latency::{self, RETRIES_DEFAULT};
use super::medium::{Medium, TrackLayout};
use crate::base::clock::Clock;
use crate::base::media::Media;
use crate::base::outcome::Sense;
use crate::scsi::sense::{self, status};
use crate::scsi::{Data, Reply, Transport};

/// Mode page 01h as the drive wakes up with it: ARRE off, no bits set, 20 retries.
pub(super) const ERROR_PAGE_DEFAULT: [u8; 12] = [0x01, 10, 0, RETRIES_DEFAULT, 0, 0, 0, 0, 0, 0, 0, 0];

/// Events of the media class (MMC-6, GET EVENT STATUS NOTIFICATION).
pub(super) const NEW_MEDIA: u8 = 2;
pub(super) const MEDIA_REMOVAL: u8 = 3;

const ABORTED_COMMAND: u8 = 0x0B;

/// Bytes that one command may transfer: what ATAPI drives on SATA take.
const TRANSFER_MAX: usize = 128 * 1024;

/// How far a drive on a real clock is ahead at most: less than the time in which it fills its cache.
const READ_AHEAD: Duration = Duration::from_millis(50);

/// An emulated CD, DVD or Blu-ray drive with a disc in it.
pub struct EmulatedDrive {
    pub(super) medium: Box<dyn Medium>,
    pub(super) media: Media,
    pub(super) mechanism: latency::Mechanism,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) born: Duration,
    /// When the last command was to end.
    pub(super) free_at: Duration,
    /// For how long the drive goes on reading by itself between commands.
    pub(super) read_ahead: Duration,
    /// What is still to happen, the next one last.
    pub(super) happenings: Vec<(Duration, Happening)>,
    pub(super) unplugged: bool,
    pub(super) disc_in: bool,
    pub(super) tray_open: bool,
    pub(super) stopped: bool,
    pub(super) locked: bool,
    pub(super) not_ready_until: Option<Duration>,
    /// A condition that the next command is told of instead of being carried out (SAM-5, unit attention).
    pub(super) attention: Option<Sense>,
    pub(super) error_page: Vec<u8>,
    pub(super) tracks: Vec<TrackLayout>,
    pub(super) settings: latency::Settings,
    /// What failures do to the firmware.
    pub(super) firmware: Firmware,
    pub(super) manner_of: rangemap::RangeMap<u64, usize>,
    pub(super) manners: Vec<faults::Manner>,
    /// How often units that take effort were read from the disc.
    pub(super) tried: HashMap<u64, u64>,
    /// The speed that was set, kB/s.
    pub(super) speed: Option<u32>,
    /// Whether commands that went wrong reset the drive.
    pub(super) resets: Option<faults::Resets>,
    /// Settings are refused.
    pub(super) refuses_settings: bool,
    /// Sectors that the drive says there are, when that is not the truth.
    pub(super) said_capacity: Option<u64>,
    /// Discs that come in later, by name.
    pub(super) discs: HashMap<String, Box<dyn Medium>>,
    /// What happened to the disc since somebody asked.
    pub(super) media_event: u8,
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
            free_at: Duration::ZERO,
            read_ahead: Duration::ZERO,
            clock,
            happenings,
            unplugged: false,
            disc_in: true,
            tray_open: false,
            stopped: false,
            locked: false,
            not_ready_until: None,
            attention: None,
            error_page: ERROR_PAGE_DEFAULT.to_vec(),
            tracks: vec![TrackLayout { start: 0, data: true }],
            settings,
            firmware: Firmware::new(plan.zero_after, plan.wedge),
            manner_of: plan.manner_of,
            manners: plan.manners,
            tried: HashMap::new(),
            speed: None,
            resets: plan.resets,
            refuses_settings: false,
            said_capacity: plan.capacity,
            discs: HashMap::new(),
            media_event: 0,
        }
    }

    /// Hands in a disc that the plan swaps in later under this name.
    #[must_use]
    pub fn with_disc(mut self, name: &str, disc: Box<dyn Medium>) -> Self {
        self.discs.insert(name.to_owned(), disc);
        self
    }

    /// On a clock that does not stand still between commands: the drive reads ahead meanwhile, as real ones do, and
    /// what a machine oversleeps each time does not add up.
    #[must_use]
    pub fn in_real_time(mut self) -> Self {
        self.read_ahead = READ_AHEAD;
        self
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
    pub(super) fn age(&self) -> Duration {
        self.clock.now().saturating_sub(self.born)
    }

    /// Lets a command that began at `begun` take `duration` in all, our own work included. It counts from the end of
    /// the one before when that is no longer ago than the drive reads ahead.
    fn take_time(&mut self, begun: Duration, duration: Duration) {
        self.free_at = self.free_at.max(begun.saturating_sub(self.read_ahead)).saturating_add(duration);
        self.clock.sleep(self.free_at.saturating_sub(self.clock.now()));
    }

    fn let_happen(&mut self) {
        let age = self.age();
        while let Some((at, what)) = self.happenings.pop_if(|(at, _)| *at <= age) {
            match what {
                Happening::Unplug => self.unplugged = true,
                Happening::Reset => {
                    self.reset();
                    self.attention = Some(RESET);
                }
                Happening::RefuseSettings => self.refuses_settings = true,
                Happening::Eject => (self.disc_in, self.media_event) = (false, MEDIA_REMOVAL),
                Happening::Swap(name) => self.swap(&name),
                Happening::NotReady(time) => {
                    self.not_ready_until = Some(time.map_or(Duration::MAX, |time| at.saturating_add(time)));
                }
            }
        }
        self.not_ready_until = self.not_ready_until.filter(|until| *until > age);
    }
}

/// POWER ON, RESET, OR BUS DEVICE RESET OCCURRED.
const RESET: Sense = Sense::new(6, 0x29, 0);

impl EmulatedDrive {
    /// The drive is as it was when it was switched on: all settings at their defaults, the tray unlocked, the cache
    /// empty, and the firmware in its senses, unless it is stuck.
    fn reset(&mut self) {
        self.error_page = ERROR_PAGE_DEFAULT.to_vec();
        self.mechanism.reset();
        self.speed = None;
        self.locked = false;
        self.firmware.restarted();
    }

    /// After a command that ended so: what the kernel does to a drive whose command went wrong.
    fn reset_after(&mut self, reply: &Reply) {
        let aborted = sense::decode(&reply.sense).is_some_and(|data| data.sense.key == ABORTED_COMMAND);
        let went_wrong = reply.host_status != 0 || reply.status == status::TASK_ABORTED || aborted;
        let Some(resets) = self.resets.filter(|_| went_wrong) else { return };
        self.reset();
        if resets == faults::Resets::Told {
            self.attention = Some(RESET);
        }
    }

    /// Puts another disc in. A disc that nobody handed in is none.
    fn swap(&mut self, name: &str) {
        let Some(medium) = self.discs.remove(name) else {
            (self.disc_in, self.media_event) = (false, MEDIA_REMOVAL);
            return;
        };
        let sound = (rangemap::RangeMap::new(), rangemap::RangeMap::new());
        self.mechanism = latency::Mechanism::new(self.settings, medium.sectors(), sound.0, sound.1);
        self.medium = medium;
        (self.manner_of, self.manners) = Default::default();
        (self.said_capacity, self.speed) = (None, None);
        (self.disc_in, self.tray_open, self.stopped) = (true, false, false);
        self.firmware.restarted();
        // NOT READY TO READY CHANGE, MEDIUM MAY HAVE CHANGED.
        (self.attention, self.media_event) = (Some(Sense::new(6, 0x28, 0)), NEW_MEDIA);
    }
}

impl Transport for EmulatedDrive {
    fn execute(&mut self, cdb: &[u8], mut data: Data<'_>, timeout: Duration) -> io::Result<Reply> {
        let begun = self.clock.now();
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
        self.take_time(begun, duration.min(timeout));
        if duration > timeout {
            let host_status = sense::HOST_TIME_OUT;
            let reply = Reply { host_status, residual: length, duration: timeout, ..Reply::default() };
            self.reset_after(&reply);
            return Ok(reply);
        }
        let reply = match ending {
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
            Ending::Other { status, host_status } => {
                Reply { status, host_status, residual: length, duration, ..Reply::default() }
            }
        };
        self.reset_after(&reply);
        Ok(reply)
    }

    fn max_transfer(&self) -> usize {
        TRANSFER_MAX
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }
}

#[cfg(test)]
#[path = "drive_tests.rs"]
mod tests;
