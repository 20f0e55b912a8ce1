//! What a disc calls itself (`META/DL/bdmt_xxx.xml`).

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use thiserror::Error;

/// Most bytes of such a file.
pub const MAX_BYTES: usize = 1 << 20;
/// Most characters of a name.
const NAME_LIMIT: usize = 1024;
/// Most elements inside each other.
const DEPTH_LIMIT: usize = 64;
/// Most titles with names; a player shows numbers of three digits.
const TITLES_LIMIT: usize = 999;

/// Why a file says nothing.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("disc metadata: {0}")]
pub struct MetaError(String);

/// What a disc says of itself in one language.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DiscMeta {
    /// The disc's title, without space around it; never empty. Whoever prints it makes it safe.
    pub title: Option<String>,
    /// Which disc of a set it is, and of how many.
    pub volume: Option<(u32, u32)>,
    /// Names of titles, by the numbers that the index gives them.
    pub titles: BTreeMap<u16, String>,
}

impl DiscMeta {
    /// Reads the file.
    ///
    /// # Errors
    /// [`MetaError`] where it is no XML.
    pub fn parse(file: &[u8]) -> Result<Self, MetaError> {
        let mut found = Fields::default();
        read(file, &mut found)?;
        Ok(found.finish())
    }
}

/// Takes what a file of metadata has, in its order. The paths are the names of the elements around, without their prefixes,
/// and end with the element's own.
pub(super) trait Take {
    /// An element begins.
    fn begin(&mut self, path: &[String], tag: &BytesStart<'_>);
    /// Text of an element; it may come in several pieces.
    fn text(&mut self, path: &[String], text: &str);
}

/// Reads a file of metadata.
pub(super) fn read(file: &[u8], take: &mut dyn Take) -> Result<(), MetaError> {
    if file.len() > MAX_BYTES {
        return Err(MetaError(format!("{} bytes are too many", file.len())));
    }
    let text = decode(file);
    let mut reader = Reader::from_str(&text);
    let mut path: Vec<String> = Vec::new();
    loop {
        let event = reader.read_event().map_err(|e| MetaError(format!("{e} at byte {}", reader.error_position())))?;
        match event {
            Event::Start(tag) => {
                path.push(tag.local_name().as_ref().to_owned());
                take.begin(&path, &tag);
                if path.len() > DEPTH_LIMIT {
                    return Err(MetaError("its elements are nested too deep".to_owned()));
                }
            }
            Event::End(_) => {
                path.pop();
            }
            Event::Text(text) => take.text(&path, text.as_ref()),
            Event::CData(text) => take.text(&path, text.as_ref()),
            Event::GeneralRef(reference) => take.text(&path, &resolve(&reference)),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// The language of such a file, from its name `bdmt_eng.xml`.
#[must_use]
pub fn language_of(name: &str) -> Option<String> {
    let name = name.to_ascii_lowercase();
    let code = name.strip_prefix("bdmt_")?.strip_suffix(".xml")?;
    (code.len() == 3 && code.bytes().all(|b| b.is_ascii_lowercase())).then(|| code.to_owned())
}

#[derive(Default)]
struct Fields {
    title: String,
    number: String,
    count: String,
    titles: BTreeMap<u16, String>,
    /// The title whose name is being read.
    named: Option<u16>,
}

impl Take for Fields {
    fn begin(&mut self, _: &[String], tag: &BytesStart<'_>) {
        if tag.local_name().as_ref() == "titleName" {
            let mut attributes = tag.attributes().flatten();
            let number = attributes.find(|a| a.key.local_name().as_ref() == "titleNumber");
            self.named = number.and_then(|number| number.value.trim().parse().ok());
        }
    }

    fn text(&mut self, path: &[String], text: &str) {
        let end: Vec<&str> = path.iter().rev().take(2).map(String::as_str).collect();
        let field = match end[..] {
            ["name", "title"] => &mut self.title,
            ["titleName", _] => {
                let Some(number) = self.named else { return };
                if !self.titles.contains_key(&number) && self.titles.len() == TITLES_LIMIT {
                    return;
                }
                self.titles.entry(number).or_default()
            }
            ["setNumber", _] => &mut self.number,
            ["numSets", _] => &mut self.count,
            _ => return,
        };
        add(field, text);
    }
}

impl Fields {
    fn finish(self) -> DiscMeta {
        let volume = self.number.trim().parse().ok().zip(self.count.trim().parse().ok());
        let titles = self.titles.iter().filter_map(|(number, name)| Some((*number, one_line(name)?)));
        DiscMeta { title: one_line(&self.title), volume, titles: titles.collect() }
    }
}

/// Adds a piece of text to a name, as far as a name may have it.
pub(super) fn add(name: &mut String, text: &str) {
    let left = NAME_LIMIT.saturating_sub(name.chars().count());
    name.extend(text.chars().take(left));
}

/// A name without space around it, and without more than one inside; `None` where nothing is left.
pub(super) fn one_line(text: &str) -> Option<String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then_some(line)
}

/// The five references that XML knows by itself, and those by number.
fn resolve(reference: &quick_xml::events::BytesRef<'_>) -> String {
    match reference.resolve_char_ref() {
        Ok(Some(c)) => c.to_string(),
        _ => match reference.as_ref() {
            "amp" => "&".to_owned(),
            "lt" => "<".to_owned(),
            "gt" => ">".to_owned(),
            "quot" => "\"".to_owned(),
            "apos" => "'".to_owned(),
            _ => String::new(),
        },
    }
}

/// UTF-8, or UTF-16 where the file starts with its mark.
fn decode(file: &[u8]) -> String {
    let wide = |bytes: &[u8], number: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| number([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match file {
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => String::from_utf8_lossy(file).into_owned(),
    }
}

#[cfg(test)]
#[path = "meta_tests.rs"]
mod tests;
