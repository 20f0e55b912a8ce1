//! How a test says that it does nothing here: for the library's own tests and, by its path, for those in `tests`.
#![allow(dead_code, reason = "each test program uses its own part of this")]

use std::env;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::thread;

/// Says that a test, or a part of one, does nothing here, and why: on standard error, which cargo shows of failed tests
/// only, and as a line `PROGRAM TEST<tab>WHY` in the file that `FREEMKV_SKIPPED` names (`tests/run` reads it).
pub(crate) fn skip(why: &str) {
    eprintln!("skipped: {why}");
    let Some(list) = env::var_os("FREEMKV_SKIPPED") else { return };
    let why: String = why.split_whitespace().collect::<Vec<_>>().join(" ");
    // The test harness names each thread after its test.
    let line = format!("{} {}\t{why}\n", env!("CARGO_CRATE_NAME"), thread::current().name().unwrap_or("?"));
    let written =
        OpenOptions::new().append(true).create(true).open(&list).and_then(|mut f| f.write_all(line.as_bytes()));
    assert!(written.is_ok(), "{}: {written:?}", list.display());
}

/// The folder of shared discs and samples (`FREEMKV_TEST_DATA`); `None`, with a note, where there is none.
pub(crate) fn test_data() -> Option<PathBuf> {
    let folder = env::var_os("FREEMKV_TEST_DATA").map(PathBuf::from).filter(|folder| folder.is_dir());
    if folder.is_none() {
        skip("FREEMKV_TEST_DATA names no folder");
    }
    folder
}

/// Another program, by its name on the PATH; `None`, with a note, where it is missing.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let found = installed(name);
    if found.is_none() {
        skip(&format!("{name} is not installed"));
    }
    found
}

/// The same without a note.
pub(crate) fn installed(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}
