//! The map of a source: what it calls missing, and the tracts that hold no data.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::base::human::printable;
use crate::base::sector::{SECTOR_BYTES, SectorRange};
use crate::base::set::SectorSet;
use crate::base::tract::LeftOut;
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
}

/// What a map calls anything but good, and the tracts without data that it and its sidecar tell of; `None` where there is
/// no such file. Where the map goes on behind the end of an image, so does the disc; what the image is too short for is
/// missing, whatever the map says.
///
/// # Errors
/// [`SourceMapError`].
pub(super) fn read(
    path: &Path,
    is_image: bool,
    facts: &mut Facts,
) -> Result<Option<(Missing, LeftOut)>, SourceMapError> {
    let path = &store::file_of(path)?;
    let Some(text) = store::read(path, None)? else { return Ok(None) };
    // A program writes a map for the whole of its disc, so one that ends sooner would make a whole film look lost.
    if is_image && text.end().div_ceil(SECTOR_BYTES) < facts.sectors {
        let (map, name) = (path.to_owned(), facts.name.clone());
        return Err(SourceMapError::OtherSize { map, map_bytes: text.end(), name, bytes: facts.size_bytes });
    }
    let mut left_out = text.left_out.clone();
    left_out.extend(&store::left_out_beside(path, &text));
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
    Ok(Some((Missing { sectors, failed, bytes }, left_out)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts { name: "x".into(), size_bytes: 10_000, sectors: 5, media: None, max_sectors: 64 }
    }

    fn map(text: &str, is_image: bool, facts: &mut Facts) -> Missing {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        read(file.path(), is_image, facts).unwrap().unwrap().0
    }

    #[test]
    fn all_that_is_not_good_is_missing() {
        let mut facts = facts();
        let missing =
            map("0 + 1\n0 2048 +\n2048 2048 ?\n4096 1000 -\n5096 1048 +\n6144 2048 /\n8192 1808 +\n", true, &mut facts);
        assert_eq!(missing.sectors.ranges(), [SectorRange::new(1, 4)]);
        assert_eq!(missing.failed.ranges(), [SectorRange::new(2, 4)]);
        assert_eq!((missing.bytes, facts.sectors), (3 * 2048, 5));
        let unfinished = map("0 + 1\n0 8193 +\n", true, &mut facts);
        assert_eq!((unfinished.sectors.ranges(), unfinished.bytes), (&[SectorRange::new(4, 5)][..], 1808));
    }

    #[test]
    fn what_is_left_out_is_not_missing() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "# Left out: sectors 1-2, audio\n0 + 1\n0 2048 +\n2048 7952 -\n").unwrap();
        let (missing, left_out) = read(file.path(), true, &mut facts()).unwrap().unwrap();
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
        let told = read(file.path(), true, &mut facts()).unwrap_err().to_string();
        assert!(told.ends_with("is a map of 8192 bytes, and x has 10000"), "{told}");
        assert!(read(file.path(), false, &mut facts()).is_ok());
    }

    #[test]
    fn an_image_that_ends_early_has_the_size_of_its_map() {
        let text = "0 + 1\n0 10000 +\n10000 10480 ?\n";
        let mut image = facts();
        let missing = map(text, true, &mut image);
        assert_eq!((image.size_bytes, image.sectors), (20_480, 10));
        assert_eq!(missing.sectors.ranges(), [SectorRange::new(4, 10)]);
        let mut cut = facts();
        let missing = map("0 + 1\n0 20480 +\n", true, &mut cut);
        assert_eq!(missing.sectors.ranges(), [SectorRange::new(4, 10)], "whatever the map says");
        let mut drive = facts();
        map(text, false, &mut drive);
        assert_eq!(drive, facts());
    }
}
