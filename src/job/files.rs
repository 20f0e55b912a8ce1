//! The files that a command reads and writes: what is read is never written, and no two outputs are one file.

use std::fs::Metadata;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::base::human::printable;
use crate::image::container::Container;
use crate::os::durable;

use super::open;
use super::source_name::SourceName;

/// Entries of a source folder that are compared with the outputs; no disc has as many files.
const ENTRIES_MAX: usize = 200_000;

/// One file would be two things at once.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{} cannot be {one} and {other} at once", printable(&path.to_string_lossy()))]
pub struct Clash {
    /// The file that would be written.
    pub path: PathBuf,
    /// What it is to the command.
    pub one: &'static str,
    /// What else.
    pub other: &'static str,
}

/// What a command reads and what it writes, by name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Files {
    read: Vec<(PathBuf, &'static str)>,
    written: Vec<(PathBuf, &'static str)>,
}

impl Files {
    /// The files that are read for a source: an image with the map beside it, a damage plan and the discs that it names.
    #[must_use]
    pub fn of_source(name: &SourceName) -> Self {
        let mut files = Self::default();
        name.paths().into_iter().for_each(|path| files.reads(path, "the source"));
        match name {
            SourceName::Image(path) => files.reads(&durable::beside(path, ".map"), "the source's map"),
            SourceName::Container(path, kind) => {
                files.reads(&durable::beside(path, ".map"), "the source's map");
                let container = Container::open(path, *kind);
                let parts = container.iter().flat_map(|container| container.files());
                parts.for_each(|part| files.reads(part, "the source"));
            }
            SourceName::Emulated(spec) => {
                let discs = spec.faults.as_deref().map(open::discs_of_plan).unwrap_or_default();
                discs.iter().for_each(|disc| files.reads(disc, "the source"));
            }
            SourceName::Drive(_) => {}
        }
        files
    }

    /// One more file that is read; `role` says what it is to the command, as in "the source".
    pub fn reads(&mut self, path: &Path, role: &'static str) {
        self.read.push((path.to_owned(), role));
    }

    /// One more file that is written.
    pub fn writes(&mut self, path: &Path, role: &'static str) {
        self.written.push((path.to_owned(), role));
    }

    /// What another command reads and writes, too.
    pub fn also(&mut self, other: &Self) {
        self.read.extend_from_slice(&other.read);
        self.written.extend_from_slice(&other.written);
    }

    /// Checks that what is written is not read, nor written as something else.
    ///
    /// # Errors
    /// [`Clash`]: the first that is found.
    pub fn check(&self) -> Result<(), Clash> {
        for (index, (path, one)) in self.written.iter().enumerate() {
            let is_taken = |(other, _): &&(PathBuf, &'static str)| is_same(path, other) || holds(other, path);
            let clash = |other| Err(Clash { path: path.clone(), one: other, other: one });
            if let Some((_, other)) = self.read.iter().find(is_taken) {
                return clash(other);
            }
            // A terminal takes everything.
            let written = self.written.iter().take(index).filter(|_| !is_character_device(path));
            if let Some((_, other)) = written.into_iter().find(|(other, _)| is_same(path, other)) {
                return clash(other);
            }
        }
        Ok(())
    }
}

fn is_character_device(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.file_type().is_char_device())
}

/// Whether `folder` is a folder that holds the file `path`, under whatever name.
fn holds(folder: &Path, path: &Path) -> bool {
    let Ok(wanted) = path.metadata() else { return false };
    let mut folders = vec![folder.to_owned()];
    let mut seen = 0;
    while let Some(entries) = folders.pop().map(std::fs::read_dir) {
        for entry in entries.into_iter().flatten().flatten() {
            seen += 1;
            match entry.metadata() {
                Ok(metadata) if metadata.is_dir() => folders.push(entry.path()),
                Ok(metadata) if identity(&metadata) == identity(&wanted) => return true,
                _ => {}
            }
            if seen > ENTRIES_MAX {
                return false;
            }
        }
    }
    false
}

/// Whether two names lead to one file or device, links followed. Neither needs to be there.
#[must_use]
pub fn is_same(one: &Path, other: &Path) -> bool {
    match (one.metadata(), other.metadata()) {
        (Ok(one), Ok(other)) => identity(&one) == identity(&other),
        (Err(_), Err(_)) => place(one).is_some_and(|place_of_one| Some(place_of_one) == place(other)),
        _ => false,
    }
}

/// Devices have many nodes; everything else is told by its inode.
fn identity(metadata: &Metadata) -> (u64, u64, bool) {
    let kind = metadata.file_type();
    if kind.is_block_device() || kind.is_char_device() {
        (metadata.rdev(), 0, kind.is_block_device())
    } else {
        (metadata.dev(), metadata.ino(), false)
    }
}

/// Where a file that is not there would be.
fn place(path: &Path) -> Option<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Some(folder.canonicalize().ok()?.join(path.file_name()?))
}

#[cfg(test)]
mod tests {
    use super::super::source_name::FormatChoice;
    use super::*;

    #[test]
    fn one_file_is_known_by_all_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("a"), b"a").unwrap();
        std::fs::write(path("b"), b"a").unwrap();
        std::fs::hard_link(path("a"), path("hard")).unwrap();
        std::os::unix::fs::symlink(path("a"), path("soft")).unwrap();
        for name in ["a", "hard", "soft", "../x/a"] {
            let expected = name != "../x/a";
            assert_eq!(is_same(&path("a"), &path(name)), expected, "{name}");
        }
        assert!(!is_same(&path("a"), &path("b")));
        assert!(!is_same(&path("a"), &path("new")) && is_same(&path("new"), &path("./new")));
        assert!(!is_same(Path::new("/no/such/a"), Path::new("/no/such/b")));
        assert!(is_same(Path::new("/dev/null"), Path::new("/dev/./null")));
        assert!(!is_same(Path::new("/dev/null"), Path::new("/dev/zero")));
    }

    #[test]
    fn what_is_read_is_not_written_nor_anything_written_twice() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(path("disc/BDMV/STREAM")).unwrap();
        for name in ["disc/BDMV/STREAM/00000.m2ts", "other.iso", "film.iso"] {
            std::fs::write(path(name), name).unwrap();
        }
        std::fs::hard_link(path("disc/BDMV/STREAM/00000.m2ts"), path("film.mkv")).unwrap();
        std::fs::write(path("plan"), format!("at 5 swap {}\n", path("other.iso").display())).unwrap();
        let clash = |source: &str, outputs: &[&str]| {
            let mut files = Files::of_source(&SourceName::parse(source, FormatChoice::ByName).unwrap());
            outputs.iter().for_each(|output| files.writes(&path(output), "an output"));
            files.check().err().map(|clash| clash.one)
        };
        let disc = path("disc").display().to_string();
        assert_eq!(clash(&disc, &["film.mkv"]), Some("the source"));
        assert_eq!(clash(&disc, &["new.mkv"]), None);
        assert_eq!(clash(&disc, &["new.mkv", "./new.mkv"]), Some("an output"));
        let film = path("film.iso").display().to_string();
        assert_eq!(clash(&film, &["film.iso.map"]), Some("the source's map"));
        let emulated = format!("emu:{film},faults={}", path("plan").display());
        for (output, expected) in [("plan", true), ("other.iso", true), ("film.iso.map", false)] {
            assert_eq!(clash(&emulated, &[output]).is_some(), expected, "{output}");
        }
        let mut files = Files::default();
        files.writes(Path::new("/dev/null"), "the image");
        files.writes(Path::new("/dev/null"), "the log");
        assert_eq!(files.check(), Ok(()));
    }
}
