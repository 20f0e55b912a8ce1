//! Level 4: files on a disc, in a folder, or alone, behind one trait.
//!
//! A file is a length and a list of extents; nothing here holds a whole film in memory. What a disc says is
//! never believed: lengths are checked, counts are capped, chains are followed with a guard.

mod cache;
pub mod extent;
pub mod folder;
pub mod holes;
pub mod iso9660;
pub mod open;
pub mod path;
pub mod sectors;
pub mod sessions;
pub mod tree;
pub mod udf;

use std::path::PathBuf;

use thiserror::Error;

use crate::base::bytes::Short;
use crate::base::outcome::Fault;
use crate::base::sector::set::SectorSet;

pub use extent::{Extent, File, Place};
pub use holes::Holed;
pub use open::open_disc;
pub use sectors::{MemorySectors, Sectors, SharedSource};
pub use sessions::{PassedOver, SessionVolume, Sessions, open_sessions};

/// Most entries that one directory may have.
pub const MAX_ENTRIES: usize = 100_000;

/// Most bytes of one directory on the disc.
const DIRECTORY_LIMIT: u64 = 8 << 20;

/// What is looked for where a file system may begin: ISO 9660's descriptors, the recognition sequence and the anchors of UDF.
pub(crate) const DESCRIPTORS: &str = "volume descriptor set";
pub(crate) const RECOGNITION_SEQUENCE: &str = "volume recognition sequence";
pub(crate) const ANCHOR: &str = "anchor volume descriptor";
const SEARCHED: [&str; 3] = [DESCRIPTORS, RECOGNITION_SEQUENCE, ANCHOR];

/// Why a file or a file system cannot be read.
#[derive(Debug, Error)]
pub enum FsError {
    /// The source does not deliver a sector.
    #[error("cannot read sector {sector} ({what}): {}", fault_text(*fault))]
    Unreadable {
        /// What lies there.
        what: String,
        /// The first sector that is missing.
        sector: u64,
        /// Why it is missing.
        fault: Fault,
    },
    /// The bytes arrived and are not what the standard says.
    #[error("{what} at sector {sector} is damaged: {problem}")]
    Damaged {
        /// The structure.
        what: String,
        /// Where it starts.
        sector: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// An address inside a volume that leads nowhere.
    #[error("block {block} of UDF partition {partition} does not exist, yet something is said to lie there")]
    Nowhere {
        /// The block, counted from the start of the partition.
        block: u32,
        /// The partition, as the volume numbers its maps.
        partition: u16,
    },
    /// No such file or directory.
    #[error("{0}: not found")]
    NotFound(String),
    /// A directory was wanted.
    #[error("{0} is not a directory")]
    NotADirectory(String),
    /// A file was wanted.
    #[error("{0} is not a file")]
    NotAFile(String),
    /// Longer than the caller would hold in memory.
    #[error("{path} has {length} bytes, {limit} at most are expected there")]
    TooLong {
        /// The file.
        path: String,
        /// Its length.
        length: u64,
        /// What the caller allows.
        limit: u64,
    },
    /// A feature of the standard that this program does not read.
    #[error("{0}")]
    Unsupported(String),
    /// No file system of the kind is there.
    #[error("no {0} file system")]
    Absent(&'static str),
    /// Neither of the file systems of discs can be read.
    #[error("no readable file system: UDF: {udf}; ISO 9660: {iso}")]
    None {
        /// Why UDF cannot.
        udf: Box<FsError>,
        /// Why ISO 9660 cannot.
        iso: Box<FsError>,
    },
    /// The host refuses.
    #[error("{}: {source}", path.display())]
    Host {
        /// The file or folder.
        path: PathBuf,
        /// What the host says.
        source: std::io::Error,
    },
}

impl FsError {
    /// Whether the disc is hurt there: another copy of the same structure may still be read.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Unreadable { fault, .. } => {
                matches!(
                    fault,
                    Fault::Damage | Fault::NotInImage | Fault::Blank | Fault::OutOfRange | Fault::WrongTrack
                )
            }
            Self::Damaged { .. } | Self::Nowhere { .. } => true,
            _ => false,
        }
    }

    /// Whether nothing speaks for a file system being there.
    #[must_use]
    pub fn is_absence(&self) -> bool {
        match self {
            Self::Absent(_) => true,
            Self::None { udf, iso } => udf.is_absence() && iso.is_absence(),
            _ => self.is_of_search(),
        }
    }

    /// Whether a part of a file system that is there lies in these sectors and cannot be read for that.
    #[must_use]
    pub fn lies_in(&self, sectors: &SectorSet) -> bool {
        match self {
            Self::None { udf, iso } => udf.lies_in(sectors) || iso.lies_in(sectors),
            Self::Unreadable { sector, .. } => !self.is_of_search() && sectors.contains(*sector),
            _ => false,
        }
    }

    /// Whether it is about a place where a file system may begin, which says nothing of whether there is one.
    #[must_use]
    pub fn is_of_search(&self) -> bool {
        matches!(self, Self::Unreadable { what, .. } if SEARCHED.contains(&what.as_str()))
    }

    /// A structure that is not what the standard says.
    pub(crate) fn damaged(what: &str, sector: u64, problem: impl ToString) -> Self {
        Self::Damaged { what: what.to_owned(), sector, problem: problem.to_string() }
    }

    /// A structure that ends too early.
    pub(crate) fn short(what: &str, sector: u64) -> impl Fn(Short) -> Self {
        move |short| Self::damaged(what, sector, short)
    }
}

/// The reason of a failed read in plain words.
fn fault_text(fault: Fault) -> &'static str {
    match fault {
        Fault::Damage => "the medium is damaged there",
        Fault::NotInImage => "the image lacks it, as its map says",
        Fault::Blank => "it was never written",
        Fault::OutOfRange => "it lies past the end",
        Fault::WrongTrack => "it lies in a track of another kind",
        Fault::Protected => "the disc is copy-protected",
        Fault::Region => "the disc is for another region than the drive",
        Fault::NoMedium => "no disc in the drive",
        Fault::NotReady => "the drive is not ready",
        Fault::Incompatible => "the drive cannot read this kind of disc",
        Fault::MediumChanged => "the disc was changed",
        Fault::Busy => "another program holds the drive",
        Fault::Gone => "the drive is gone",
        Fault::Offline => "the system has taken the drive offline",
        Fault::Residue => "the adapter says of every read that a part of it did not arrive",
        Fault::Unsent => "the system does not pass the read on to the drive",
        Fault::Wedged => "the drive no longer answers",
        Fault::SettingsLost => "the drive lost its settings and does not take them again",
        Fault::Transport => "the way to the drive fails",
        Fault::Unknown => "the drive refuses",
    }
}

/// One name in a directory.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Entry {
    /// The name, as the disc spells it; never empty, `.` or `..`, and without `/` and NUL. Control characters are
    /// left in: whoever prints it makes it safe.
    pub name: String,
    /// Whether it is a directory.
    pub is_directory: bool,
    /// Tells directories apart: names with the same number lead to the same directory, which a hostile disc may put
    /// into itself. Only of directories; 0 where nothing tells.
    pub identity: u128,
}

/// What a file system says of itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Volume {
    /// `UDF 2.50`, `ISO 9660 with Joliet`, `folder`, `file`.
    pub format: String,
    /// The volume's name, without the padding. Whoever prints it makes it safe.
    pub label: String,
}

/// Directories and files. Paths are relative to the root, with `/` between names and no matter how many; the
/// root itself is the empty path. A name that is not there in the case given is looked for in any (ASCII) case.
pub trait FileSystem: Send + Sync {
    /// What it says of itself.
    fn volume(&self) -> &Volume;

    /// The names in a directory, in the order of the disc.
    ///
    /// # Errors
    /// [`FsError`]; a directory that is damaged in part is an error as a whole.
    fn list(&self, directory: &str) -> Result<Vec<Entry>, FsError>;

    /// The root's number, as [`Entry::identity`] has it.
    fn root_identity(&self) -> u128;

    /// A file: its length and where it lies. Reads no content.
    ///
    /// # Errors
    /// [`FsError`].
    fn open(&self, path: &str) -> Result<File, FsError>;

    /// Reads into `buffer` from byte `offset` of the file. Returns how many bytes were read: fewer than the
    /// buffer has at the end of the file, or in front of a sector that cannot be read.
    ///
    /// # Errors
    /// [`FsError::Unreadable`] when the very first byte cannot be read, [`FsError::Host`] in a folder.
    fn read_at(&self, file: &File, offset: u64, buffer: &mut [u8]) -> Result<usize, FsError>;

    /// The whole of a small file.
    ///
    /// # Errors
    /// [`FsError::TooLong`] when it has more than `limit` bytes; else as [`FileSystem::read_at`].
    fn read_whole(&self, path: &str, limit: usize) -> Result<Vec<u8>, FsError> {
        let file = self.open(path)?;
        let length = usize::try_from(file.length()).ok().filter(|l| *l <= limit).ok_or_else(|| FsError::TooLong {
            path: path.to_owned(),
            length: file.length(),
            limit: limit as u64,
        })?;
        let mut bytes = vec![0; length];
        let mut done = 0;
        while done < length {
            match self.read_at(&file, done as u64, &mut bytes[done..])? {
                0 => break,
                count => done += count,
            }
        }
        bytes.truncate(done);
        Ok(bytes)
    }
}

#[cfg(test)]
#[path = "tests/disc.rs"]
mod disc_tests;
