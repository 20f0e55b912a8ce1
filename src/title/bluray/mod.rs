//! Titles of a Blu-ray: every playlist is one.

mod clips;
pub mod damage;
pub(super) mod exact;
mod names;
mod programs;
pub(super) mod tables;
mod tracks;

use super::clock::PartClock;
use super::model::{Channels, Chapter, Join, Part, SubPath, Title};
use super::streams::{Origin, Streams};
use super::{DiscTitles, TitleError};
use crate::base::allowance::Allowance;
use crate::base::time::{Ticks45, Ticks90};
use crate::bluray::playlist::mpls::StaticHdr;
use crate::bluray::playlist::mpls::{self, Mark, MarkKind, Playback, Playlist};
use crate::bluray::playlist::play_item::PlayItem;
use crate::bluray::playlist::sub_path::{SubPath as Table, SubPlayItem};
use crate::bluray::program::index::{self, Index};
use crate::fs::{FileSystem, FsError};
use clips::{Clips, Times};
use names::ChapterNames;
use programs::Seen;
use tables::Tables;
use tracks::{TRACK_LIMIT, Tracks};

/// Bytes that all titles together may take, with what is made of them to choose and to report: a disc with a thousand
/// shuffled playlists of a hundred items and thirty tracks takes 36 MiB.
const TITLES: u64 = 48 << 20;
/// Most playlists that are read; names have five digits, discs up to a thousand.
const PLAYLISTS_LIMIT: usize = 4096;

/// Reads the tables of a disc. Where there is a choice of angles, the titles play number `angle`, counted from 1,
/// or the first where they have fewer.
///
/// # Errors
/// [`TitleError`] when there is no title left that could be played.
pub fn read(fs: &dyn FileSystem, angle: usize) -> Result<DiscTitles, TitleError> {
    let mut disc = DiscTitles::default();
    let names = playlists(fs)?;
    if names.is_empty() {
        return Err(TitleError::NoBluRay);
    }
    let mut clips = Clips::new(Tables::new(fs));
    let mut index = None;
    match clips.tables.read("", "index.bdmv", index::MAX_BYTES, Index::parse) {
        Ok(read) => index = Some(read),
        Err(e) => clips.tables.problems.push(e.to_string()),
    }
    disc.is_ultra_hd = index.as_ref().is_some_and(Index::is_ultra_hd);
    if let Some(meta) = names::of_disc(fs) {
        disc.name = meta.title;
        disc.title_names = meta.titles;
    }
    let mut left = Allowance::new(TITLES);
    let mut first = None;
    let mut seen = Seen::default();
    let mut chapter_names = ChapterNames::find(fs);
    if names.len() > PLAYLISTS_LIMIT {
        clips.tables.problems.push(format!("of {} playlists the first {PLAYLISTS_LIMIT} are read", names.len()));
    }
    for name in names.iter().take(PLAYLISTS_LIMIT) {
        let read = read_title(&mut clips, name, angle, &mut seen, |id, count| chapter_names.of(fs, id, count));
        match read.and_then(|title| title.map(|title| keep(title, name, &mut left)).transpose()) {
            Ok(title) => disc.titles.extend(title.map(|title| Title { number: disc.titles.len() + 1, ..title })),
            Err(e) => {
                clips.tables.problems.push(e.to_string());
                first.get_or_insert(e);
            }
        }
    }
    clips.tables.problems.extend(chapter_names.problem());
    if let Some(index) = index {
        disc.navigation = seen.follow(fs, &mut clips.tables, index);
    }
    disc.problems = clips.tables.problems.finish();
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

/// Reads the title of a playlist; `None` for one without items. `names` gives the names of so many chapters.
fn read_title(
    clips: &mut Clips<'_>,
    name: &str,
    angle: usize,
    seen: &mut Seen,
    mut names: impl FnMut(&str, usize) -> Vec<String>,
) -> Result<Option<Title>, TitleError> {
    let playlist = clips.tables.read("PLAYLIST", name, mpls::MAX_BYTES, Playlist::parse)?;
    seen.add(name, &playlist);
    let Some(mut title) = title(clips, name, &playlist, angle)? else { return Ok(None) };
    let entries = playlist.marks.iter().filter(|m| m.kind == MarkKind::Entry).count();
    title.chapters = chapters(&playlist, &title.parts, &names(&title.id, entries));
    Ok(Some(title))
}

/// A title is kept whole or left out: what a muxed film would lack must not depend on how much of a table fitted.
fn keep(title: Title, name: &str, left: &mut Allowance) -> Result<Title, TitleError> {
    if left.take(title.memory()) {
        return Ok(title);
    }
    let why = format!("all titles of this disc together would take more than {TITLES} bytes of memory");
    Err(TitleError::LeftOut { playlist: name.to_owned(), why })
}

fn title(clips: &mut Clips<'_>, file: &str, playlist: &Playlist, angle: usize) -> Result<Option<Title>, TitleError> {
    let mut parts: Vec<Part> = Vec::new();
    let mut found = Tracks::default();
    let mut start = Ticks90::ZERO;
    let mut before = None;
    for (number, item) in playlist.items.iter().enumerate() {
        let clip = angle.checked_sub(2).and_then(|i| item.other_angles.get(i)).copied().unwrap_or(item.clip);
        let PlayItem { in_time, out_time, connection, .. } = *item;
        let mut part = clips.part(clip, Times { in_time, out_time, connection, start });
        if part.join == Join::SeamlessSameClock && before.is_some_and(|b| clips.is_one_stream(b, (clip, in_time))) {
            part.join = Join::SameStream;
        }
        before = Some((clip, out_time));
        start = part.clock.end();
        parts.push(part);
        found.add(&item.streams, number, clips.get(clip));
    }
    if parts.is_empty() {
        return Ok(None);
    }
    let Some(found) = found.finish() else {
        let why = format!("it offers more than {TRACK_LIMIT} tracks");
        return Err(TitleError::LeftOut { playlist: file.to_owned(), why });
    };
    let tables: Vec<&Table> = playlist.sub_paths.iter().chain(&playlist.extension.sub_paths).collect();
    let wanted = |number: u8| {
        let is_there = |streams: &Streams| streams.iter().any(|(_, s)| s.origin == Origin::SubPath(number));
        found.iter().any(|t| is_there(&t.streams) || t.enhancement.as_ref().is_some_and(is_there))
    };
    let sub_paths = (0..=u8::MAX)
        .zip(tables)
        .filter(|(number, _)| wanted(*number))
        .map(|(number, table)| sub_path(clips, number, table, &parts))
        .collect();
    Ok(Some(Title {
        id: file.get(..5).unwrap_or(file).to_owned(),
        number: 0,
        chapters: Vec::new(),
        parts,
        tracks: found,
        sub_paths,
        angles: playlist.angles(),
        static_hdr: hdr10(&playlist.extension.static_hdr),
        captions: Channels::default(),
        notes: Vec::new(),
        has_menu: playlist.items.iter().any(|i| !i.streams.menus.is_empty()),
        is_random: matches!(playlist.playback, Playback::Random | Playback::Shuffle),
    }))
}

/// The mastering data of HDR10, among those of all dynamic ranges.
fn hdr10(all: &[StaticHdr]) -> Option<StaticHdr> {
    all.iter().find(|h| h.dynamic_range == 1).or_else(|| all.first()).copied()
}

/// A sub-path, each of its items set where it starts on the title's clock.
fn sub_path(clips: &mut Clips<'_>, number: u8, table: &Table, parts: &[Part]) -> SubPath {
    let mut own = Vec::new();
    for item in &table.items {
        let at = parts.get(usize::from(item.sync_item)).map(|p| p.clock.to_title(item.sync_time.into()));
        let Some(start) = at.filter(|at| *at >= Ticks90::ZERO) else { continue };
        let SubPlayItem { in_time, out_time, connection, .. } = *item;
        own.push(clips.part(item.clip, Times { in_time, out_time, connection, start }));
    }
    SubPath { number, parts: own }
}

/// The entry marks on the title's clock: ascending, none twice, none outside its item or at the end. A title
/// with chapters has one at its start. `names` are those of all entry marks, or none.
fn chapters(playlist: &Playlist, parts: &[Part], names: &[String]) -> Vec<Chapter> {
    let end = parts.last().map_or(Ticks90::ZERO, |p| p.clock.end());
    let place = |clock: &PartClock, time: Ticks45| -> Option<Ticks90> {
        let start = clock.to_title(time.into());
        (clock.start() <= start && start <= clock.end() && start < end).then_some(start)
    };
    let entries = playlist.marks.iter().filter(|m| m.kind == MarkKind::Entry);
    let chapter = |(number, m): (usize, &Mark)| {
        let start = place(&parts.get(usize::from(m.item))?.clock, m.time)?;
        Some(Chapter { start, name: names.get(number).filter(|name| !name.is_empty()).cloned() })
    };
    let mut chapters: Vec<Chapter> = entries.enumerate().filter_map(chapter).collect();
    chapters.sort_by_key(|chapter| chapter.start);
    chapters.dedup_by_key(|chapter| chapter.start);
    if chapters.first().is_some_and(|first| first.start > Ticks90::ZERO) {
        chapters.insert(0, Chapter::at(Ticks90::ZERO));
    }
    chapters
}

#[cfg(test)]
#[path = "tests.rs"]
pub(super) mod tests;
