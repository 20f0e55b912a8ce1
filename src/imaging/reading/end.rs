//! The last that the writer hears of a run.

use crate::base::event::Event;
use crate::imaging::guard::Admission;
use crate::imaging::stop::Stop;
use crate::mapfile::status::Status;
use crate::pipeline::Feeder;

use super::reader::Reader;
use super::slot::Slot;

impl Reader<'_> {
    /// The last slot: what was released, where the rescue stands, and with `--finish` what becomes `-`.
    pub(super) fn end(&mut self, stop: Stop, feeder: &Feeder<'_, Slot>) -> Stop {
        if stop == Stop::SinkClosed {
            self.let_go();
            return stop;
        }
        self.tell_denied();
        let (mut stop, mut line, mut began) = (stop, None, None);
        if let Some(settled) = self.access.settle(&stop, self.state.here) {
            stop = settled.stop.unwrap_or(stop);
            if settled.unproven_zeros > 0 {
                self.events.event(Event::Warning(unproven(settled.unproven_zeros)));
            }
            if let Admission::RollBack(back) = &settled.admission {
                line = Some(back.line);
            }
            began = settled.began;
            self.carry_out(settled.admission);
        }
        self.remember_end(&stop, began);
        // The output may hang, and a second signal may end the program before it answers.
        self.let_go();
        let Ok(mut slot) = self.empty.recv() else { return Stop::SinkClosed };
        slot.clear();
        slot.changes.append(&mut self.state.released);
        slot.left_out.append(&mut self.state.new_tracts);
        slot.asides.append(&mut self.state.aside_changes);
        slot.first.append(&mut self.state.first_changes);
        slot.entry.incidents = self.access.take_incidents();
        slot.entry.phase = "drive check".to_owned();
        slot.entry.retry_mode = None;
        slot.line = line.unwrap_or_else(|| self.strategy.status_line());
        slot.last = stop == Stop::Done;
        if slot.last
            && let Some(mut domain) = self.finish.take()
        {
            // What was never written is no damage.
            let blank = self.strategy.blank().ranges().iter().chain(self.state.blank.ranges());
            blank.for_each(|range| domain.remove(*range));
            self.state.left_out.tracts().iter().for_each(|tract| domain.remove(tract.range));
            // Nor is a place that the drive answers with something about itself.
            self.state.asides.iter().for_each(|(range, _)| domain.remove(range));
            let left = self.strategy.map().iter().filter(|(_, status)| *status != Status::Finished);
            for (run, _) in left {
                slot.changes.extend(domain.within(run).map(|part| (part, Status::Bad)));
            }
        }
        if feeder.send(slot).is_err() { Stop::SinkClosed } else { stop }
    }
}

impl Reader<'_> {
    /// Nothing more is asked of the drive.
    fn let_go(&mut self) {
        self.access.let_go().into_iter().for_each(|sentence| self.events.event(Event::Warning(sentence)));
    }
}

/// Why zeros count for nothing.
fn unproven(sectors: u64) -> String {
    format!(
        "{sectors} sectors came as zeros after a read had failed, and nothing that is not zero could be read to tell an \
         empty disc from a drive that hands out zeros. They count as not tried. Switch the drive off and on, and run the \
         same command again."
    )
}
