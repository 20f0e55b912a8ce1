//! Which titles of a disc a person means.

use std::str::FromStr;

use thiserror::Error;

use crate::base::time::Ticks90;
use crate::fs::FileSystem;
use crate::title::bluray;
use crate::title::model::Title;
use crate::title::select::Choice;
use crate::title::{DiscTitles, TitleError, dvd, loose};

use super::disc::Disc;

/// `--title`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TitleChoice {
    /// The film.
    Main,
    /// Each title that stands for itself.
    All,
    /// These, in this order.
    Named(Vec<TitleName>),
    /// A stream file by itself, without the tables of the disc: `00800`.
    Stream(String),
}

/// What a person calls a title.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TitleName {
    /// The number that `info` gives, from 1.
    Number(usize),
    /// The name of its playlist: `00800`.
    Playlist(String),
}

impl FromStr for TitleChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "main" => return Ok(Self::Main),
            "all" => return Ok(Self::All),
            _ => {}
        }
        if let Some(name) = text.strip_suffix(".m2ts").or_else(|| text.strip_suffix(".M2TS")) {
            return Ok(Self::Stream(name.to_owned()));
        }
        let names: Option<Vec<TitleName>> = text.split(',').map(title_name).collect();
        names.map(Self::Named).ok_or_else(|| {
            format!(
                "'{text}' names no title: use main, all, numbers as info gives them, playlists (NNNNN), or NNNNN.m2ts"
            )
        })
    }
}

/// Five digits are a playlist, fewer a number.
fn title_name(text: &str) -> Option<TitleName> {
    if let Some(name) = text.strip_suffix(".mpls").or_else(|| text.strip_suffix(".MPLS")) {
        return Some(TitleName::Playlist(name.to_owned()));
    }
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    match text.len() {
        5 => Some(TitleName::Playlist(text.to_owned())),
        _ => text.parse().ok().filter(|number| *number > 0).map(TitleName::Number),
    }
}

/// A title that is not there.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum NoSuchTitle {
    /// A number.
    #[error("there is no title {number}: this disc has {there}")]
    Number {
        /// What was asked for.
        number: usize,
        /// Those that there are.
        there: String,
    },
    /// A playlist.
    #[error("there is no playlist {name}.mpls on this disc{}", nearest_words(nearest))]
    Playlist {
        /// What was asked for.
        name: String,
        /// Names that are there and look most like it.
        nearest: Vec<String>,
    },
}

/// Names that a person may have meant.
const NEAREST: usize = 3;

fn nearest_words(nearest: &[String]) -> String {
    if nearest.is_empty() { String::new() } else { format!("; there is {}", nearest.join(", ")) }
}

/// The names of titles that are nearest to one that is not there: by their distance as numbers.
fn nearest(name: &str, titles: &[Title]) -> Vec<String> {
    let wanted: u32 = name.parse().unwrap_or(0);
    let mut names: Vec<&str> = titles.iter().map(|title| title.id.as_str()).collect();
    names.sort_by_key(|name| (name.parse().unwrap_or(u32::MAX).abs_diff(wanted), *name));
    names.dedup();
    names.into_iter().take(NEAREST).map(str::to_owned).collect()
}

/// Reads the titles of a disc, or of the stream file that the source or `wanted` is.
///
/// # Errors
/// [`NoTitles`].
pub fn read(disc: &Disc, wanted: Option<&TitleChoice>, angle: usize) -> Result<DiscTitles, NoTitles> {
    let stream = match wanted {
        Some(TitleChoice::Stream(name)) => Some(format!("BDMV/STREAM/{name}.m2ts")),
        _ => disc.stream.clone(),
    };
    let Some(path) = stream else {
        return of_disc(disc.files.as_ref(), angle).map_err(NoTitles::Tables);
    };
    let title = loose::title(disc.files.as_ref(), &path).map_err(NoTitles::Stream)?;
    Ok(DiscTitles { titles: vec![title], ..DiscTitles::default() })
}

/// The titles that the tables of a disc tell of: those of a Blu-ray, else those of a DVD-Video.
///
/// # Errors
/// [`TitleError`].
pub fn of_disc(fs: &dyn FileSystem, angle: usize) -> Result<DiscTitles, TitleError> {
    match bluray::read(fs, angle) {
        Err(TitleError::NoBluRay) => dvd::read(fs, angle).map_err(|e| match e {
            TitleError::NoDvd => TitleError::NoDisc,
            e => e,
        }),
        read => read,
    }
}

/// Why there are no titles.
#[derive(Debug, Error)]
pub enum NoTitles {
    /// The tables of the disc.
    #[error(transparent)]
    Tables(TitleError),
    /// The stream file.
    #[error(transparent)]
    Stream(TitleError),
}

/// The titles that `wanted` names, as indices, in the order asked for and each once.
///
/// `All` takes the titles that stand for themselves and are at least `min_length` long; when none is,
/// the longest and those at least half as long.
///
/// # Errors
/// [`NoSuchTitle`].
pub fn pick(
    wanted: &TitleChoice,
    titles: &[Title],
    choice: &Choice,
    min_length: Ticks90,
) -> Result<Vec<usize>, NoSuchTitle> {
    match wanted {
        TitleChoice::Main => Ok(vec![choice.main]),
        TitleChoice::All => Ok(distinct(titles, choice, min_length)),
        TitleChoice::Named(names) => {
            let mut picked = Vec::new();
            for name in names {
                let index = index_of(name, titles)?;
                if !picked.contains(&index) {
                    picked.push(index);
                }
            }
            Ok(picked)
        }
        TitleChoice::Stream(_) => Ok((0..titles.len()).collect()),
    }
}

/// The title of that name.
fn index_of(name: &TitleName, titles: &[Title]) -> Result<usize, NoSuchTitle> {
    match name {
        TitleName::Number(number) => {
            let index = titles.iter().position(|title| title.number == *number);
            index.ok_or_else(|| NoSuchTitle::Number { number: *number, there: numbers_of(titles) })
        }
        TitleName::Playlist(name) => {
            let found = titles.iter().position(|title| title.id == *name);
            found.ok_or_else(|| NoSuchTitle::Playlist { name: name.clone(), nearest: nearest(name, titles) })
        }
    }
}

/// `the titles 1 to 4`, `the titles 1, 3, 4`, `title 1`.
fn numbers_of(titles: &[Title]) -> String {
    let numbers: Vec<usize> = titles.iter().map(|title| title.number).collect();
    match numbers[..] {
        [one] => format!("title {one}"),
        [1, .., last] if last == numbers.len() => format!("the titles 1 to {last}"),
        _ => format!("the titles {}", numbers.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")),
    }
}

fn distinct(titles: &[Title], choice: &Choice, min_length: Ticks90) -> Vec<usize> {
    let length = |index: &usize| titles.get(*index).map_or(Ticks90::ZERO, Title::duration);
    let own = choice.distinct();
    let least = if own.iter().any(|i| length(i) >= min_length) {
        min_length
    } else {
        own.iter().map(length).max().unwrap_or_default().half()
    };
    own.into_iter().filter(|i| length(i) >= least).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_a_word_numbers_or_playlists() {
        let number = TitleName::Number;
        let playlist = |name: &str| TitleName::Playlist(name.to_owned());
        assert_eq!("main".parse(), Ok(TitleChoice::Main));
        assert_eq!("3,1".parse(), Ok(TitleChoice::Named(vec![number(3), number(1)])));
        assert_eq!("00001".parse(), Ok(TitleChoice::Named(vec![playlist("00001")])));
        assert_eq!("1,00800.mpls".parse(), Ok(TitleChoice::Named(vec![number(1), playlist("00800")])));
        assert_eq!("00800.m2ts".parse(), Ok(TitleChoice::Stream("00800".to_owned())));
        for bad in ["", "0", "1,", "film", "-1", "+1", "1.5"] {
            assert!(bad.parse::<TitleChoice>().is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_not_there_is_refused_with_what_is_nearest() {
        let error = NoSuchTitle::Playlist { name: "00801".into(), nearest: vec!["00800".into(), "00810".into()] };
        assert_eq!(error.to_string(), "there is no playlist 00801.mpls on this disc; there is 00800, 00810");
    }
}
