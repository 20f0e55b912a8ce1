//! ISO 9660 with its extensions Joliet and Rock Ridge, read only (ECMA-119; Joliet 1; SUSP and RRIP 1.12).
//!
//! The names come from Rock Ridge where the disc has it, else from Joliet, else from ISO 9660 itself. A disc
//! with Joliet holds its directories twice: where one copy is damaged, the other one is used.

mod record;
mod rock_ridge;
pub(in crate::fs) mod volume;

use std::sync::Arc;

use super::cache::{self, Directories, Items};
use super::extent::{Body, Builder, File, Place};
use super::path::{self, Item, Node, clean};
use super::sectors::Sectors;
use super::{DIRECTORY_LIMIT, Entry, FileSystem, FsError, Volume};
use crate::base::bytes::Bytes;
use crate::base::sector::{SECTOR_BYTES, SECTOR_SIZE};
use record::Record;
use rock_ridge::Extras;

/// Most parts of a file recorded in several (ECMA-119 6.5.1): 4 GiB each.
const PARTS_LIMIT: usize = 1024;

/// Where a file or a directory lies: first block and bytes of each part.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Parts(Arc<[(u32, u32)]>);

impl Parts {
    /// The number of the directory that lies here (`Entry::identity`): no two begin in one block.
    fn identity(&self) -> u128 {
        2 << 64 | self.0.first().map_or(0, |(block, _)| u128::from(*block))
    }
}

/// How the names of a tree are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Names {
    /// In the file identifiers, one byte a character.
    Plain,
    /// In the file identifiers, two bytes a character.
    Joliet,
    /// In the system use fields, after skipping this many bytes of each.
    RockRidge(usize),
}

/// One of the directory trees of a volume.
#[derive(Debug)]
struct Tree {
    root: Parts,
    names: Names,
}

/// An ISO 9660 volume.
pub struct Iso9660 {
    sectors: Arc<dyn Sectors>,
    volume: Volume,
    /// In the order they are asked.
    trees: Vec<Tree>,
    directories: Directories<(usize, Parts), Parts>,
}

impl Iso9660 {
    /// Finds and opens the volume.
    ///
    /// # Errors
    /// [`FsError::Absent`] when the disc has no ISO 9660; else what cannot be read.
    pub fn open(sectors: Arc<dyn Sectors>) -> Result<Self, FsError> {
        Self::open_at(sectors, 0)
    }

    /// The volume of the session that begins at sector `start`.
    pub(in crate::fs) fn open_at(sectors: Arc<dyn Sectors>, start: u64) -> Result<Self, FsError> {
        let found = volume::find(&*sectors, start)?;
        let joliet = found.joliet.map(|root| Tree { root: Parts(Arc::from([root.part()])), names: Names::Joliet });
        let skip = found.primary.as_ref().and_then(|root| rock_ridge::announced(&*sectors, root));
        let rock_ridge = skip.is_some();
        let names = skip.map_or(Names::Plain, Names::RockRidge);
        let primary = found.primary.map(|root| Tree { root: Parts(Arc::from([root.part()])), names });
        let format = match (rock_ridge, &joliet) {
            (true, _) => "ISO 9660 with Rock Ridge",
            (false, Some(_)) => "ISO 9660 with Joliet",
            (false, None) => "ISO 9660",
        };
        let volume = Volume { format: format.to_owned(), label: found.label };
        let trees = if rock_ridge { [primary, joliet] } else { [joliet, primary] };
        let trees = trees.into_iter().flatten().collect();
        let iso = Self { sectors, volume, trees, directories: Directories::default() };
        iso.list("")?;
        Ok(iso)
    }

    /// `ask` answered by the first tree, or where that is damaged by the other one. The error is the first's.
    fn first<T>(&self, ask: impl Fn(usize, &Tree) -> Result<T, FsError>) -> Result<T, FsError> {
        let mut failure = None;
        for (index, tree) in self.trees.iter().enumerate() {
            match ask(index, tree) {
                Err(e) if failure.is_none() && e.is_damage() => failure = Some(e),
                Err(_) if failure.is_some() => {}
                answer => return answer,
            }
        }
        Err(failure.unwrap_or(FsError::Absent("ISO 9660")))
    }

    fn walk(&self, index: usize, tree: &Tree, wanted: &str) -> Result<Node<Parts>, FsError> {
        path::walk(tree.root.clone(), wanted, |at| self.items(index, tree.names, at))
    }

    fn items(&self, index: usize, names: Names, at: &Parts) -> Result<Items<Parts>, FsError> {
        self.directories.get(&(index, at.clone()), || read_directory(&*self.sectors, names, at))
    }
}

impl FileSystem for Iso9660 {
    fn volume(&self) -> &Volume {
        &self.volume
    }

    fn list(&self, directory: &str) -> Result<Vec<Entry>, FsError> {
        self.first(|index, tree| match self.walk(index, tree, directory)? {
            Node::Directory(at) => Ok(self.items(index, tree.names, &at)?.iter().map(|i| i.entry.clone()).collect()),
            Node::File(_) => Err(FsError::NotADirectory(path::for_message(directory))),
        })
    }

    fn root_identity(&self) -> u128 {
        self.trees.first().map_or(0, |tree| tree.root.identity())
    }

    fn open(&self, path: &str) -> Result<File, FsError> {
        self.first(|index, tree| {
            let Node::File(parts) = self.walk(index, tree, path)? else {
                return Err(FsError::NotAFile(path::for_message(path)));
            };
            let mut builder = Builder::default();
            for (block, length) in parts.0.iter() {
                let added = builder.push(Place::Sector(u64::from(*block)), u64::from(*length));
                added.ok_or_else(|| FsError::damaged("file", u64::from(*block), "too many extents"))?;
            }
            let length = builder.length();
            Ok(File { length, body: Body::Extents(builder.finish(length)), path: path.to_owned() })
        })
    }

    fn read_at(&self, file: &File, offset: u64, buffer: &mut [u8]) -> Result<usize, FsError> {
        file.read(&*self.sectors, offset, buffer)
    }
}

/// Reads one directory. Records do not cross sectors (ECMA-119 6.8.1.1).
fn read_directory(sectors: &dyn Sectors, names: Names, at: &Parts) -> Result<Vec<Item<Parts>>, FsError> {
    let bytes: u64 = at.0.iter().map(|(_, length)| u64::from(*length)).sum();
    let first = at.0.first().map_or(0, |(block, _)| u64::from(*block));
    if bytes > DIRECTORY_LIMIT {
        return Err(FsError::damaged("directory", first, format!("it claims {bytes} bytes")));
    }
    let mut items = Vec::new();
    let (mut counted, mut counter) = (0, cache::Names::default());
    let mut pending: Vec<(u32, u32)> = Vec::new();
    for (start, length) in at.0.iter() {
        let start = u64::from(*start);
        for sector in start..start + u64::from(*length).div_ceil(SECTOR_BYTES) {
            let block = sectors.sector(sector, "directory")?;
            add_records(sectors, names, sector, &block, &mut items, &mut pending)?;
            for item in items.iter().skip(counted) {
                counter.add(&item.entry.name).map_err(|e| FsError::damaged("directory", first, e))?;
            }
            counted = items.len();
        }
    }
    if pending.is_empty() {
        Ok(items)
    } else {
        Err(FsError::damaged("directory", first, "the end of its last file is missing"))
    }
}

/// Adds the records of one sector. `pending` holds the parts of a file whose last part is still to come.
fn add_records(
    sectors: &dyn Sectors,
    names: Names,
    sector: u64,
    block: &[u8; SECTOR_SIZE],
    items: &mut Vec<Item<Parts>>,
    pending: &mut Vec<(u32, u32)>,
) -> Result<(), FsError> {
    let mut b = Bytes::new(block);
    while let Some(record) = record::next(&mut b, sector)? {
        if record.is_self_or_parent() || record.is_associated() {
            continue;
        }
        if record.interleave {
            return Err(FsError::Unsupported("ISO 9660 files recorded in interleaved mode are not read".to_owned()));
        }
        let extras = match names {
            Names::RockRidge(skip) => rock_ridge::read(sectors, &record, skip, sector)?,
            _ => Extras::default(),
        };
        pending.push(record.part());
        if record.goes_on() {
            if pending.len() > PARTS_LIMIT {
                return Err(FsError::damaged("directory record", sector, "a file in too many parts"));
            }
            continue;
        }
        let parts = std::mem::take(pending);
        if extras.is_link || extras.is_relocated {
            continue;
        }
        items.push(item(sectors, names, &record, extras, parts)?);
    }
    Ok(())
}

fn item(
    sectors: &dyn Sectors,
    names: Names,
    record: &Record<'_>,
    extras: Extras,
    parts: Vec<(u32, u32)>,
) -> Result<Item<Parts>, FsError> {
    let name = extras.name.unwrap_or_else(|| match names {
        Names::Joliet => record::joliet_name(record.name),
        _ => record::plain_name(record.name),
    });
    // A directory too deep for ISO 9660 was moved elsewhere (RRIP 4.1.5).
    let (is_directory, parts) = match extras.child {
        Some(block) => (true, vec![rock_ridge::relocated(sectors, block)?]),
        None => (record.is_directory(), parts),
    };
    let target = Parts(parts.into());
    let identity = if is_directory { target.identity() } else { 0 };
    Ok(Item { entry: Entry { name: clean(&name), is_directory, identity }, target })
}

#[cfg(test)]
pub(crate) mod image;
#[cfg(test)]
mod tests;
