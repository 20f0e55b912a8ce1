//! The information files of a disc, each with its copy (`.BUP`).

use super::super::TitleError;
use super::vobs::Vobs;
use crate::base::allowance::{Allowance, Sentences};
use crate::dvd::vmg::Vmg;
use crate::dvd::vts::Vts;
use crate::dvd::{MAX_BYTES, TableError};
use crate::fs::{FileSystem, FsError};

/// Bytes that the tables of all title sets may take, their files among them; those of a film take some hundred thousand.
const SETS: u64 = 32 << 20;

/// Reads tables, and gathers what a person should know of them.
pub(super) struct Tables<'a> {
    pub(super) fs: &'a dyn FileSystem,
    /// What could not be read, a sentence each.
    pub(super) problems: Sentences,
    /// What title sets may still take.
    left: Allowance,
}

/// A title set with its VOBs.
pub(super) struct Set<'a> {
    pub(super) number: u8,
    pub(super) table: Vts,
    pub(super) vobs: Vobs<'a>,
}

impl<'a> Tables<'a> {
    pub(super) fn new(fs: &'a dyn FileSystem) -> Self {
        Self { fs, problems: Sentences::default(), left: Allowance::new(SETS) }
    }

    /// The table of the disc.
    pub(super) fn manager(&mut self) -> Result<Vmg, TitleError> {
        self.read("VIDEO_TS/VIDEO_TS", Vmg::parse)
    }

    /// A title set.
    pub(super) fn set(&mut self, number: u8) -> Result<Set<'a>, TitleError> {
        let name = format!("VIDEO_TS/VTS_{number:02}_0");
        // The file is kept with what is read of it.
        let (mut table, bytes) = self.read(&name, |file| Vts::parse(file).map(|table| (table, file.len())))?;
        self.addresses(&name, &mut table);
        if !self.left.take(bytes + table.memory()) {
            let problem = format!("all title sets together would take more than {SETS} bytes of memory");
            let source = TableError { table: "title set", offset: 0, problem };
            return Err(TitleError::DvdTable { path: format!("{name}.IFO"), source });
        }
        let vobs = Vobs::open(self.fs, number).map_err(|source| TitleError::File { path: name, source })?;
        Ok(Set { number, table, vobs })
    }

    /// Of a table that does not say where its cells and units lie, takes that from its copy, with a sentence.
    fn addresses(&mut self, name: &str, table: &mut Vts) {
        let is_lost = |table: &Vts| table.cells.is_empty() || table.units.within(0..u32::MAX).is_empty();
        if !is_lost(table) {
            return;
        }
        let copy = self.fs.read_whole(&format!("{name}.BUP"), MAX_BYTES).ok().and_then(|file| Vts::parse(&file).ok());
        if let Some(copy) = copy.filter(|copy| !is_lost(copy)) {
            (table.cells, table.units) = (copy.cells, copy.units);
            self.problems
                .push(format!("{name}.IFO does not say where cells lie; its copy, the .BUP file, is used for that"));
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dvd::fixture;
    use crate::fs::folder::Folder;

    #[test]
    fn title_sets_are_kept_as_far_as_there_is_room_for_their_files() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("VIDEO_TS")).unwrap();
        let mut file = fixture::vts();
        file.resize(7 << 20, 0);
        for set in 1..=6 {
            std::fs::write(folder.path().join(format!("VIDEO_TS/VTS_0{set}_0.IFO")), &file).unwrap();
        }
        let fs = Folder::open(folder.path()).unwrap();
        let mut tables = Tables::new(&fs);
        let sets: Vec<_> = (1..=6).map(|number| tables.set(number)).collect();
        assert_eq!(sets.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, true, true, true, false, false]);
        assert!(sets[5].as_ref().err().unwrap().to_string().contains("all title sets together"));
    }

    #[test]
    fn addresses_that_a_table_lacks_are_those_of_its_copy() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join("VIDEO_TS").join(name);
        std::fs::create_dir(path("")).unwrap();
        let whole = fixture::vts();
        for (set, lost) in [(1, 0xE0), (2, 0xE4)] {
            let at = u32::from_be_bytes(whole[lost..lost + 4].try_into().unwrap()) as usize * 2048;
            let mut hurt = whole.clone();
            hurt[at..at + 16].fill(0);
            std::fs::write(path(&format!("VTS_0{set}_0.IFO")), hurt).unwrap();
            std::fs::write(path(&format!("VTS_0{set}_0.BUP")), &whole).unwrap();
        }
        let fs = Folder::open(folder.path()).unwrap();
        let mut tables = Tables::new(&fs);
        let whole = Vts::parse(&whole).unwrap();
        for set in [1, 2] {
            let table = tables.set(set).unwrap().table;
            assert_eq!((&table.cells, &table.units), (&whole.cells, &whole.units));
        }
        assert_eq!(tables.problems.kept().len(), 2);
    }

    #[test]
    fn a_damaged_table_is_read_from_its_copy_and_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join("VIDEO_TS").join(name);
        std::fs::create_dir(path("")).unwrap();
        std::fs::write(path("VTS_01_0.IFO"), vec![7; 4096]).unwrap();
        std::fs::write(path("VTS_01_0.BUP"), fixture::vts()).unwrap();
        std::fs::write(path("VTS_02_0.IFO"), vec![7; 4096]).unwrap();
        let fs = Folder::open(folder.path()).unwrap();
        let mut tables = Tables::new(&fs);
        assert_eq!(tables.set(1).unwrap().number, 1);
        assert!(tables.problems.kept()[0].contains("the .BUP file"));
        assert!(tables.set(2).is_err() && tables.manager().err().unwrap().is_absence());
    }
}
