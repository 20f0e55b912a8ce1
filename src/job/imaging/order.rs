//! In which order a patch asks for what is missing: first for what the film needs, then for other files, last for what no
//! file owns. The image's own tables tell; where they do not, all is one.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use crate::base::allowance::Sentences;
use crate::base::cancel::Cancel;
use crate::base::event::NoEvents;
use crate::base::human::bytes;
use crate::base::sector::set::SectorSet;
use crate::base::sector::{SECTOR_BYTES, SectorRange};
use crate::fs::{Extent, FileSystem, Place};
use crate::scsi::sg_io::Sharing;
use crate::title::model::Title;
use crate::title::select::choose;

use crate::job::disc;
use crate::job::info::files::{Lost, walk};
use crate::job::source_name::SourceName;
use crate::job::titles;

/// How the names of tables end: without them no stream is a film.
const TABLES: [&str; 7] = [".mpls", ".clpi", ".bdmv", ".bdjo", ".ifo", ".bup", ".xml"];

/// A part of what is missing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Tier {
    /// Its sectors: whole units, none of which is of an earlier part.
    pub(super) sectors: SectorSet,
    /// A sentence for the person, said before it is asked for.
    pub(super) sentence: String,
}

/// What is missing of an image, in the order in which it is to be asked for; `None` where there is nothing to be put in
/// order: all that is missing is of one kind, or the tables do not tell.
pub(super) fn tiers(image: &SourceName, map: &Path, unit: u64, cancel: &Cancel) -> Option<Vec<Tier>> {
    let disc = disc::open(image, Some(map), Sharing::Shared, &Cancel::new(), &NoEvents).ok()?;
    let missing = disc.missing.as_ref().map(|missing| missing.sectors.clone()).filter(|set| !set.is_empty())?;
    let titles = titles::read(&disc, None, 1).ok()?;
    let main = choose(&titles.titles, &titles.navigation, &[])?.main;
    let film = needs(titles.titles.get(main)?);
    let nothing = SectorSet::new();
    let lost = Lost { sectors: &missing, without_data: &nothing };
    let hurt = walk(&*disc.files, false, lost, &mut Sentences::default(), cancel).ok()?.hurt;
    let (mut of_film, mut of_files) = (SectorSet::new(), SectorSet::new());
    for file in hurt {
        let path = file.path.to_ascii_lowercase();
        let is_table = TABLES.iter().any(|end| path.ends_with(end));
        match film.get(&path) {
            Some(pieces) => sectors(&*disc.files, &file.path, pieces).ranges().iter().for_each(|r| of_film.insert(*r)),
            None if is_table => {
                sectors(&*disc.files, &file.path, &[None]).ranges().iter().for_each(|r| of_film.insert(*r));
            }
            None => {}
        }
        sectors(&*disc.files, &file.path, &[None]).ranges().iter().for_each(|r| of_files.insert(*r));
    }
    let rest: SectorSet = missing.clone();
    Some(in_order(&missing, [of_film, of_files, rest], unit)).filter(|tiers| tiers.len() > 1)
}

/// The files that a title plays, and which bytes of each; `None` stands for all of it.
fn needs(title: &Title) -> HashMap<String, Vec<Option<Range<u64>>>> {
    let mut needs: HashMap<String, Vec<Option<Range<u64>>>> = HashMap::new();
    for piece in title.all_parts().flat_map(|part| &part.pieces) {
        needs.entry(piece.path.to_ascii_lowercase()).or_default().push(piece.bytes.clone());
    }
    needs
}

/// The sectors in which these bytes of a file lie.
fn sectors(fs: &dyn FileSystem, path: &str, pieces: &[Option<Range<u64>>]) -> SectorSet {
    let Ok(file) = fs.open(path) else { return SectorSet::new() };
    let all = 0..u64::MAX;
    let of = |extent: &Extent, bytes: &Range<u64>| {
        let Place::Sector(first) = extent.place else { return SectorRange::default() };
        let from = bytes.start.max(extent.offset).saturating_sub(extent.offset);
        let to = bytes.end.min(extent.end()).saturating_sub(extent.offset);
        let sector = |byte: u64| first.saturating_add(byte / SECTOR_BYTES);
        if from < to {
            SectorRange::new(sector(from), sector(to - 1).saturating_add(1))
        } else {
            SectorRange::default()
        }
    };
    let pieces = pieces.iter().map(|piece| piece.as_ref().unwrap_or(&all));
    pieces.flat_map(|piece| file.extents().iter().map(move |extent| of(extent, piece))).collect()
}

/// What is `missing` of each set, as whole units and without what an earlier one has; sets of which nothing is missing are
/// left out.
fn in_order(missing: &SectorSet, sets: [SectorSet; 3], unit: u64) -> Vec<Tier> {
    let mut taken = SectorSet::new();
    let mut tiers = Vec::new();
    let says = ["what the film needs", "other files", "belongs to no file"];
    for (set, says) in sets.into_iter().zip(says) {
        let mut sectors: SectorSet = set.intersect(missing).ranges().iter().map(|range| range.widen_to(unit)).collect();
        taken.ranges().iter().for_each(|range| sectors.remove(*range));
        sectors.ranges().iter().for_each(|range| taken.insert(*range));
        let lacks = sectors.intersect(missing).len().saturating_mul(SECTOR_BYTES);
        if lacks > 0 {
            let lacks = bytes(lacks);
            let sentence = match (says, tiers.is_empty()) {
                ("belongs to no file", _) => format!("What is still missing belongs to no file: {lacks}."),
                (says, true) => format!("First {says}: {lacks} are missing of it."),
                (says, false) => format!("Then {says}: {lacks} are missing of them."),
            };
            tiers.push(Tier { sectors, sentence });
        }
    }
    tiers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(ranges: &[(u64, u64)]) -> SectorSet {
        ranges.iter().map(|(from, to)| SectorRange::new(*from, *to)).collect()
    }

    #[test]
    fn no_unit_is_asked_for_twice_and_none_is_forgotten() {
        let missing = set(&[(10, 20), (40, 41), (100, 200)]);
        let sets = [set(&[(15, 60)]), set(&[(15, 130)]), missing.clone()];
        let tiers = in_order(&missing, sets, 32);
        let ranges: Vec<_> = tiers.iter().map(|tier| tier.sectors.clone()).collect();
        assert_eq!(ranges, [set(&[(0, 64)]), set(&[(96, 160)]), set(&[(160, 224)])]);
        assert!(tiers[0].sentence.starts_with("First what the film needs"));
        assert!(tiers[2].sentence.contains("belongs to no file"), "{}", tiers[2].sentence);
        let all: SectorSet = ranges.iter().flat_map(|set| set.ranges().to_vec()).collect();
        assert_eq!(all.intersect(&missing), missing);
    }

    #[test]
    fn the_bundled_film_comes_before_its_menu_and_what_no_file_owns() {
        let image = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/discs/film.iso"));
        let map = tempfile::NamedTempFile::new().unwrap();
        // A unit of the film (51), of the menu's clip or behind it, and the last units.
        std::fs::write(
            map.path(),
            "0 + 1\n0 0x330000 +\n0x330000 0x10000 *\n0x340000 0x2b0000 +\n0x5f0000 0x90000 *\n",
        )
        .unwrap();
        let tiers = tiers(&SourceName::Image(image.to_owned()), map.path(), 32, &Cancel::new()).unwrap();
        assert!(tiers[0].sectors.contains(51 * 32) && tiers.len() >= 2, "{tiers:?}");
        assert!(tiers.iter().skip(1).all(|tier| !tier.sectors.contains(51 * 32)));
    }
}
