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
        self.read("VIDEO_TS/VIDEO_TS", Vmg::parse, Vmg::fits)
    }

    /// A title set.
    pub(super) fn set(&mut self, number: u8) -> Result<Set<'a>, TitleError> {
        let name = format!("VIDEO_TS/VTS_{number:02}_0");
        // The file is kept with what is read of it.
        let parse = |file: &[u8]| Vts::parse(file).map(|table| (table, file.len()));
        let (table, bytes) = self.read(&name, parse, |(table, _)| table.fits())?;
        if !self.left.take(bytes + table.memory()) {
            let problem = format!("all title sets together would take more than {SETS} bytes of memory");
            let source = TableError { table: "title set", offset: 0, problem };
            return Err(TitleError::DvdTable { path: format!("{name}.IFO"), source });
        }
        let vobs = Vobs::open(self.fs, number).map_err(|source| TitleError::File { path: name, source })?;
        Ok(Set { number, table, vobs })
    }

    /// Reads a table. Where that fails, or less of what it names is there than of its copy, the copy is taken, with a sentence. `fits`
    /// tells how much of what it names is there, and how much it names. The error told is that of the table itself.
    fn read<T>(
        &mut self,
        name: &str,
        parse: impl Fn(&[u8]) -> Result<T, TableError>,
        fits: impl Fn(&T) -> (usize, usize),
    ) -> Result<T, TitleError> {
        let read = |extension: &str| {
            let path = format!("{name}.{extension}");
            match self.fs.read_whole(&path, MAX_BYTES) {
                Ok(bytes) => parse(&bytes).map_err(|source| TitleError::DvdTable { path, source }),
                Err(source) => Err(TitleError::File { path, source }),
            }
        };
        let found = read("IFO");
        let right = match &found {
            Ok(table) => match fits(table) {
                (right, all) if right == all => return found,
                (right, _) => Some(right),
            },
            Err(_) => None,
        };
        let Some(copy) = read("BUP").ok().filter(|copy| right.is_none_or(|right| fits(copy).0 > right)) else {
            return found;
        };
        let why = found.map_or_else(|e| e.to_string(), |_| format!("{name}.IFO: it names what is not there"));
        self.problems.push(format!("{why}; its copy, the .BUP file, is used"));
        Ok(copy)
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

    /// Where a title set says where its tables of parts, chains, cells and units are.
    const TABLES: [usize; 4] = [0xC8, 0xCC, 0xE0, 0xE4];

    #[test]
    fn a_table_that_names_what_is_not_there_is_read_from_its_copy() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join("VIDEO_TS").join(name);
        std::fs::create_dir(path("")).unwrap();
        let whole = fixture::vts();
        for (set, lost) in (1..).zip(TABLES) {
            let at = u32::from_be_bytes(whole[lost..lost + 4].try_into().unwrap()) as usize * 2048;
            let mut hurt = whole.clone();
            hurt[at..at + 16].fill(0);
            std::fs::write(path(&format!("VTS_0{set}_0.IFO")), hurt).unwrap();
            std::fs::write(path(&format!("VTS_0{set}_0.BUP")), &whole).unwrap();
        }
        let fs = Folder::open(folder.path()).unwrap();
        let mut tables = Tables::new(&fs);
        let whole = Vts::parse(&whole).unwrap();
        for set in 1..=4 {
            let table = tables.set(set).unwrap().table;
            let found = (&table.titles, table.chains.entries(), &table.cells, &table.units);
            assert_eq!(found, (&whole.titles, whole.chains.entries(), &whole.cells, &whole.units), "{set}");
        }
        assert_eq!(tables.problems.kept().len(), 4);
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
