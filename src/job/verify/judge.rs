//! What a read means: sectors are alike, differ, or did not come. What speaks against the image waits until the drive is
//! seen to be well.

use super::compare::{Comparison, TIME_LIMIT};
use super::end::End;
use super::trust::{Check, Verdict};
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::set::SectorSet;
use crate::base::sector::{SECTOR_SIZE, SectorRange};
use crate::source::ReadRequest;

impl Comparison<'_> {
    /// Sectors that came: held against the image.
    pub(super) fn came(&mut self, range: SectorRange, is_guess: bool) -> Result<(), End> {
        if range.is_empty() {
            return Ok(());
        }
        let [bytes, mut image] = std::mem::take(&mut self.state.buffers);
        let there = self.read_image(range, &mut image);
        let result = there.and_then(|there| self.judge(range, &there, &bytes, &image, is_guess));
        self.state.buffers = [bytes, image];
        result
    }

    /// Reads the image; tells which sectors came.
    fn read_image(&mut self, range: SectorRange, bytes: &mut [u8]) -> Result<SectorSet, End> {
        let (mut there, mut rest, mut is_single) = (SectorSet::new(), range, false);
        while !rest.is_empty() {
            let part = if is_single { rest.split_at(1).0 } else { rest };
            let from = usize::try_from((part.start() - range.start()).saturating_mul(SECTOR_SIZE as u64));
            let Some(bytes) = from.ok().and_then(|from| bytes.get_mut(from..)) else { break };
            let request = ReadRequest { range: part, fua: false, time_limit: TIME_LIMIT };
            let outcome = self.image.read(&request, bytes);
            let (head, _) = part.split_at(outcome.sectors);
            there.insert(head);
            match outcome.fault {
                None => rest = rest.split_at(part.len()).1,
                Some(Fault::Damage) if is_single => {
                    self.found.unread_of_image += 1;
                    rest = rest.split_at(1).1;
                }
                Some(Fault::Damage) => {
                    rest = rest.split_at(head.len()).1;
                    is_single = true;
                }
                Some(fault) => return Err(End::Image { fault, range: part, outcome }),
            }
        }
        Ok(there)
    }

    /// Compares what both brought, sectors that are alike first: they show that the drive is well.
    fn judge(
        &mut self,
        range: SectorRange,
        there: &SectorSet,
        bytes: &[u8],
        image: &[u8],
        is_guess: bool,
    ) -> Result<(), End> {
        let (mut same, mut other, mut missing) = (SectorSet::new(), SectorSet::new(), SectorSet::new());
        let pairs = bytes.chunks_exact(SECTOR_SIZE).zip(image.chunks_exact(SECTOR_SIZE));
        for (sector, (ours, theirs)) in (range.start()..range.end()).zip(pairs) {
            let set = match there.contains(sector) {
                false => &mut missing,
                true if ours == theirs => &mut same,
                true => &mut other,
            };
            set.insert(SectorRange::with_len(sector, 1));
        }
        for part in same.ranges() {
            self.are_same(*part, part_of(bytes, range, *part))?;
        }
        for part in other.ranges() {
            self.look_again(*part, part_of(bytes, range, *part), part_of(image, range, *part), is_guess)?;
        }
        // The source brought them: it is the image's disk that did not.
        missing.ranges().iter().for_each(|part| self.found.add(*part, Verdict::Unread));
        Ok(())
    }

    /// Sectors that are alike. Where they are not all zeros, a drive that brought them is well.
    fn are_same(&mut self, range: SectorRange, bytes: &[u8]) -> Result<(), End> {
        if self.input.drive().is_none() {
            self.found.add(range, Verdict::Same);
            return Ok(());
        }
        let wants = self.known.wants(range);
        if !wants && self.held.is_empty() {
            self.found.add(range, Verdict::Same);
            return Ok(());
        }
        let is_proof = |(_, bytes): &(u64, &[u8])| bytes.iter().any(|b| *b != 0);
        let proof = (range.start()..).zip(bytes.chunks_exact(SECTOR_SIZE)).find(is_proof);
        match proof {
            Some((sector, proof)) => {
                if wants {
                    self.known.add(SectorRange::with_len(sector, 1), proof);
                }
                self.release();
                self.found.add(range, Verdict::Same);
                Ok(())
            }
            None if self.held.is_empty() => {
                self.found.add(range, Verdict::Same);
                Ok(())
            }
            None => self.hold(range, Verdict::Same),
        }
    }

    /// Sectors that differ: what a drive brings is believed when it brings it twice.
    fn look_again(&mut self, range: SectorRange, first: &[u8], image: &[u8], is_guess: bool) -> Result<(), End> {
        if self.input.drive().is_none() {
            self.found.add(range, Verdict::Differs);
            return Ok(());
        }
        let mut second = vec![0; first.len()];
        let outcome = self.read(range, true, &mut second);
        let is_guess = is_guess || outcome.recovered;
        let head = range.split_at(outcome.sectors).0;
        let pieces = first.chunks(SECTOR_SIZE).zip(second.chunks(SECTOR_SIZE)).zip(image.chunks(SECTOR_SIZE));
        for (sector, ((first, second), image)) in (head.start()..head.end()).zip(pieces) {
            let verdict = match () {
                () if second == image => {
                    self.found.at_second_read += 1;
                    Verdict::Same
                }
                () if second != first || is_guess => Verdict::Unread,
                () if second.iter().all(|b| *b == 0) => Verdict::DiffersInZeros,
                () => Verdict::Differs,
            };
            self.hold(SectorRange::with_len(sector, 1), verdict)?;
        }
        let failed = SectorRange::new(head.end(), range.end());
        match outcome.fault {
            None => Ok(()),
            Some(Fault::Damage | Fault::Blank) => self.hold(failed, Verdict::Unread),
            Some(fault) => {
                if self.refused(fault, failed, outcome)? == 0 {
                    self.hold(failed, Verdict::Unread)?;
                }
                Ok(())
            }
        }
    }

    /// A judgement: of a file it holds, of a drive when that is seen to be well.
    pub(super) fn hold(&mut self, range: SectorRange, verdict: Verdict) -> Result<(), End> {
        let Some(drive) = self.input.drive() else {
            self.found.add(range, verdict);
            return Ok(());
        };
        if range.is_empty() {
            return Ok(());
        }
        if self.held.is_empty() {
            self.held.restarts = drive.restarts();
        }
        self.held.add(range, verdict);
        if self.held.is_full() { self.prove() } else { Ok(()) }
    }

    /// The drive is well: what waits is true. Of one that was started meanwhile nobody knows, and it is asked again.
    pub(super) fn release(&mut self) {
        if self.held.is_empty() {
            return;
        }
        let restarts = self.input.drive().map_or(0, |drive| drive.restarts());
        let is_believed = restarts == self.held.restarts;
        for (range, verdict) in self.held.take() {
            match verdict {
                _ if is_believed => self.found.add(range, verdict),
                _ if self.state.is_last => self.found.add(range, Verdict::Unread),
                _ => self.state.again.insert(range),
            }
        }
    }

    /// Asks the drive for what it has read before, where anything waits for that.
    pub(super) fn prove(&mut self) -> Result<(), End> {
        let Some(drive) = self.input.drive().filter(|_| !self.held.is_empty()) else { return Ok(()) };
        match self.known.check(drive) {
            Check::Well => self.release(),
            Check::Ill(range, outcome) => return Err(End::Fault { fault: Fault::Wedged, range, outcome }),
            Check::Other(fault, range, outcome) => self.other(fault, range, outcome)?,
            // Nothing has ever come from it that is known to be right.
            Check::Unknown => {
                if !drive.is_well() {
                    let outcome = Outcome::failed(0, Fault::Wedged, 0.0);
                    return Err(End::Fault { fault: Fault::Wedged, range: SectorRange::default(), outcome });
                }
                let failed = self.found.failed > 0;
                for (range, verdict) in self.held.take() {
                    let is_doubtful = failed && verdict == Verdict::DiffersInZeros;
                    self.found.add(range, if is_doubtful { Verdict::Unread } else { verdict });
                }
            }
        }
        Ok(())
    }
}

/// The bytes of `part`, out of those of `range`.
fn part_of(bytes: &[u8], range: SectorRange, part: SectorRange) -> &[u8] {
    let at = |sector: u64| usize::try_from(sector - range.start()).unwrap_or(usize::MAX).saturating_mul(SECTOR_SIZE);
    bytes.get(at(part.start())..at(part.end())).unwrap_or_default()
}
