//! All files of a file system.

use std::collections::HashSet;

use super::{FileSystem, FsError};

/// Deepest directory that is entered.
const DEPTH_LIMIT: usize = 32;

/// The paths of all files under `directory`, depth first, in the order of the disc.
///
/// A directory that is met again (a hostile disc may put one into itself) is passed over, the depth is limited, and
/// directories and files together may be no more than `limit`.
///
/// # Errors
/// [`FsError`] of the first directory that cannot be listed, or when there are more names than `limit`.
pub fn files(fs: &dyn FileSystem, directory: &str, limit: usize) -> Result<Vec<String>, FsError> {
    let mut found = Vec::new();
    let mut left = limit;
    let mut seen = HashSet::from([fs.root_identity()]);
    let mut stack = vec![(directory.trim_matches('/').to_owned(), 0)];
    while let Some((at, depth)) = stack.pop() {
        let mut below = Vec::new();
        for entry in fs.list(&at)? {
            left = left.checked_sub(1).ok_or_else(|| FsError::Unsupported(format!("more than {limit} files")))?;
            let path = if at.is_empty() { entry.name } else { format!("{at}/{}", entry.name) };
            match entry.is_directory {
                true if entry.identity != 0 && !seen.insert(entry.identity) => {}
                true if depth < DEPTH_LIMIT => below.push((path, depth + 1)),
                true => {}
                false => found.push(path),
            }
        }
        stack.extend(below.into_iter().rev());
    }
    Ok(found)
}
