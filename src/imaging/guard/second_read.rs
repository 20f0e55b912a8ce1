//! Data that the drive had to work for, or may have had to, is read a second time, past its cache, and must agree.

use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::{SECTOR_SIZE, SectorRange};
use crate::mapfile::status::Status;
use crate::recovery::Change;
use crate::source::ReadRequest;

use super::answer::Request;
use super::asked::{is_of_the_drive, must_be_told, spare};
use super::known_good::{Agreement, Check};
use super::state::Guard;
use super::unsure::digest;

/// Agreements in a row up to which each second read is made at once, after a seek far away. A drive that goes on like this
/// calls sound sectors hard: two seeks for each of its commands would cost days, so from then on many are made together.
const AT_ONCE: u32 = 64;

/// What came of a second read.
#[derive(Clone, PartialEq, Debug)]
pub(in crate::imaging) enum SecondRead {
    /// Two reads agree on these sectors.
    Agreed(SectorRange),
    /// Two reads agree on these that are not the first; their bytes are in the buffer.
    Replaced(SectorRange),
    /// No two reads of three agree on these, or they did not come again: what stands in the map now.
    Denied(Vec<Change>),
    /// It could not be made: the drive says something about itself, here.
    Fault(Fault, SectorRange, Outcome),
}

impl Guard<'_> {
    /// When the drive had to work for all that it brought: demands that two reads of three agree. Else it is damage.
    /// Whether two did.
    pub(super) fn with_second_read(
        &mut self,
        request: &Request,
        buffer: &mut [u8],
        next: impl FnOnce(&mut Self, &Request, &mut [u8]) -> Outcome,
    ) -> (Outcome, bool) {
        let outcome = next(self, request, buffer);
        let head = request.read.range.split_at(outcome.sectors).0;
        let at_once = outcome.recovered && outcome.fault.is_none() && self.agreed < AT_ONCE;
        if !self.rules.second_read || !at_once || head.is_empty() {
            return (outcome, false);
        }
        let again = ReadRequest { range: head, fua: true, ..request.read };
        let (mut second, mut third) = (spare(head), spare(head));
        let Some(first) = buffer.get_mut(..second.len()) else { return (outcome, false) };
        let came = self.ask_far_from(&again, &mut second);
        if came.fault.is_none() && second == first {
            self.agreed += 1;
            return (outcome, true);
        }
        self.agreed = 0;
        self.unsure.note_differed(head);
        if is_of_the_drive(&came) {
            return (Outcome { sectors: 0, ..came }, false);
        }
        let last = self.ask_far_from(&again, &mut third);
        if is_of_the_drive(&last) {
            return (Outcome { sectors: 0, ..last }, false);
        }
        let [second, third] = [(&came, &mut second), (&last, &mut third)].map(|(outcome, bytes)| {
            let sectors = usize::try_from(outcome.sectors).unwrap_or(usize::MAX);
            bytes.truncate(sectors.saturating_mul(SECTOR_SIZE));
            &*bytes
        });
        let mut agreed = two_of_three(first, second, third);
        // A drive that has given up meanwhile says the same thing twice, too.
        if let Some(replaced) = agreed.replaced
            && !self.may_replace(first)
        {
            agreed.sectors = replaced;
        }
        if agreed.sectors == head.len() {
            return (outcome, true);
        }
        // Of the next sector no two reads agree.
        self.asked.failed += 1;
        let (sectors, fault) = (agreed.sectors, Some(Fault::Damage));
        (Outcome { sectors, fault, information: Some(head.start() + sectors), ..outcome }, true)
    }

    /// Of what an answer brought, the sectors that are not believed before a second read: what came with effort, what
    /// came before the end of a command that ended in anything else, and what the cache held of such a command. `twice`: it
    /// was read twice already.
    pub(super) fn unsure_part(&mut self, range: SectorRange, outcome: &Outcome, twice: bool) -> SectorRange {
        let (head, rest) = range.split_at(outcome.sectors);
        let said = outcome.past_cache || !self.unsure.is_unsaid(head);
        if outcome.fault.is_some() || outcome.recovered {
            // The rest of its units may be served from the cache from now on, and nothing more is said of it.
            self.unsure.note_unsaid(self.units_around(range));
        }
        if twice {
            self.unsure.note_said(head);
        } else if outcome.fault.is_none() && !outcome.recovered && outcome.past_cache {
            // To read a part the drive has read the whole unit, and what the cache holds of it comes from that.
            self.unsure.note_said(self.units_around(range));
        }
        let guessed = self.rules.second_read && outcome.recovered;
        let unsaid = self.rules.unsaid_effort && (outcome.fault.is_some() || !said);
        if !twice && (guessed || unsaid) { head } else { SectorRange::new(rest.start(), rest.start()) }
    }

    /// The second read of the first sectors that wait for one, into `buffer`; `None` when none waits. Two reads of three
    /// must agree.
    pub(in crate::imaging) fn read_again(&mut self, buffer: &mut [u8]) -> Option<SecondRead> {
        let most = (self.drive.facts().max_sectors / self.unit * self.unit).max(1);
        let range = self.unsure.first(most)?;
        let request = ReadRequest { range, fua: true, time_limit: self.time_limit };
        let second = self.ask(&request, buffer);
        if let Some(fault) = second.fault.filter(|_| is_of_the_drive(&second)) {
            return Some(SecondRead::Fault(fault, range, second));
        }
        let came = range.split_at(second.sectors).0;
        let alike = self.alike(came, buffer);
        if !alike.is_empty() {
            // What lies behind it gets its own second read.
            self.agreed_on(alike);
            return Some(SecondRead::Agreed(alike));
        }
        // No more than a unit is asked a third time.
        let unit_end = (range.start() + 1).next_multiple_of(self.unit);
        let piece = range.split_at(unit_end - range.start()).0;
        if came.is_empty() {
            // Nothing came: that contradicts nothing. It is an attempt of the strategy's, which makes more of them in its time.
            // Which unit of a longer command was at fault is not known.
            let status = if piece == range { Status::NonScraped } else { Status::NonTrimmed };
            return Some(self.denied_unless_ill(piece, status, second));
        }
        let second = digests(piece.intersect(came), buffer);
        self.unsure.note_differed(piece);
        let third = self.ask_far_from(&ReadRequest { range: piece, ..request }, buffer);
        if let Some(fault) = third.fault.filter(|_| is_of_the_drive(&third)) {
            return Some(SecondRead::Fault(fault, piece, third));
        }
        // What was written into a pipe cannot be replaced.
        let first = self.alike(piece, buffer) == piece;
        let outvoted = self.agrees(piece, buffer, &second) && self.can_go_back;
        // A drive that has given up meanwhile says the same thing twice, too.
        if third.fault.is_none() && (first || (outvoted && self.may_replace(buffer))) {
            self.agreed_on(piece);
            return Some(if first { SecondRead::Agreed(piece) } else { SecondRead::Replaced(piece) });
        }
        Some(self.denied_unless_ill(piece, Status::NonScraped, third))
    }

    /// A piece is damage after all, unless the drive has given up: then it says nothing about sectors.
    fn denied_unless_ill(&mut self, piece: SectorRange, status: Status, outcome: Outcome) -> SecondRead {
        match self.check_known_good(Agreement::One) {
            Check::Dead(..) if !self.known.is_empty() => SecondRead::Fault(Fault::Wedged, piece, outcome),
            Check::Other(fault, range, outcome) => SecondRead::Fault(fault, range, outcome),
            Check::Alive | Check::Dead(..) => SecondRead::Denied(self.unsure.denied(piece, status)),
        }
    }

    /// Whether two reads that agree on these bytes may replace the first: a known-good place reads as before now, or, where
    /// none is known, they are not what a drive hands out that has given up.
    fn may_replace(&mut self, bytes: &[u8]) -> bool {
        if self.known.is_empty() {
            return bytes.iter().any(|b| *b != 0);
        }
        self.check_known_good(Agreement::One) == Check::Alive
    }

    fn agreed_on(&mut self, range: SectorRange) {
        self.unsure.settle(range);
        self.unsure.note_said(range);
    }

    /// The head of `range` of which the second read brought the bytes of the first.
    fn alike(&self, range: SectorRange, second: &[u8]) -> SectorRange {
        let sectors = (range.start()..range.end()).zip(second.chunks(SECTOR_SIZE));
        let alike = sectors.take_while(|(lba, bytes)| self.unsure.first_read(*lba) == Some(digest(bytes))).count();
        range.split_at(alike as u64).0
    }

    /// Whether a third read agrees with the first or with the `second`, sector by sector.
    fn agrees(&self, piece: SectorRange, third: &[u8], second: &[u64]) -> bool {
        digests(piece, third)
            .into_iter()
            .zip(piece.start()..)
            .enumerate()
            .all(|(i, (now, lba))| self.unsure.first_read(lba) == Some(now) || second.get(i) == Some(&now))
    }

    /// A read after the head was sent far away.
    pub(super) fn ask_far_from(&mut self, request: &ReadRequest, buffer: &mut [u8]) -> Outcome {
        let start = request.range.start();
        let sectors = self.drive.facts().sectors.max(1);
        let far = self.known.far_from(start);
        let far = far.unwrap_or_else(|| SectorRange::with_len((start + sectors / 2) % sectors, 1));
        let there = ReadRequest { range: far.split_at(1).0, ..*request };
        let mut sector = spare(there.range);
        let outcome = self.ask(&there, &mut sector);
        if must_be_told(&outcome) { outcome } else { self.ask(request, buffer) }
    }
}

/// On how many sectors from the first on two reads of three agree.
struct Agreed {
    sectors: u64,
    /// The first of them that is not that of the first read.
    replaced: Option<u64>,
}

/// Compares three reads sector by sector; of the second and the third as many as came. What two others agree on replaces
/// what the first has.
fn two_of_three(first: &mut [u8], second: &[u8], third: &[u8]) -> Agreed {
    let mut agreed = Agreed { sectors: 0, replaced: None };
    for (i, sector) in first.chunks_mut(SECTOR_SIZE).enumerate() {
        let at = i * SECTOR_SIZE..(i + 1) * SECTOR_SIZE;
        let (second, third) = (second.get(at.clone()), third.get(at));
        if second != Some(&*sector) && third != Some(&*sector) {
            let Some(other) = third.filter(|_| second == third) else { break };
            sector.copy_from_slice(other);
            agreed.replaced.get_or_insert(agreed.sectors);
        }
        agreed.sectors += 1;
    }
    agreed
}

fn digests(range: SectorRange, bytes: &[u8]) -> Vec<u64> {
    (range.start()..range.end()).zip(bytes.chunks(SECTOR_SIZE)).map(|(_, sector)| digest(sector)).collect()
}
