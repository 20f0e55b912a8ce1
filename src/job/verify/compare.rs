//! The comparison: a source is read from start to end, and each read is held against the image.

use std::time::Duration;

use super::end::End;
use super::found::Found;
use super::trust::{Held, Known, Verdict};
use crate::base::cancel::Cancel;
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::set::SectorSet;
use crate::base::sector::tract::{LeftOut, TractKind};
use crate::base::sector::{SECTOR_SIZE, SectorRange};
use crate::job::pace::{At, Pace};
use crate::source::{Input, ReadRequest, SectorSource};

/// How long a read may take; a drive works for seconds on a scratch.
pub(super) const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Longest sleep without asking whether somebody wants to stop.
const NAP: Duration = Duration::from_millis(100);

/// A source and an image that are compared.
pub(super) struct Comparison<'a> {
    pub(super) input: Input<'a>,
    pub(super) image: &'a mut dyn SectorSource,
    /// Sectors that are read, and lost, together.
    pub(super) unit: u64,
    pub(super) cancel: &'a Cancel,
    pub(super) pace: Pace<'a>,
    pub(super) found: Found,
    pub(super) known: Known,
    pub(super) held: Held,
    pub(super) state: State,
}

/// What changes while it runs.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Units are read singly: a read failed, and none has come since.
    pub(super) is_careful: bool,
    /// Places that were refused since anything came.
    pub(super) refused: u32,
    /// How often the disc may have been changed.
    pub(super) changes: u32,
    /// Judgements of a drive that was started meanwhile: those sectors are read once more at the end.
    pub(super) again: SectorSet,
    /// It is the end.
    pub(super) is_last: bool,
    /// Sectors that were never written.
    pub(super) blank: LeftOut,
    /// What came of the source and of the image.
    pub(super) buffers: [Vec<u8>; 2],
}

/// What comes next of a range.
enum Next {
    /// Sectors at its head that hold no data.
    Skip(u64),
    /// All of it lies behind the end that the disc turned out to have.
    Beyond,
    /// A read.
    Read(SectorRange),
}

impl Comparison<'_> {
    /// Compares the sectors of `domain`. `Err`: why it ended before.
    pub(super) fn run(&mut self, domain: &SectorSet) -> Result<(), End> {
        let most = usize::try_from(self.most()).unwrap_or(1).saturating_mul(SECTOR_SIZE);
        self.state.buffers = [vec![0; most], vec![0; most]];
        self.go_through(domain)?;
        self.prove()?;
        self.state.is_last = true;
        let again = std::mem::take(&mut self.state.again);
        self.go_through(&again)?;
        self.prove()
    }

    /// Sectors of one read.
    fn most(&mut self) -> u64 {
        let (source, image) = (self.input.sectors().facts().max_sectors, self.image.facts().max_sectors);
        source.min(image).max(1)
    }

    fn go_through(&mut self, domain: &SectorSet) -> Result<(), End> {
        for range in domain.ranges() {
            let mut rest = *range;
            while !rest.is_empty() {
                if self.cancel.is_raised() {
                    return Err(End::Stopped);
                }
                let done = match self.next(rest) {
                    Next::Skip(sectors) => sectors,
                    Next::Beyond => {
                        self.hold(rest, Verdict::Unread)?;
                        rest.len()
                    }
                    Next::Read(range) => self.step(range)?,
                };
                rest = rest.split_at(done).1;
                let found = &self.found;
                self.pace.tell(At {
                    position_bytes: rest.byte_start(),
                    done_bytes: found.done_bytes,
                    failed_bytes: found.done_bytes.saturating_sub(found.compared_bytes),
                    errors: found.failed,
                });
            }
        }
        Ok(())
    }

    /// What to do next of `rest`, as far as the source knows by now.
    fn next(&mut self, rest: SectorRange) -> Next {
        let most = self.most();
        let (unit, is_careful) = (self.unit, self.state.is_careful);
        let source = self.input.sectors();
        let there = SectorRange::new(0, source.facts().sectors);
        if rest.start() >= there.end() {
            return Next::Beyond;
        }
        let tract = source.left_out().within(rest).next().map(|tract| tract.range);
        if let Some(tract) = tract.filter(|tract| tract.start() == rest.start()) {
            return Next::Skip(tract.len());
        }
        let end = tract.map_or(rest.end(), SectorRange::start).min(there.end());
        let grid = if is_careful { unit } else { most / unit * unit };
        let length = if grid == 0 { most } else { grid - rest.start() % grid };
        Next::Read(SectorRange::new(rest.start(), end).split_at(length.min(most)).0)
    }

    /// One read and what comes of it; tells how many sectors are done with.
    fn step(&mut self, range: SectorRange) -> Result<u64, End> {
        self.rest();
        let [mut bytes, image] = std::mem::take(&mut self.state.buffers);
        let outcome = self.read(range, false, &mut bytes);
        self.state.buffers = [bytes, image];
        let head = range.split_at(outcome.sectors).0;
        match outcome.fault {
            None => {
                self.state.is_careful = false;
                self.state.refused = 0;
                self.came(range, outcome.recovered)?;
                Ok(range.len())
            }
            Some(Fault::Damage | Fault::Blank) => {
                self.came(head, outcome.recovered)?;
                if range.len() > self.unit {
                    self.state.is_careful = true;
                    return Ok(head.len());
                }
                let asked = outcome.asked_of(range);
                let failed = SectorRange::new(head.end(), asked.end());
                if outcome.fault == Some(Fault::Blank) {
                    self.state.blank.insert(failed, TractKind::Unwritten);
                } else {
                    self.hold(failed, Verdict::Unread)?;
                }
                Ok(asked.len().max(head.len()))
            }
            // The source has learned that no data is there.
            Some(Fault::OutOfRange | Fault::WrongTrack) if self.is_absent(range) => Ok(0),
            Some(fault) => self.refused(fault, range, outcome),
        }
    }

    /// Whether the source knows by now that a part of the range holds no data.
    fn is_absent(&mut self, range: SectorRange) -> bool {
        let source = self.input.sectors();
        source.facts().sectors < range.end() || source.left_out().within(range).next().is_some()
    }

    /// A read of the source, counted.
    pub(super) fn read(&mut self, range: SectorRange, fua: bool, bytes: &mut [u8]) -> Outcome {
        let request = ReadRequest { range, fua, time_limit: TIME_LIMIT };
        let outcome = self.input.sectors().read(&request, bytes);
        self.found.commands += 1;
        self.found.failed += u64::from(outcome.fault.is_some());
        outcome
    }

    /// Lets the drive rest as long as it wants no read that may fail.
    fn rest(&mut self) {
        if !self.state.is_careful && self.held.is_empty() {
            return;
        }
        let mut left = self.input.drive().map_or(Duration::ZERO, |drive| drive.rest());
        let clock = self.input.sectors().clock();
        while !left.is_zero() && !self.cancel.is_raised() {
            let nap = left.min(NAP);
            clock.sleep(nap);
            left = left.saturating_sub(nap);
        }
    }
}
