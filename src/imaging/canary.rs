//! Known-good sectors that are read once more when there is doubt: does the drive still read what it read before?

use std::time::Duration;

use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::SectorRange;
use crate::source::ReadRequest;

/// Time for one look; a drive that is well takes a fraction of a second.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Sectors that were read well, and their bytes. Some byte is not zero: zeros prove nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Canary {
    pub(super) range: SectorRange,
    pub(super) bytes: Vec<u8>,
}

/// What a look at known-good sectors says.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Look {
    /// The drive reads as before.
    Alive,
    /// It does not, here: what it answered instead. An outcome without a fault brought other bytes.
    Dead(SectorRange, Outcome),
    /// It says something that is about itself and not about sectors.
    Other(Fault, SectorRange, Outcome),
}

/// The first known-good place of a run and a later one far from it: either may have become hard to read meanwhile.
#[derive(Debug)]
pub(super) struct Canaries {
    unit: u64,
    /// How far a new place is from the one that it replaces.
    apart: u64,
    known: Vec<Canary>,
}

impl Canaries {
    /// For a disc of `sectors` with this ECC unit; `first` is known from elsewhere.
    pub(super) fn new(unit: u64, sectors: u64, first: Option<Canary>) -> Self {
        Self { unit, apart: (sectors / 16).max(1), known: first.into_iter().collect() }
    }

    /// Whether there is nothing to look at.
    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Takes sectors that were read without any trouble, if they are of use.
    pub(super) fn offer(&mut self, range: SectorRange, bytes: &[u8]) {
        let wanted = match self.known.as_slice() {
            [] => true,
            [only] => only.range.start().abs_diff(range.start()) >= self.apart,
            [.., last] => last.range.start().abs_diff(range.start()) >= self.apart,
        };
        let range = range.split_at(self.unit).0;
        let length = usize::try_from(range.bytes()).unwrap_or(usize::MAX);
        let Some(bytes) = bytes.get(..length).filter(|bytes| wanted && bytes.iter().any(|b| *b != 0)) else { return };
        self.known.truncate(1);
        self.known.push(Canary { range, bytes: bytes.to_vec() });
    }

    /// A place that is far from `sector`, to send the head there.
    pub(super) fn far_from(&self, sector: u64) -> Option<SectorRange> {
        self.known.iter().map(|canary| canary.range).max_by_key(|range| range.start().abs_diff(sector))
    }

    /// Looks, far from `sector` first and past the drive's cache. `read` is one read of the source.
    pub(super) fn look(&self, sector: u64, mut read: impl FnMut(&ReadRequest, &mut [u8]) -> Outcome) -> Look {
        let mut known: Vec<&Canary> = self.known.iter().collect();
        known.sort_by_key(|canary| std::cmp::Reverse(canary.range.start().abs_diff(sector)));
        let mut dead = None;
        for canary in known {
            let mut buffer = vec![0; canary.bytes.len()];
            let request = ReadRequest { range: canary.range, fua: true, time_limit: TIME_LIMIT };
            let outcome = read(&request, &mut buffer);
            match outcome.fault {
                None if buffer == canary.bytes => return Look::Alive,
                None | Some(Fault::Damage | Fault::Blank | Fault::Wedged | Fault::OutOfRange | Fault::Unknown) => {
                    dead = Some(Look::Dead(canary.range, outcome));
                }
                Some(fault) => return Look::Other(fault, canary.range, outcome),
            }
        }
        dead.unwrap_or(Look::Alive)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start: u64) -> SectorRange {
        SectorRange::with_len(start, 32)
    }

    /// A drive whose sectors hold this byte.
    fn drive(byte: u8) -> impl FnMut(&ReadRequest, &mut [u8]) -> Outcome {
        move |request, buffer| {
            buffer.fill(byte);
            assert!(request.fua);
            Outcome::complete(request.range.len(), 0.1)
        }
    }

    fn failing(fault: Fault, but: u64) -> impl FnMut(&ReadRequest, &mut [u8]) -> Outcome {
        move |request, buffer| {
            buffer.fill(7);
            match request.range.start() {
                start if start == but => Outcome::complete(16, 0.1),
                _ => Outcome::failed(0, fault, 0.1),
            }
        }
    }

    #[test]
    fn the_first_place_is_kept_and_a_later_one_replaced() {
        let mut canaries = Canaries::new(16, 1600, None);
        assert!(canaries.is_empty());
        canaries.offer(range(0), &[0; 65536]);
        assert!(canaries.is_empty(), "zeros prove nothing");
        for start in [32, 64, 200, 250, 1000] {
            canaries.offer(range(start), &[7; 65536]);
        }
        let places: Vec<_> = canaries.known.iter().map(|c| (c.range.start(), c.bytes.len())).collect();
        assert_eq!(places, [(32, 16 * 2048), (1000, 16 * 2048)]);
        assert_eq!(canaries.far_from(900).map(SectorRange::start), Some(32));
    }

    #[test]
    fn one_place_that_reads_as_before_is_enough() {
        let mut canaries = Canaries::new(16, 1600, None);
        canaries.offer(range(0), &[7; 65536]);
        canaries.offer(range(1000), &[7; 65536]);
        assert_eq!(canaries.look(900, drive(7)), Look::Alive);
        assert!(matches!(canaries.look(900, drive(0)), Look::Dead(_, Outcome { fault: None, .. })));
        assert_eq!(canaries.look(900, failing(Fault::Damage, 1000)), Look::Alive);
        assert!(matches!(canaries.look(900, failing(Fault::Damage, 5)), Look::Dead(..)));
        assert!(matches!(canaries.look(900, failing(Fault::Wedged, 5)), Look::Dead(..)));
        assert!(matches!(canaries.look(900, failing(Fault::Gone, 5)), Look::Other(Fault::Gone, ..)));
    }
}
