//! Reading a map that a person names.

use std::io::BufReader;
use std::path::Path;

use super::error::Error;
use crate::mapfile::ops::tally::Tally;
use crate::mapfile::speed::{self, Kept};
use crate::mapfile::status::Status;
use crate::mapfile::store;
use crate::mapfile::text::MapText;
use crate::os::names;

/// What the map at `path` says, with the tracts without data that its state tells of: another program leaves the comments
/// out that name them.
///
/// # Errors
/// [`Error::NoMap`] or [`Error::Map`].
pub fn read(path: &Path) -> Result<MapText, Error> {
    let mut text = store::read(path, None)?.ok_or_else(|| Error::NoMap(path.to_owned()))?;
    let beside = store::left_out_beside(path, &text);
    text.left_out.extend(&beside);
    Ok(text)
}

/// What the state beside the map at `path`, which says `text`, tells of the disc and of how fast a drive read it.
#[must_use]
pub fn kept(path: &Path, text: &MapText) -> Kept {
    let rescued = Tally::of(text.blocks.iter().copied()).bytes(Status::Finished);
    let state = store::file_of(path).ok().map(|map| store::state_path(&map));
    match state.and_then(|state| names::open_regular(&state).ok()) {
        Some(file) => speed::read(&mut BufReader::new(file), text.end(), rescued),
        None => Kept::default(),
    }
}
