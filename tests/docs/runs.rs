//! Runs a page: its commands in a shell, in a folder with the files that it is about.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::markdown::{self, Part};
use crate::support::{finish, program};

/// A page that has commands.
pub(crate) struct Page {
    /// Its name from the root of the project.
    pub(crate) name: &'static str,
    /// Programs that it calls, beside this one and what every Linux has.
    pub(crate) programs: &'static [&'static str],
    /// Puts the files that it begins with into the folder; false, with a note, where they cannot be had.
    pub(crate) files: fn(&Path) -> bool,
    /// Words of the page, and what stands for them here: a drive is an emulated one.
    pub(crate) here: &'static [(&'static str, &'static str)],
}

impl Page {
    /// Runs it from top to bottom, and compares what the commands say with what it shows.
    pub(crate) fn run(&self) {
        if !self.programs.iter().all(|name| program(name).is_some()) {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        if !(self.files)(folder.path()) {
            return;
        }
        let file = markdown::root().join(self.name);
        let text = fs::read_to_string(&file).unwrap();
        let mut parts = markdown::parts(&text);
        let mut commands = 0;
        for part in &mut parts {
            let file = part.says("file").map(|name| folder.path().join(name));
            let is_run = matches!(part, Part::Block { words, .. } if words == "console" || words == "sh");
            let Part::Block { words, code } = part else { continue };
            if let Some(file) = file {
                fs::write(file, &code).unwrap();
            }
            if is_run && words == "sh" {
                let done = self.shell(&folder, &format!("set -e; {code}"));
                assert!(!done.contains("(exit code"), "{}:\n{code}{done}", self.name);
                commands += 1;
            } else if is_run {
                commands += code.lines().filter(|line| line.starts_with("$ ")).count();
                *code = self.console(&folder, code);
            }
        }
        assert!(commands > 0, "{} has no commands any more: take it out of pages.rs", self.name);
        let fresh = markdown::page(&parts);
        if std::env::var_os("FREEMKV_RENEW").is_some() {
            fs::write(&file, &fresh).unwrap();
        } else {
            assert!(fresh == text, "{} is old; what the commands say:\n{}", self.name, first_difference(&text, &fresh));
        }
    }

    /// A block as it should be: each command, and what it says here.
    fn console(&self, folder: &TempDir, code: &str) -> String {
        let mut fresh = String::new();
        let mut lines = code.lines().peekable();
        while let Some(line) = lines.next() {
            let command = line.strip_prefix("$ ").unwrap_or_else(|| panic!("{}: {line} follows no command", self.name));
            let mut shown = Vec::new();
            while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
                shown.push(line);
            }
            let said = self.shell(folder, command);
            let said = elided(&shown, &said).unwrap_or(said);
            fresh += &format!("{line}\n{said}");
            // An empty line in front of the next command is the page's.
            if shown.last() == Some(&"") && !said.ends_with("\n\n") {
                fresh.push('\n');
            }
        }
        fresh
    }

    /// What lines of shell print, in the words of the page, and how they ended when that was not well.
    fn shell(&self, folder: &TempDir, lines: &str) -> String {
        let here = self.here.iter().fold(lines.to_owned(), |lines, (page, here)| lines.replace(page, here));
        let path = format!("{}:{}", program_without_progress(folder).display(), std::env::var("PATH").unwrap());
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("exec 2>&1; {here}")]).current_dir(folder.path()).stdin(Stdio::null());
        shell.env("PATH", path).env("LC_ALL", "C.UTF-8").env("XDG_STATE_HOME", folder.path().join(".state"));
        shell.env("HOME", folder.path()).env_remove("COLUMNS").env_remove("NO_COLOR");
        let done = finish(&mut shell);
        let said = self.here.iter().rev().fold(done.stdout, |said, (page, here)| said.replace(here, page));
        match done.code {
            Some(0) => said,
            code => format!("{said}(exit code {})\n", code.unwrap()),
        }
    }
}

/// A folder with freemkv in it as pages show it: on a slow machine it would tell of its progress now and then.
fn program_without_progress(folder: &TempDir) -> PathBuf {
    let bin = folder.path().join(".bin");
    let script = format!("#!/bin/sh\nexec '{}' \"$@\" --progress none\n", env!("CARGO_BIN_EXE_freemkv"));
    let program = bin.join("freemkv");
    if !program.exists() {
        fs::create_dir(&bin).unwrap();
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
    }
    bin
}

/// What a page shows with `[...]` for some lines, when that is what was said.
fn elided(shown: &[&str], said: &str) -> Option<String> {
    let mut rest: Vec<&str> = said.lines().collect();
    let mut parts = shown.split(|line| *line == "[...]");
    let (first, others) = (parts.next()?, parts.collect::<Vec<_>>());
    let (last, middle) = others.split_last()?;
    // The empty line in front of the next command.
    let last = last.strip_suffix(&[""]).filter(|_| rest.last() != Some(&"")).unwrap_or(last);
    rest = rest.strip_prefix(first)?.strip_suffix(last)?.to_vec();
    for part in middle {
        let at = rest.windows(part.len()).position(|window| window == *part)?;
        rest.drain(..at + part.len());
    }
    let kept =
        [first, &["[...]"], &middle.join(&["[...]"][..]), if middle.is_empty() { &[] } else { &["[...]"] }, last];
    Some(kept.concat().iter().map(|line| format!("{line}\n")).collect())
}

/// The first line that differs, with what comes around it.
fn first_difference(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let at = old.iter().zip(&new).position(|(old, new)| old != new).unwrap_or(old.len().min(new.len()));
    let around = |lines: &[&str]| lines[at.saturating_sub(3)..(at + 12).min(lines.len())].join("\n");
    format!("line {}:\n{}\n--- the page has:\n{}", at + 1, around(&new), around(&old))
}

#[test]
fn lines_may_be_left_out_of_what_is_shown() {
    let said = "a\nb\nc\nd\n";
    let shown = |lines: &[&str]| elided(lines, said);
    assert_eq!(shown(&["a", "[...]", "d"]).as_deref(), Some("a\n[...]\nd\n"));
    assert_eq!(shown(&["[...]", "b", "[...]", "d"]).as_deref(), Some("[...]\nb\n[...]\nd\n"));
    assert_eq!(shown(&["[...]"]).as_deref(), Some("[...]\n"));
    assert_eq!(shown(&["a", "b", "c", "d"]), None);
    assert_eq!(shown(&["b", "[...]", "d"]), None);
    assert_eq!(shown(&["a", "[...]", "e", "[...]", "d"]), None);
}
