//! Completions and man pages in the tree are those that the program makes.
//!
//! To renew them: `tests/generate`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

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
