//! An image of a damaged disc with a map of its own: what that lacks is not there.

use std::sync::Arc;

use super::{Facts, ReadRequest, SectorSource};
use crate::base::clock::Clock;
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::set::SectorSet;
use crate::base::sector::tract::LeftOut;
use crate::base::sector::{SECTOR_BYTES, SECTOR_SIZE};

/// A source of which sectors are known to be missing, whatever lies in their place: zeros, or what was on the disk before.
pub struct Mapped {
    source: Box<dyn SectorSource>,
    facts: Facts,
    lacking: SectorSet,
    left_out: LeftOut,
}

impl Mapped {
    /// `source` without the sectors that it is `lacking` and without those that are `left_out`, on a disc of `size_bytes`:
    /// an image may end before its disc does.
    #[must_use]
    pub fn new(source: Box<dyn SectorSource>, size_bytes: u64, lacking: SectorSet, left_out: LeftOut) -> Self {
        let facts = Facts { size_bytes, sectors: size_bytes.div_ceil(SECTOR_BYTES), ..source.facts().clone() };
        Self { source, facts, lacking, left_out }
    }
}

impl SectorSource for Mapped {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn read(&mut self, request: &ReadRequest, buffer: &mut [u8]) -> Outcome {
        let range = request.range;
        let lacking = self.lacking.within(range).next().map(|hole| (hole.start(), Fault::Damage));
        let left_out = self.left_out.within(range).next().map(|tract| (tract.range.start(), Fault::WrongTrack));
        let Some((first, fault)) = lacking.into_iter().chain(left_out).min_by_key(|(first, _)| *first) else {
            return self.source.read(request, buffer);
        };
        let (head, _) = range.split_at(first - range.start());
        let length = usize::try_from(head.len()).unwrap_or(0).saturating_mul(SECTOR_SIZE);
        let Some(buffer) = buffer.get_mut(..length).filter(|_| !head.is_empty()) else {
            return Outcome::failed(0, fault, 0.0);
        };
        let outcome = self.source.read(&ReadRequest { range: head, ..*request }, buffer);
        Outcome { fault: outcome.fault.or(Some(fault)), ..outcome }
    }

    fn clock(&self) -> Arc<dyn Clock> {
        self.source.clock()
    }

    fn left_out(&self) -> &LeftOut {
        &self.left_out
    }

    fn lacking(&self) -> &SectorSet {
        &self.lacking
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::sector::SectorRange;
    use crate::base::sector::tract::TractKind;
    use crate::source::file::FileSource;
    use std::time::Duration;

    #[test]
    fn what_is_missing_is_damage_and_what_lies_before_it_arrives() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let bytes: Vec<u8> = (0..8 * SECTOR_SIZE).map(|at| (at / SECTOR_SIZE) as u8).collect();
        std::fs::write(file.path(), bytes).unwrap();
        let lacking = [SectorRange::new(3, 5), SectorRange::new(8, 10)].into_iter().collect();
        let mut left_out = LeftOut::new();
        left_out.insert(SectorRange::new(6, 7), TractKind::Audio);
        let source = Box::new(FileSource::open(file.path()).unwrap());
        let mut mapped = Mapped::new(source, 10 * SECTOR_BYTES, lacking, left_out);
        assert_eq!((mapped.facts().sectors, mapped.lacking().len()), (10, 4));
        let mut read = |start, end| {
            let range = SectorRange::new(start, end);
            let mut buffer = vec![0xFF; range.bytes() as usize];
            let outcome = mapped.read(&ReadRequest { range, fua: false, time_limit: Duration::MAX }, &mut buffer);
            let right = (0..outcome.sectors as usize).all(|i| buffer[i * SECTOR_SIZE] == start as u8 + i as u8);
            (outcome.sectors, outcome.fault, right)
        };
        assert_eq!(read(0, 3), (3, None, true));
        assert_eq!(read(1, 8), (2, Some(Fault::Damage), true));
        assert_eq!(read(5, 8), (1, Some(Fault::WrongTrack), true));
        assert_eq!(read(6, 7), (0, Some(Fault::WrongTrack), true));
        assert_eq!(read(7, 10), (1, Some(Fault::Damage), true));
        assert_eq!(read(8, 9), (0, Some(Fault::Damage), true));
    }
}
