//! Whether what a person chose of titles is there at all.

use super::error::Error;
use crate::mux::plan::{Options, Selection};
use crate::title::language::UNDETERMINED;
use crate::title::model::{Title, TrackKind};

/// Refuses a choice that matches in none of the titles.
///
/// # Errors
/// [`Error::NoSuchChoice`], with what there is.
pub(super) fn check(titles: &[&Title], options: &Options, angle: usize) -> Result<(), Error> {
    let angles = titles.iter().map(|title| title.angles).max().unwrap_or(1);
    if angle > angles {
        let there = if angles == 1 { "there is one".to_owned() } else { format!("there are {angles}") };
        return Err(Error::NoSuchChoice { what: format!("angle {angle}"), there });
    }
    let languages =
        [(TrackKind::Audio, &options.audio, "sound"), (TrackKind::Subtitle, &options.subtitles, "subtitles")];
    for (kind, selection, what) in languages {
        let Selection::Languages(wanted) = selection else { continue };
        let tracks = || titles.iter().flat_map(|title| &title.tracks).filter(|track| track.kind == kind);
        if !tracks().any(|track| selection.takes(track.language)) {
            let mut known: Vec<&str> = tracks().map(|track| track.language.unwrap_or(UNDETERMINED)).collect();
            known.sort_unstable();
            known.dedup();
            let there =
                if known.is_empty() { "there is none".to_owned() } else { format!("there is {}", known.join(", ")) };
            return Err(Error::NoSuchChoice { what: format!("{what} in {}", wanted.join(", ")), there });
        }
    }
    Ok(())
}

/// What a choice means for a title in which it matches nothing.
pub(super) fn notes(title: &Title, angle: usize) -> Vec<String> {
    let note = || format!("it has no angle {angle}, and plays angle 1");
    (angle > title.angles.max(1)).then(note).into_iter().collect()
}
