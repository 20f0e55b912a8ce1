//! What a disc calls the chapters of a playlist (`META/TN/tnmt_xxx_NNNNN.xml`).

use quick_xml::events::BytesStart;

use super::meta::{self, MetaError};

/// Most names of a playlist; a player shows numbers of three digits.
const NAMES_LIMIT: usize = 999;

/// The names in such a file, in order; empty ones where it leaves one out.
///
/// # Errors
/// [`MetaError`] where it is no XML.
pub fn parse(file: &[u8]) -> Result<Vec<String>, MetaError> {
    let mut found = Names::default();
    meta::read(file, &mut found)?;
    Ok(found.names.iter().map(|name| meta::one_line(name).unwrap_or_default()).collect())
}

/// Language and playlist of such a file, from its name `tnmt_eng_00001.xml`.
#[must_use]
pub fn of_file(name: &str) -> Option<(String, String)> {
    let name = name.to_ascii_lowercase();
    let (language, playlist) = name.strip_prefix("tnmt_")?.strip_suffix(".xml")?.split_once('_')?;
    let is_language = language.len() == 3 && language.bytes().all(|b| b.is_ascii_lowercase());
    let is_playlist = playlist.len() == 5 && playlist.bytes().all(|b| b.is_ascii_digit());
    (is_language && is_playlist).then(|| (language.to_owned(), playlist.to_owned()))
}

/// The names of chapters: elements called `name` within those called after chapters, and elements called `chapterName`.
#[derive(Default)]
struct Names {
    names: Vec<String>,
}

fn is_name(path: &[String]) -> bool {
    let about_chapters = |name: &String| name.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("chapter"));
    match path {
        [around @ .., last] if last == "name" => around.iter().any(about_chapters),
        [.., last] => last == "chapterName",
        [] => false,
    }
}

impl meta::Take for Names {
    fn begin(&mut self, path: &[String], _: &BytesStart<'_>) {
        if is_name(path) && self.names.len() < NAMES_LIMIT {
            self.names.push(String::new());
        }
    }

    fn text(&mut self, path: &[String], text: &str) {
        if let Some(name) = self.names.last_mut().filter(|_| is_name(path)) {
            meta::add(name, text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_in_order_wherever_their_table_puts_them() {
        let plain = br#"<t:x xmlns:t="urn:x"><t:title><t:name>The show</t:name></t:title>
            <t:chapters><t:name id="1">One &amp; two</t:name><t:name id="2"> </t:name><t:name id="3">Three</t:name></t:chapters></t:x>"#;
        assert_eq!(parse(plain).unwrap(), ["One & two", "", "Three"]);
        let nested = b"<x><chapter><name>A</name></chapter><chapter><name>B</name></chapter></x>";
        assert_eq!(parse(nested).unwrap(), ["A", "B"]);
        assert_eq!(parse(b"<x><chapterName>A</chapterName></x>").unwrap(), ["A"]);
        assert_eq!(parse(b"<tnmt/>").unwrap(), [""; 0]);
        assert!(parse(b"<a").is_err());
        let many = format!("<chapters>{}</chapters>", "<name>x</name>".repeat(2000));
        assert_eq!(parse(many.as_bytes()).unwrap().len(), 999);
    }

    #[test]
    fn language_and_playlist_stand_in_the_name() {
        let of = |name: &str| of_file(name).map(|(language, playlist)| format!("{language} {playlist}"));
        assert_eq!(of("TNMT_eng_00012.xml").as_deref(), Some("eng 00012"));
        for other in ["bdmt_eng.xml", "tnmt_eng.xml", "tnmt_en_00012.xml", "tnmt_eng_12.xml", "tnmt_eng_0001x.xml"] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
