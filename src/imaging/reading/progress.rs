//! How far the reader is.

use std::time::{Duration, Instant};

use crate::base::event::Reading;
use crate::base::sector::{SECTOR_BYTES, SectorRange};
use crate::imaging::limits::Passed;
use crate::mapfile::status::Status;

use super::meter::Meter;
use super::reader::Reader;

impl Reader<'_> {
    pub(super) fn passed(&mut self) -> Passed {
        let now = self.clock.now();
        self.count();
        let tally = &self.state.tally;
        if tally.new_sectors > self.state.gain.1 {
            self.state.gain = (now, tally.new_sectors);
        }
        Passed {
            all: Duration::try_from_secs_f64(tally.seconds).unwrap_or(Duration::MAX),
            barren: now.saturating_sub(self.state.gain.0),
            errors: tally.failed,
        }
    }

    /// Brings the counts up to date.
    pub(super) fn count(&mut self) {
        let asked = self.access.asked();
        let rescued = self.strategy.map().totals().bytes(Status::Finished);
        let tally = &mut self.state.tally;
        (tally.commands, tally.failed) = (asked.commands, asked.failed);
        tally.seconds = asked.seconds + self.state.paused;
        let new = rescued.saturating_sub(self.state.rescued_before).div_ceil(SECTOR_BYTES);
        tally.new_sectors = new + self.state.unheard;
    }

    /// A read is sent, or has ended.
    pub(super) fn tell_reading(&self, range: Option<SectorRange>) {
        let reading = range.map(|range| Reading { sector: range.start(), since: Instant::now() });
        if let Ok(mut progress) = self.progress.lock() {
            progress.reading = reading;
        }
    }

    pub(super) fn show(&mut self, range: SectorRange, meter: &mut Meter) {
        self.count();
        let (phase, now) = (self.strategy.phase(), self.clock.now());
        self.state.progress.update(phase, self.strategy.map(), range.start(), self.unit, now);
        let pass = self.state.progress;
        let tally = &self.state.tally;
        let totals = self.strategy.map().totals();
        let speed = meter.update(self.clock.now(), tally.new_sectors);
        let left = totals.bytes(Status::NonTried);
        let failed = totals.bytes(Status::NonTrimmed) + totals.bytes(Status::NonScraped) + totals.bytes(Status::Bad);
        let blank = (self.strategy.blank().len() + self.state.blank.len()).saturating_mul(SECTOR_BYTES);
        let is_new = self.state.shown.replace(phase) != Some(phase);
        if let Ok(mut p) = self.progress.lock() {
            if is_new {
                p.phase = phase.to_string();
            }
            p.position_bytes = range.byte_start() + range.bytes();
            p.rescued_bytes = totals.bytes(Status::Finished);
            p.missing_bytes = (left + failed).saturating_sub(self.without_data).saturating_sub(blank);
            p.failed_bytes = failed;
            p.errors = tally.failed;
            p.bytes_per_second = speed;
            p.seconds_left = left.checked_div(speed).filter(|_| left > 0).or(pass.seconds_left);
            p.pass_unit = pass.units.map(|(behind, all)| (behind + 1).min(all));
            p.pass_units = pass.units.map(|(_, all)| all);
            p.barren_seconds = now.saturating_sub(self.state.gain.0).as_secs();
        }
    }
}
