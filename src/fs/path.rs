//! Names and paths inside a file system.

use super::{Entry, FsError};
use crate::base::human::printable;

/// The names of a path, without empty ones and `.`.
pub(super) fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|n| !n.is_empty() && *n != ".")
}

/// A path in a form that a message can show.
pub(super) fn for_message(path: &str) -> String {
    if names(path).next().is_none() { "the root directory".to_owned() } else { printable(path) }
}

/// A name of the disc in a form that paths can hold: `/` and NUL, and a whole name `.`, `..` or of no length,
/// would name something else.
pub(super) fn clean(name: &str) -> String {
    match name {
        "" | "." | ".." => "_".repeat(name.len().max(1)),
        _ => name.replace(['/', '\0'], "_"),
    }
}

/// The element called `name`: in this case first, else in any ASCII case.
pub(super) fn find<'a, T>(items: &'a [T], name: &str, name_of: impl Fn(&T) -> &str) -> Option<&'a T> {
    let exact = items.iter().find(|i| name_of(i) == name);
    exact.or_else(|| items.iter().find(|i| name_of(i).eq_ignore_ascii_case(name)))
}

/// What lies at the end of a path.
#[derive(Clone, Debug)]
pub(super) enum Node<T> {
    /// A directory.
    Directory(T),
    /// A file.
    File(T),
}

/// One element of a directory, with what the file system needs to go on.
#[derive(Clone, Debug)]
pub(super) struct Item<T> {
    /// What others see.
    pub(super) entry: Entry,
    /// Where it goes on.
    pub(super) target: T,
}

/// Walks `path` from `root`; `list` reads one directory.
pub(super) fn walk<T: Clone>(
    root: T,
    path: &str,
    mut list: impl FnMut(&T) -> Result<std::sync::Arc<Vec<Item<T>>>, FsError>,
) -> Result<Node<T>, FsError> {
    let mut at = Node::Directory(root);
    for name in names(path) {
        let Node::Directory(directory) = &at else { return Err(FsError::NotFound(for_message(path))) };
        let items = list(directory)?;
        let item = find(&items, name, |i| &i.entry.name).ok_or_else(|| FsError::NotFound(for_message(path)))?;
        let target = item.target.clone();
        at = if item.entry.is_directory { Node::Directory(target) } else { Node::File(target) };
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_directory() {
        for (name, cleaned) in [("..", "__"), ("a/b", "a_b"), ("", "_"), (".", "_"), ("a\0", "a_"), ("...", "...")] {
            assert_eq!(clean(name), cleaned);
        }
    }

    #[test]
    fn the_given_case_is_preferred_over_another() {
        let items = ["bdmv", "BDMV"];
        assert_eq!(find(&items, "BDMV", |i| i), Some(&"BDMV"));
        assert_eq!(find(&items, "Bdmv", |i| i), Some(&"bdmv"));
        assert_eq!(find(&items, "BDM", |i| i), None);
    }
}
