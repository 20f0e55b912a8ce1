//! Everything in a folder, to be compared with what is there later.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::cases::{Case, Change};
use super::place::Kind;

#[derive(PartialEq, Eq, Debug)]
enum Content {
    File(Vec<u8>),
    Link(PathBuf),
    Folder,
    Other,
}

#[derive(Debug)]
struct Thing {
    inode: u64,
    node: u64,
    content: Content,
}

pub(crate) struct Snapshot(BTreeMap<PathBuf, Thing>);

impl Snapshot {
    pub(crate) fn of(folder: &Path) -> Self {
        let mut things = BTreeMap::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).unwrap().flatten() {
                let (path, metadata) = (entry.path(), entry.metadata().unwrap());
                if metadata.is_dir() {
                    folders.push(path.clone());
                }
                let thing = Thing { inode: metadata.ino(), node: metadata.rdev(), content: content(&path, &metadata) };
                things.insert(path, thing);
            }
        }
        Self(things)
    }

    /// Compares with what lies there now.
    pub(crate) fn check(&self, room: &Path, case: &Case, kind: Kind) -> Result<(), String> {
        let now = Self::of(room);
        for (path, before) in &self.0 {
            let name = path.strip_prefix(room).unwrap().to_str().unwrap();
            let Some(after) = now.0.get(path) else {
                return Err(format!("{name} is gone"));
            };
            let may = case.may_change(name, kind);
            if may == Change::Any {
                continue;
            }
            if (before.inode, before.node) != (after.inode, after.node) {
                return Err(format!("{name} was replaced"));
            }
            let same = match (&before.content, &after.content) {
                (Content::File(before), Content::File(after)) if may == Change::Append => after.starts_with(before),
                (before, after) => before == after,
            };
            if !same {
                return Err(format!("{name} was changed"));
            }
        }
        let passing =
            |path: &&PathBuf| [".tmp", ".lock", ".part"].iter().any(|end| path.to_str().unwrap().ends_with(end));
        match now.0.keys().filter(|path| !self.0.contains_key(*path)).find(passing) {
            Some(left) => Err(format!("{} was left", left.display())),
            None => Ok(()),
        }
    }
}

fn content(path: &Path, metadata: &Metadata) -> Content {
    let kind = metadata.file_type();
    if kind.is_symlink() {
        Content::Link(fs::read_link(path).unwrap())
    } else if kind.is_dir() {
        Content::Folder
    } else if kind.is_char_device() || kind.is_fifo() || kind.is_socket() {
        Content::Other
    } else {
        Content::File(fs::read(path).unwrap())
    }
}
