//! What pages say beside blocks that are run: commands in the text, links, scripts, and blocks that are not run.

use std::collections::BTreeSet;
use std::fs;

use clap::error::ErrorKind;
use freemkv::cli::args::Cli;

use crate::markdown::{Part, all, parts, root};

/// Pages that other programs than this test hold to the truth, and those programs.
const ELSEWHERE: [(&str, &str); 1] = [("docs/farm.md", "tests/farm/machine.py")];

/// The text between single backquotes, outside of blocks.
fn inline_code(text: &str) -> Vec<String> {
    let prose = |part: &Part| match part {
        Part::Prose(lines) => lines.clone(),
        Part::Block { .. } => String::new(),
    };
    let prose: String = parts(text).iter().map(prose).collect();
    prose.split('`').skip(1).step_by(2).map(|code| code.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// Whether freemkv takes such a command, or it only names one.
fn is_understood(code: &str) -> bool {
    let code = code.split(['|', '>', '<', ';', '#']).next().unwrap_or_default();
    let mut words: Vec<&str> = code.split_whitespace().filter(|word| *word != "\\").collect();
    // Something is left out: it stands for what a command needs.
    if let Some(at) = words.iter().position(|word| *word == "…" || *word == "...") {
        words.splice(at..=at, ["a", "b"]);
    }
    match Cli::understand(&words) {
        Ok(_) => true,
        Err(error) => matches!(
            error.kind(),
            ErrorKind::DisplayHelp
                | ErrorKind::DisplayVersion
                | ErrorKind::MissingRequiredArgument
                | ErrorKind::MissingSubcommand
                | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        ),
    }
}

#[test]
fn commands_in_the_text_are_understood() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (name, text) in all() {
        for code in inline_code(&text).iter().filter(|code| code.starts_with("freemkv ")) {
            seen += 1;
            if !is_understood(code) {
                wrong.push(format!("{name}: {code}"));
            }
        }
    }
    assert!(seen > 20, "{seen}");
    assert_eq!(wrong, Vec::<String>::new());
    assert!(!is_understood("freemkv sweep a b --passes 3") && !is_understood("freemkv swep"));
}

/// Every name of an option that some command has.
fn options(command: &clap::Command, into: &mut BTreeSet<String>) {
    into.extend(command.get_arguments().filter_map(|arg| arg.get_long().map(str::to_owned)));
    command.get_subcommands().for_each(|sub| options(sub, into));
}

/// Pages of the user: there an option without another program's name before it is one of freemkv.
const OF_THE_USER: [&str; 9] = [
    "README.md",
    "docs/cleaning.md",
    "docs/discs.md",
    "docs/dvd.md",
    "docs/exit-codes.md",
    "docs/images.md",
    "docs/recovery.md",
    "docs/scratched-disc.md",
    "docs/titles.md",
];

#[test]
fn options_in_the_text_are_there() {
    let mut known = BTreeSet::from(["help".to_owned(), "version".to_owned()]);
    options(&freemkv::cli::args::command(), &mut known);
    let mut wrong = Vec::new();
    for (name, text) in all().into_iter().filter(|(name, _)| OF_THE_USER.contains(&name.as_str())) {
        for code in inline_code(&text).iter().filter(|code| code.starts_with("--") && !code.starts_with("--test ")) {
            let option: String = code[2..].chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
            if !known.contains(&option) {
                wrong.push(format!("{name}: {code}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// The name that a heading has in links, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn links_lead_somewhere() {
    let pages = all();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (name, text) in &pages {
        let folder = root().join(name).parent().unwrap().to_owned();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") || link.contains(['`', ' ']) {
                continue;
            }
            seen += 1;
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let path = if file.is_empty() { root().join(name) } else { folder.join(file) };
            let has_heading = || {
                let text = fs::read_to_string(&path).unwrap_or_default();
                text.lines()
                    .filter_map(|line| line.strip_prefix('#'))
                    .any(|line| anchor(line.trim_start_matches('#')) == heading)
            };
            if !path.exists() || !(heading.is_empty() || has_heading()) {
                wrong.push(format!("{name}: {link}"));
            }
        }
    }
    assert!(seen > 50, "{seen}");
    assert_eq!(wrong, Vec::<String>::new());
}

/// Words that only a program can have at the head of a line.
fn is_command(line: &str) -> bool {
    let line = line.trim_start().trim_start_matches("$ ").trim_start_matches("sudo ");
    ["freemkv ", "ddrescue ", "cargo ", "podman ", "buildah ", "apt ", "tests/"]
        .iter()
        .any(|start| line.starts_with(start))
}

#[test]
fn every_block_with_commands_says_who_runs_it() {
    let mut wrong = Vec::new();
    for (name, text) in all() {
        if let Some((_, program)) = ELSEWHERE.iter().find(|(page, _)| *page == name) {
            assert!(root().join(program).is_file(), "{program}");
            continue;
        }
        let mut section = String::new();
        for part in parts(&text) {
            match &part {
                Part::Prose(lines) => {
                    section = lines.rsplit("\n#").next().unwrap_or(lines).to_lowercase();
                    let indented = lines.lines().filter(|line| line.starts_with("    ") && is_command(line));
                    wrong.extend(indented.map(|line| format!("{name}: in an indented block: {line}")));
                }
                Part::Block { words, code } => {
                    match (part.language(), part.says("by")) {
                        ("sh", Some(script)) => wrong
                            .extend(unrun(script, code).map(|line| format!("{name}: {script} does not run {line}"))),
                        ("sh", None) if words.ends_with("not-run") && !section.contains("not run") => {
                            wrong.push(format!("{name}: what is not run, and the section does not say so: {code}"));
                        }
                        ("sh" | "console", _) => {}
                        _ => wrong
                            .extend(code.lines().filter(|line| is_command(line)).map(|line| format!("{name}: {line}"))),
                    }
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// The lines whose first two words the script does not have.
fn unrun<'a>(script: &str, code: &'a str) -> impl Iterator<Item = &'a str> {
    let text = fs::read_to_string(root().join(script)).unwrap_or_else(|e| panic!("{script}: {e}"));
    code.lines().filter(move |line| {
        let line = line.split("  #").next().unwrap_or(line);
        let words: Vec<&str> =
            line.split_whitespace().filter(|word| !word.contains('=') && *word != "sudo").take(2).collect();
        !words.is_empty()
            && !line.trim_start().starts_with('#')
            && !text.contains(&words.join(" "))
            && !line.starts_with(script)
    })
}

#[test]
fn scripts_and_tests_that_pages_name_are_there() {
    let mut wrong = Vec::new();
    for (name, text) in all() {
        for code in inline_code(&text) {
            let mut words = code.split_whitespace();
            let first = words.next().unwrap_or_default();
            if first.starts_with("tests/")
                && !first.contains(['*', '{'])
                && !root().join(first.trim_end_matches(['.', ','])).exists()
            {
                wrong.push(format!("{name}: {code}"));
            }
            let rest: Vec<&str> =
                code.split("--test ").skip(1).filter_map(|rest| rest.split_whitespace().next()).collect();
            for test in rest.iter().filter(|_| code.starts_with("cargo ") || code.contains(" cargo ")) {
                let there = root().join(format!("tests/{test}.rs")).exists()
                    || root().join(format!("tests/{test}/main.rs")).exists();
                if !there {
                    wrong.push(format!("{name}: {code}"));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
