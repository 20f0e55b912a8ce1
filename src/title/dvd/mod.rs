//! Titles of a DVD-Video: those of the disc's title table.

pub mod captions;
mod chain;
pub(super) mod damage;
mod exact;
mod parts;
mod programs;
mod tables;
mod tracks;
mod vobs;

use std::collections::BTreeMap;

use super::model::{Channels, Chapter, Title};
use super::{DiscTitles, TitleError};
use crate::base::allowance::Allowance;
use crate::base::time::Ticks90;
use crate::dvd::vmg::TitleEntry;
use crate::fs::FileSystem;
use tables::{Set, Tables};

/// Bytes that all titles together may take, with what is made of them to choose and to report.
const TITLES: u64 = 48 << 20;

/// Reads the tables of a disc. In blocks of angles, the titles play number `angle`, counted from 1, or the first where
/// there are fewer.
///
/// # Errors
/// [`TitleError`] when there is no title left that could be played.
pub fn read(fs: &dyn FileSystem, angle: usize) -> Result<DiscTitles, TitleError> {
    let mut tables = Tables::new(fs);
    let manager = tables.manager().map_err(|e| if e.is_absence() { TitleError::NoDvd } else { e })?;
    let mut sets: BTreeMap<u8, Option<Set<'_>>> = BTreeMap::new();
    let mut titles = Vec::new();
    let mut left = Allowance::new(TITLES);
    let mut first = None;
    for (number, entry) in (1..).zip(&manager.titles) {
        let set = sets.entry(entry.set).or_insert_with(|| match tables.set(entry.set) {
            Ok(set) => Some(set),
            Err(e) => {
                tables.problems.push(e.to_string());
                first.get_or_insert(e);
                None
            }
        });
        let Some(set) = set else {
            tables.problems.push(format!("title {number} is left out: its title set {} cannot be read", entry.set));
            continue;
        };
        let mut problems = Vec::new();
        let masks: Vec<u16> = manager.parental.of(entry.set).collect();
        let title = title(set, number, *entry, (angle, &masks), &mut problems);
        tables.problems.extend(problems.into_iter().map(|problem| format!("title {number}: {problem}")));
        match title {
            Ok(title) if left.take(title.memory()) => titles.push(title),
            Ok(_) => {
                let why = format!("all titles of this disc together would take more than {TITLES} bytes of memory");
                tables.problems.push(format!("title {number} is left out: {why}"));
            }
            Err(why) => tables.problems.push(format!("title {number} is left out: {why}")),
        }
    }
    match (titles.is_empty(), first) {
        (true, Some(first)) => Err(TitleError::NoTitle { count: manager.titles.len(), first: Box::new(first) }),
        (true, None) => Err(TitleError::NoDvd),
        _ => {
            let navigation = programs::navigation(fs, &manager, &mut sets);
            Ok(DiscTitles { titles, navigation, problems: tables.problems.finish(), ..DiscTitles::default() })
        }
    }
}

/// One title; an error says why there is none.
fn title(
    set: &mut Set<'_>,
    number: usize,
    entry: TitleEntry,
    (angle, masks): (usize, &[u16]),
    problems: &mut Vec<String>,
) -> Result<Title, String> {
    let found = chain::follow(&set.table, entry.number, angle, masks);
    let list = found.ok_or_else(|| format!("its title set has no title {}", entry.number))?;
    problems.extend(list.problems.iter().cloned());
    if list.cells.is_empty() {
        return Err("it plays nothing".to_owned());
    }
    let timeline = parts::timeline(set, &list);
    problems.extend(timeline.problems);
    let parts = timeline.parts;
    let end = parts.last().map_or(Ticks90::ZERO, |part| part.clock.end());
    if parts.iter().all(|part| part.pieces.is_empty()) {
        return Err("none of its cells is on the disc".to_owned());
    }
    // A chapter whose own cell is left out begins with the next that is not.
    let starts = list.chapters.iter().filter_map(|cell| timeline.starts.get(*cell..)?.iter().find_map(|start| *start));
    let mut starts: Vec<Ticks90> = starts.filter(|start| *start < end).collect();
    starts.dedup();
    if starts.first().is_some_and(|first| *first > Ticks90::ZERO) {
        starts.insert(0, Ticks90::ZERO);
    }
    let tracks = tracks::tracks(&set.table.streams, &list.chains, &timeline.chains, problems);
    let notes = tracks::variants(&set.table.streams, &list.chains);
    Ok(Title {
        id: number.to_string(),
        number,
        tracks,
        parts,
        sub_paths: Vec::new(),
        chapters: starts.into_iter().map(Chapter::at).collect(),
        angles: list.angles,
        static_hdr: None,
        captions: Channels::default(),
        notes,
        has_menu: false,
        is_random: list.is_random,
    })
}
