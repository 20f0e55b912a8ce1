//! Titles of a Blu-ray: every playlist is one.

use super::TitleError;
use super::clock::{PartClock, TICKS_PER_SECOND};
use super::model::{Chapter, Part, SidePath, Source, Title};
use super::parts::{Clips, Times};
use super::tracks;
use crate::bluray::index::{self, Index};
use crate::bluray::meta::{self, DiscMeta};
use crate::bluray::mpls::{self, MarkKind, Playback, Playlist};
use crate::bluray::play_item::PlayItem;
use crate::bluray::sub_path::SubPath;
use crate::bluray::{TableError, mpls::StaticHdr};
use crate::fs::{FileSystem, FsError};

/// Most parts of all titles together: a disc with a thousand shuffled playlists of a hundred items has so many.
const PARTS_LIMIT: usize = 100_000;
/// Most playlists that are read; names have five digits, discs up to a thousand.
const PLAYLISTS_LIMIT: usize = 4096;
/// A chapter that starts later than this before the end is none, in ticks of 90 kHz.
const LAST_CHAPTER: u64 = TICKS_PER_SECOND;

/// A Blu-ray.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct BluRay {
    /// What the disc calls itself, in English where it can; whoever prints it makes it safe.
    pub name: Option<String>,
    /// Whether it is an Ultra HD disc.
    pub is_ultra_hd: bool,
    /// The titles, by their numbers.
    pub titles: Vec<Title>,
    /// What could not be read, a sentence each: titles are missing, or are known from the disc's backup tables.
    pub problems: Vec<String>,
}

/// Reads the tables of a disc. Where there is a choice of angles, the titles play number `angle`, counted from 1,
/// or the first where they have fewer.
///
/// # Errors
/// [`TitleError`] when there is no title left that could be played.
pub fn read(fs: &dyn FileSystem, angle: usize) -> Result<BluRay, TitleError> {
    let mut disc = BluRay::default();
    let names = playlists(fs)?;
    if names.is_empty() {
        return Err(TitleError::NoBluRay);
    }
    match read_table(fs, "", "index.bdmv", index::MAX_BYTES, Index::parse, &mut disc.problems) {
        Ok(index) => disc.is_ultra_hd = index.is_ultra_hd(),
        Err(e) => disc.problems.push(e.to_string()),
    }
    disc.name = disc_name(fs);
    let mut clips = Clips::new(fs);
    let mut left = PARTS_LIMIT;
    let mut first = None;
    if names.len() > PLAYLISTS_LIMIT {
        disc.problems.push(format!("of {} playlists the first {PLAYLISTS_LIMIT} are read", names.len()));
    }
    for name in names.iter().take(PLAYLISTS_LIMIT) {
        let problems = &mut disc.problems;
        let playlist = match read_table(fs, "PLAYLIST", name, mpls::MAX_BYTES, Playlist::parse, problems) {
            Ok(playlist) => playlist,
            Err(e) => {
                problems.push(e.to_string());
                first.get_or_insert(e);
                continue;
            }
        };
        if playlist.items.len() > left {
            problems.push(format!("more than {PARTS_LIMIT} play items: the playlists from {name} on are left out"));
            break;
        }
        left -= playlist.items.len();
        disc.titles.extend(title(&mut clips, name, &playlist, angle, problems));
    }
    match (disc.titles.is_empty(), first) {
        (true, Some(first)) => Err(TitleError::NoTitle { count: names.len(), first: Box::new(first) }),
        _ => Ok(disc),
    }
}

/// The names of all playlists, ascending.
fn playlists(fs: &dyn FileSystem) -> Result<Vec<String>, TitleError> {
    let mut failure = None;
    for folder in ["BDMV/PLAYLIST", "BDMV/BACKUP/PLAYLIST"] {
        match fs.list(folder) {
            Ok(entries) => {
                let is_playlist =
                    |name: &String| name.len() == 10 && name.is_ascii() && name.to_ascii_lowercase().ends_with(".mpls");
                let files = entries.into_iter().filter(|e| !e.is_directory).map(|e| e.name);
                let mut names: Vec<String> = files.filter(is_playlist).collect();
                names.sort();
                return Ok(names);
            }
            Err(FsError::NotFound(_)) => {}
            Err(e) => {
                failure.get_or_insert(TitleError::File { path: folder.to_owned(), source: e });
            }
        }
    }
    Err(failure.unwrap_or(TitleError::NoBluRay))
}

/// Reads a table of at most `limit` bytes; where that fails, its copy in `BACKUP`, with a sentence in `problems`. The
/// error told is that of the table itself.
pub(super) fn read_table<T>(
    fs: &dyn FileSystem,
    folder: &str,
    name: &str,
    limit: usize,
    parse: impl Fn(&[u8]) -> Result<T, TableError>,
    problems: &mut Vec<String>,
) -> Result<T, TitleError> {
    let read = |root: &str| -> Result<T, TitleError> {
        let path = [root, folder, name].iter().filter(|p| !p.is_empty()).copied().collect::<Vec<_>>().join("/");
        match fs.read_whole(&path, limit) {
            Ok(bytes) => parse(&bytes).map_err(|source| TitleError::Table { path, source }),
            Err(source) => Err(TitleError::File { path, source }),
        }
    };
    let failure = match read("BDMV") {
        Ok(table) => return Ok(table),
        Err(e) => e,
    };
    match read("BDMV/BACKUP") {
        Ok(table) => {
            problems.push(format!("{failure}; its copy in BDMV/BACKUP is used"));
            Ok(table)
        }
        Err(_) => Err(failure),
    }
}

/// The disc's title: in English, else in the first language there is.
fn disc_name(fs: &dyn FileSystem) -> Option<String> {
    let mut names: Vec<(bool, String)> = fs
        .list("BDMV/META/DL")
        .ok()?
        .into_iter()
        .filter_map(|e| meta::language_of(&e.name).map(|language| (language != "eng", e.name)))
        .collect();
    names.sort();
    names.into_iter().take(8).find_map(|(_, name)| {
        let bytes = fs.read_whole(&format!("BDMV/META/DL/{name}"), meta::MAX_BYTES).ok()?;
        DiscMeta::parse(&bytes).ok()?.title
    })
}

/// The title of a playlist; `None` for one without items.
fn title(
    clips: &mut Clips<'_>,
    file: &str,
    playlist: &Playlist,
    angle: usize,
    problems: &mut Vec<String>,
) -> Option<Title> {
    let mut parts: Vec<Part> = Vec::new();
    let mut found = Vec::new();
    let mut start = 0;
    for (number, item) in playlist.items.iter().enumerate() {
        let clip = angle.checked_sub(2).and_then(|i| item.other_angles.get(i)).copied().unwrap_or(item.clip);
        let PlayItem { in_time, out_time, connection, .. } = *item;
        let part = clips.part(clip, Times { in_time, out_time, connection, start }, problems);
        start = part.clock.end();
        parts.push(part);
        tracks::add(&mut found, &item.streams, number, clips.get(clip, problems));
    }
    let first = playlist.items.first()?;
    tracks::sort(&mut found);
    let sub_paths: Vec<&SubPath> = playlist.sub_paths.iter().chain(&playlist.extension.sub_paths).collect();
    let wanted = |number: u8| found.iter().any(|t| t.source == Source::SubPath(number));
    let side_paths = (0..=u8::MAX)
        .zip(sub_paths)
        .filter(|(number, _)| wanted(*number))
        .map(|(number, path)| side_path(clips, number, path, &parts, problems))
        .collect();
    Some(Title {
        id: file.get(..5).unwrap_or(file).to_owned(),
        chapters: chapters(playlist, &parts),
        parts,
        tracks: found,
        enhancement: first.streams.dolby_vision.first().map(|s| s.pid),
        side_paths,
        angles: playlist.angles(),
        static_hdr: hdr10(&playlist.extension.static_hdr),
        has_menu: playlist.items.iter().any(|i| !i.streams.menus.is_empty()),
        is_random: matches!(playlist.playback, Playback::Random | Playback::Shuffle),
    })
}

/// The mastering data of HDR10, among those of all dynamic ranges.
fn hdr10(all: &[StaticHdr]) -> Option<StaticHdr> {
    all.iter().find(|h| h.dynamic_range == 1).or_else(|| all.first()).copied()
}

/// A sub-path, each of its items set where it starts on the title's clock.
fn side_path(
    clips: &mut Clips<'_>,
    number: u8,
    path: &SubPath,
    parts: &[Part],
    problems: &mut Vec<String>,
) -> SidePath {
    let mut side = Vec::new();
    for item in &path.items {
        let at = parts.get(usize::from(item.sync_item)).map(|p| p.clock.to_title(u64::from(item.sync_time) * 2));
        let Some(start) = at.and_then(|t| u64::try_from(t).ok()) else { continue };
        let times = Times { in_time: item.in_time, out_time: item.out_time, connection: item.connection, start };
        side.push(clips.part(item.clip, times, problems));
    }
    SidePath { number, parts: side }
}

/// The entry marks on the title's clock: ascending, none twice, none outside its item or in the last second. A title
/// with chapters has one at its start.
fn chapters(playlist: &Playlist, parts: &[Part]) -> Vec<Chapter> {
    let end = parts.last().map_or(0, |p| p.clock.end());
    let place = |clock: &PartClock, time: u32| -> Option<u64> {
        let since = u64::try_from(clock.since_in(u64::from(time) * 2)).ok()?;
        let start = clock.start() + since;
        (start <= clock.end() && start + LAST_CHAPTER <= end).then_some(start)
    };
    let entries = playlist.marks.iter().filter(|m| m.kind == MarkKind::Entry);
    let mut starts: Vec<u64> = entries.filter_map(|m| place(&parts.get(usize::from(m.item))?.clock, m.time)).collect();
    starts.sort_unstable();
    starts.dedup();
    if starts.first().is_some_and(|first| *first > 0) {
        starts.insert(0, 0);
    }
    starts.into_iter().map(|start| Chapter { start }).collect()
}

#[cfg(test)]
#[path = "from_bluray_tests.rs"]
pub(super) mod tests;
