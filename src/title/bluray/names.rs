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
}

impl ChapterNames {
    /// Looks for such files.
    pub(super) fn find(fs: &dyn FileSystem) -> Self {
        let files = fs.list("BDMV/META/TN").unwrap_or_default().into_iter();
        let of = |name: String| chapter_names::of_file(&name).map(|(language, playlist)| (playlist, language, name));
        Self { files: files.filter_map(|e| of(e.name)).take(FILES_LIMIT).collect(), left: Allowance::new(READ) }
    }

    /// The names of the `count` chapters of a playlist. Where a file names more or fewer, it is not known which is which:
    /// none.
    pub(super) fn of(&mut self, fs: &dyn FileSystem, playlist: &str, count: usize) -> Vec<String> {
        let files = self.files.iter().filter(|(of, ..)| of == playlist);
        let files = files.map(|(_, language, name)| (language.clone(), name.clone())).collect();
        let mut read = in_order(files).filter_map(|name| {
            let bytes = fs.read_whole(&format!("BDMV/META/TN/{name}"), meta::MAX_BYTES).ok()?;
            let is_allowed = self.left.take(bytes.len().max(LEAST));
            is_allowed.then_some(())?;
            chapter_names::parse(&bytes).ok()
        });
        read.find(|names| names.len() == count).unwrap_or_default()
    }
}
