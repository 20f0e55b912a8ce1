//! What a disc calls itself, its titles and their chapters.

use crate::base::allowance::Allowance;
use crate::bluray::chapter_names;
use crate::bluray::meta::{self, DiscMeta};
use crate::fs::FileSystem;

/// Files of one kind that are tried, in different languages.
const TRIED: usize = 8;
/// Most files with names of chapters: a playlist has one for each of some languages.
const FILES_LIMIT: usize = 8192;
/// Bytes of them that are read; a file has some thousand, and is counted as one of [`LEAST`] at least.
const READ: u64 = 16 << 20;
const LEAST: usize = 2048;

/// What the disc says of itself: in English, else in the first language in which it has a name.
pub(super) fn of_disc(fs: &dyn FileSystem) -> Option<DiscMeta> {
    let files = fs.list("BDMV/META/DL").ok()?.into_iter();
    let files = files.filter_map(|e| meta::language_of(&e.name).map(|language| (language, e.name))).collect();
    let mut read = in_order(files).filter_map(|name| {
        let bytes = fs.read_whole(&format!("BDMV/META/DL/{name}"), meta::MAX_BYTES).ok()?;
        DiscMeta::parse(&bytes).ok()
    });
    read.find(|meta| meta.title.is_some())
}

/// English first, then as their names are.
fn in_order(mut files: Vec<(String, String)>) -> impl Iterator<Item = String> {
    files.sort_by_key(|(language, name)| (language != "eng", name.clone()));
    files.into_iter().take(TRIED).map(|(_, name)| name)
}

/// Where the names of chapters are.
pub(super) struct ChapterNames {
    /// Playlist, language, name of the file.
    files: Vec<(String, String, String)>,
    left: Allowance,
    /// Some were not read.
    has_more: bool,
}

impl ChapterNames {
    /// Looks for such files.
    pub(super) fn find(fs: &dyn FileSystem) -> Self {
        let files = fs.list("BDMV/META/TN").unwrap_or_default().into_iter();
        let of = |name: String| chapter_names::of_file(&name).map(|(language, playlist)| (playlist, language, name));
        let mut files = files.filter_map(|e| of(e.name));
        let read = files.by_ref().take(FILES_LIMIT).collect();
        Self { files: read, left: Allowance::new(READ), has_more: files.next().is_some() }
    }

    /// The names of the `count` chapters of a playlist. Where a file names more or fewer, it is not known which is which:
    /// none.
    pub(super) fn of(&mut self, fs: &dyn FileSystem, playlist: &str, count: usize) -> Vec<String> {
        let files = self.files.iter().filter(|(of, ..)| of == playlist);
        let files = files.map(|(_, language, name)| (language.clone(), name.clone())).collect();
        let mut read = in_order(files).filter_map(|name| {
            let path = format!("BDMV/META/TN/{name}");
            let length = fs.open(&path).ok()?.length();
            let length = usize::try_from(length).ok().filter(|length| *length <= meta::MAX_BYTES)?;
            if !self.left.take(length.max(LEAST)) {
                self.has_more = true;
                return None;
            }
            chapter_names::parse(&fs.read_whole(&path, meta::MAX_BYTES).ok()?).ok()
        });
        read.find(|names| names.len() == count).unwrap_or_default()
    }

    /// A sentence where some were not read.
    pub(super) fn problem(&self) -> Option<String> {
        let sentence =
            || format!("not all names of chapters are read: their files are more than {FILES_LIMIT} or {READ} bytes");
        self.has_more.then(sentence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::folder::Folder;

    #[test]
    fn names_are_not_read_without_end_and_that_is_told() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("BDMV/META/TN");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("tnmt_eng_00001.xml"), vec![b' '; 900_000]).unwrap();
        let fs = Folder::open(root.path()).unwrap();
        let mut names = ChapterNames::find(&fs);
        assert_eq!(names.files.len(), 1);
        names.left = Allowance::new(2_000_000);
        assert!((0..2).all(|_| names.of(&fs, "00001", 1).is_empty()) && names.problem().is_none());
        let left = names.left.left();
        assert!(names.of(&fs, "00001", 1).is_empty() && names.problem().is_some());
        assert_eq!(names.left.left(), left, "what is refused is not read");
    }
}
