//! How a drive is asked: with which retry count, in which retry mode.

use crate::base::event::Event;
use crate::base::outcome::{Fault, Outcome};
use crate::source::ReadRequest;
use crate::source::drive::{Control, Supported};

use super::answer::Request;
use super::asked::{must_be_told, spare};
use super::retry::count::Finding;
use super::state::Guard;

impl Guard<'_> {
    /// At the first failures of a sweep: is the drive quicker to give up with a retry count of 0?
    pub(super) fn with_retry_count(
        &mut self,
        request: &ReadRequest,
        buffer: &mut [u8],
        next: impl FnOnce(&mut Self, &ReadRequest, &mut [u8]) -> Outcome,
    ) -> Outcome {
        let outcome = next(self, request, buffer);
        if !self.counts.wants(&outcome) {
            return outcome;
        }
        if self.drive.set(Control::Retries(Some(0))) == Supported::No {
            self.drive.set(Control::Retries(None));
            self.counts.refuse();
            return outcome;
        }
        let mut second = spare(request.range);
        let low = self.ask(&ReadRequest { fua: true, ..*request }, &mut second);
        if self.counts.measured(&outcome, &low) == Finding::Obeys {
            let (own, low) = (outcome.seconds, low.seconds);
            self.events.event(Event::Notice(format!(
                "The drive gives up sooner with fewer tries of its own: {low:.1} s instead of {own:.1} s for a bad unit."
            )));
        } else {
            self.drive.set(Control::Retries(None));
        }
        // A word about the disc is said but once; whatever else the drive has to say of itself it says again.
        if low.sectors > outcome.sectors || low.fault == Some(Fault::MediumChanged) {
            if let Some(first) = buffer.get_mut(..second.len()) {
                first.copy_from_slice(&second);
            }
            return low;
        }
        outcome
    }

    /// Readies the drive for a retry pass: what a mode does not change is as it was.
    pub(super) fn take_up_mode(&mut self, pass: u32) {
        let Some((before, mode)) = self.modes.begin(pass) else { return };
        if mode.spin {
            self.events.event(Event::Phase("spinning the disc down and up".to_owned()));
            // The read that follows tells when the drive does not come back.
            self.drive.spin();
        }
        if mode.percent != before.percent {
            let top = self.drive.top_speed();
            let slower = top.filter(|_| mode.percent < 100).map(|top| top / 1000 * mode.percent / 100);
            let slower = slower.map(|speed| u16::try_from(speed.max(1)).unwrap_or(u16::MAX - 1));
            if slower.is_some() || mode.percent == 100 {
                self.drive.set(Control::Speed(slower));
            }
        }
        if mode.retries != before.retries {
            self.drive.set(Control::Retries(mode.retries));
        }
    }

    /// A read in the present mode, which may send the head to a sound sector behind it first.
    pub(super) fn in_retry_mode(
        &mut self,
        request: &Request,
        buffer: &mut [u8],
        next: impl FnOnce(&mut Self, &ReadRequest, &mut [u8]) -> Outcome,
    ) -> Outcome {
        let mode = self.modes.mode();
        if mode.from_behind
            && let Some(behind) = request.sound_behind
        {
            let there = ReadRequest { range: behind, fua: true, ..request.read };
            let outcome = self.ask(&there, &mut spare(behind));
            if must_be_told(&outcome) {
                return Outcome { sectors: 0, ..outcome };
            }
        }
        next(self, &ReadRequest { fua: request.read.fua && mode.fua, ..request.read }, buffer)
    }
}
