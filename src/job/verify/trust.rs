//! Is the drive well? It is when it reads what it read before; and until that is seen, what it says against the image is
//! held back.

use std::collections::VecDeque;
use std::time::Duration;

use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::SectorRange;
use crate::source::ReadRequest;
use crate::source::drive::DriveSource;

/// Places that are kept, the one that was read longest ago first.
const PLACES: usize = 4;

/// Places of a disc that lie apart.
const APART: u64 = 16;

/// Time for one read of them; a drive that is well takes a fraction of a second.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Judgements that wait at most before the drive is asked.
const HELD: usize = 64;

/// What is found of a range of sectors.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    /// Both have the same.
    Same,
    /// They differ.
    Differs,
    /// They differ, and all that the disc has are zeros: those a drive hands out, too, that has given up.
    DiffersInZeros,
    /// It did not come, or other bytes each time.
    Unread,
}

/// What places that were read before say of the drive.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Check {
    /// It reads as before.
    Well,
    /// There is none to ask.
    Unknown,
    /// It does not, here.
    Ill(SectorRange, Outcome),
    /// It says something about itself.
    Other(Fault, SectorRange, Outcome),
}

/// Sectors that were read well and are those of the image. Some byte is not zero: zeros prove nothing.
#[derive(Debug)]
struct Place {
    range: SectorRange,
    bytes: Vec<u8>,
}

/// Places that a drive has read well.
#[derive(Debug)]
pub(super) struct Known {
    apart: u64,
    places: VecDeque<Place>,
}

impl Known {
    /// None, of a disc of `sectors`.
    pub(super) fn new(sectors: u64) -> Self {
        Self { apart: (sectors / APART).max(1), places: VecDeque::new() }
    }

    /// Whether a place there would be of use.
    pub(super) fn wants(&self, range: SectorRange) -> bool {
        self.places.iter().all(|place| place.range.start().abs_diff(range.start()) >= self.apart)
    }

    /// Takes sectors, whose bytes are not all zero.
    pub(super) fn add(&mut self, range: SectorRange, bytes: &[u8]) {
        if self.places.len() >= PLACES {
            self.places.pop_front();
        }
        self.places.push_back(Place { range, bytes: bytes.to_vec() });
    }

    /// Reads places again, past the drive's cache, until one is as before.
    pub(super) fn check(&mut self, drive: &mut dyn DriveSource) -> Check {
        let mut ill = None;
        for _ in 0..self.places.len() {
            let Some(place) = self.places.pop_front() else { break };
            let mut buffer = vec![0; place.bytes.len()];
            let request = ReadRequest { range: place.range, fua: true, time_limit: TIME_LIMIT };
            let outcome = drive.read(&request, &mut buffer);
            let (range, is_same) = (place.range, buffer == place.bytes);
            self.places.push_back(place);
            match outcome.fault {
                None if is_same => return Check::Well,
                None | Some(Fault::Damage | Fault::Blank) => {
                    ill.get_or_insert((range, outcome));
                }
                Some(fault) => return Check::Other(fault, range, outcome),
            }
        }
        ill.map_or(Check::Unknown, |(range, outcome)| Check::Ill(range, outcome))
    }
}

/// Judgements that wait until the drive is seen to be well.
#[derive(Debug, Default)]
pub(super) struct Held {
    verdicts: Vec<(SectorRange, Verdict)>,
    /// How often the drive had been started when the first of them came.
    pub(super) restarts: u64,
}

impl Held {
    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.verdicts.is_empty()
    }

    /// Whether so many wait that the drive is to be asked.
    pub(super) fn is_full(&self) -> bool {
        self.verdicts.len() >= HELD
    }

    /// One more.
    pub(super) fn add(&mut self, range: SectorRange, verdict: Verdict) {
        match self.verdicts.last_mut() {
            Some((last, same)) if *same == verdict && last.end() == range.start() => {
                *last = SectorRange::new(last.start(), range.end());
            }
            _ => self.verdicts.push((range, verdict)),
        }
    }

    /// All of them.
    pub(super) fn take(&mut self) -> Vec<(SectorRange, Verdict)> {
        std::mem::take(&mut self.verdicts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judgements_that_are_alike_wait_as_one() {
        let mut held = Held::default();
        for sector in 0..1000 {
            held.add(SectorRange::with_len(sector, 1), Verdict::Unread);
        }
        assert!(!held.is_full() && !held.is_empty());
        held.add(SectorRange::new(1000, 1001), Verdict::Differs);
        held.add(SectorRange::new(1002, 1003), Verdict::Differs);
        let told = [(0, 1000, Verdict::Unread), (1000, 1001, Verdict::Differs), (1002, 1003, Verdict::Differs)];
        assert_eq!(held.take(), told.map(|(start, end, verdict)| (SectorRange::new(start, end), verdict)));
        assert!(held.is_empty());
    }

    #[test]
    fn places_that_are_kept_lie_apart() {
        let mut known = Known::new(1600);
        let range = |start| SectorRange::with_len(start, 1);
        known.add(range(0), &[1]);
        assert!(!known.wants(range(99)) && known.wants(range(100)));
    }
}
