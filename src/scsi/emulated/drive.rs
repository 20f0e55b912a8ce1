//! The emulated drive: its state, and what happens to it beside commands.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tracing::debug;

use super::ending::Ending;
use super::firmware::Firmware;
use super::latency::{self, RETRIES_DEFAULT};
use super::medium::{Medium, TrackLayout};
use super::plan::disc::DiscPlan;
use super::plan::faults::{self, DamagePlan, Happening};
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

/// Unit attentions that wait to be told at most; later ones are dropped.
const ATTENTIONS_MAX: usize = 16;

/// POWER ON, RESET, OR BUS DEVICE RESET OCCURRED.
const RESET: Sense = Sense::new(6, 0x29, 0);

/// NOT READY TO READY CHANGE, MEDIUM MAY HAVE CHANGED.
pub(super) const MEDIUM_CHANGED: Sense = Sense::new(6, 0x28, 0);

/// Sense key of a command that the drive gave up.
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
    /// Conditions that the next commands are told of, one each, instead of being carried out (SAM-5, unit attention).
    pub(super) attentions: VecDeque<Sense>,
    pub(super) error_page: Vec<u8>,
    /// What kind of disc is in.
    pub(super) disc: DiscPlan,
    pub(super) settings: latency::Settings,
    /// What failures do to the firmware.
    pub(super) firmware: Firmware,
    /// What commands are answered in place of what they ask for.
    pub(super) refrains: Vec<faults::Refrain>,
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
        let settings = latency::Settings::for_media(media);
        let nothing = (rangemap::RangeMap::new(), rangemap::RangeMap::new());
        let mut drive = Self {
            mechanism: latency::Mechanism::new(settings, medium.sectors(), nothing.0, nothing.1),
            medium,
            media,
            born: clock.now(),
            free_at: Duration::ZERO,
            read_ahead: Duration::ZERO,
            clock,
            happenings: Vec::new(),
            unplugged: false,
            disc_in: true,
            tray_open: false,
            stopped: false,
            locked: false,
            not_ready_until: None,
            attentions: VecDeque::new(),
            error_page: ERROR_PAGE_DEFAULT.to_vec(),
            disc: DiscPlan::default(),
            settings,
            firmware: Firmware::default(),
            refrains: Vec::new(),
            manner_of: rangemap::RangeMap::new(),
            manners: Vec::new(),
            tried: HashMap::new(),
            speed: None,
            resets: None,
            refuses_settings: false,
            said_capacity: None,
            discs: HashMap::new(),
            media_event: 0,
        };
        drive.follow(plan);
        drive
    }

    /// From now on disc and drive are as `plan` says, and its moments count from now. What its user has set, where the
    /// tray is and what still has to be told stays.
    pub fn follow(&mut self, plan: DamagePlan) {
        self.settings = plan.settings_for(self.media);
        self.mechanism = latency::Mechanism::new(self.settings, self.medium.sectors(), plan.units, plan.sectors);
        self.mechanism.set_speed(self.speed);
        self.mechanism.set_retries(self.error_page.get(3).copied().unwrap_or(RETRIES_DEFAULT));
        self.born = self.clock.now();
        self.happenings = plan.happenings;
        // The next one last; of one moment in the order of the plan.
        self.happenings.reverse();
        self.happenings.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        self.not_ready_until = None;
        self.unplugged = false;
        self.firmware = Firmware::new(plan.zero_after, plan.wedge);
        self.refrains = plan.refrains;
        (self.manner_of, self.manners) = (plan.manner_of, plan.manners);
        self.tried.clear();
        self.resets = plan.resets;
        self.refuses_settings = false;
        self.said_capacity = plan.capacity;
        self.disc = plan.disc;
    }

    /// Hands in a disc that the plan swaps in later under this name.
    #[must_use]
    pub fn with_disc(mut self, name: &str, disc: Box<dyn Medium>) -> Self {
        self.hand_in(name, disc);
        self
    }

    /// The same for a plan that is still to come.
    pub fn hand_in(&mut self, name: &str, disc: Box<dyn Medium>) {
        self.discs.insert(name.to_owned(), disc);
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
        self.disc.set_tracks(&tracks);
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
                Happening::Reset => self.reset(),
                Happening::Attention(sense) => self.attend(sense),
                Happening::Stop => self.stopped = true,
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

impl EmulatedDrive {
    /// What a reset of the bus or of the device does (SAM-5, 6.3): the drive is as it was when it was switched on, all
    /// settings at their defaults, the tray unlocked, the cache empty, and the firmware in its senses unless it is
    /// stuck; 06/29/00 tells the next command.
    pub fn reset(&mut self) {
        self.settings_lost();
        self.attend(RESET);
    }

    /// Lets the next command that does not know of it yet be told a unit attention. At most 16 wait.
    pub fn attend(&mut self, sense: Sense) {
        if self.attentions.len() < ATTENTIONS_MAX && self.attentions.back() != Some(&sense) {
            self.attentions.push_back(sense);
        }
    }

    fn settings_lost(&mut self) {
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
        match self.resets.filter(|_| went_wrong) {
            Some(faults::Resets::Told) => self.reset(),
            Some(faults::Resets::Silent) => self.settings_lost(),
            None => {}
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
        self.disc = DiscPlan::default();
        (self.disc_in, self.tray_open, self.stopped) = (true, false, false);
        self.firmware.restarted();
        self.attend(MEDIUM_CHANGED);
        self.media_event = NEW_MEDIA;
    }

    /// Carries a command out without letting its time pass: for whoever serves the drive to others and keeps the time.
    /// The answer is due [`Reply::duration`] from now; [`Duration::MAX`] stands for one that never comes.
    ///
    /// # Errors
    /// The drive is unplugged, or what holds the bytes of its disc fails.
    pub fn begin(&mut self, cdb: &[u8], data: &mut Data<'_>) -> io::Result<Reply> {
        self.let_happen();
        if self.unplugged {
            return Err(io::Error::new(io::ErrorKind::NotFound, "the emulated drive is unplugged"));
        }
        let (ending, seconds) = self.carry_out(cdb, data)?;
        let duration = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        let length = data.len();
        let missing = |transferred: usize| length - transferred.min(length);
        Ok(match ending {
            Ending::Good(transferred) => Reply { residual: missing(transferred), duration, ..Reply::default() },
            Ending::Check { sense, information, transferred } => Reply {
                status: status::CHECK_CONDITION,
                driver_status: 8,
                residual: missing(transferred),
                sense: sense::encode_fixed(sense, information),
                duration,
                ..Reply::default()
            },
            Ending::Other { status, host_status, transferred } => {
                Reply { status, host_status, residual: missing(transferred), duration, ..Reply::default() }
            }
        })
    }
}

impl Drop for EmulatedDrive {
    /// Tells the log how its user leaves it: what is changed for whoever comes next.
    fn drop(&mut self) {
        let error_page = self.error_page != ERROR_PAGE_DEFAULT;
        let changed = [(error_page, "error page"), (self.speed.is_some(), "speed"), (self.locked, "locked tray")];
        let changed: Vec<&str> = changed.iter().filter(|(is_so, _)| *is_so).map(|(_, what)| *what).collect();
        let left = if changed.is_empty() { "as it was".to_owned() } else { format!("with: {}", changed.join(", ")) };
        debug!("the emulated drive is left {left}");
    }
}

impl Transport for EmulatedDrive {
    fn execute(&mut self, cdb: &[u8], mut data: Data<'_>, timeout: Duration) -> io::Result<Reply> {
        let begun = self.clock.now();
        let mut reply = self.begin(cdb, &mut data)?;
        self.take_time(begun, reply.duration.min(timeout));
        if reply.duration > timeout {
            let host_status = sense::HOST_TIME_OUT;
            reply = Reply { host_status, residual: data.len(), duration: timeout, ..Reply::default() };
        }
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
#[path = "tests/mod.rs"]
mod tests;
