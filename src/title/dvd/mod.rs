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
use crate::dvd::vmg::{self, TitleEntry, Vmg};
use crate::fs::FileSystem;
use tables::{Set, Tables};

/// Most title sets of a disc.
const SETS: u8 = 99;
/// Bytes that all titles together may take, with what is made of them to choose and to report.
const TITLES: u64 = 48 << 20;

/// Reads the tables of a disc. In blocks of angles, the titles play number `angle`, counted from 1, or the first where
/// there are fewer.
///
/// # Errors
/// [`TitleError`] when there is no title left that could be played.
pub fn read(fs: &dyn FileSystem, angle: usize) -> Result<DiscTitles, TitleError> {
    let mut tables = Tables::new(fs);
    let mut sets: BTreeMap<u8, Option<Set<'_>>> = BTreeMap::new();
    let (manager, is_lost) = match tables.manager() {
        Ok(manager) => (manager, false),
        Err(e) => (without_manager(&mut tables, &mut sets, e)?, true),
    };
    let mut titles = Vec::new();
    let (mut leads, mut unread) = (Vec::new(), Vec::new());
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
            let why = format!("title {number} is left out: its title set {} cannot be read", entry.set);
            tables.problems.push(why.clone());
            unread.push(why);
            continue;
        };
        let mut problems = Vec::new();
        let masks: Vec<u16> = manager.parental.of(entry.set).collect();
        let found = title(set, number, *entry, (angle, &masks), &mut problems);
        let title = found.map(|(mut title, leads_to)| {
            if let Some(to) = leads_to {
                let to = title_of_set(&manager.titles, entry.set, to);
                title.notes.push(format!("where it ends a player goes on with {to}"));
                leads.push(format!("title {number} with {to}"));
            }
            title
        });
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
        (true, Some(first)) => Err(TitleError::NoDvdTitle { count: manager.titles.len(), first: Box::new(first) }),
        (true, None) => Err(TitleError::NoDvd),
        _ => {
            let navigation = programs::navigation(fs, &manager, &mut sets, is_lost);
            let problems = tables.problems.finish();
            let leads = (!leads.is_empty()).then(|| format!("where they end a player goes on: {}", leads.join(", ")));
            let remarks = leads.into_iter().collect();
            Ok(DiscTitles { titles, navigation, problems, unread, remarks, ..DiscTitles::default() })
        }
    }
}

/// What stands for the disc's own table, which cannot be read for the reason `why`: the titles of all sets, which are read for
/// that.
fn without_manager<'a>(
    tables: &mut Tables<'a>,
    sets: &mut BTreeMap<u8, Option<Set<'a>>>,
    why: TitleError,
) -> Result<Vmg, TitleError> {
    let mut titles = Vec::new();
    for number in 1..=SETS {
        let Ok(set) = tables.set(number) else { continue };
        let of_set = (1..=u8::MAX).zip(&set.table.titles).map(|(title, parts)| TitleEntry {
            angles: 1,
            parts: u16::try_from(parts.len()).unwrap_or(u16::MAX),
            parental: 0,
            set: number,
            number: title,
            start: 0,
        });
        titles.extend(of_set);
        sets.insert(number, Some(set));
    }
    titles.truncate(vmg::TITLES);
    if titles.is_empty() {
        return Err(if why.is_absence() { TitleError::NoDvd } else { why });
    }
    tables.problems.push(format!("{why}; titles are those of the title sets, counted from the first one on"));
    Ok(Vmg::of_titles(titles))
}

/// What a person calls a title of a set.
fn title_of_set(titles: &[TitleEntry], set: u8, number: u8) -> String {
    let of_disc = titles.iter().position(|entry| (entry.set, entry.number) == (set, number));
    of_disc.map_or_else(|| format!("title {number} of title set {set}"), |index| format!("title {}", index + 1))
}

/// One title, and the title of its set with which a player goes on behind it; an error says why there is none.
fn title(
    set: &mut Set<'_>,
    number: usize,
    entry: TitleEntry,
    (angle, masks): (usize, &[u16]),
    problems: &mut Vec<String>,
) -> Result<(Title, Option<u8>), String> {
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
    let title = Title {
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
    };
    Ok((title, list.leads_to))
}
