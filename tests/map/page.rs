//! `docs/maps.md`: each command in it is run, and what is printed there is what it says.
//!
//! To renew what it says: `FREEMKV_RENEW=1 cargo test --test map the_page`.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::bench::Bench;

/// Damage that does not meet that of the other plan.
const PLANS: [(&str, &str); 2] = [("one.plan", "bad 20 3 0\nbad 70 1 0\n"), ("two.plan", "bad 40 2 0\n")];

#[test]
fn the_page_shows_what_the_commands_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = root.join("docs/maps.md");
    let text = fs::read_to_string(&page).unwrap();
    let bench = Bench::new();
    fs::copy(root.join("tests/discs/film.iso"), bench.path("film.iso")).unwrap();
    PLANS.iter().for_each(|(name, plan)| fs::write(bench.path(name), plan).unwrap());
    let mut fresh = String::new();
    let mut in_console = false;
    let mut commands = 0;
    for line in text.lines() {
        match line.strip_prefix("$ ") {
            Some(command) if in_console => {
                commands += 1;
                fresh += &format!("{line}\n{}", said(&bench, command));
            }
            _ => {
                in_console = if line == "```console" { true } else { in_console && !line.starts_with("```") };
                if !in_console || line == "```console" {
                    fresh += &format!("{line}\n");
                }
            }
        }
    }
    assert!(commands > 20, "{commands}");
    if std::env::var_os("FREEMKV_RENEW").is_some() {
        fs::write(&page, &fresh).unwrap();
    } else {
        assert!(fresh == text, "docs/maps.md is old; what the commands say:\n{fresh}");
    }
}

/// What a line of shell prints, and how it ended when that was not well.
fn said(bench: &Bench, line: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_freemkv")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("exec 2>&1; {line}")]).current_dir(bench.folder.path()).stdin(Stdio::null());
    shell.env("PATH", path).env("LC_ALL", "C.UTF-8").env_remove("COLUMNS").env("XDG_STATE_HOME", bench.path("state"));
    let done = crate::support::finish(&mut shell);
    match done.code {
        Some(0) => done.stdout,
        code => format!("{}(exit code {})\n", done.stdout, code.unwrap()),
    }
}
