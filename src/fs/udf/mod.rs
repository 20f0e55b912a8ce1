//! UDF 1.02 to 2.60, read only (ECMA-167, third edition; OSTA UDF 2.60).
//!
//! Covered: physical partitions, metadata partitions with their mirror, sparable partitions, virtual partitions (discs
//! written in increments); files with short, long and embedded allocation and continued descriptors.

mod directory;
mod icb;
mod name;
mod partition;
mod tag;
mod vat;
mod volume;

use std::sync::Arc;

use super::cache::{Directories, Items};
use super::extent::{Body, File};
use super::path::{self, Node};
use super::sectors::Sectors;
use super::{Entry, FileSystem, FsError, Volume};
use icb::{FileType, Icb};
use partition::{Address, Partitions};

pub(in crate::fs) use volume::{end_of_volume, is_recognition};

/// A UDF volume.
pub struct Udf {
    sectors: Arc<dyn Sectors>,
    volume: Volume,
    partitions: Partitions,
    root: Address,
    directories: Directories<Address, Address>,
}

impl Udf {
    /// Finds and opens the volume.
    ///
    /// # Errors
    /// [`FsError::Absent`] when the disc has no UDF; else what cannot be read or understood.
    pub fn open(sectors: Arc<dyn Sectors>) -> Result<Self, FsError> {
        Self::open_at(sectors, 0)
    }

    /// The volume of the session that begins at sector `start`.
    pub(in crate::fs) fn open_at(sectors: Arc<dyn Sectors>, start: u64) -> Result<Self, FsError> {
        let found = volume::find(&*sectors, start)?;
        let partitions = Partitions::open(&*sectors, &found)?;
        let root = volume::root(&*sectors, &partitions, found.file_set)?;
        let volume = Volume { format: format!("UDF {}", revision(found.revision)), label: found.label };
        let udf = Self { sectors, volume, partitions, root, directories: Directories::default() };
        udf.items(&udf.root)?;
        Ok(udf)
    }

    /// The entries of the directory whose ICB lies at `at`.
    fn items(&self, at: &Address) -> Result<Items<Address>, FsError> {
        self.directories.get(at, || {
            let icb = self.icb(*at)?;
            if icb.file_type != FileType::Directory {
                let problem = "its file entry is of another type";
                return Err(FsError::damaged("directory", self.partitions.name(*at), problem));
            }
            directory::read(&*self.sectors, &self.partitions, &icb)
        })
    }

    fn icb(&self, at: Address) -> Result<Icb, FsError> {
        icb::read(&*self.sectors, &self.partitions, at)
    }

    fn walk(&self, wanted: &str) -> Result<Node<Address>, FsError> {
        path::walk(self.root, wanted, |at| self.items(at))
    }
}

/// `2.50` from 0x0250.
fn revision(bcd: u16) -> String {
    format!("{:x}.{:02x}", bcd >> 8, bcd & 0xff)
}

impl FileSystem for Udf {
    fn volume(&self) -> &Volume {
        &self.volume
    }

    fn list(&self, directory: &str) -> Result<Vec<Entry>, FsError> {
        match self.walk(directory)? {
            Node::Directory(at) => Ok(self.items(&at)?.iter().map(|i| i.entry.clone()).collect()),
            Node::File(_) => Err(FsError::NotADirectory(path::for_message(directory))),
        }
    }

    fn root_identity(&self) -> u128 {
        self.root.identity()
    }

    fn open(&self, path: &str) -> Result<File, FsError> {
        let Node::File(at) = self.walk(path)? else { return Err(FsError::NotAFile(path::for_message(path))) };
        let icb = self.icb(at)?;
        if icb.file_type != FileType::Data {
            return Err(FsError::NotAFile(path::for_message(path)));
        }
        let length = icb.length;
        let body = match icb.content {
            icb::Content::Embedded(bytes) => Body::Embedded(bytes),
            icb::Content::Runs(runs) => {
                Body::Extents(self.partitions.extents(&runs, length, self.partitions.name(at))?)
            }
        };
        Ok(File { length, body, path: path.to_owned() })
    }

    fn read_at(&self, file: &File, offset: u64, buffer: &mut [u8]) -> Result<usize, FsError> {
        file.read(&*self.sectors, offset, buffer)
    }
}

#[cfg(test)]
pub(in crate::fs) mod image;
#[cfg(test)]
mod tests;
