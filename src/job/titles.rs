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
    /// By the numbers that `info` gives, from 1.
    Numbers(Vec<usize>),
    /// By the name of its playlist: `00800`.
    Playlist(String),
    /// A stream file by itself, without the tables of the disc: `00800`.
    Stream(String),
}

impl FromStr for TitleChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "main" => return Ok(Self::Main),
            "all" => return Ok(Self::All),
            _ => {}
        }
        if let Some(name) = text.strip_suffix(".mpls").or_else(|| text.strip_suffix(".MPLS")) {
            return Ok(Self::Playlist(name.to_owned()));
        }
        if let Some(name) = text.strip_suffix(".m2ts").or_else(|| text.strip_suffix(".M2TS")) {
            return Ok(Self::Stream(name.to_owned()));
        }
        let numbers: Result<Vec<usize>, _> = text.split(',').map(str::parse).collect();
        match numbers {
            Ok(numbers) if numbers.iter().all(|n| *n > 0) => Ok(Self::Numbers(numbers)),
            _ => Err(format!(
                "'{text}' names no title: use main, all, numbers as info gives them, NNNNN.mpls, or NNNNN.m2ts"
            )),
        }
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
    #[error("there is no playlist {0}.mpls on this disc")]
    Playlist(String),
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
        TitleChoice::Numbers(numbers) => {
            let mut picked = Vec::new();
            for &number in numbers {
                let index = titles.iter().position(|title| title.number == number);
                let index = index.ok_or_else(|| NoSuchTitle::Number { number, there: numbers_of(titles) })?;
                if !picked.contains(&index) {
                    picked.push(index);
                }
            }
            Ok(picked)
        }
        TitleChoice::Stream(_) => Ok((0..titles.len()).collect()),
        TitleChoice::Playlist(name) => {
            let found = titles.iter().position(|title| title.id == *name);
            found.map(|index| vec![index]).ok_or_else(|| NoSuchTitle::Playlist(name.clone()))
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
    fn a_choice_is_a_word_numbers_or_a_playlist() {
        assert_eq!("main".parse(), Ok(TitleChoice::Main));
        assert_eq!("3,1".parse(), Ok(TitleChoice::Numbers(vec![3, 1])));
        assert_eq!("00800.mpls".parse(), Ok(TitleChoice::Playlist("00800".to_owned())));
        assert_eq!("00800.m2ts".parse(), Ok(TitleChoice::Stream("00800".to_owned())));
        for bad in ["", "0", "1,", "film", "-1"] {
            assert!(bad.parse::<TitleChoice>().is_err(), "{bad}");
        }
    }
}
