//! Is it the same disc? Sectors that the image holds for good are read from the disc once more.

use std::time::Duration;

use crate::base::cancel::Cancel;
use crate::base::event::{Event, Events};
use crate::base::outcome::Fault;
use crate::base::sector::{SECTOR_SIZE, SectorRange};
use crate::image::ImageStore;
use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::status::Status;
use crate::source::{ReadRequest, SectorSource};

use crate::imaging::error::Error;
use crate::imaging::guard::{Place, spare};

/// Equal samples that are enough. Two pressings of one title differ in their volume descriptors at the latest.
const ENOUGH: usize = 6;

/// Places that are tried before giving up: an old disc may no longer read where it once did.
const TRIES: usize = 24;

/// Where all places that are tried first are zeros: sectors of the image that are looked through for one that is not
/// (256 MiB). Without one there is nothing to compare with, and nothing to see later whether the drive is well.
const LOOK_THROUGH: u64 = 131_072;

/// Sectors of the image that are read together for that.
const TOGETHER: u64 = 512;

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
    let mut theirs = vec![0; SECTOR_SIZE];
    for (sector, ours) in samples(image, map)? {
        if cancel.is_raised() {
            return Err(Error::Stopped);
        }
        if equal == ENOUGH {
            break;
        }
        let range = SectorRange::with_len(sector, 1);
        tried += 1;
        let request = ReadRequest { range, fua: true, time_limit: TIME_LIMIT };
        let mut outcome = source.read(&request, &mut theirs);
        if outcome.fault.is_none() && ours != theirs {
            let mut again = vec![0; SECTOR_SIZE];
            let first = std::mem::replace(&mut outcome, source.read(&request, &mut again));
            match outcome.fault {
                None if again == ours => theirs.copy_from_slice(&again),
                // Bytes that the drive had to guess say nothing, even when they are the same twice.
                None if again != theirs || first.recovered || outcome.recovered => continue,
                None if again.iter().all(|b| *b == 0) => {
                    zeros.get_or_insert((range, outcome));
                    continue;
                }
                None => return Ok(Verdict::Differs(sector)),
                Some(_) => {}
            }
        }
        match outcome.fault {
            None => {
                equal += 1;
                known.get_or_insert_with(|| Place { range, bytes: theirs.clone() });
            }
            Some(Fault::Damage | Fault::Blank) => {
                failed = true;
                // On a drive this took seconds, and there may be more of them.
                let notice = format!("Sector {sector} no longer reads; comparing the disc with the image elsewhere.");
                events.event(Event::Notice(notice));
            }
            Some(_) if cancel.is_raised() => return Err(Error::Stopped),
            Some(fault) => {
                let source_name = source.facts().name.clone();
                return Err(Error::Source { source_name, fault, range, outcome: Box::new(outcome) });
            }
        }
    }
    match zeros {
        Some((range, _)) if equal > 0 && !failed => return Ok(Verdict::Differs(range.start())),
        // A drive that has given up hands out zeros for every disc.
        Some((range, outcome)) => {
            let source_name = source.facts().name.clone();
            return Err(Error::Source { source_name, fault: Fault::Wedged, range, outcome: Box::new(outcome) });
        }
        None => {}
    }
    Ok(if tried > 0 && equal == 0 { Verdict::Unreadable } else { Verdict::Same(known) })
}

/// Sectors to compare and what the image holds there. Zeros are on every disc: they prove nothing.
fn samples(image: &mut ImageStore, map: &SectorMap) -> Result<Vec<(u64, Vec<u8>)>, Error> {
    let mut samples = Vec::new();
    for sector in candidates(map) {
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
        let mut rest = run.split_at(left).0;
        left -= rest.len();
        while samples.is_empty() && !rest.is_empty() {
            let (part, behind) = rest.split_at(TOGETHER);
            samples.extend(first_not_zero(image, map, part)?);
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
    let mut bytes = spare(range);
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
