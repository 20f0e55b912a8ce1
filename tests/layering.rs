//! Holds the source to `docs/ARCHITECTURE.md`: which folder imports which, where `unsafe` may stand, what stays
//! pure, how long a file may be. The rules are read from the document itself, so the two cannot part ways.
#![allow(clippy::panic, reason = "a panic is how a test fails")]

#[path = "layering/circles.rs"]
mod circles;
#[path = "layering/paths.rs"]
mod paths;
#[path = "layering/rules.rs"]
mod rules;
#[path = "layering/text.rs"]
mod text;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rules::Rules;

/// A longer file holds more than one idea.
const LINES_MAX: usize = 400;

/// A folder with more files has sub-folders: a dozen, and the one that names them.
const FILES_MAX: usize = 13;

/// What a pure layer cannot name: every way to a file, a clock, a thread or a log.
const IMPURE: [&str; 10] =
    ["fs", "io", "net", "process", "thread", "env", "Instant", "SystemTime", "tracing", "crossbeam_channel"];

/// The one folder with files that import each other: UDF's structures contain each other (ECMA-167: a partition may lie in a file of
/// a partition).
const CIRCLES: [&str; 1] = ["fs/udf"];

#[test]
fn the_table_itself_points_downwards() {
    let rules = rules();
    assert_eq!(rules.upward(), Vec::<String>::new(), "rows of docs/ARCHITECTURE.md that import what is not below them");
}

#[test]
fn every_folder_has_its_row() {
    let rules = rules();
    let homeless: Vec<String> =
        sources("src").iter().filter_map(|file| folder_of(file)).filter(|folder| !rules.knows(folder)).collect();
    assert_eq!(homeless, Vec::<String>::new(), "folders of src without a row in docs/ARCHITECTURE.md");
}

#[test]
fn folders_import_only_what_their_row_names() {
    let rules = rules();
    let mut wrong = Vec::new();
    for file in sources("src") {
        let Some(folder) = folder_of(&file) else { continue };
        let inside = inside_src(&file);
        for found in paths::named(&module_of(&inside), &[], &text::blank(&read(&file))) {
            if !rules.allows(&inside, &found.path) {
                let (path, row) = (found.path.join("::"), rules.row_of(&inside).unwrap_or(&folder));
                let allowed = rules.row(row);
                wrong.push(format!("src/{inside}:{}: crate::{path}: `{row}` may import {allowed}", found.line));
            }
        }
    }
    fail_with(&wrong, "edges that docs/ARCHITECTURE.md does not allow");
}

#[test]
fn files_of_a_folder_import_each_other_in_no_circle() {
    let files = sources("src").iter().map(|file| (inside_src(file), text::blank(&read(file)))).collect::<Vec<_>>();
    let files = files.iter().filter(|(inside, _)| !matches!(inside.as_str(), "lib.rs" | "main.rs") && !is_test(inside));
    let files = files.map(|(inside, text)| (module_of(inside), text.as_str())).collect();
    let (wrong, mended) = circles::check(&files, &CIRCLES);
    fail_with(&wrong, "circles of files: what both need belongs in a file of its own");
    fail_with(&mended, "folders without a circle that are named among those with one");
}

#[test]
fn unsafe_stands_only_where_it_is_allowed() {
    let rules = rules();
    let allowed = |inside: &str| {
        rules.unsafe_places.iter().any(|place| inside == place || inside.starts_with(&format!("{place}/")))
    };
    let wrong = words_outside(&["unsafe", "unsafe_code"], allowed);
    fail_with(&wrong, &format!("`unsafe` outside {}", rules.unsafe_places.join(", ")));
}

#[test]
fn pure_folders_reach_for_nothing_outside() {
    let rules = rules();
    assert!(!rules.pure.is_empty(), "no row of docs/ARCHITECTURE.md is marked pure");
    let wrong =
        words_outside(&IMPURE, |inside| !rules.pure.iter().any(|folder| inside.starts_with(&format!("{folder}/"))));
    fail_with(&wrong, "I/O, clocks, threads or logs in a folder without any");
}

#[test]
fn no_file_is_longer_than_one_idea() {
    let mut wrong = Vec::new();
    for file in sources("src").into_iter().chain(sources("tests")) {
        let lines = read(&file).lines().count();
        if lines > LINES_MAX {
            wrong.push(format!("{}: {lines} lines", file.display()));
        }
    }
    fail_with(&wrong, &format!("files over {LINES_MAX} lines: split them by idea"));
}

#[test]
fn no_folder_holds_more_files_than_a_person_can_see() {
    let mut folders = BTreeMap::<PathBuf, usize>::new();
    for file in sources("src") {
        *folders.entry(file.parent().unwrap_or(&file).to_owned()).or_default() += 1;
    }
    let crowded = folders.iter().filter(|(_, files)| **files > FILES_MAX);
    let wrong: Vec<String> = crowded.map(|(folder, files)| format!("{}: {files} files", folder.display())).collect();
    fail_with(&wrong, &format!("folders of more than {FILES_MAX} files: group them by idea"));
}

fn rules() -> Rules {
    Rules::read(&read(&root().join("docs/ARCHITECTURE.md"))).unwrap_or_else(|why| panic!("docs/ARCHITECTURE.md: {why}"))
}

/// Where one of these words stands as code, in a file that is not excepted. `excepted` gets the path below `src`.
fn words_outside(words: &[&str], excepted: impl Fn(&str) -> bool) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in sources("src") {
        let inside = inside_src(&file);
        if excepted(&inside) {
            continue;
        }
        for (line, token) in text::tokens(&text::blank(&read(&file))) {
            if words.contains(&token) {
                wrong.push(format!("src/{inside}:{line}: {token}"));
            }
        }
    }
    wrong
}

fn fail_with(wrong: &[String], what: &str) {
    assert!(wrong.is_empty(), "{what}:\n  {}", wrong.join("\n  "));
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

/// Every Rust file below a folder of the project, build products and caches left out.
fn sources(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())).flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn inside_src(file: &Path) -> String {
    file.strip_prefix(root().join("src")).unwrap_or(file).to_string_lossy().into_owned()
}

/// The layer that a file belongs to; `lib.rs` and `main.rs` belong to none.
fn folder_of(file: &Path) -> Option<String> {
    let inside = inside_src(file);
    match inside.split_once('/') {
        Some((folder, _)) => Some(folder.to_owned()),
        None => inside.strip_suffix(".rs").filter(|stem| !matches!(*stem, "lib" | "main")).map(str::to_owned),
    }
}

/// Whether a file below `src` holds tests alone.
fn is_test(inside: &str) -> bool {
    inside.ends_with("tests.rs") || inside.contains("/tests/")
}

/// The module that a file below `src` is. Tests that have their own file beside what they test, `cdb_tests.rs`,
/// are the module `tests` inside it.
fn module_of(inside: &str) -> Vec<String> {
    let stem = inside.strip_suffix(".rs").unwrap_or(inside);
    let stem = stem.strip_suffix("/mod").unwrap_or(stem);
    let stem = stem.strip_suffix("_tests").map_or_else(|| stem.to_owned(), |tested| format!("{tested}/tests"));
    stem.split('/').map(str::to_owned).collect()
}

#[test]
fn a_file_knows_its_module() {
    let module = |inside| module_of(inside).join("::");
    assert_eq!(module("base/bytes.rs"), "base::bytes");
    assert_eq!(module("scsi/emulated/mod.rs"), "scsi::emulated");
    assert_eq!(module("scsi/cdb_tests.rs"), "scsi::cdb::tests");
    assert_eq!(module("mapfile/text/tests.rs"), "mapfile::text::tests");
}
