//! Which sectors are compared, and what cannot be.

use super::found::Counted;
use super::sample::Sample;
use crate::base::sector::SectorRange;
use crate::base::sector::set::SectorSet;
use crate::base::sector::tract::LeftOut;
use crate::source::{Input, SectorSource};

/// The sectors of a comparison.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Domain {
    /// Those that both are asked for.
    pub(super) compared: SectorSet,
    /// Those that the source is known to lack.
    pub(super) unread: Counted,
    /// Those that the image lacks.
    pub(super) not_in_image: Counted,
    /// Those that the image has behind the end of a file that it should be the same as.
    pub(super) surplus: SectorRange,
    /// The tracts that hold no data, as far as they are known.
    pub(super) left_out: LeftOut,
}

impl Domain {
    /// What `source` and `image` say of themselves.
    pub(super) fn new(source: &mut Input<'_>, image: &dyn SectorSource, sample: Option<Sample>) -> Self {
        let of_drive = source.drive().map(|drive| (drive.data().clone(), drive.unwritten().clone()));
        let is_file = of_drive.is_none();
        let sectors = source.sectors().facts().sectors;
        let (mut data, unwritten) =
            of_drive.unwrap_or_else(|| ([SectorRange::new(0, sectors)].into_iter().collect(), SectorSet::new()));
        let mut left_out = source.sectors().left_out().clone();
        left_out.extend(image.left_out());
        unwritten.ranges().iter().for_each(|range| data.remove(*range));
        left_out.tracts().iter().for_each(|tract| data.remove(tract.range));
        let beyond = SectorRange::new(sectors, image.facts().sectors);
        // The size of a file is a fact; that of a disc is what a drive says of it.
        let (surplus, unknown) =
            if is_file { (beyond, SectorRange::default()) } else { (SectorRange::default(), beyond) };
        data.insert(unknown);
        if let Some(sample) = sample {
            data = data.intersect(&sample.of(sectors));
        }
        let (mut unread, mut not_in_image) = (Counted::default(), Counted::default());
        let mut take_out = |lacking: &SectorSet, counted: &mut Counted| {
            let lost = data.intersect(lacking);
            lost.ranges().iter().for_each(|range| {
                counted.add(*range);
                data.remove(*range);
            });
        };
        take_out(image.lacking(), &mut not_in_image);
        take_out(&[SectorRange::new(image.facts().sectors, u64::MAX)].into_iter().collect(), &mut not_in_image);
        take_out(source.sectors().lacking(), &mut unread);
        take_out(&[unknown].into_iter().collect(), &mut unread);
        Self { compared: data, unread, not_in_image, surplus, left_out }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::file::FileSource;
    use crate::source::mapped::Mapped;

    fn file(folder: &tempfile::TempDir, name: &str, sectors: usize) -> Box<dyn SectorSource> {
        let path = folder.path().join(name);
        std::fs::write(&path, vec![1; sectors * 2048]).unwrap();
        Box::new(FileSource::open(&path).unwrap())
    }

    fn set(ranges: &[(u64, u64)]) -> SectorSet {
        ranges.iter().map(|(start, end)| SectorRange::new(*start, *end)).collect()
    }

    #[test]
    fn what_one_of_both_lacks_is_not_compared_and_counted_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut source =
            Mapped::new(file(&folder, "s", 100), 100 * 2048, set(&[(5, 15), (90, 91)]), LeftOut::default());
        let image = Mapped::new(file(&folder, "i", 80), 80 * 2048, set(&[(10, 20)]), LeftOut::default());
        let domain = Domain::new(&mut Input::File(&mut source), &image, None);
        assert_eq!(domain.compared, set(&[(0, 5), (20, 80)]));
        assert_eq!(domain.not_in_image.set, set(&[(10, 20), (80, 100)]));
        assert_eq!(domain.unread.set, set(&[(5, 10)]));
        assert!(domain.surplus.is_empty());
    }

    #[test]
    fn what_an_image_has_more_than_a_file_is_a_difference() {
        let folder = tempfile::tempdir().unwrap();
        let (mut source, image) = (file(&folder, "s", 80), file(&folder, "i", 100));
        let domain = Domain::new(&mut Input::File(source.as_mut()), image.as_ref(), None);
        assert_eq!((domain.compared, domain.surplus), (set(&[(0, 80)]), SectorRange::new(80, 100)));
    }
}
