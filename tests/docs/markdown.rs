//! The parts of a page of Markdown that tests look at.

use std::fs;
use std::path::{Path, PathBuf};

/// A part of a page, in order. All parts together are the page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Lines outside of blocks.
    Prose(String),
    /// A block of code: the words behind the fence, and its lines.
    Block { words: String, code: String },
}

impl Part {
    /// What a block is; empty where it does not say.
    pub(crate) fn language(&self) -> &str {
        match self {
            Self::Block { words, .. } => words.split(' ').next().unwrap_or_default(),
            Self::Prose(_) => "",
        }
    }

    /// What a block says of itself, such as `file` in `text file=NAME`.
    pub(crate) fn says(&self, key: &str) -> Option<&str> {
        let Self::Block { words, .. } = self else { return None };
        words.split(' ').find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
    }
}

/// The parts of a page.
pub(crate) fn parts(text: &str) -> Vec<Part> {
    let mut parts = vec![Part::Prose(String::new())];
    for line in text.lines() {
        let is_in_block = matches!(parts.last(), Some(Part::Block { .. }));
        match line.strip_prefix("```") {
            Some("") if is_in_block => parts.push(Part::Prose(String::new())),
            Some(words) if !is_in_block => parts.push(Part::Block { words: words.to_owned(), code: String::new() }),
            _ => match parts.last_mut() {
                Some(Part::Block { code: lines, .. } | Part::Prose(lines)) => *lines += &format!("{line}\n"),
                None => {}
            },
        }
    }
    parts
}

/// The page that has these parts.
pub(crate) fn page(parts: &[Part]) -> String {
    let of = |part: &Part| match part {
        Part::Prose(lines) => lines.clone(),
        Part::Block { words, code } => format!("```{words}\n{code}```\n"),
    };
    parts.iter().map(of).collect()
}

/// The folder of the project.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All pages that people read: their names from the root of the project, and their texts.
pub(crate) fn all() -> Vec<(String, String)> {
    let mut found = vec![PathBuf::from("README.md"), PathBuf::from("CHANGELOG.md")];
    for folder in ["docs", "docs/decisions"] {
        let entries = fs::read_dir(root().join(folder)).unwrap();
        let names = entries.map(|entry| Path::new(folder).join(entry.unwrap().file_name()));
        found.extend(names.filter(|name| name.extension().is_some_and(|extension| extension == "md")));
    }
    found.sort();
    let read = |name: &PathBuf| (name.to_str().unwrap().to_owned(), fs::read_to_string(root().join(name)).unwrap());
    found.iter().map(read).collect()
}

#[test]
fn a_page_is_its_parts() {
    let text = "One\n```console\n$ true\n```\nTwo\n```text file=a b\n```\n";
    let parts = parts(text);
    assert_eq!(page(&parts), text);
    assert_eq!(parts.len(), 5);
    assert_eq!((parts[1].language(), parts[3].language(), parts[3].says("file")), ("console", "text", Some("a")));
    for (name, text) in all() {
        assert_eq!(page(&super::markdown::parts(&text)), text, "{name}");
    }
}
