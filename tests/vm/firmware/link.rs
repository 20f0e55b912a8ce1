//! The firmware, what every way to it has in common, and the loop that serves it.

use std::fmt::Write;
use std::fs;
use std::os::fd::BorrowedFd;
use std::path::Path;
use std::time::Duration;

use freemkv::drive::emulated::{EmulatedSpec, FileMedium};
use freemkv::scsi::emulated::{DamagePlan, EmulatedDrive};
use freemkv::scsi::{Data, Reply, Transport, sense};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::Result;
use crate::control::Control;
use crate::journal::Journal;

/// The drive, and the log of what it is asked.
pub(crate) struct Firmware {
    drive: EmulatedDrive,
    journal: Journal,
}

/// An answer on its way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    /// What is said.
    pub(crate) reply: Reply,
    /// Bytes of data that come with it.
    pub(crate) bytes: usize,
    /// When, on the drive's clock; without it never.
    pub(crate) due: Option<Duration>,
}

impl Answer {
    /// Whether its time has come.
    pub(crate) fn is_due(&self, now: Duration) -> bool {
        self.due.is_some_and(|due| due <= now)
    }
}

impl Firmware {
    /// A drive by its `emu:` text, in real time whatever that says.
    pub(crate) fn new(spec: &str, journal: Journal) -> Result<Self> {
        let mut spec = EmulatedSpec::parse(spec)?;
        spec.real_time = true;
        let mut drive = spec.build(DamagePlan::sound()).map_err(|e| format!("{}: {e}", spec.image.display()))?;
        drive.reset();
        Ok(Self { drive, journal })
    }

    /// Time on the drive's clock.
    pub(crate) fn now(&self) -> Duration {
        self.drive.clock().now()
    }

    /// A line of the log.
    pub(crate) fn say(&mut self, what: &str) {
        self.journal.say(what);
    }

    /// Carries a command out; `data` is what comes with it, or room for what goes back. An answer that the way cannot
    /// give in time because the bytes of the disc fail is none.
    pub(crate) fn command(&mut self, cdb: &[u8], mut data: Data<'_>) -> Answer {
        let now = self.now();
        let reply = match self.drive.begin(cdb, &mut data) {
            Ok(reply) => reply,
            Err(why) => {
                self.say(&format!("no answer: {why}"));
                return Answer::default();
            }
        };
        let bytes = data.len() - reply.residual;
        let never = reply.duration == Duration::MAX || reply.host_status == sense::HOST_TIME_OUT;
        let due = if never { None } else { now.checked_add(reply.duration) };
        let mut line = String::new();
        for byte in cdb {
            let _ = write!(line, "{byte:02X} ");
        }
        let sense = sense::decode(&reply.sense).map_or(String::new(), |data| format!(" {}", data.sense));
        let host = if reply.host_status == 0 { String::new() } else { format!(" host {:02X}", reply.host_status) };
        let never = if due.is_none() { ", never" } else { "" };
        self.say(&format!("{line}-> {:02X}{host}{sense}, {bytes} bytes{never}", reply.status));
        Answer { reply, bytes, due }
    }

    /// A reset of the bus or the device.
    pub(crate) fn reset(&mut self, how: &str) {
        self.say(&format!("RESET {how}"));
        self.drive.reset();
    }

    /// Words that are for the drive itself. Tells whether these were.
    pub(crate) fn word(&mut self, words: &[&str]) -> Result<bool> {
        match *words {
            ["plan", file] => {
                let text = fs::read_to_string(file).map_err(|e| format!("{file}: {e}"))?;
                let plan = DamagePlan::parse(&text).map_err(|e| e.to_string())?;
                let discs: Vec<String> = plan.discs().map(str::to_owned).collect();
                for name in discs {
                    let disc = FileMedium::open(Path::new(&name)).map_err(|e| format!("{name}: {e}"))?;
                    self.drive.hand_in(&name, Box::new(disc));
                }
                self.drive.follow(plan);
            }
            ["page"] => {
                let [bits, retries] = [2, 3].map(|at| self.drive.error_page().get(at).copied().unwrap_or_default());
                self.say(&format!("PAGE01 {bits:02X} {retries}"));
            }
            ["reset"] => self.reset("asked for"),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// A way from the kernel to the firmware.
pub(crate) trait Link {
    /// What becomes readable when the kernel wants something, while there is a way.
    fn descriptor(&self) -> Option<BorrowedFd<'_>>;

    /// Takes what the kernel wants.
    fn take(&mut self, firmware: &mut Firmware) -> Result<()>;

    /// Gives the answers whose time has come by `now`, as far as the kernel has asked for them.
    fn give(&mut self, now: Duration, firmware: &mut Firmware) -> Result<()>;

    /// When answers are due.
    fn due(&self) -> Vec<Duration>;

    /// Words that are for the way. Tells whether these were.
    fn word(&mut self, words: &[&str], firmware: &mut Firmware) -> Result<bool>;
}

/// Serves until something breaks.
pub(crate) fn serve(firmware: &mut Firmware, link: &mut dyn Link, control: &mut Control) -> Result<()> {
    loop {
        let now = firmware.now();
        link.give(now, firmware)?;
        // What is due and was not given waits for the kernel to ask for it.
        let next = link.due().into_iter().filter(|due| *due > now).min();
        let left = next.map(|due| due.saturating_sub(firmware.now()));
        // One more, since poll counts whole milliseconds.
        let left = left.map_or(PollTimeout::NONE, |left| {
            PollTimeout::try_from(left.as_millis().saturating_add(1)).unwrap_or(PollTimeout::MAX)
        });
        let mut waits = vec![PollFd::new(control.descriptor(), PollFlags::POLLIN)];
        waits.extend(link.descriptor().map(|fd| PollFd::new(fd, PollFlags::POLLIN)));
        poll(&mut waits, left).map_err(|e| format!("poll: {e}"))?;
        let called: Vec<bool> = waits.iter().map(|wait| wait.any().unwrap_or(true)).collect();
        if called.get(1) == Some(&true) {
            link.take(firmware)?;
        }
        if called.first() == Some(&true) {
            for line in control.lines()? {
                let words: Vec<&str> = line.split_ascii_whitespace().collect();
                firmware.say(&format!("CONTROL {line}"));
                let done = match firmware.word(&words) {
                    Ok(false) => link.word(&words, firmware),
                    done => done,
                };
                match done {
                    Ok(true) => firmware.say("DONE"),
                    Ok(false) => firmware.say("UNKNOWN"),
                    Err(why) => firmware.say(&format!("FAILED {why}")),
                }
            }
        }
    }
}
