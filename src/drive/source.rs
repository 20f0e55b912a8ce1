//! A drive as the source of sectors that others know.

use std::sync::Arc;
use std::time::Duration;

use tracing::debug;

use super::Drive;
use super::disc::{Told, end};
use super::identity::identify;
use crate::base::clock::Clock;
use crate::base::media::Sitting;
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::set::SectorSet;
use crate::base::sector::tract::LeftOut;
use crate::base::sector::{SECTOR_SIZE, SectorRange};
use crate::source::drive::{Control, DriveSource, Incident, Pacing, Supported};
use crate::source::{Facts, ReadRequest, SectorSource};

impl Drive {
    /// Whether the disc that is in now is of the kind and size of the first one.
    fn has_same_medium(&mut self) -> Result<bool, Fault> {
        self.link.wait_ready().map_err(|unready| unready.fault)?;
        let told = Told::ask(&mut self.link, &self.name);
        self.link.take_reports();
        let is_same = match told {
            Ok(told) => told.is_of_same(&self.told),
            Err(error) => match error.fault() {
                // That is said of the disc.
                None | Some(Fault::Blank | Fault::WrongTrack) => false,
                Some(fault) => return Err(fault),
            },
        };
        if is_same {
            self.settle_settings()?;
        }
        Ok(is_same)
    }

    /// Of a recordable CD the last two sectors may be run-out blocks. When they fail they are none of the disc's data;
    /// when they read well they are.
    fn judge_run_out(&mut self, request: &ReadRequest, buffer: &mut [u8], outcome: Outcome) -> Outcome {
        let range = request.range;
        let run_out = end::run_out(self.told.profile, self.facts.media, self.disc_sectors, range, outcome.fault);
        let Some(edge) = run_out else { return outcome };
        if range.start() >= edge {
            debug!("{}: the last sectors of the disc are run-out blocks", self.name);
            return Outcome { fault: Some(Fault::Blank), ..outcome };
        }
        // What lies before them gets its own read.
        let before = SectorRange::new(range.start(), edge);
        let bytes = usize::try_from(before.bytes()).unwrap_or(0);
        let Some(buffer) = buffer.get_mut(..bytes) else { return outcome };
        let alone = self.read_sectors(&ReadRequest { range: before, ..*request }, buffer);
        let seconds = outcome.seconds + alone.seconds;
        let fault = alone.fault.or(Some(Fault::Blank));
        Outcome { fault, seconds, ..alone }
    }
}

impl SectorSource for Drive {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn read(&mut self, request: &ReadRequest, buffer: &mut [u8]) -> Outcome {
        let wanted = usize::try_from(request.range.len()).ok().and_then(|n| n.checked_mul(SECTOR_SIZE));
        match wanted.and_then(|wanted| buffer.get_mut(..wanted)) {
            Some([]) => Outcome::complete(0, 0.0),
            Some(buffer) if request.range.len() <= self.facts.max_sectors => {
                let before = self.link.take_reports();
                if before.medium_changed {
                    return Outcome::failed(0, Fault::MediumChanged, 0.0);
                }
                let outcome = self.read_sectors(request, buffer);
                let outcome = self.judge_run_out(request, buffer, outcome);
                // Told once, perhaps to a command in between: what was read since may be another disc's.
                match self.link.take_reports().medium_changed {
                    true => Outcome { sectors: 0, fault: Some(Fault::MediumChanged), ..outcome },
                    false => outcome,
                }
            }
            _ => Outcome::failed(0, Fault::Unknown, 0.0),
        }
    }

    fn clock(&self) -> Arc<dyn Clock> {
        self.link.clock()
    }

    fn left_out(&self) -> &LeftOut {
        &self.layout.left_out
    }

    fn sessions(&self) -> &[u64] {
        &self.layout.sessions
    }

    fn size_note(&self) -> Option<&str> {
        self.size_note.as_deref()
    }
}

impl DriveSource for Drive {
    fn data(&self) -> &SectorSet {
        &self.layout.data
    }

    fn unwritten(&self) -> &SectorSet {
        &self.unwritten
    }

    fn lies_in(&self) -> Option<Sitting> {
        let serial = self.identity.serial.as_deref().unwrap_or_default();
        let drive = format!("{} {serial}", self.identity).trim().to_owned();
        Some(Sitting { drive, since: self.inserted.clone() })
    }

    fn top_speed(&self) -> Option<u64> {
        self.speeds.map(|speeds| u64::from(speeds.top) * 1000)
    }

    fn set(&mut self, control: Control) -> Supported {
        supported(match control {
            Control::Speed(speed) => self.set_speed(speed),
            Control::Retries(count) => {
                self.error_page.as_mut().is_some_and(|page| page.set_retries(&mut self.link, count))
            }
        })
    }

    fn keep_settings(&mut self, keep: bool) {
        self.keep_settings = keep;
    }

    fn spin(&mut self) -> Supported {
        supported(self.stop_and_start().is_ok())
    }

    fn find_again(&mut self) -> Supported {
        supported(self.find_elsewhere())
    }

    fn give_back(&mut self) -> Vec<String> {
        self.restore_settings()
    }

    fn take_up(&mut self) {
        self.take_settings_again();
    }

    fn let_go(&mut self) -> Vec<String> {
        let refused = self.restore_settings();
        self.unlock();
        debug!("{}: nothing more is asked of it", self.name);
        refused
    }

    fn is_same_medium(&mut self) -> Result<bool, Fault> {
        self.has_same_medium()
    }

    fn is_well(&mut self) -> bool {
        self.link.wait_ready().is_ok() && identify(&mut self.link, &self.name).is_ok_and(|now| now == self.identity)
    }

    fn eject(&mut self) -> Supported {
        supported(self.open_tray())
    }

    fn restarts(&self) -> u64 {
        self.link.restarts()
    }

    fn longest_command(&self) -> Option<u64> {
        self.length.most()
    }

    fn set_longest_command(&mut self, sectors: Option<u64>) {
        self.length.set_known(sectors);
    }

    fn way(&self) -> Option<&str> {
        self.way.as_deref()
    }

    fn take_incidents(&mut self) -> Vec<Incident> {
        std::mem::take(&mut self.incidents)
    }

    fn rest(&self) -> Duration {
        self.pace.rest(self.link.clock().now())
    }

    fn pacing(&self) -> Pacing {
        self.pace.pacing()
    }

    fn set_pacing(&mut self, pacing: Pacing) {
        self.pace.set(pacing);
    }

    fn has_outdone_pace(&self) -> bool {
        self.pace.is_outdone()
    }
}

fn supported(yes: bool) -> Supported {
    if yes { Supported::Yes } else { Supported::No }
}
