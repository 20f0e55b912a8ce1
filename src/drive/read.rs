//! One read, with everything that the answer asks for: waits, second tries, and a name for what cannot be helped.

use std::time::Duration;

use tracing::debug;

use super::Drive;
use super::link::{BUSY_TRIES, COMMAND_LIMIT, READY_LIMIT, TRANSPORT_TRIES, describe};
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::{SECTOR_SIZE, SectorRange};
use crate::scsi::sense::{Verdict, classify, decode};
use crate::scsi::{Data, Reply, cdb};
use crate::source::ReadRequest;
use crate::source::drive::{Incident, Trouble};

/// Incidents that are kept when nobody asks for them.
const INCIDENTS_MAX: usize = 64;

/// Tries of one read, whatever happens; the single counters end well before.
const TRIES_MAX: u32 = 24;

/// The limit of a second try after a time-out: a drive that needs longer than this is not coming back.
const PATIENCE: Duration = Duration::from_secs(60);

/// Rest after a hardware error, while the drive finds its feet.
const SOFT_ERROR_REST: Duration = Duration::from_secs(5);

/// Hardware errors in a row, each this many sectors from all others, after which the drive is suspected to be wedged.
const SOFT_ERRORS_MAX: usize = 3;
const DISTANT: u64 = 8192;

/// Spin cycles in the life of a [`Drive`]; each costs a quarter of a minute.
const SPIN_CYCLES_MAX: u32 = 3;
const SPIN_DOWN: Duration = Duration::from_secs(5);

/// What was tried so far for one read.
#[derive(Debug, Default)]
struct Tries {
    all: u32,
    ready: u32,
    aborted: u32,
    attention: u32,
    busy: u32,
    transport: u32,
    timed_out: u32,
    servo: u32,
    toc: u32,
    /// This one goes without FUA.
    without_fua: bool,
}

impl Drive {
    /// Reads `request`, which is not empty and no more than one command can say, into a buffer of its size.
    pub(super) fn read_sectors(&mut self, request: &ReadRequest, buffer: &mut [u8]) -> Outcome {
        let range = request.range;
        let slowest = self.memory.slowest_failure.saturating_mul(2).min(PATIENCE);
        let mut limit = request.time_limit.max(slowest);
        let mut tries = Tries::default();
        loop {
            // A try that went wrong may have left bytes in the cache of which the drive had more to say.
            let fua = (request.fua || tries.all > 0) && !tries.without_fua && !self.memory.refuses_fua();
            let Some(cdb) = cdb::read(range, fua) else {
                return Outcome::failed(0, Fault::OutOfRange, 0.0);
            };
            let reply = match self.send_read(&cdb, buffer, limit, range, fua) {
                Ok(reply) => reply,
                Err(fault) => return Outcome::failed(0, fault, 0.0),
            };
            let outcome = |range, reply: &Reply, sectors, fault| Outcome {
                past_cache: fua,
                ..outcome(range, reply, sectors, fault)
            };
            let verdict = classify(&reply);
            if let Some(outcome) = self.settled(verdict, range, fua, buffer.len(), &reply) {
                return Outcome { past_cache: fua, ..outcome };
            }
            debug!("{}: read of {range}: {verdict:?} ({})", self.name, describe(&reply));
            tries.all += 1;
            let again =
                if tries.all >= TRIES_MAX { Err(Fault::Unknown) } else { self.act(verdict, fua, range, &mut tries) };
            if let Err(fault) = again {
                self.memory.slowest_failure = self.memory.slowest_failure.max(reply.duration);
                return outcome(range, &reply, 0, Some(fault));
            }
            if verdict == Verdict::TimedOut {
                limit = limit.max(PATIENCE);
            }
        }
    }

    /// Sends a read of `range`, at a distance in time from earlier failures, and notes what was wrong with it.
    pub(super) fn send_read(
        &mut self,
        cdb: &[u8],
        buffer: &mut [u8],
        limit: Duration,
        range: SectorRange,
        fua: bool,
    ) -> Result<Reply, Fault> {
        let clock = self.link.clock();
        let wait = self.pace.wait(clock.now());
        if !wait.is_zero() && !self.link.pause(wait) {
            return Err(Fault::NotReady);
        }
        self.settle_settings()?;
        let reply = self.link.send(cdb, Data::In(&mut *buffer), limit)?;
        let seconds = reply.duration.as_secs_f64();
        let verdict = classify(&reply);
        let trouble = match verdict {
            Verdict::Good if seconds < Incident::SLOW => return Ok(reply),
            Verdict::Good => Trouble::Slow,
            Verdict::Recovered => Trouble::Recovered,
            _ => Trouble::Failed,
        };
        let sense = decode(&reply.sense).map(|data| data.sense);
        let strains = matches!(
            verdict,
            Verdict::Fault(Fault::Damage)
                | Verdict::Servo
                | Verdict::SoftHardware
                | Verdict::Refused
                | Verdict::Aborted
                | Verdict::CannotReadToc
        );
        if strains {
            self.pace.failed(clock.now());
        }
        if self.incidents.len() >= INCIDENTS_MAX {
            self.incidents.remove(0);
        }
        let (status, host_status) = (reply.status, reply.host_status);
        let at = clock.now();
        self.incidents.push(Incident { range, fua, trouble, at, seconds, status, host_status, sense });
        Ok(reply)
    }

    /// The outcome of a read that needs no action.
    fn settled(
        &mut self,
        verdict: Verdict,
        range: SectorRange,
        fua: bool,
        asked: usize,
        reply: &Reply,
    ) -> Option<Outcome> {
        let transferred = (asked - reply.residual.min(asked)) / SECTOR_SIZE;
        let (sectors, fault) = match verdict {
            // The tail of the buffer after a short transfer is stale: that part has failed.
            Verdict::Good | Verdict::Short | Verdict::Recovered => {
                let sectors = (transferred as u64).min(range.len());
                (sectors, (sectors < range.len()).then_some(Fault::Damage))
            }
            Verdict::Fault(fault @ (Fault::Damage | Fault::Blank)) => (agreed_head(range, asked, reply), Some(fault)),
            Verdict::Fault(fault @ (Fault::OutOfRange | Fault::WrongTrack)) => {
                self.find_tract(range, fault);
                (0, Some(fault))
            }
            Verdict::Fault(fault) => (0, Some(fault)),
            _ => return None,
        };
        if !matches!(fault, None | Some(Fault::Damage | Fault::Blank)) {
            // Whoever asked for the read says it in a sentence.
            debug!("{}: read of {range}: {}", self.name, describe(reply));
        }
        match fault {
            None => {
                self.memory.last_good = Some(range);
                self.memory.fua_works |= fua;
            }
            Some(_) => self.memory.slowest_failure = self.memory.slowest_failure.max(reply.duration),
        }
        self.memory.soft_errors.clear();
        let (short, recovered) = (verdict == Verdict::Short, verdict == Verdict::Recovered);
        Some(Outcome { short, recovered, ..outcome(range, reply, sectors, fault) })
    }

    /// Does what a verdict asks for. `Ok`: read again. A request to stop ends every wait with the fault of the moment.
    fn act(&mut self, verdict: Verdict, fua: bool, range: SectorRange, tries: &mut Tries) -> Result<(), Fault> {
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
            Verdict::Aborted => {
                once_more(|t| &mut t.aborted, 1, Fault::NotReady)?;
                self.wait_until_ready()
            }
            Verdict::CannotReadToc => {
                once_more(|t| &mut t.toc, 1, Fault::Unknown)?;
                self.wait_until_ready()
            }
            Verdict::SettingsLost => {
                once_more(|t| &mut t.attention, 3, Fault::Unknown)?;
                Ok(())
            }
            Verdict::Busy => {
                once_more(|t| &mut t.busy, BUSY_TRIES, Fault::Busy)?;
                self.rest(Duration::from_secs(1), Fault::Busy)
            }
            Verdict::Transport => {
                once_more(|t| &mut t.transport, TRANSPORT_TRIES, Fault::Transport)?;
                self.rest(Duration::from_secs(15), Fault::Transport)?;
                self.identify_again()
            }
            Verdict::TimedOut => {
                // The kernel has aborted the command and perhaps reset the bridge. One try with all patience tells a
                // slow drive from a dead one; more would risk the bridge.
                once_more(|t| &mut t.timed_out, 1, Fault::Transport)?;
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
            // A command that every drive knows, inside the disc: the firmware is stuck.
            Verdict::Refused => Err(Fault::Wedged),
            Verdict::Fault(fault) => Err(fault),
            Verdict::Good | Verdict::Short | Verdict::Recovered => Ok(()),
        }
    }

    fn rest(&self, time: Duration, fault: Fault) -> Result<(), Fault> {
        if self.link.pause(time) { Ok(()) } else { Err(fault) }
    }

    /// Waits with TEST UNIT READY. A changed medium ends the read.
    fn wait_until_ready(&mut self) -> Result<(), Fault> {
        self.link.wait_ready().map_err(|unready| unready.fault)?;
        let reports = self.link.take_reports();
        if reports.medium_changed { Err(Fault::MediumChanged) } else { Ok(()) }
    }

    /// After the way to the drive has failed: is it the same drive that answers now?
    fn identify_again(&mut self) -> Result<(), Fault> {
        if let Ok(identity) = super::identify(&mut self.link, &self.name) {
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
    pub(super) fn stop_and_start(&mut self) -> Result<(), Fault> {
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

/// Sectors at the head of a failed read that may be believed: only what the residual count and the INFORMATION field
/// agree on. Either alone is wrong on some drives and bridges: a residual of zero is the default of those that do not
/// count, and INFORMATION names the first sector of the unit, or of the command, on some.
fn agreed_head(range: SectorRange, asked: usize, reply: &Reply) -> u64 {
    let transferred = asked - reply.residual.min(asked);
    let named = decode(&reply.sense).and_then(|data| data.information).filter(|lba| range.contains(*lba));
    match named.map(|lba| lba - range.start()) {
        Some(head) if usize::try_from(head).is_ok_and(|head| head.checked_mul(SECTOR_SIZE) == Some(transferred)) => {
            head
        }
        _ => 0,
    }
}

fn outcome(range: SectorRange, reply: &Reply, sectors: u64, fault: Option<Fault>) -> Outcome {
    let data = decode(&reply.sense);
    Outcome {
        sectors,
        fault,
        short: false,
        recovered: false,
        past_cache: false,
        status: reply.status,
        sense: data.map(|data| data.sense),
        information: data.and_then(|data| data.information).filter(|lba| range.contains(*lba)),
        seconds: reply.duration.as_secs_f64(),
    }
}
