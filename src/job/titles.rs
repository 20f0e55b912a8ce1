//! Which titles of a disc a person means.

use std::str::FromStr;

use thiserror::Error;

use crate::base::time::Ticks90;
use crate::title::bluray::{self, BluRay};
use crate::title::model::Title;
use crate::title::select::Choice;
use crate::title::{TitleError, loose};

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
    #[error("there is no title {number}: this disc has the titles 1 to {count}")]
    Number {
        /// What was asked for.
        number: usize,
        /// How many there are.
        count: usize,
    },
    /// A playlist.
    #[error("there is no playlist {0}.mpls on this disc")]
    Playlist(String),
}

/// Reads the titles of a disc, or of the stream file that the source or `wanted` is.
///
/// # Errors
/// [`NoTitles`].
pub fn read(disc: &Disc, wanted: Option<&TitleChoice>, angle: usize) -> Result<BluRay, NoTitles> {
    let stream = match wanted {
        Some(TitleChoice::Stream(name)) => Some(format!("BDMV/STREAM/{name}.m2ts")),
        _ => disc.stream.clone(),
    };
    let Some(path) = stream else {
        return bluray::read(disc.files.as_ref(), angle).map_err(NoTitles::Tables);
    };
    let title = loose::title(disc.files.as_ref(), &path).map_err(NoTitles::Stream)?;
    Ok(BluRay { titles: vec![title], ..BluRay::default() })
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
                let index = number.checked_sub(1).filter(|i| *i < titles.len());
                let index = index.ok_or(NoSuchTitle::Number { number, count: titles.len() })?;
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
