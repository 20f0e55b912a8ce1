//! Completions and man pages, made from the one definition of the arguments.

mod man;
mod names_first;

use super::super::args;
use super::super::context::Context;
use super::super::exit::Exit;
use super::super::json;
use super::super::terminal::print;

pub(crate) use man::man;

/// Drives and titles, which the definition of the arguments does not know, for each shell.
const BASH: &str = include_str!("places.bash");
const ZSH: &str = include_str!("places.zsh");
const FISH: &str = include_str!("places.fish");

/// Prints the completion script of `shell`; where JSON is wanted, as `script` of the object.
pub(crate) fn completions(shell: clap_complete::Shell, context: &Context) -> Exit {
    let script = script(shell);
    if context.json {
        let result = [("shell".to_owned(), shell.to_string().into()), ("script".to_owned(), script.into())];
        print::print_json(&json::product(Some("completions"), None, result.into_iter().collect(), Exit::Complete));
    } else {
        print::print_bytes(script.as_bytes());
    }
    Exit::Complete
}

/// What clap_complete makes, with drives, files and titles offered where they belong.
fn script(shell: clap_complete::Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut args::command(), "freemkv", &mut script);
    let script = String::from_utf8_lossy(&script);
    match shell {
        clap_complete::Shell::Bash => bash(&script),
        clap_complete::Shell::Zsh => zsh(&script),
        clap_complete::Shell::Fish => format!("{script}\n{}", FISH.replace("@VALUED@", &valued().join(" "))),
        _ => script.into_owned(),
    }
}

/// The function of clap_complete is asked first, by one that knows drives and titles.
fn bash(script: &str) -> String {
    let script = names_first::names_first(script).replace("complete -F _freemkv ", "complete -F _freemkv_places ");
    match script.split_once("\nif [[ \"${BASH_VERSINFO[0]}\" -eq 4") {
        Some((before, behind)) => {
            let places = BASH.replace("@VALUED@", &valued().join(" "));
            format!("{before}\n{places}\nif [[ \"${{BASH_VERSINFO[0]}}\" -eq 4{behind}")
        }
        None => script,
    }
}

/// Sources, devices and titles are asked for by functions in place of files and nothing.
fn zsh(script: &str) -> String {
    let line = |line: &str| {
        let action = match line {
            // What is converted is an image.
            _ if line.starts_with("':source -- The image that is there") => None,
            _ if line.starts_with("':source -- ") || line.starts_with("'*::places -- ") => Some("_freemkv_sources"),
            _ if line.starts_with("'::device -- ") => Some("_freemkv_drives"),
            _ if line.contains("]:WHICH:") => Some("_freemkv_titles"),
            _ if line.contains("]:SPEC:") => Some("_freemkv_specs"),
            _ => None,
        };
        match (action, line.rsplit_once(':')) {
            (Some(action), Some((before, _))) => format!("{before}:{action}' \\\n"),
            _ => format!("{line}\n"),
        }
    };
    let script: String = script.lines().map(line).collect();
    match script.split_once("\nif [ \"$funcstack[1]\"") {
        Some((before, behind)) => format!("{before}\n{ZSH}\nif [ \"$funcstack[1]\"{behind}"),
        None => script,
    }
}

/// The options that take a value: the word behind one is no name.
fn valued() -> Vec<String> {
    fn of(command: &clap::Command, into: &mut Vec<String>) {
        for arg in command.get_arguments().filter(|arg| arg.get_action().takes_values() && !arg.is_require_equals_set())
        {
            into.extend(arg.get_long().map(|long| format!("--{long}")));
            into.extend(arg.get_short().map(|short| format!("-{short}")));
        }
        command.get_subcommands().for_each(|sub| of(sub, into));
    }
    let mut valued = Vec::new();
    of(&args::command(), &mut valued);
    valued.sort();
    valued.dedup();
    valued
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_by_hand_finds_its_place() {
        let of = |shell| script(shell);
        let bash = of(clap_complete::Shell::Bash);
        assert!(
            bash.contains("_freemkv_places() {")
                && bash.contains("complete -F _freemkv_places")
                && !bash.contains("@VALUED@")
        );
        let zsh = of(clap_complete::Shell::Zsh);
        assert!(zsh.contains("_freemkv_sources() {") && zsh.matches(":_freemkv_sources'").count() == 6, "{zsh}");
        assert_eq!(zsh.matches(":_freemkv_titles'").count(), 3);
        assert_eq!(zsh.matches(":_freemkv_specs'").count(), 4);
        assert!(of(clap_complete::Shell::Fish).contains("function __freemkv_places"));
        assert!(valued().contains(&"--title".to_owned()) && !valued().contains(&"--force".to_owned()));
    }
}
