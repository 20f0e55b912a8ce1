//! Completions and man pages in the tree are those that the program makes.
//!
//! To renew them: `tests/generate`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

mod shells;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use support::run;

fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    entries
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(&path).unwrap())
        })
        .collect()
}

#[test]
fn man_pages_are_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let made = run(["man", folder.path().to_str().unwrap()]);
    assert_eq!(made.code, Some(0), "{made:?}");
    let (fresh, kept) = (files(folder.path()), files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/man")));
    assert_eq!(fresh.keys().collect::<Vec<_>>(), kept.keys().collect::<Vec<_>>(), "renew them with tests/generate");
    for (name, page) in fresh {
        assert!(page == kept[&name], "docs/man/{name} is old: renew it with tests/generate");
    }
}

#[test]
fn completions_are_up_to_date() {
    let kept = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("completions"));
    for (shell, name) in [("bash", "freemkv.bash"), ("zsh", "_freemkv"), ("fish", "freemkv.fish")] {
        let made = run(["completions", shell]);
        assert_eq!(made.code, Some(0), "{made:?}");
        assert!(kept.get(name) == Some(&made.stdout), "completions/{name} is old: renew it with tests/generate");
    }
}

#[test]
fn every_page_has_its_sections() {
    for (name, page) in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/man")) {
        let place =
            |title: &str| page.find(&format!(".SH \"{title}\"")).or_else(|| page.find(&format!(".SH {title}\n")));
        let order = ["SYNOPSIS", "DESCRIPTION", "EXAMPLES", "OPTIONS", "EXIT STATUS", "SEE ALSO"].map(place);
        assert!(order.iter().all(Option::is_some) && order.is_sorted(), "{name}: {order:?}");
        let keeps_none = ["freemkv-completions.1", "freemkv-man.1"].contains(&name.as_str());
        assert_eq!(place("FILES").is_none(), keeps_none, "{name}");
    }
}

#[test]
fn pages_that_are_named_are_there() {
    let pages = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/man"));
    for (name, page) in &pages {
        let (_, related) = page.split_once(".SH \"SEE ALSO\"").unwrap();
        let named: Vec<String> = related.split("\\fB").skip(1).map(|rest| rest.replace("\\-", "-")).collect();
        assert!(!named.is_empty(), "{name}");
        for other in named.iter().filter_map(|rest| rest.split_once("\\fR(1)")).map(|(other, _)| other) {
            let is_there = pages.contains_key(&format!("{other}.1"));
            assert!(is_there || !other.starts_with("freemkv"), "{name} names {other}");
        }
    }
}
