//! One read, with everything that the answer asks for: waits, second tries, and a name for what cannot be helped.

use std::time::Duration;

use tracing::debug;

use super::Drive;
use super::disc::media;
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

/// Tries of a command that the system did not pass on, a second apart: memory that it lacks comes and goes.
const UNSENT_TRIES: u32 = 3;
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

/// What was tried so far for one read.
#[derive(Debug, Default)]
pub(super) struct Tries {
    all: u32,
    ready: u32,
    medium: u32,
    aborted: u32,
    attention: u32,
    busy: u32,
    transport: u32,
    unsent: u32,
    timed_out: u32,
    servo: u32,
    toc: u32,
    /// This one goes without FUA.
    without_fua: bool,
    /// It was found out whether the length of the command is to blame.
    pub(super) measured: bool,
}

/// What comes next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Next {
    /// The same command.
    Again,
    /// Shorter ones: it is longer than the way to the drive takes.
    Shorter,
}

/// What became of a command and of all that was tried for it.
pub(super) enum Ended {
    /// This.
    With(Outcome),
    /// It is longer than the way to the drive takes: shorter ones are to be sent.
    TooLong,
}

impl Drive {
    /// Reads a range with one command, again and again as long as the answer asks for that.
    pub(super) fn read_command(&mut self, request: &ReadRequest, buffer: &mut [u8]) -> Ended {
        let range = request.range;
        let slowest = self.memory.slowest_failure.saturating_mul(2).min(PATIENCE);
        let mut limit = request.time_limit.max(slowest);
        let mut tries = Tries::default();
        loop {
            // A try that went wrong may have left bytes in the cache of which the drive had more to say.
            let fua = (request.fua || tries.all > 0) && !tries.without_fua && !self.memory.refuses_fua();
            let Some(cdb) = cdb::read(range, fua) else {
                return Ended::With(Outcome::failed(0, Fault::OutOfRange, 0.0));
            };
            let reply = match self.send_read(&cdb, buffer, limit, range, fua) {
                Ok(reply) => reply,
                Err(fault) => match self.not_sent(fault, range, &mut tries) {
                    Ok(Next::Again) => continue,
                    Ok(Next::Shorter) => return Ended::TooLong,
                    Err(fault) => return Ended::With(Outcome::failed(0, fault, 0.0)),
                },
            };
            let outcome = |range, reply: &Reply, sectors, fault| Outcome {
                past_cache: fua,
                ..outcome(range, reply, sectors, fault)
            };
            let verdict = classify(&reply);
            match self.is_cut_short(verdict, range, &mut tries) {
                Ok(true) => return Ended::TooLong,
                Ok(false) => {}
                Err(fault) => return Ended::With(outcome(range, &reply, 0, Some(fault))),
            }
            if let Some(outcome) = self.settled(verdict, range, fua, buffer.len(), &reply) {
                if outcome.fault == Some(Fault::OutOfRange) && self.is_out_of_range_by_length(range, &mut tries) {
                    return Ended::TooLong;
                }
                return Ended::With(Outcome { past_cache: fua, ..outcome });
            }
            debug!("{}: read of {range}: {verdict:?} ({})", self.name, describe(&reply));
            tries.all += 1;
            let again =
                if tries.all >= TRIES_MAX { Err(Fault::Unknown) } else { self.act(verdict, fua, range, &mut tries) };
            match again {
                Ok(Next::Again) => {}
                Ok(Next::Shorter) => return Ended::TooLong,
                Err(fault) => {
                    if verdict != Verdict::TimedOut {
                        self.memory.slowest_failure = self.memory.slowest_failure.max(reply.duration);
                    }
                    return Ended::With(outcome(range, &reply, 0, Some(fault)));
                }
            }
            if verdict == Verdict::TimedOut {
                limit = limit.max(PATIENCE);
            }
        }
    }

    /// A command never got to the drive.
    fn not_sent(&mut self, fault: Fault, range: SectorRange, tries: &mut Tries) -> Result<Next, Fault> {
        if !matches!(fault, Fault::Unsent | Fault::Transport) {
            return Err(fault);
        }
        (tries.all, tries.unsent) = (tries.all + 1, tries.unsent + 1);
        if self.is_too_long(range, tries)? {
            return Ok(Next::Shorter);
        }
        if tries.unsent > UNSENT_TRIES {
            return Err(fault);
        }
        self.rest(Duration::from_secs(1), fault)?;
        Ok(Next::Again)
    }

    /// Whether the disc goes on behind `range`, and it was the length of the command that was out of range.
    fn is_out_of_range_by_length(&mut self, range: SectorRange, tries: &mut Tries) -> bool {
        self.facts.sectors >= range.end() && self.is_too_long(range, tries) == Ok(true)
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
        match verdict {
            Verdict::Good | Verdict::Recovered if reply.residual == 0 => self.length.note_whole(range.len()),
            Verdict::Short => self.length.note_short(range.len()),
            _ => {}
        }
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
            // A pressed disc has no space that was never written: that is no word about it.
            Verdict::Fault(Fault::Blank) if !self.may_be_unwritten() => (0, Some(Fault::Unknown)),
            Verdict::Fault(fault @ (Fault::Damage | Fault::Blank)) => (agreed_head(range, asked, reply), Some(fault)),
            Verdict::Fault(fault @ (Fault::OutOfRange | Fault::WrongTrack)) => {
                self.find_tract(range, fault);
                (0, Some(fault))
            }
            // The drive is asked once more whether that is so.
            Verdict::Fault(Fault::NoMedium) => return None,
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

    /// Whether the disc can hold space that was never written; a drive without profiles does not say.
    fn may_be_unwritten(&self) -> bool {
        self.profile() == 0 || media::is_recordable(self.profile())
    }

    /// Does what a verdict asks for. A request to stop ends every wait with the fault of the moment.
    fn act(&mut self, verdict: Verdict, fua: bool, range: SectorRange, tries: &mut Tries) -> Result<Next, Fault> {
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

    fn rest(&self, time: Duration, fault: Fault) -> Result<(), Fault> {
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
        host_status: reply.host_status,
        sense: data.map(|data| data.sense),
        information: data.and_then(|data| data.information).filter(|lba| range.contains(*lba)),
        seconds: reply.duration.as_secs_f64(),
    }
}
