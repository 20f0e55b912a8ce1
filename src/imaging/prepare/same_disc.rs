//! Is it the same disc? Sectors that the image holds for good are read from the disc once more.

use std::time::Duration;

use crate::base::cancel::Cancel;
use crate::base::event::{Event, Events};
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::tract::LeftOut;
use crate::base::sector::{SECTOR_SIZE, SectorRange};
use crate::image::ImageStore;
use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::status::Status;
use crate::source::{ReadRequest, SectorSource};

use crate::imaging::error::Error;
use crate::imaging::guard::Place;

/// Equal samples that are enough. Two pressings of one title differ in their volume descriptors at the latest.
const ENOUGH: usize = 6;

/// Places that are tried before giving up: an old disc may no longer read where it once did.
const TRIES: usize = 24;

/// Where all places that are tried first are zeros: sectors of the image that are looked through for one that is not
/// (256 MiB). Without one there is nothing to compare with, and nothing to see later whether the drive is well.
const LOOK_THROUGH: u64 = 131_072;

/// Sectors of the image that are read together for that.
const TOGETHER: u64 = 512;

/// Samples that the drive may answer with something about itself.
const REFUSED_MAX: usize = 3;

/// Time for one sample; the drive's own retries included.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// What the comparison says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    /// Every sample that could be read is equal, or there was nothing to compare. One that was equal, to look at again.
    Same(Option<Place>),
    /// This sector differs.
    Differs(u64),
    /// There is rescued data, and none of it can be read from the disc now.
    Unreadable,
}

/// Compares rescued sectors of the image with the disc, the volume descriptors (sector 16) first.
///
/// # Errors
/// The image cannot be read; the source fails for another reason than damage; somebody wants to stop.
pub(super) fn same_disc(
    source: &mut dyn SectorSource,
    image: &mut ImageStore,
    map: &SectorMap,
    cancel: &Cancel,
    events: &dyn Events,
) -> Result<Verdict, Error> {
    let (mut equal, mut tried, mut known, mut zeros, mut failed) = (0, 0, None, None, false);
    let there = source.facts().sectors;
    let mut refused = Vec::new();
    // What this drive knows to be no data it will not hand out, though another one may have.
    let without_data = source.left_out().clone();
    for (sector, ours) in samples(image, map, there, &without_data)? {
        if cancel.is_raised() {
            return Err(Error::Stopped);
        }
        if equal == ENOUGH {
            break;
        }
        let range = SectorRange::with_len(sector, 1);
        tried += 1;
        match compare(source, range, &ours) {
            Compared::Same => {
                equal += 1;
                known.get_or_insert_with(|| Place { range, bytes: ours.clone() });
            }
            Compared::Nothing => {}
            Compared::Zeros(outcome) => {
                zeros.get_or_insert((range, outcome));
            }
            Compared::Differs => return Ok(Verdict::Differs(sector)),
            Compared::Fault(Fault::Damage | Fault::Blank, _) => {
                failed = true;
                // On a drive this took seconds, and there may be more of them.
                let notice = format!("Sector {sector} no longer reads; comparing the disc with the image elsewhere.");
                events.event(Event::Notice(notice));
            }
            Compared::Fault(..) if cancel.is_raised() => return Err(Error::Stopped),
            // One place that the drive answers so is none to compare. Several are the drive, or a disc with many of them: what
            // was equal before decides.
            Compared::Fault(fault, outcome) if fault.may_be_a_place() => {
                failed = true;
                refused.push((fault, range, outcome));
                if refused.len() >= REFUSED_MAX {
                    break;
                }
            }
            Compared::Fault(fault, outcome) => return Err(source_error(source, fault, range, outcome)),
        }
    }
    if equal == 0
        && let Some((fault, range, outcome)) = refused.pop()
    {
        return Err(source_error(source, fault, range, outcome));
    }
    // Zeros are another disc's only while the drive still reads what it read: it may have given up in between.
    let still_reads = |known: &Place| matches!(compare(source, known.range, &known.bytes), Compared::Same);
    match zeros {
        Some((range, _)) if !failed && known.as_ref().is_some_and(still_reads) => Ok(Verdict::Differs(range.start())),
        // A drive that has given up hands out zeros for every disc.
        Some((range, outcome)) => Err(source_error(source, Fault::Wedged, range, outcome)),
        None if tried > 0 && equal == 0 => Ok(Verdict::Unreadable),
        None => Ok(Verdict::Same(known)),
    }
}

/// What a sector of the disc says about the image's.
enum Compared {
    Same,
    /// It is another one, twice.
    Differs,
    /// It is all zeros, twice; the image's is not.
    Zeros(Outcome),
    /// Nothing: the drive had to guess, says something else each time, or brought nothing.
    Nothing,
    Fault(Fault, Outcome),
}

/// Reads a sector of the disc, twice where it differs from `ours`.
fn compare(source: &mut dyn SectorSource, range: SectorRange, ours: &[u8]) -> Compared {
    let request = ReadRequest { range, fua: true, time_limit: TIME_LIMIT };
    let (mut first, mut second) = (vec![0; SECTOR_SIZE], vec![0; SECTOR_SIZE]);
    let once = source.read(&request, &mut first);
    match once.fault {
        Some(fault) => return Compared::Fault(fault, once),
        None if once.sectors == 0 => return Compared::Nothing,
        None if first == ours => return Compared::Same,
        None => {}
    }
    let twice = source.read(&request, &mut second);
    match twice.fault {
        Some(fault) => Compared::Fault(fault, twice),
        None if twice.sectors == 0 => Compared::Nothing,
        None if second == ours => Compared::Same,
        // Bytes that the drive had to guess say nothing, even when they are the same twice.
        None if second != first || once.recovered || twice.recovered => Compared::Nothing,
        None if second.iter().all(|b| *b == 0) => Compared::Zeros(twice),
        None => Compared::Differs,
    }
}

fn source_error(source: &dyn SectorSource, fault: Fault, range: SectorRange, outcome: Outcome) -> Error {
    Error::Source { source_name: source.facts().name.clone(), fault, range, outcome: Box::new(outcome) }
}

/// Sectors to compare, of those before `end` that hold data, and what the image has there. Zeros are on every disc: they
/// prove nothing.
fn samples(
    image: &mut ImageStore,
    map: &SectorMap,
    end: u64,
    without_data: &LeftOut,
) -> Result<Vec<(u64, Vec<u8>)>, Error> {
    let mut samples = Vec::new();
    for sector in candidates(map).into_iter().filter(|sector| *sector < end && !without_data.contains(*sector)) {
        if samples.len() == TRIES {
            return Ok(samples);
        }
        samples.extend(first_not_zero(image, map, SectorRange::with_len(sector, 1))?);
    }
    if !samples.is_empty() {
        return Ok(samples);
    }
    let mut left = LOOK_THROUGH;
    for run in map.runs(Status::Finished) {
        let mut rest = run.split_at(left).0.intersect(SectorRange::new(0, end));
        left -= rest.len();
        while samples.is_empty() && !rest.is_empty() {
            let (part, behind) = rest.split_at(TOGETHER);
            samples.extend(first_not_zero(image, map, part)?.filter(|(sector, _)| !without_data.contains(*sector)));
            rest = behind;
        }
        if left == 0 || !samples.is_empty() {
            break;
        }
    }
    Ok(samples)
}

/// The first sector of `range` that is not zero in the image, with its bytes.
fn first_not_zero(
    image: &mut ImageStore,
    map: &SectorMap,
    range: SectorRange,
) -> Result<Option<(u64, Vec<u8>)>, Error> {
    let mut bytes = vec![0; usize::try_from(range.bytes()).unwrap_or(usize::MAX)];
    let length = usize::try_from(map.bytes_in(range)).unwrap_or(usize::MAX).min(bytes.len());
    image.read_at(range.byte_start(), &mut bytes[..length])?;
    let mut sectors = (range.start()..range.end()).zip(bytes.chunks(SECTOR_SIZE));
    let found = sectors.find(|(_, sector)| sector.iter().any(|b| *b != 0));
    Ok(found.map(|(lba, sector)| (lba, sector.to_vec())))
}

/// Rescued sectors to look at: 16 and 256 (ISO 9660 and UDF descriptors), then the middles of ever
/// smaller parts of the disc, each moved to the nearest rescued sector behind it. Ascending in each round.
fn candidates(map: &SectorMap) -> Vec<u64> {
    let sectors = map.sectors();
    let mut wanted = vec![16, 256];
    for parts in [2, 4, 8, 16, 32, 64, 128] {
        wanted.extend((0..parts).map(|i| (sectors * (2 * i + 1)) / (2 * parts)));
    }
    let mut found = Vec::with_capacity(wanted.len());
    for want in wanted {
        if let Some(run) = map.next(Status::Finished, want)
            && !found.contains(&run.start())
        {
            found.push(run.start());
        }
    }
    if found.is_empty()
        && let Some(run) = map.next(Status::Finished, 0)
    {
        found.push(run.start());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_where_the_map_claims_data() {
        let mut map = SectorMap::new(1000, 1000 * 2048);
        map.set(SectorRange::new(3, 5), Status::Finished);
        assert_eq!(candidates(&map), vec![3]);
        map.set(SectorRange::new(0, 600), Status::Finished);
        let found = candidates(&map);
        assert_eq!(found[..3], [16, 256, 250]);
        assert!(found.iter().all(|s| *s < 600));
        assert!(candidates(&SectorMap::new(1000, 1000 * 2048)).is_empty());
    }
}
