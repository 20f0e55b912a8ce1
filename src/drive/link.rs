//! Commands to one drive, and waiting for it. Every wait is bounded, and ends soon after a request to stop.

use std::sync::Arc;
use std::time::Duration;

use tracing::debug;

use crate::base::cancel::Cancel;
use crate::base::clock::Clock;
use crate::base::outcome::{Fault, Sense};
use crate::scsi::cdb::{self, op};
use crate::scsi::sense::{self, Verdict, classify, status};
use crate::scsi::{Data, Reply, Standing, Transport};

/// How long a command that moves no sectors may take. Drives load and spin up while they answer some of them.
pub(super) const COMMAND_LIMIT: Duration = Duration::from_secs(30);

/// How long a drive may take to become ready; spinning up after plugging in takes up to a minute.
pub(super) const READY_LIMIT: Duration = Duration::from_secs(60);

/// Wait before another try when the way to the drive fails; how many of them there are.
const TRANSPORT_WAIT: Duration = Duration::from_secs(15);
pub(super) const TRANSPORT_TRIES: u32 = 5;

/// Wait while another program uses the drive; how many of them there are.
const BUSY_WAIT: Duration = Duration::from_secs(1);
pub(super) const BUSY_TRIES: u32 = 3;

/// Unit attentions in a row that are believed: a drive queues a few at most.
const ATTENTIONS_MAX: u32 = 16;

/// Linux host status: nobody is there (`DID_NO_CONNECT`, `DID_BAD_TARGET`).
const NOBODY_THERE: [u16; 2] = [1, 4];

/// Longest wait without asking whether somebody wants to stop.
const SLICE: Duration = Duration::from_millis(100);

/// Why a drive is not ready.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Unready {
    pub(super) fault: Fault,
    pub(super) sense: Option<Sense>,
}

/// What a drive reported of its own accord (SPC-4, unit attention conditions).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Reports {
    /// The medium may be another one.
    pub(super) medium_changed: bool,
}

/// The way to one drive.
pub(super) struct Link {
    transport: Box<dyn Transport>,
    clock: Arc<dyn Clock>,
    cancel: Cancel,
    /// What the drive reported, with whatever command, since somebody last took it: it reports a thing but once.
    pending: Reports,
    restarts: u64,
    /// Since the settings were last looked at, the drive may have been reset.
    unsettled: bool,
}

impl Link {
    pub(super) fn new(transport: Box<dyn Transport>, cancel: Cancel) -> Self {
        Self { clock: transport.clock(), transport, cancel, pending: Reports::default(), restarts: 0, unsettled: false }
    }

    pub(super) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// Goes on over another way to the same drive, which has lost its settings and perhaps its disc meanwhile.
    pub(super) fn replace(&mut self, transport: Box<dyn Transport>) {
        self.transport = transport;
        self.started();
        self.pending = Reports { medium_changed: true };
    }

    /// The drive was started, or perhaps reset: what it said before is one thing and what it says from now on another, and
    /// its settings may be gone.
    fn started(&mut self) {
        self.restarts += 1;
        self.unsettled = true;
    }

    /// Whether the drive may have lost its settings since this was last asked.
    pub(super) fn take_unsettled(&mut self) -> bool {
        std::mem::take(&mut self.unsettled)
    }

    /// Whether it may have, without asking for good.
    pub(super) fn is_unsettled(&self) -> bool {
        self.unsettled
    }

    /// The settings could not be looked at.
    pub(super) fn leave_unsettled(&mut self) {
        self.unsettled = true;
    }

    /// The way to the drive alone.
    pub(super) fn into_transport(self) -> Box<dyn Transport> {
        self.transport
    }

    pub(super) fn max_transfer(&self) -> usize {
        self.transport.max_transfer()
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.cancel.is_raised()
    }

    /// Sends a command. A complaint that arrives without its sense data is asked for it.
    ///
    /// A unit attention says that the command was not carried out (SPC-4, 4.4): it is sent again, but for reads, before
    /// which whoever sends them looks at the settings.
    pub(super) fn send(&mut self, cdb: &[u8], mut data: Data<'_>, limit: Duration) -> Result<Reply, Fault> {
        let is_read = matches!(cdb.first(), Some(&(op::READ_10 | op::READ_12)));
        let mut attentions = 0;
        loop {
            let reply = self.send_once(cdb, lend(&mut data), limit)?;
            attentions += 1;
            let is_attention = matches!(classify(&reply), Verdict::SettingsLost | Verdict::Fault(Fault::MediumChanged));
            if is_read || !is_attention || attentions >= ATTENTIONS_MAX {
                return Ok(reply);
            }
        }
    }

    fn send_once(&mut self, cdb: &[u8], data: Data<'_>, limit: Duration) -> Result<Reply, Fault> {
        let mut reply = self.execute(cdb, data, limit)?;
        if reply.status == status::CHECK_CONDITION && reply.host_status == 0 && reply.sense.is_empty() {
            let mut sense = [0; 18];
            let asked = self.execute(&cdb::request_sense(18), Data::In(&mut sense), COMMAND_LIMIT)?;
            let arrived = sense.len() - asked.residual.min(sense.len());
            let sense = sense.get(..arrived).unwrap_or_default();
            // A drive that then knows of nothing says no more than one that was not asked.
            let is_told = sense::decode(sense).is_some_and(|data| data.sense != Sense::default());
            if asked.status == status::GOOD && asked.host_status == 0 && is_told {
                reply.sense = sense.to_vec();
            }
        }
        match classify(&reply) {
            // After a time-out, an abort or trouble on the way the kernel may have reset the drive, and the unit attention
            // that tells of it went to the kernel's own TEST UNIT READY.
            Verdict::SettingsLost | Verdict::TimedOut | Verdict::Aborted | Verdict::Transport => self.started(),
            Verdict::Fault(Fault::MediumChanged) => {
                self.started();
                self.pending = Reports { medium_changed: true };
            }
            _ => {}
        }
        Ok(reply)
    }

    fn execute(&mut self, cdb: &[u8], data: Data<'_>, limit: Duration) -> Result<Reply, Fault> {
        let result = self.transport.execute(cdb, data, limit).map_err(|e| {
            debug!("command {:02X?} could not be sent: {e}", cdb);
            unsent(&e)
        });
        // The system may know more of a drive that is not there than a single command is told.
        let is_away = match &result {
            Ok(reply) => NOBODY_THERE.contains(&reply.host_status),
            Err(fault) => *fault == Fault::Gone,
        };
        let result = match is_away.then(|| self.transport.standing()) {
            Some(Standing::Offline) => Err(Fault::Offline),
            Some(Standing::Gone) => Err(Fault::Gone),
            Some(Standing::There) | None => result,
        };
        if result.is_err() {
            self.started();
        }
        result
    }

    /// Asks for data of up to `length` bytes; gives what arrived, or the reply that says why nothing did.
    pub(super) fn ask(&mut self, cdb: &[u8], length: usize) -> Result<Vec<u8>, Refusal> {
        let mut buffer = vec![0; length];
        let reply = self.send(cdb, Data::In(&mut buffer), COMMAND_LIMIT).map_err(Refusal::Fault)?;
        match classify(&reply) {
            Verdict::Good | Verdict::Short | Verdict::Recovered => {
                buffer.truncate(length - reply.residual.min(length));
                Ok(buffer)
            }
            _ => Err(Refusal::Reply(reply)),
        }
    }

    /// Asks for data, waiting for the drive and asking again when something passing was in the way.
    pub(super) fn ask_patiently(&mut self, cdb: &[u8], length: usize) -> Result<Vec<u8>, Refusal> {
        let mut result = self.ask(cdb, length);
        for _ in 0..3 {
            let Err(Refusal::Reply(reply)) = &result else { break };
            if matches!(classify(reply), Verdict::Refused) {
                break;
            }
            self.wait_ready().map_err(|unready| Refusal::Fault(unready.fault))?;
            result = self.ask(cdb, length);
        }
        result
    }

    /// Sends a command without data; tells whether it was carried out.
    pub(super) fn tell(&mut self, cdb: &[u8], limit: Duration) -> bool {
        self.send(cdb, Data::None, limit).is_ok_and(|reply| classify(&reply) == Verdict::Good)
    }

    /// Starts the disc. Whether the drive did.
    pub(super) fn start(&mut self) -> bool {
        self.started();
        self.tell(&cdb::start_stop_unit(true, false), READY_LIMIT)
    }

    /// How often drive or disc were started, or the drive perhaps reset.
    pub(super) fn restarts(&self) -> u64 {
        self.restarts
    }

    /// Hands over what the drive reported since this was last asked.
    pub(super) fn take_reports(&mut self) -> Reports {
        std::mem::take(&mut self.pending)
    }

    /// Lets time pass; `false` as soon as somebody wants to stop.
    pub(super) fn pause(&self, time: Duration) -> bool {
        let end = self.clock.now().saturating_add(time);
        loop {
            let left = end.saturating_sub(self.clock.now());
            if self.cancel.is_raised() {
                return false;
            }
            if left.is_zero() {
                return true;
            }
            self.clock.sleep(left.min(SLICE));
        }
    }

    /// Whether TEST UNIT READY says now that the drive is ready.
    pub(super) fn is_ready(&mut self) -> bool {
        self.tell(&cdb::test_unit_ready(), COMMAND_LIMIT)
    }

    /// Waits with TEST UNIT READY until the drive is ready, starting the unit when it asks for that.
    pub(super) fn wait_ready(&mut self) -> Result<(), Unready> {
        let deadline = self.clock.now().saturating_add(READY_LIMIT);
        let (mut attentions, mut busy, mut broken, mut started) = (0, 0, 0, false);
        loop {
            let reply = self
                .send(&cdb::test_unit_ready(), Data::None, COMMAND_LIMIT)
                .map_err(|fault| Unready { fault, sense: None })?;
            let verdict = classify(&reply);
            let sense = sense::decode(&reply.sense).map(|data| data.sense);
            let unready = |fault| Unready { fault, sense };
            let (fault, wait) = match verdict {
                Verdict::Good | Verdict::Short | Verdict::Recovered => return Ok(()),
                Verdict::Fault(fault @ (Fault::NoMedium | Fault::Incompatible)) => return Err(unready(fault)),
                // A unit attention is told once; the next answer is about the drive itself.
                Verdict::SettingsLost | Verdict::Fault(Fault::MediumChanged) => {
                    attentions += 1;
                    (Fault::NotReady, if attentions <= ATTENTIONS_MAX { Duration::ZERO } else { BUSY_WAIT })
                }
                Verdict::Busy => {
                    busy += 1;
                    if busy > BUSY_TRIES {
                        return Err(unready(Fault::Busy));
                    }
                    (Fault::Busy, BUSY_WAIT)
                }
                Verdict::Transport | Verdict::TimedOut => {
                    broken += 1;
                    if broken > TRANSPORT_TRIES {
                        return Err(unready(Fault::Transport));
                    }
                    (Fault::Transport, TRANSPORT_WAIT)
                }
                Verdict::StartUnit if !started => {
                    started = true;
                    debug!("the drive wants to be started");
                    self.start();
                    (Fault::NotReady, Duration::ZERO)
                }
                _ => (Fault::NotReady, BUSY_WAIT),
            };
            // Waits for a broken way or a busy drive are counted; all others end with the time.
            let out_of_time = fault == Fault::NotReady && self.clock.now() >= deadline;
            if out_of_time || !self.pause(wait) {
                return Err(unready(fault));
            }
        }
    }
}

/// The same data once more.
fn lend<'a>(data: &'a mut Data<'_>) -> Data<'a> {
    match data {
        Data::None => Data::None,
        Data::In(buffer) => Data::In(buffer),
        Data::Out(buffer) => Data::Out(buffer),
    }
}

/// What it means that a command could not be sent.
fn unsent(error: &std::io::Error) -> Fault {
    match (error.kind(), error.raw_os_error()) {
        (std::io::ErrorKind::NotFound, _) | (_, Some(libc::ENODEV | libc::ENXIO | libc::ESHUTDOWN)) => Fault::Gone,
        (_, Some(libc::EBUSY | libc::EAGAIN)) => Fault::Busy,
        (_, Some(libc::EIO | libc::ETIMEDOUT)) => Fault::Transport,
        _ => Fault::Unsent,
    }
}

/// Why no data came.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Refusal {
    /// The drive said why.
    Reply(Reply),
    /// Nothing was said.
    Fault(Fault),
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Reply(reply) => describe(reply).fmt(f),
            Self::Fault(fault) => write!(f, "{fault:?}"),
        }
    }
}

/// The raw facts of an answer, for the person who looks further.
pub(super) fn describe(reply: &Reply) -> String {
    let sense = sense::decode(&reply.sense).map_or_else(|| "none".into(), |data| data.sense.to_string());
    format!(
        "status {:02X}, host {:02X}, driver {:02X}, sense {sense}",
        reply.status, reply.host_status, reply.driver_status
    )
}
