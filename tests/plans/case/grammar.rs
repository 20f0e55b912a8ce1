//! The generator knows the whole grammar: every word that the document of the emulated drive has comes up.

use std::collections::BTreeSet;

use crate::case::generate;

/// What plans of damage leave to other tests: what a disc is made of (`tests/tracts`), and answers to commands that read
/// nothing (`tests/drive`, `tests/vm`).
const ELSEWHERE: [&str; 12] =
    ["at attention", "at stop", "block", "command", "disc", "gap", "no", "profile", "said", "session", "track", "type"];

/// What a line is about: its first word, and with `at` what happens.
fn word(line: &str) -> String {
    match line.split_whitespace().collect::<Vec<_>>()[..] {
        ["at", _, what, ..] => format!("at {what}"),
        [first, ..] => first.to_owned(),
        [] => String::new(),
    }
}

/// The words of the document: the first code in each row of its tables, and all names in its section about time.
fn documented(document: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let mut section = "";
    for line in document.lines() {
        section = line.strip_prefix("## ").unwrap_or(section);
        let mut codes = line.split('`').skip(1).step_by(2);
        if line.starts_with("| `") {
            words.extend(codes.next().map(word));
        } else if section == "The model of time" && !line.starts_with("Commands") {
            let names = codes.filter(|code| code.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
            words.extend(names.map(str::to_owned));
        }
    }
    words
}

#[test]
fn every_word_of_the_grammar_comes_up() {
    let documented = documented(include_str!("../../../docs/emulated-drive.md"));
    assert!(documented.len() > 25, "{documented:?}");
    let plans = (0..400).flat_map(|seed| generate::case(seed).plans).flatten();
    let made: BTreeSet<String> = plans.map(|line| word(&line)).collect();
    let missing: Vec<_> = documented.difference(&made).filter(|word| !ELSEWHERE.contains(&word.as_str())).collect();
    assert!(missing.is_empty(), "the generator never writes {missing:?}");
    let unknown: Vec<_> = made.difference(&documented).collect();
    assert!(unknown.is_empty(), "docs/emulated-drive.md does not have {unknown:?}");
}
