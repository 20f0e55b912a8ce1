//! What the map of an image and the state beside it give the page to show: taken before the image may go.

use std::path::Path;

use crate::base::media::Media;
use crate::base::sector::SECTOR_BYTES;
use crate::job::map::kept;
use crate::mapfile::speed::Kept;
use crate::mapfile::store;
use crate::mapfile::text::MapText;
use crate::picture::disc::Disc;
use crate::picture::spiral::Spiral;
use crate::picture::svg;

use super::html::Shown;
use super::{Ripped, Speed};

/// What is to be shown of an image. Its speeds go into the report. Nothing where its map cannot be read.
pub(in crate::job::rip) fn take(ripped: &mut Ripped, map: &Path) -> Shown {
    let Ok(Some(text)) = store::read(map, None) else { return Shown::default() };
    let Kept { media, speeds } = kept(map, &text);
    ripped.speed = told(&speeds, text.end());
    let (mut failed, mut untried) = (text.failed(), text.missing(text.end()));
    failed.ranges().iter().for_each(|range| untried.remove(*range));
    let left_out = ripped.imaged().map(|report| report.left_out.clone()).unwrap_or_default();
    for tract in left_out.tracts() {
        failed.remove(tract.range);
        untried.remove(tract.range);
    }
    let disc = picture(&text, ripped.media.or(media));
    Shown { failed: failed.ranges().to_vec(), untried: untried.ranges().to_vec(), disc }
}

/// The disc as it lies.
fn picture(text: &MapText, media: Option<Media>) -> String {
    if text.end() == 0 {
        return String::new();
    }
    let disc = Disc::new(text.end().div_ceil(SECTOR_BYTES), media, None);
    svg::spiral("The disc as it lies", &Spiral::new(text, &disc, svg::RINGS, svg::SLICES), &[])
}

/// Speeds of equal parts of a disc of `bytes`, each with its place.
fn told(speeds: &[Option<u32>], bytes: u64) -> Vec<Speed> {
    let part = bytes / (speeds.len().max(1) as u64);
    let known = (0u64..).zip(speeds).filter_map(|(index, speed)| Some((index, (*speed)?)));
    known
        .map(|(index, speed)| Speed {
            position_bytes: index.saturating_mul(part),
            bytes_per_second: u64::from(speed).saturating_mul(1000),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_have_the_places_of_their_parts() {
        let speeds = told(&[Some(2), None, Some(5), None], 4000);
        let speeds: Vec<_> = speeds.iter().map(|speed| (speed.position_bytes, speed.bytes_per_second)).collect();
        assert_eq!(speeds, [(0, 2000), (2000, 5000)]);
        assert!(told(&[], 4000).is_empty());
    }

    #[test]
    fn a_map_that_cannot_be_read_shows_nothing() {
        let shown = take(&mut Ripped::of("x"), Path::new("/no/such/map"));
        assert_eq!(shown, Shown::default());
    }
}
