//! The tables of a disc, each with its copy in `BACKUP`.

use super::super::TitleError;
use crate::base::allowance::{Allowance, Sentences};
use crate::bluray::TableError;
use crate::fs::{FileSystem, FsError};

/// Bytes of tables that are read of one disc, those that are read again included; a film has some 100,000, a disc with
/// a thousand playlists ten million.
const READ: u64 = 512 << 20;
/// What opening a file counts for, however small it is.
const OPEN: usize = 2048;

/// Reads tables, and gathers what a person should know of them.
pub(in crate::title) struct Tables<'a> {
    fs: &'a dyn FileSystem,
    read: Allowance,
    /// What could not be read, a sentence each.
    pub(super) problems: Sentences,
}

impl<'a> Tables<'a> {
    pub(in crate::title) fn new(fs: &'a dyn FileSystem) -> Self {
        Self { fs, read: Allowance::new(READ), problems: Sentences::default() }
    }

    /// Reads a table of at most `limit` bytes; where that fails, its copy in `BACKUP`, with a sentence. The error told
    /// is that of the table itself.
    pub(in crate::title) fn read<T>(
        &mut self,
        folder: &str,
        name: &str,
        limit: usize,
        parse: impl Fn(&[u8]) -> Result<T, TableError>,
    ) -> Result<T, TitleError> {
        let failure = match self.read_from("BDMV", folder, name, limit, &parse) {
            Ok(table) => return Ok(table),
            Err(e) => e,
        };
        match self.read_from("BDMV/BACKUP", folder, name, limit, &parse) {
            Ok(table) => {
                self.problems.push(format!("{failure}; its copy in BDMV/BACKUP is used"));
                Ok(table)
            }
            Err(_) => Err(failure),
        }
    }

    fn read_from<T>(
        &mut self,
        root: &str,
        folder: &str,
        name: &str,
        limit: usize,
        parse: &impl Fn(&[u8]) -> Result<T, TableError>,
    ) -> Result<T, TitleError> {
        let path = [root, folder, name].iter().filter(|p| !p.is_empty()).copied().collect::<Vec<_>>().join("/");
        if !self.read.take(OPEN) {
            let source =
                FsError::Unsupported(format!("it is not read: the tables of this disc have more than {READ} bytes"));
            return Err(TitleError::File { path, source });
        }
        match self.fs.read_whole(&path, limit) {
            Ok(bytes) => {
                let rest = usize::try_from(self.read.left()).unwrap_or(usize::MAX);
                let _ = self.read.take(bytes.len().min(rest));
                parse(&bytes).map_err(|source| TitleError::Table { path, source })
            }
            Err(source) => Err(TitleError::File { path, source }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::folder::Folder;

    #[test]
    fn tables_are_not_read_without_end() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("BDMV")).unwrap();
        std::fs::write(root.path().join("BDMV/table"), [7; 5000]).unwrap();
        let fs = Folder::open(root.path()).unwrap();
        let mut tables = Tables::new(&fs);
        tables.read = Allowance::new(20_000);
        let mut read = || tables.read("", "table", 5000, |bytes| Ok(bytes.len()));
        assert!((0..3).all(|_| read().is_ok_and(|length| length == 5000)));
        assert!(read().unwrap_err().to_string().contains("not read: the tables of this disc have more than"));
    }
}
