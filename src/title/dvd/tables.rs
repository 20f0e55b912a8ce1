//! The information files of a disc, each with its copy (`.BUP`).

use super::super::TitleError;
use super::vobs::Vobs;
use crate::base::allowance::Sentences;
use crate::dvd::vmg::Vmg;
use crate::dvd::vts::Vts;
use crate::dvd::{MAX_BYTES, TableError};
use crate::fs::{FileSystem, FsError};

/// Reads tables, and gathers what a person should know of them.
pub(super) struct Tables<'a> {
    pub(super) fs: &'a dyn FileSystem,
    /// What could not be read, a sentence each.
    pub(super) problems: Sentences,
}

/// A title set with its VOBs.
pub(super) struct Set<'a> {
    pub(super) number: u8,
    pub(super) table: Vts,
    pub(super) vobs: Vobs<'a>,
}

impl<'a> Tables<'a> {
    pub(super) fn new(fs: &'a dyn FileSystem) -> Self {
        Self { fs, problems: Sentences::default() }
    }

    /// The table of the disc.
    pub(super) fn manager(&mut self) -> Result<Vmg, TitleError> {
        self.read("VIDEO_TS/VIDEO_TS", Vmg::parse)
    }

    /// A title set.
    pub(super) fn set(&mut self, number: u8) -> Result<Set<'a>, TitleError> {
        let name = format!("VIDEO_TS/VTS_{number:02}_0");
        let table = self.read(&name, Vts::parse)?;
        let vobs = Vobs::open(self.fs, number).map_err(|source| TitleError::File { path: name, source })?;
        Ok(Set { number, table, vobs })
    }

    /// Reads a table; where that fails its copy, with a sentence. The error told is that of the table itself.
    fn read<T>(&mut self, name: &str, parse: impl Fn(&[u8]) -> Result<T, TableError>) -> Result<T, TitleError> {
        let read = |extension: &str| {
            let path = format!("{name}.{extension}");
            match self.fs.read_whole(&path, MAX_BYTES) {
                Ok(bytes) => parse(&bytes).map_err(|source| TitleError::DvdTable { path, source }),
                Err(source) => Err(TitleError::File { path, source }),
            }
        };
        let failure = match read("IFO") {
            Ok(table) => return Ok(table),
            Err(e) => e,
        };
        match read("BUP") {
            Ok(table) => {
                self.problems.push(format!("{failure}; its copy, the .BUP file, is used"));
                Ok(table)
            }
            Err(_) => Err(failure),
        }
    }
}

impl TitleError {
    /// Whether the file itself is not there.
    pub(super) fn is_absence(&self) -> bool {
        matches!(self, Self::File { source: FsError::NotFound(_), .. })
    }
}
