//! Data that the drive had to work for is read once more, past its cache and after a far seek, and must agree; and
//! known-bad units are read once more to see whether the drive obeys a lower retry count.

use crate::base::event::Event;
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::SectorRange;
use crate::source::{Control, ReadRequest, Supported};

use super::reader::{Reader, spare};
use super::retries::Finding;

/// Agreements in a row after which not every read is looked at: such a drive calls sound sectors hard, and a seek for
/// each of its commands would cost days.
const TRUSTED_AFTER: u32 = 64;

/// Of those, one in so many still is.
const SAMPLE: u32 = 16;

/// How the second looks went.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Looks {
    agreed: u32,
    passed: u32,
}

impl Looks {
    fn wants(&mut self) -> bool {
        if self.agreed < TRUSTED_AFTER {
            return true;
        }
        self.passed = (self.passed + 1) % SAMPLE;
        self.passed == 0
    }
}

impl Reader<'_> {
    /// When the drive had to work for what it brought: demands that two reads of three agree. Else it is damage.
    pub(super) fn look_again(&mut self, request: &ReadRequest, buffer: &mut [u8], outcome: &mut Outcome) {
        let head = request.range.split_at(outcome.sectors).0;
        if !outcome.recovered || head.is_empty() || !self.state.looks.wants() {
            return;
        }
        let again = ReadRequest { range: head, fua: true, ..*request };
        let (mut second, mut third) = (spare(head), spare(head));
        let Some(first) = buffer.get_mut(..second.len()) else { return };
        let came = self.ask_far_from(&again, &mut second);
        if came.fault.is_none() && second == first {
            self.state.looks.agreed += 1;
            return;
        }
        self.state.looks.agreed = 0;
        if is_of_the_drive(&came) {
            *outcome = Outcome { sectors: 0, ..came };
            return;
        }
        let last = self.ask_far_from(&again, &mut third);
        if last.fault.is_none() && (third == first || (came.fault.is_none() && third == second)) {
            first.copy_from_slice(&third);
        } else if is_of_the_drive(&last) {
            *outcome = Outcome { sectors: 0, ..last };
        } else {
            *outcome = Outcome { sectors: 0, fault: Some(Fault::Damage), ..outcome.clone() };
            self.state.tally.failed += 1;
        }
    }

    /// A read after the head was sent far away.
    fn ask_far_from(&mut self, request: &ReadRequest, buffer: &mut [u8]) -> Outcome {
        let start = request.range.start();
        let far = self.canaries.as_ref().and_then(|canaries| canaries.far_from(start));
        let sectors = self.source.facts().sectors.max(1);
        let far = far.unwrap_or_else(|| SectorRange::with_len((start + sectors / 2) % sectors, 1));
        let there = ReadRequest { range: far.split_at(1).0, ..*request };
        let mut sector = spare(there.range);
        let outcome = self.ask(&there, &mut sector);
        // What the drive says of itself it may say but once.
        if is_of_the_drive(&outcome) { outcome } else { self.ask(request, buffer) }
    }

    /// At the first failures of a sweep: is the drive quicker to give up with a retry count of 0?
    pub(super) fn probe_retries(&mut self, request: &ReadRequest, buffer: &mut [u8], outcome: &mut Outcome) {
        if !self.retries.wants(outcome) {
            return;
        }
        if self.source.control(Control::Retries(Some(0))) == Supported::No {
            self.source.control(Control::Retries(None));
            self.retries.refuse();
            return;
        }
        let mut second = spare(request.range);
        let low = self.ask(&ReadRequest { fua: true, ..*request }, &mut second);
        let finding = self.retries.measured(outcome, &low);
        if finding == Finding::Obeys {
            let (own, low) = (outcome.seconds, low.seconds);
            self.events.event(Event::Notice(format!(
                "The drive gives up sooner with fewer tries of its own: {low:.1} s instead of {own:.1} s for a bad unit."
            )));
        } else {
            self.source.control(Control::Retries(None));
        }
        // A word about the disc is said but once; whatever else the drive has to say of itself it says again.
        if low.sectors > outcome.sectors || low.fault == Some(Fault::MediumChanged) {
            if let Some(first) = buffer.get_mut(..second.len()) {
                first.copy_from_slice(&second);
            }
            *outcome = low;
        }
    }
}

/// Whether an outcome says something about the drive and nothing about the sectors.
pub(super) fn is_of_the_drive(outcome: &Outcome) -> bool {
    !matches!(outcome.fault, None | Some(Fault::Damage | Fault::Blank))
}
