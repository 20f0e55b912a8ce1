//! Known-good sectors, which are read once more after an error: does the drive still read what it read before?

use std::time::Duration;

use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::SectorRange;
use crate::source::ReadRequest;

/// Time for one read; a drive that is well takes a fraction of a second.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Places that are kept. Each is read again only after all others, so that a drive that serves it from its cache, against
/// its orders, must have kept all of them.
const PLACES: usize = 8;

/// Places that refuse at once, without being tried, and decide a check. One that the drive has tried for long may have become
/// hard to read meanwhile; then the others decide.
const REFUSED_MAX: usize = 3;

/// A drive that has tried for that many seconds has really tried.
const TRIED: f64 = 1.0;

/// Sectors that were read well, and their bytes. Some byte is not zero: zeros prove nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::imaging) struct Place {
    pub(in crate::imaging) range: SectorRange,
    pub(in crate::imaging) bytes: Vec<u8>,
}

/// What known-good sectors say.
#[derive(Clone, PartialEq, Debug)]
pub(in crate::imaging) enum Check {
    /// The drive reads as before.
    Alive,
    /// It does not, here: what it answered instead. An outcome without a fault brought other bytes.
    Dead(SectorRange, Outcome),
    /// It says something that is about itself and not about sectors.
    Other(Fault, SectorRange, Outcome),
}

/// How many places must agree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::imaging) enum Agreement {
    /// One: is the drive well?
    One,
    /// All that can be read: is it the same disc?
    All,
}

/// The first known-good place of a run and later ones far from each other.
#[derive(Debug)]
pub(in crate::imaging) struct KnownGood {
    unit: u64,
    /// How far a new place is from all others.
    apart: u64,
    /// The one that was read longest ago first.
    places: Vec<Place>,
}

impl KnownGood {
    /// For a disc of `sectors` with this ECC unit; `first` is known from elsewhere.
    pub(in crate::imaging) fn new(unit: u64, sectors: u64, first: Option<Place>) -> Self {
        Self { unit: unit.max(1), apart: (sectors / 16).max(1), places: first.into_iter().collect() }
    }

    /// Whether none is known.
    pub(in crate::imaging) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The first unit's worth of `range`, which holds `bytes`, that is not all zero.
    pub(in crate::imaging) fn place(&self, range: SectorRange, bytes: &[u8]) -> Option<Place> {
        let (mut rest, mut bytes) = (range, bytes);
        while !rest.is_empty() {
            let (head, behind) = rest.split_at(self.unit);
            let (part, others) = bytes.split_at_checked(usize::try_from(head.bytes()).ok()?)?;
            if part.iter().any(|b| *b != 0) {
                return Some(Place { range: head, bytes: part.to_vec() });
            }
            (rest, bytes) = (behind, others);
        }
        None
    }

    /// Takes sectors that were read without any trouble, if they are of use.
    pub(in crate::imaging) fn offer(&mut self, range: SectorRange, bytes: &[u8]) {
        let near = |place: &Place| place.range.start().abs_diff(range.start()) < self.apart;
        if range.is_empty() || self.places.iter().any(near) {
            return;
        }
        let Some(place) = self.place(range, bytes) else { return };
        self.add(place);
    }

    /// Takes a place that has been read twice.
    pub(in crate::imaging) fn add(&mut self, place: Place) {
        if self.places.len() >= PLACES {
            self.places.remove(PLACES / 2);
        }
        self.places.push(place);
    }

    /// A place that is far from `sector`, to send the head there.
    pub(in crate::imaging) fn far_from(&self, sector: u64) -> Option<SectorRange> {
        self.places.iter().map(|place| place.range).max_by_key(|range| range.start().abs_diff(sector))
    }

    /// Reads places again, past the drive's cache. `read` is one read of the drive.
    pub(in crate::imaging) fn check(
        &mut self,
        agreement: Agreement,
        mut read: impl FnMut(&ReadRequest, &mut [u8]) -> Outcome,
    ) -> Check {
        let (mut alive, mut dead, mut refused, mut other) = (false, None, 0, Vec::new());
        for _ in 0..self.places.len() {
            if refused >= REFUSED_MAX {
                break;
            }
            // Whatever comes of it, it is its turn again after all others.
            self.places.rotate_left(1);
            let Some(place) = self.places.last() else { break };
            let mut buffer = vec![0; place.bytes.len()];
            let outcome = read(&ReadRequest { range: place.range, fua: true, time_limit: TIME_LIMIT }, &mut buffer);
            match outcome.fault {
                None if buffer == place.bytes && agreement == Agreement::One => {
                    self.forget(&other);
                    return Check::Alive;
                }
                None if buffer == place.bytes => alive = true,
                // Bytes that the drive had to guess are no word about the disc.
                None if outcome.recovered => dead = dead.or(Some((place.range, outcome))),
                // A drive that hands out zeros is away, whatever it still has in its cache. Other bytes are another disc's.
                None if agreement == Agreement::All || buffer.iter().all(|b| *b == 0) => {
                    return Check::Dead(place.range, outcome);
                }
                None | Some(Fault::Damage | Fault::Blank | Fault::Wedged | Fault::OutOfRange | Fault::Unknown) => {
                    refused += usize::from(outcome.seconds < TRIED);
                    dead = Some((place.range, outcome));
                }
                // One place that the drive answers so says no more than any other place: where others read, it is no good any more.
                Some(fault) if fault.may_be_a_place() && fault != Fault::Gone => {
                    refused += 1;
                    other.push((fault, place.range, outcome));
                }
                Some(fault) => return Check::Other(fault, place.range, outcome),
            }
        }
        match (dead, other.first()) {
            _ if alive => {
                self.forget(&other);
                Check::Alive
            }
            (Some((range, outcome)), _) => Check::Dead(range, outcome),
            (None, Some((fault, range, outcome))) => Check::Other(*fault, *range, outcome.clone()),
            (None, None) => Check::Alive,
        }
    }

    /// Places that are known for good no more.
    fn forget(&mut self, others: &[(Fault, SectorRange, Outcome)]) {
        self.places.retain(|place| others.iter().all(|(_, range, _)| *range != place.range));
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

    fn two() -> KnownGood {
        let mut known = KnownGood::new(16, 1600, None);
        known.offer(range(0), &[7; 65536]);
        known.offer(range(1000), &[7; 65536]);
        known
    }

    #[test]
    fn places_far_from_each_other_are_kept() {
        let mut known = KnownGood::new(16, 1600, None);
        known.offer(range(0), &[0; 65536]);
        assert!(known.is_empty(), "zeros prove nothing");
        for start in [32, 64, 200, 250, 1000] {
            known.offer(range(start), &[7; 65536]);
        }
        let places: Vec<_> = known.places.iter().map(|p| (p.range.start(), p.bytes.len())).collect();
        assert_eq!(places, [(32, 16 * 2048), (200, 16 * 2048), (1000, 16 * 2048)]);
        assert_eq!(known.far_from(900).map(SectorRange::start), Some(32));
        (0..100).for_each(|i| known.offer(range(2000 + 200 * i), &[7; 65536]));
        assert_eq!(known.places.len(), PLACES);
    }

    #[test]
    fn the_unit_that_is_not_zero_is_the_place() {
        let mut bytes = vec![0; 65536];
        bytes[40_000] = 1;
        assert_eq!(KnownGood::new(16, 1600, None).place(range(64), &bytes).unwrap().range, SectorRange::new(80, 96));
    }

    #[test]
    fn one_place_that_reads_as_before_is_enough_for_a_drive_that_is_well() {
        assert_eq!(two().check(Agreement::One, drive(7)), Check::Alive);
        assert!(matches!(two().check(Agreement::One, drive(0)), Check::Dead(_, Outcome { fault: None, .. })));
        assert_eq!(two().check(Agreement::One, failing(Fault::Damage, 1000)), Check::Alive);
        assert!(matches!(two().check(Agreement::One, failing(Fault::Damage, 5)), Check::Dead(..)));
        assert!(matches!(two().check(Agreement::One, failing(Fault::Wedged, 5)), Check::Dead(..)));
        assert!(matches!(two().check(Agreement::One, failing(Fault::Gone, 5)), Check::Other(Fault::Gone, ..)));
    }

    #[test]
    fn another_disc_that_is_alike_in_one_place_is_another_disc() {
        let alike = |request: &ReadRequest, buffer: &mut [u8]| {
            buffer.fill(if request.range.start() == 0 { 7 } else { 8 });
            Outcome::complete(16, 0.1)
        };
        assert!(matches!(two().check(Agreement::All, alike), Check::Dead(..)));
        assert_eq!(two().check(Agreement::All, drive(7)), Check::Alive);
        assert_eq!(two().check(Agreement::All, failing(Fault::Damage, 1000)), Check::Alive);
        assert!(matches!(two().check(Agreement::All, failing(Fault::Damage, 5)), Check::Dead(..)));
    }

    #[test]
    fn places_take_turns() {
        let (mut known, mut asked) = (two(), Vec::new());
        for _ in 0..4 {
            known.check(Agreement::One, |request, buffer| {
                asked.push(request.range.start());
                buffer.fill(7);
                Outcome::complete(16, 0.1)
            });
        }
        assert_eq!(asked, [0, 1000, 0, 1000]);
    }
}
