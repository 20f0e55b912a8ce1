//! Why a container is not opened, in words that name what it is.

use thiserror::Error;

use crate::base::human;

/// Why a container is not opened. Each reads on from "NAME: ".
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Its first bytes are those of something else.
    #[error("its first bytes are not those of a {0} image")]
    OtherContent(&'static str),
    /// It ends inside its own tables.
    #[error("it ends before its {0} does: the file was cut, or is no such image")]
    Cut(&'static str),
    /// A field of the header is outside its range.
    #[error("its header makes no sense: {0} cannot be {1}")]
    Field(&'static str, u64),
    /// A version that nobody knows here.
    #[error("it is qcow2 of version {0}; versions 2 and 3 can be read")]
    Version(u32),
    /// What it holds are changes to another image.
    #[error("it holds only what differs from another image (a backing file)")]
    BackingFile,
    /// Its data lies in another file.
    #[error("its data lies in another file (external data file)")]
    ExternalData,
    /// It is encrypted.
    #[error("it is encrypted")]
    Encrypted,
    /// It is compressed otherwise than with zlib.
    #[error("its clusters are compressed with {0}; only zlib can be read")]
    Compression(&'static str),
    /// Its clusters have parts of their own.
    #[error("it has extended L2 entries (subclusters), which cannot be read")]
    ExtendedL2,
    /// Its refcounts may be wrong.
    #[error("it was not closed properly (dirty bit)")]
    Dirty,
    /// Whoever wrote it last found it corrupt.
    #[error("it is marked as corrupt (corrupt bit)")]
    Corrupt,
    /// Its tables say what cannot be.
    #[error("its tables are corrupt: {0}")]
    Tables(&'static str),
    /// Features without a name here.
    #[error("it needs features that are unknown (bits {0:#x})")]
    UnknownFeatures(u64),
    /// No disc is so large.
    #[error("it holds {}, more than any disc has", human::bytes(*.0))]
    TooLarge(u64),
    /// There is nothing in it.
    #[error("it holds nothing")]
    Empty,
    /// A vmdk of a kind that has tables.
    #[error("it is a vmdk of the kind {0}; only flat ones (monolithicFlat, twoGbMaxExtentFlat) can be read")]
    VmdkKind(String),
    /// A line of a descriptor that says nothing known.
    #[error("line {line} of its descriptor {what}")]
    Descriptor {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        what: &'static str,
    },
    /// This program was built without.
    #[error("this freemkv was built without qcow2")]
    NotBuiltIn,
    /// A qcow2 image that can be read and not written.
    #[error("it can be read, not written: {0}")]
    ReadOnly(&'static str),
}
