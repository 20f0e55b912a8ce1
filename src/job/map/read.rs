//! Reading a map that a person names.

use std::path::Path;

use super::error::Error;
use crate::mapfile::store;
use crate::mapfile::text::MapText;

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
