//! A disc without a hole: its films as they should be, and what lies where.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::Path;

use freemkv::fs::{File, tree};
use freemkv::mux::report::OutputReport;
use freemkv::title::model::{Part, Title};

use super::super::disc::Disc;
use super::super::mkv;
use super::packets::{Hit, Packets};

/// A film without a hole.
pub(super) struct Film {
    pub(super) tracks: BTreeMap<u64, Vec<mkv::Block>>,
    pub(super) report: OutputReport,
    /// Streams that are not taken.
    pub(super) left_out: usize,
    /// When parts begin, milliseconds.
    pub(super) starts: Vec<i64>,
    /// The most pictures from one that decoding can begin at to the next.
    pub(super) longest_group: usize,
    /// Pictures that decoding can begin at.
    pub(super) groups: usize,
}

/// A disc as it is, with what is known of it.
pub(super) struct Whole {
    pub(super) name: &'static str,
    pub(super) image: Vec<u8>,
    disc: Disc,
    files: Vec<File>,
    films: HashMap<String, Film>,
    packets: HashMap<String, Packets>,
}

impl Whole {
    pub(super) fn read(data: &Path, name: &'static str) -> Self {
        let image = std::fs::read(data.join("discs").join(name).with_extension("iso")).unwrap();
        let disc = Disc { force: true, ..Disc::memory(image.clone()) };
        let files = tree::files(&*disc.fs, "", 10_000).unwrap();
        let files = files.iter().map(|path| disc.fs.open(path).unwrap()).collect();
        Self { name, image, disc, files, films: HashMap::new(), packets: HashMap::new() }
    }

    /// Places for holes.
    pub(super) fn holes(&self) -> u64 {
        (self.image.len() as u64).div_ceil(super::HOLE)
    }

    /// The titles whose streams lie in a stretch of the image; all titles, when it lies beside all streams.
    pub(super) fn films_at(&self, at: u64, length: u64) -> Vec<String> {
        let ids = |touched: &dyn Fn(&Title) -> bool| {
            let is_known = |title: &&Title| !super::NOT_YET.contains(&(self.name, title.id.as_str()));
            let titles = self.disc.titles.iter().filter(is_known).filter(|title| touched(title));
            titles.map(|title| title.id.clone()).collect::<Vec<_>>()
        };
        let hit = ids(&|title| parts(title).any(|part| !self.bytes_at(part.path(), at, length).is_empty()));
        if hit.is_empty() { ids(&|_| true) } else { hit }
    }

    /// The film of a title.
    pub(super) fn film(&mut self, id: &str) -> &Film {
        let disc = &self.disc;
        self.films.entry(id.to_owned()).or_insert_with(|| {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("whole.mkv");
            let report = disc.mux(id, &path).unwrap();
            let starts = disc.title(id).parts.iter().map(|part| part.clock.start());
            let starts = starts.map(|start| (start.seconds() * 1000.0) as i64).collect();
            let left_out = disc.plan(id).unwrap().summary().left_out.len();
            let keys = mkv::keys(&path).remove(&1).unwrap_or_default();
            Film {
                starts,
                left_out,
                tracks: mkv::blocks(&path),
                longest_group: longest_group(&keys),
                groups: keys.iter().filter(|key| **key).count(),
                report,
            }
        })
    }

    /// What of each PID a stretch of the image hits in the film of a title, over all parts that play it.
    pub(super) fn hits(&mut self, id: &str, at: u64, length: u64) -> Vec<(u16, Hit)> {
        let mut found = Vec::new();
        let parts: Vec<Part> = parts(self.disc.title(id)).cloned().collect();
        for part in parts {
            for range in self.bytes_at(part.path(), at, length) {
                let fs = &self.disc.fs;
                let read = || Packets::read(&fs.read_whole(part.path(), usize::MAX).unwrap());
                let packets = self.packets.entry(part.path().to_owned()).or_insert_with(read);
                found.extend(packets.hits(&range));
            }
        }
        found
    }

    /// Whether, with this stretch gone, there still is one copy of everything but streams: no file of tables lies in it
    /// together with its backup. The file system's own tables have their copies far away.
    pub(super) fn has_a_copy_of_everything(&self, at: u64, length: u64) -> bool {
        let is_hit = |path: &str| self.files.iter().any(|f| f.path() == path && !touched(f, at, length).is_empty());
        !self.files.iter().any(|file| {
            let backup = file.path().strip_prefix("BDMV/").map(|rest| format!("BDMV/BACKUP/{rest}"));
            is_hit(file.path()) && backup.is_some_and(|backup| is_hit(&backup))
        })
    }

    fn bytes_at(&self, path: &str, at: u64, length: u64) -> Vec<Range<u64>> {
        let file = self.files.iter().find(|file| file.path().eq_ignore_ascii_case(path));
        file.map_or_else(Vec::new, |file| touched(file, at, length))
    }
}

/// The parts of all paths of a title.
fn parts(title: &Title) -> impl Iterator<Item = &Part> {
    title.parts.iter().chain(title.sub_paths.iter().flat_map(|side| &side.parts))
}

/// The bytes of a file that lie in a stretch of the image.
fn touched(file: &File, at: u64, length: u64) -> Vec<Range<u64>> {
    let mut found = Vec::new();
    for extent in file.extents() {
        let start = extent.sectors().byte_start();
        let (from, to) = (at.max(start), (at + length).min(start + extent.length));
        if !extent.sectors().is_empty() && from < to {
            found.push(extent.offset + from - start..extent.offset + to - start);
        }
    }
    found
}

fn longest_group(keys: &[bool]) -> usize {
    keys.split(|key| *key).map(|rest| rest.len() + 1).max().unwrap_or(0)
}
