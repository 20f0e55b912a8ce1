//! What an answer asks for before the read is tried again.

use std::time::Duration;

use tracing::debug;

use super::tries::{Next, Tries};
use crate::base::outcome::Fault;
use crate::base::sector::{SECTOR_SIZE, SectorRange};
use crate::drive::Drive;
use crate::drive::identity::identify;
use crate::drive::link::{BUSY_TRIES, COMMAND_LIMIT, READY_LIMIT, TRANSPORT_TRIES};
use crate::scsi::sense::{Verdict, classify};
use crate::scsi::{Data, cdb};

/// Tries behind a failing way that lets other commands through.
const TRIES_ON_A_SOUND_WAY: u32 = 3;

/// Rest after a hardware error, while the drive finds its feet.
const SOFT_ERROR_REST: Duration = Duration::from_secs(5);

/// Hardware errors in a row, each this many sectors from all others, after which the drive is suspected to be wedged.
const SOFT_ERRORS_MAX: usize = 3;
const DISTANT: u64 = 8192;

/// Spin cycles in the life of a [`Drive`]; each costs a quarter of a minute.
const SPIN_CYCLES_MAX: u32 = 3;
const SPIN_DOWN: Duration = Duration::from_secs(5);

impl Drive {
    /// Does what a verdict asks for. A request to stop ends every wait with the fault of the moment.
    pub(super) fn act(
        &mut self,
        verdict: Verdict,
        fua: bool,
        range: SectorRange,
        tries: &mut Tries,
    ) -> Result<Next, Fault> {
        match verdict {
            Verdict::Transport => {
                self.do_for(verdict, fua, range, tries)?;
                self.next_by_length(range, tries)
            }
            // A command that every drive knows, inside the disc: it is too long, or the firmware is stuck.
            Verdict::Refused if !fua || self.memory.fua_works => match self.next_by_length(range, tries)? {
                Next::Again => Err(Fault::Wedged),
                Next::Shorter => Ok(Next::Shorter),
            },
            _ => self.do_for(verdict, fua, range, tries).map(|()| Next::Again),
        }
    }

    fn next_by_length(&mut self, range: SectorRange, tries: &mut Tries) -> Result<Next, Fault> {
        Ok(if self.is_too_long(range, tries)? { Next::Shorter } else { Next::Again })
    }

    /// Does what has to be done before the same command is sent again.
    fn do_for(&mut self, verdict: Verdict, fua: bool, range: SectorRange, tries: &mut Tries) -> Result<(), Fault> {
        let after_time_out = self.memory.tries_after_time_out();
        let mut once_more = |count: fn(&mut Tries) -> &mut u32, most: u32, fault: Fault| {
            let count = count(tries);
            *count += 1;
            if *count > most { Err(fault) } else { Ok(*count) }
        };
        match verdict {
            Verdict::BecomingReady | Verdict::StartUnit => {
                once_more(|t| &mut t.ready, 2, Fault::NotReady)?;
                self.wait_until_ready()
            }
            Verdict::NotReady => {
                once_more(|t| &mut t.ready, 1, Fault::NotReady)?;
                self.wait_until_ready()
            }
            Verdict::Fault(Fault::NoMedium) => {
                self.confirm_no_medium()?;
                // The disc is there: that was no word about it.
                once_more(|t| &mut t.medium, 1, Fault::NotReady)?;
                Ok(())
            }
            Verdict::Aborted => {
                once_more(|t| &mut t.aborted, 1, Fault::NotReady)?;
                self.wait_until_ready()
            }
            Verdict::CannotReadToc => {
                once_more(|t| &mut t.toc, 1, Fault::Unknown)?;
                self.wait_until_ready()
            }
            // Not carried out; the settings are looked at before it is sent again.
            Verdict::SettingsLost => {
                once_more(|t| &mut t.attention, 3, Fault::Unknown)?;
                Ok(())
            }
            Verdict::Busy => {
                once_more(|t| &mut t.busy, BUSY_TRIES, Fault::Busy)?;
                self.rest(Duration::from_secs(1), Fault::Busy)
            }
            Verdict::Transport => {
                let count = once_more(|t| &mut t.transport, TRANSPORT_TRIES, Fault::Transport)?;
                // Where the way lets another command through, it is this command that it fails for: waiting helps nothing.
                if self.link.is_ready() {
                    return if count > TRIES_ON_A_SOUND_WAY { Err(Fault::Transport) } else { Ok(()) };
                }
                self.rest(Duration::from_secs(15), Fault::Transport)?;
                self.identify_again()
            }
            Verdict::TimedOut => {
                // The kernel has aborted the command and perhaps reset the bridge. One try with all patience tells a
                // slow drive from a dead one; more would risk the bridge.
                if once_more(|t| &mut t.timed_out, after_time_out, Fault::Transport).is_err() {
                    self.memory.patience_in_vain += after_time_out;
                    return Err(Fault::Transport);
                }
                self.wait_until_ready()
            }
            Verdict::Servo => match once_more(|t| &mut t.servo, 2, Fault::Damage)? {
                1 => self.seek_away(range),
                _ => self.spin_cycle(),
            },
            Verdict::SoftHardware => Err(self.soft_error(range)),
            Verdict::Refused if fua && !self.memory.fua_works => {
                debug!("{}: the drive refuses FUA", self.name);
                self.memory.fua_refusals += 1;
                tries.without_fua = true;
                Ok(())
            }
            Verdict::Refused => Err(Fault::Wedged),
            Verdict::Fault(fault) => Err(fault),
            Verdict::Good | Verdict::Short | Verdict::Recovered => Ok(()),
        }
    }

    pub(super) fn rest(&self, time: Duration, fault: Fault) -> Result<(), Fault> {
        if self.link.pause(time) { Ok(()) } else { Err(fault) }
    }

    /// Waits with TEST UNIT READY. A changed medium ends the read.
    fn wait_until_ready(&mut self) -> Result<(), Fault> {
        self.link.wait_ready().map_err(|unready| unready.fault)?;
        let reports = self.link.take_reports();
        if reports.medium_changed { Err(Fault::MediumChanged) } else { Ok(()) }
    }

    /// A drive says that it has no disc: it is asked again. One that takes its time to say that it has one may have got it
    /// just now.
    fn confirm_no_medium(&mut self) -> Result<(), Fault> {
        let reply = self.link.send(&cdb::test_unit_ready(), Data::None, COMMAND_LIMIT)?;
        match classify(&reply) {
            Verdict::Good | Verdict::Recovered => self.wait_until_ready(),
            Verdict::Fault(Fault::NoMedium) => Err(Fault::NoMedium),
            _ => self.wait_until_ready().and(Err(Fault::MediumChanged)),
        }
    }

    /// After the way to the drive has failed: is it the same drive that answers now?
    fn identify_again(&mut self) -> Result<(), Fault> {
        if let Ok(identity) = identify(&mut self.link, &self.name) {
            if identity != self.identity {
                return Err(Fault::Gone);
            }
            return self.wait_until_ready();
        }
        // Still nothing: the next try of the read says more.
        Ok(())
    }

    /// Moves the head far from a place where the servo lost the track.
    fn seek_away(&mut self, range: SectorRange) -> Result<(), Fault> {
        let half = self.facts.sectors / 2;
        let far = (range.start() + half) % self.facts.sectors.max(1);
        self.probe(SectorRange::with_len(far, 1), false)?;
        if self.link.is_cancelled() { Err(Fault::Damage) } else { Ok(()) }
    }

    /// A spin cycle, as long as there were few.
    fn spin_cycle(&mut self) -> Result<(), Fault> {
        if self.memory.spin_cycles >= SPIN_CYCLES_MAX {
            return Err(Fault::Damage);
        }
        self.memory.spin_cycles += 1;
        self.stop_and_start()
    }

    /// Stops the disc, lets it rest, starts it, and waits until it is ready.
    pub(in crate::drive) fn stop_and_start(&mut self) -> Result<(), Fault> {
        debug!("{}: spinning down and up", self.name);
        self.link.tell(&cdb::start_stop_unit(false, false), READY_LIMIT);
        let rested = self.rest(SPIN_DOWN, Fault::Damage);
        // The disc is started even when somebody wants to stop.
        self.link.start();
        rested?;
        // A stuck drive may have refused whatever it was asked.
        self.memory.fua_refusals = 0;
        // Some drives say of the disc that they have just stopped that it may be another one: the next read tells, and
        // somebody compares.
        self.link.wait_ready().map_err(|unready| unready.fault)
    }

    /// A hardware error: damage at first. Several in a row far from each other look like stuck firmware; then a place
    /// that was read before decides.
    fn soft_error(&mut self, range: SectorRange) -> Fault {
        let lba = range.start();
        if self.memory.soft_errors.iter().all(|earlier| earlier.abs_diff(lba) >= DISTANT) {
            self.memory.soft_errors.push(lba);
        }
        // Whoever wants to stop does not wait for the rest.
        self.link.pause(SOFT_ERROR_REST);
        if self.memory.soft_errors.len() < SOFT_ERRORS_MAX {
            return Fault::Damage;
        }
        self.memory.soft_errors.clear();
        let fua = !self.memory.refuses_fua();
        match self.memory.last_good.map(|good| self.probe(good, fua)) {
            Some(Ok(true)) => Fault::Damage,
            Some(Err(changed)) => changed,
            Some(Ok(false)) | None => Fault::Wedged,
        }
    }

    /// Whether the first sector of a range reads now.
    ///
    /// # Errors
    /// The disc may have been changed: the drive says so once only, so this answer must not be lost.
    fn probe(&mut self, range: SectorRange, fua: bool) -> Result<bool, Fault> {
        let mut buffer = vec![0; SECTOR_SIZE];
        let first = range.split_at(1).0;
        let Some(cdb) = cdb::read(first, fua) else { return Ok(false) };
        let reply = self.send_read(&cdb, &mut buffer, COMMAND_LIMIT, first, fua);
        match reply.map(|reply| classify(&reply)) {
            Ok(Verdict::Fault(Fault::MediumChanged)) => Err(Fault::MediumChanged),
            verdict => Ok(matches!(verdict, Ok(Verdict::Good | Verdict::Recovered))),
        }
    }
}
