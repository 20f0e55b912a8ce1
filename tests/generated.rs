//! Completions and man pages in the tree are those that the program makes.
//!
//! To renew them: `tests/generate`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use support::{finish, program, run};

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

/// What bash would offer for the words behind `freemkv`, the last of which is being typed.
fn offered(words: &[&str]) -> Option<Vec<String>> {
    let bash = program("bash")?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions/freemkv.bash");
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let ask = format!(
        "source '{}'; COMP_WORDS=(freemkv {}); COMP_CWORD={}; _freemkv freemkv '{}' '{}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        script.display(),
        quoted.join(" "),
        words.len(),
        words.last()?,
        words.iter().rev().nth(1).unwrap_or(&"freemkv"),
    );
    let done = finish(std::process::Command::new(bash).args(["--norc", "-c", &ask]));
    Some(done.stdout.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

#[test]
fn bash_offers_names_of_files_before_options() {
    let Some(commands) = offered(&[""]) else { return };
    assert!(["sweep", "info", "verify"].iter().all(|name| commands.iter().any(|word| word == name)), "{commands:?}");
    // Without an answer bash offers files itself.
    for words in [&["sweep", ""][..], &["info", ""], &["sweep", "a", ""], &["verify", "disc"]] {
        assert_eq!(offered(words).unwrap(), [""; 0], "{words:?}");
    }
    assert!(offered(&["sweep", "--o"]).unwrap().contains(&"--only".to_owned()));
    assert!(offered(&["sweep", "a", "b", "--media", ""]).unwrap().contains(&"uhd".to_owned()));
    assert!(offered(&["completions", ""]).unwrap().contains(&"fish".to_owned()));
}

#[test]
fn every_page_has_its_sections() {
    for (name, page) in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/man")) {
        let place =
            |title: &str| page.find(&format!(".SH \"{title}\"")).or_else(|| page.find(&format!(".SH {title}\n")));
        assert!(place("EXIT STATUS").is_some() && place("SEE ALSO") > place("EXIT STATUS"), "{name}");
        if !name.starts_with("freemkv-map") {
            assert!(place("EXAMPLES").is_some() && place("EXAMPLES") < place("OPTIONS"), "{name}");
        }
    }
}
