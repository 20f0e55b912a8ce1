//! What the program is made of: each crate may be used, as its own metadata say.

use std::process::Command;

use crate::support::finish;

/// Licences that ask for no more than their text beside the program.
const ALLOWED: [&str; 12] = [
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "0BSD",
    "Unicode-3.0",
    "Unlicense",
    "CC0-1.0",
    "BSL-1.0",
];
/// Of what only tests use, besides.
const OF_TESTS: &str = "MPL-2.0";

/// Whether an expression (SPDX) can be met with these licences: of `OR` one, of `AND` both.
fn is_met(expression: &str, allowed: &[&str]) -> bool {
    let expression = expression.trim().replace('/', " OR ");
    let (mut depth, mut parts, mut word_at) = (0, Vec::new(), 0);
    for (at, sign) in expression.char_indices() {
        match sign {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        for operator in [" OR ", " AND "] {
            if depth == 0 && expression[at..].starts_with(operator) {
                parts.push((&expression[word_at..at], operator));
                word_at = at + operator.len();
            }
        }
    }
    let last = expression[word_at..].trim();
    if parts.is_empty() {
        return match last.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
            Some(inner) => is_met(inner, allowed),
            None => allowed.contains(&last.split_whitespace().collect::<Vec<_>>().join(" ").as_str()),
        };
    }
    let is_or = parts.iter().all(|(_, operator)| *operator == " OR ");
    let mut all = parts.iter().map(|(part, _)| *part).chain([last]).map(|part| is_met(part, allowed));
    if is_or { all.any(|met| met) } else { all.all(|met| met) }
}

/// The crates of a kind of dependency, each with its licence.
fn crates(edges: &str) -> Vec<(String, String)> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(["tree", "--locked", "--offline", "--prefix", "none"]);
    let done = finish(command.args(["--edges", edges, "--format", "{p}\t{l}"]));
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let lines = done.stdout.lines().filter(|line| !line.trim().is_empty() && !line.ends_with("(*)"));
    lines.map(|line| line.split_once('\t').unwrap()).map(|(name, licence)| (name.into(), licence.into())).collect()
}

#[test]
fn every_crate_may_be_used() {
    let of_tests = [&ALLOWED[..], &[OF_TESTS]].concat();
    for (edges, allowed) in [("normal,build", &ALLOWED[..]), ("normal,build,dev", &of_tests)] {
        let crates = crates(edges);
        assert!(crates.len() > 20, "{crates:?}");
        let others: Vec<_> = crates.iter().filter(|(_, licence)| !is_met(licence, allowed)).collect();
        assert!(others.is_empty(), "{others:?}");
    }
}

#[test]
fn expressions_are_read_as_spdx_says() {
    for (expression, met) in [
        ("MIT", true),
        ("MIT OR GPL-3.0", true),
        ("GPL-3.0", false),
        ("MIT AND GPL-3.0", false),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("(GPL-2.0 OR GPL-3.0) AND MIT", false),
        ("MIT/Apache-2.0", true),
        ("Apache-2.0 WITH LLVM-exception OR GPL-2.0", true),
        ("", false),
    ] {
        assert_eq!(is_met(expression, &ALLOWED), met, "{expression}");
    }
}
