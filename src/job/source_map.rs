//! The map of a source: what it calls missing, and the tracts that hold no data.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::base::human::printable;
use crate::base::sector::set::SectorSet;
use crate::base::sector::tract::LeftOut;
use crate::base::sector::{SECTOR_BYTES, SectorRange};
use crate::mapfile::error::MapError;
use crate::mapfile::store;
use crate::source::Facts;

/// Why the map of a source cannot be used.
#[derive(Debug, Error)]
pub enum SourceMapError {
    /// It cannot be read.
    #[error(transparent)]
    Map(#[from] MapError),
    /// It ends before the image does: it is that of another disc.
    #[error("{} is a map of {map_bytes} bytes, and {name} has {bytes}", printable(&.map.display().to_string()))]
    OtherSize {
        /// The map.
        map: PathBuf,
        /// Where it ends.
        map_bytes: u64,
        /// The image.
        name: String,
        /// The size of the image.
        bytes: u64,
    },
}

/// What a map says is missing. Tracts that hold no data are not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Missing {
    /// The sectors that are not known to be good, up to the disc's end, and those that the image is too short for.
    pub sectors: SectorSet,
    /// Those of them that were tried in vain; the others nobody has read.
    pub failed: SectorSet,
    /// Their bytes; a last sector counts as far as the disc reaches.
    pub bytes: u64,
    /// What else than the size that was taken was told of the disc.
    pub size_note: Option<String>,
}

/// What a map calls anything but good, and the tracts without data that it and its sidecar tell of; `None` where there is
/// no such file. `unit`: of an image, bytes of which its length is a whole number ([`SourceName::unit`](super::source_name::SourceName::unit)).
/// Where the map goes on behind the end of an image, so does the disc; what the image is too short for is
/// missing, whatever the map says. Where it ends in the image's last unit, the rest of that is no part of the disc.
///
/// # Errors
/// [`SourceMapError`].
pub(super) fn read(
    path: &Path,
    unit: Option<u64>,
    facts: &mut Facts,
) -> Result<Option<(Missing, LeftOut)>, SourceMapError> {
    let path = &store::file_of(path)?;
    let Some(text) = store::read(path, None)? else { return Ok(None) };
    let is_image = unit.is_some();
    // A program writes a map for the whole of its disc, so one that ends sooner would make a whole film look lost.
    if is_image && text.end().div_ceil(SECTOR_BYTES) < facts.sectors {
        let (map, name) = (path.to_owned(), facts.name.clone());
        return Err(SourceMapError::OtherSize { map, map_bytes: text.end(), name, bytes: facts.size_bytes });
    }
    let mut left_out = text.left_out.clone();
    left_out.extend(&store::left_out_beside(path, &text));
    if unit.is_some_and(|unit| text.end().next_multiple_of(unit) == facts.size_bytes) {
        facts.size_bytes = text.end();
    }
    let image_bytes = facts.size_bytes;
    if is_image && text.end() > facts.size_bytes {
        facts.size_bytes = text.end();
        facts.sectors = text.end().div_ceil(SECTOR_BYTES);
    }
    // Not by way of a map in memory, which takes several times the room of both.
    let mut sectors = text.missing(facts.size_bytes);
    if image_bytes < facts.size_bytes {
        sectors.insert(SectorRange::new(image_bytes / SECTOR_BYTES, facts.sectors));
    }
    // What was rescued is no gap.
    let mut good: SectorSet = left_out.tracts().iter().map(|tract| tract.range).collect();
    good = good.intersect(&[SectorRange::new(0, facts.sectors)].into_iter().collect());
    sectors.ranges().iter().for_each(|range| good.remove(*range));
    left_out.remove(&good);
    let mut failed = text.failed();
    for tract in left_out.tracts() {
        sectors.remove(tract.range);
        failed.remove(tract.range);
    }
    let end = |range: &SectorRange| range.end().saturating_mul(SECTOR_BYTES).min(facts.size_bytes);
    let bytes = sectors.ranges().iter().map(|range| end(range).saturating_sub(range.byte_start())).sum();
    Ok(Some((Missing { sectors, failed, bytes, size_note: text.size_note }, left_out)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts { name: "x".into(), size_bytes: 10_000, sectors: 5, media: None, max_sectors: 64 }
    }

    fn map(text: &str, unit: Option<u64>, facts: &mut Facts) -> Missing {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        read(file.path(), unit, facts).unwrap().unwrap().0
    }

    #[test]
    fn all_that_is_not_good_is_missing() {
        let mut facts = facts();
        let missing = map(
            "0 + 1\n0 2048 +\n2048 2048 ?\n4096 1000 -\n5096 1048 +\n6144 2048 /\n8192 1808 +\n",
            Some(1),
            &mut facts,
        );
        assert_eq!(missing.sectors.ranges(), [SectorRange::new(1, 4)]);
        assert_eq!(missing.failed.ranges(), [SectorRange::new(2, 4)]);
        assert_eq!((missing.bytes, facts.sectors), (3 * 2048, 5));
        let unfinished = map("0 + 1\n0 8193 +\n", Some(1), &mut facts);
        assert_eq!((unfinished.sectors.ranges(), unfinished.bytes), (&[SectorRange::new(4, 5)][..], 1808));
    }

    #[test]
    fn what_is_left_out_is_not_missing() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "# Left out: sectors 1-2, audio\n0 + 1\n0 2048 +\n2048 7952 -\n").unwrap();
        let (missing, left_out) = read(file.path(), Some(1), &mut facts()).unwrap().unwrap();
        assert_eq!(
            (missing.sectors.ranges(), missing.failed.ranges()),
            (&[SectorRange::new(3, 5)][..], &[SectorRange::new(3, 5)][..])
        );
        assert_eq!((missing.bytes, left_out.sectors().len()), (10_000 - 3 * 2048, 2));
    }

    #[test]
    fn a_map_that_ends_before_the_image_is_that_of_another_disc() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "0 + 1\n0 8192 +\n").unwrap();
        let told = read(file.path(), Some(1), &mut facts()).unwrap_err().to_string();
        assert!(told.ends_with("is a map of 8192 bytes, and x has 10000"), "{told}");
        assert!(read(file.path(), None, &mut facts()).is_ok());
    }

    #[test]
    fn an_image_that_ends_early_has_the_size_of_its_map() {
        let text = "0 + 1\n0 10000 +\n10000 10480 ?\n";
        let mut image = facts();
        let missing = map(text, Some(1), &mut image);
        assert_eq!((image.size_bytes, image.sectors), (20_480, 10));
        assert_eq!(missing.sectors.ranges(), [SectorRange::new(4, 10)]);
        let mut cut = facts();
        let missing = map("0 + 1\n0 20480 +\n", Some(1), &mut cut);
        assert_eq!(missing.sectors.ranges(), [SectorRange::new(4, 10)], "whatever the map says");
        let mut drive = facts();
        map(text, None, &mut drive);
        assert_eq!(drive, facts());
    }

    #[test]
    fn a_container_is_rounded_up_and_its_disc_is_not() {
        let rounded = Facts { size_bytes: 10_240, ..facts() };
        let mut container = rounded.clone();
        assert_eq!(map("0 + 1\n0 10000 +\n", Some(512), &mut container).sectors, SectorSet::new());
        assert_eq!((container.size_bytes, container.sectors), (10_000, 5));
        // A raw image is as long as it is, and no container is so much longer than its disc.
        for (unit, end) in [(1, 10_000), (512, 9_700)] {
            let mut longer = rounded.clone();
            let missing = map(&format!("0 + 1\n0 {end} +\n"), Some(unit), &mut longer);
            assert_eq!((missing.sectors.ranges(), longer), (&[SectorRange::new(4, 5)][..], rounded.clone()));
        }
    }
}
