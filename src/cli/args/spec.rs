//! Values of `--only` and `--skip`.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use clap::builder::{OsStringValueParser, TypedValueParser};

use crate::base::sector::SectorRange;
use crate::job::titles::TitleChoice;
use crate::job::wanted::Chosen;

/// A value of `--only` or `--skip`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Spec {
    /// As it was given.
    pub text: OsString,
    /// What it means.
    pub chosen: Vec<Chosen>,
}

impl Spec {
    /// The parser of the option.
    pub(super) fn parser() -> impl TypedValueParser<Value = Self> {
        OsStringValueParser::new().try_map(|text| Self::parse(&text))
    }

    /// Understands a value. Names on a disc need not be UTF-8; they are compared as `info` shows them.
    fn parse(text: &OsStr) -> Result<Self, String> {
        let chosen = if let Some(path) = text.as_bytes().strip_prefix(b"file:") {
            vec![Chosen::File(path_of(path)?)]
        } else {
            let text = text.to_string_lossy();
            match text.strip_prefix("title:") {
                Some(title) => vec![Chosen::Titles(titles(title)?)],
                None => text.split(',').map(|span| sectors(span).map(Chosen::Sectors)).collect::<Result<_, _>>()?,
            }
        };
        Ok(Self { text: text.to_owned(), chosen })
    }
}

fn path_of(bytes: &[u8]) -> Result<String, String> {
    let path = String::from_utf8_lossy(bytes).into_owned();
    if path.is_empty() { Err("file: needs a path on the disc, as in file:/VIDEO_TS".to_owned()) } else { Ok(path) }
}

fn titles(text: &str) -> Result<TitleChoice, String> {
    match text.parse()? {
        TitleChoice::Stream(name) => {
            Err(format!("'{text}' is a stream file: say file:/BDMV/STREAM/{name}.m2ts, or the title that plays it"))
        }
        titles => Ok(titles),
    }
}

/// First and last sector.
fn sectors(text: &str) -> Result<SectorRange, String> {
    let number = |part: &str| {
        let wrong =
            || format!("'{text}' is no range: write first and last sector as A-B; or file:/PATH, title:main, title:N");
        part.parse::<u64>().map_err(|_| wrong())
    };
    let (first, last) = match text.split_once('-') {
        Some((first, last)) => (number(first)?, number(last)?),
        None => (number(text)?, number(text)?),
    };
    if last == u64::MAX {
        return Err(format!("'{text}' is larger than any disc"));
    }
    if last < first {
        return Err(format!("'{text}' ends before it begins"));
    }
    Ok(SectorRange::new(first, last + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::titles::TitleName;

    fn parse(text: &str) -> Result<Vec<Chosen>, String> {
        Spec::parse(OsStr::new(text)).map(|spec| spec.chosen)
    }

    #[test]
    fn spans_name_first_and_last_sector() {
        let span = |first: u64, last: u64| Chosen::Sectors(SectorRange::new(first, last + 1));
        assert_eq!(parse("16-31"), Ok(vec![span(16, 31)]));
        assert_eq!(parse("7,9-9"), Ok(vec![span(7, 7), span(9, 9)]));
        for bad in ["", "-", "3-", "-3", "9-3", "a-b", "1-2-3", "1,", "0-18446744073709551615", "18446744073709551615"]
        {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn files_and_titles_are_named() {
        assert_eq!(parse("file:/a,b/c"), Ok(vec![Chosen::File("/a,b/c".into())]), "a comma belongs to the name");
        assert_eq!(parse("title:main"), Ok(vec![Chosen::Titles(TitleChoice::Main)]));
        let named = TitleChoice::Named(vec![TitleName::Number(1), TitleName::Playlist("00800".into())]);
        assert_eq!(parse("title:1,00800"), Ok(vec![Chosen::Titles(named)]));
        let odd = Spec::parse(OsStr::from_bytes(b"file:/d\xFF")).unwrap();
        assert_eq!(odd.chosen, [Chosen::File("/d\u{fffd}".into())]);
        assert_eq!(odd.text.as_bytes(), b"file:/d\xFF");
        for bad in ["file:", "title:", "title:0", "title:film", "title:00800.m2ts"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
