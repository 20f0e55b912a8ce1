//! Arguments that cannot be understood, in the words of this program: what is wrong, and what to type instead.

use std::ffi::OsString;
use std::path::Path;

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::base::human::printable;

use super::args;
use super::exit::{CliError, Failure};
use super::words::shell;

/// The failure for arguments that clap does not take. `words` are those of the command line, with the program's name.
pub(super) fn failure(error: &clap::Error, words: &[OsString]) -> Failure {
    let root = built();
    let (command, path) = command_of(&root, words);
    let told = Told { error, root: &root, command, path };
    let (message, hint) = told.sentences();
    Failure::from(CliError::Arguments { message: printable(&message), hint: hint.map(|hint| printable(&hint)) })
}

/// What the command is called that the words name, as reports have it; `None` where they name none.
pub(super) fn name_of(words: &[OsString]) -> Option<String> {
    let path = command_of(&built(), words).1;
    (!path.is_empty()).then(|| path.join(" "))
}

fn built() -> Command {
    let mut root = args::command();
    root.build();
    root
}

/// The innermost command that the words name, and its names from the outside in.
fn command_of<'a>(root: &'a Command, words: &[OsString]) -> (&'a Command, Vec<String>) {
    let (mut command, mut path) = (root, Vec::new());
    let mut words = words.iter().skip(1);
    while let Some(word) = words.next().and_then(|word| word.to_str()) {
        if word == "--" {
            break;
        }
        if word.starts_with('-') {
            // The value of an option is no command, whatever its name.
            let takes =
                option(command, word.trim_start_matches('-')).is_some_and(|arg| arg.get_action().takes_values());
            if takes && !word.contains('=') {
                words.next();
            }
            continue;
        }
        match command.find_subcommand(word).filter(|sub| sub.get_name() != "help") {
            Some(sub) => {
                command = sub;
                path.push(sub.get_name().to_owned());
            }
            None => break,
        }
    }
    (command, path)
}

/// The option of a command with that long or short name.
fn option<'a>(command: &'a Command, name: &str) -> Option<&'a clap::Arg> {
    let is_it = |arg: &&clap::Arg| {
        arg.get_long() == Some(name) || (name.chars().count() == 1 && arg.get_short() == name.chars().next())
    };
    command.get_arguments().find(is_it)
}

/// An error and where it arose.
struct Told<'a> {
    error: &'a clap::Error,
    root: &'a Command,
    command: &'a Command,
    path: Vec<String>,
}

impl Told<'_> {
    /// What is wrong, and what to do.
    fn sentences(&self) -> (String, Option<String>) {
        match self.error.kind() {
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => self.no_command(),
            ErrorKind::InvalidSubcommand => self.no_such_command(),
            ErrorKind::UnknownArgument => self.unknown_argument(),
            ErrorKind::MissingRequiredArgument => self.missing(),
            ErrorKind::InvalidValue => self.no_such_value(),
            ErrorKind::ValueValidation => (self.bad_value(), self.help()),
            ErrorKind::ArgumentConflict => self.conflict(),
            _ => (first_paragraph(self.error), self.help()),
        }
    }

    fn text(&self, kind: ContextKind) -> Option<String> {
        match self.error.get(kind)? {
            ContextValue::String(text) => Some(text.clone()),
            ContextValue::Strings(texts) => Some(texts.join(", ")),
            ContextValue::StyledStr(text) => Some(text.to_string()),
            _ => None,
        }
    }

    /// `freemkv sweep`.
    fn program(&self) -> String {
        std::iter::once("freemkv").chain(self.path.iter().map(String::as_str)).collect::<Vec<_>>().join(" ")
    }

    fn help(&self) -> Option<String> {
        Some(format!("{} --help lists what there is.", self.program()))
    }

    /// The commands inside the present one.
    fn commands(&self) -> String {
        let names = self.command.get_subcommands().map(Command::get_name).filter(|name| *name != "help");
        names.collect::<Vec<_>>().join(", ")
    }

    fn no_command(&self) -> (String, Option<String>) {
        ("no command was given".to_owned(), Some(format!("The commands are {}.", self.commands())))
    }

    /// A word where a command belongs: often a disc that something shall be done with.
    fn no_such_command(&self) -> (String, Option<String>) {
        let word = self.text(ContextKind::InvalidSubcommand).unwrap_or_default();
        let commands = self.commands();
        let is_disc = Path::new(&word).exists() || word.contains('/') || word.contains('.') || word.starts_with("emu:");
        if is_disc && self.path.is_empty() {
            let word = shell::word(&word);
            let hint = format!(
                "What is to be done with it? The commands are {commands}; freemkv info {word} shows what it holds."
            );
            return (format!("{word} is no command"), Some(hint));
        }
        let hint = match self.text(ContextKind::SuggestedSubcommand) {
            Some(near) => format!("Did you mean {near}? The commands are {commands}."),
            None => format!("The commands are {commands}."),
        };
        (format!("'{word}' is no command"), Some(hint))
    }

    fn unknown_argument(&self) -> (String, Option<String>) {
        let word = self.text(ContextKind::InvalidArg).unwrap_or_default();
        let Some(name) = word.strip_prefix('-').map(|rest| rest.trim_start_matches('-')).filter(|n| !n.is_empty())
        else {
            return (format!("'{word}' is one name too many"), Some(self.synopsis()));
        };
        let owners = owners(self.root, name);
        if !owners.is_empty() {
            let message = format!("{word} belongs to {}, not to {}", owners.join(" and "), self.program());
            let first = owners.first().map_or("", String::as_str);
            return (message, Some(format!("freemkv {first} --help says what it does there.")));
        }
        let hint = match self.text(ContextKind::SuggestedArg) {
            Some(near) => Some(format!("Did you mean {near}? {} --help lists what there is.", self.program())),
            None => self.help(),
        };
        (format!("{} has no option {word}", self.program()), hint)
    }

    fn missing(&self) -> (String, Option<String>) {
        let what = self.text(ContextKind::InvalidArg).unwrap_or_default();
        (format!("{} needs {}", self.program(), what.replace(", ", " and ")), Some(self.synopsis()))
    }

    /// A value that is none of those that an option takes, or none at all.
    fn no_such_value(&self) -> (String, Option<String>) {
        let (option, value) = (self.text(ContextKind::InvalidArg), self.text(ContextKind::InvalidValue));
        let option = option_name(&option.unwrap_or_default());
        let there = self.text(ContextKind::ValidValue).filter(|there| !there.is_empty());
        let message = match value.filter(|value| !value.is_empty()) {
            Some(value) => format!("{option}: '{value}' is not among what it takes"),
            None => format!("{option} needs a value"),
        };
        (message, there.map(|there| format!("It takes {there}.")).or_else(|| self.help()))
    }

    fn bad_value(&self) -> String {
        let (option, value) = (self.text(ContextKind::InvalidArg), self.text(ContextKind::InvalidValue));
        let option = option_name(&option.unwrap_or_default());
        match std::error::Error::source(self.error) {
            Some(why) => {
                let why = why.to_string();
                let value = value.unwrap_or_default();
                // Own parsers name the value; those of the library do not.
                if why.contains(&format!("'{value}'")) {
                    format!("{option}: {why}")
                } else {
                    format!("{option} '{value}': {why}")
                }
            }
            None => first_paragraph(self.error),
        }
    }

    fn conflict(&self) -> (String, Option<String>) {
        let one = option_name(&self.text(ContextKind::InvalidArg).unwrap_or_default());
        match self.text(ContextKind::PriorArg) {
            Some(other) if option_name(&other) == one => (format!("{one} can be given once only"), self.help()),
            Some(other) => (format!("{one} and {} exclude each other", option_name(&other)), self.help()),
            None => (first_paragraph(self.error), self.help()),
        }
    }

    /// `It is used so: freemkv sweep [OPTIONS] <SOURCE> <IMAGE>`; a command may have several ways.
    fn synopsis(&self) -> String {
        let usage = self.command.clone().bin_name(self.program()).render_usage().to_string();
        let ways: Vec<&str> = usage.trim_start_matches("Usage:").lines().map(str::trim).collect();
        format!("It is used so: {}", ways.join(", or "))
    }
}

/// `--media` of `--media <KIND>`.
fn option_name(option: &str) -> String {
    option.split([' ', '=']).next().unwrap_or(option).to_owned()
}

/// The commands that have an option of that name, by their names from the outside in.
fn owners(root: &Command, name: &str) -> Vec<String> {
    let mut owners = Vec::new();
    let mut stack: Vec<(&Command, String)> =
        root.get_subcommands().map(|sub| (sub, sub.get_name().to_owned())).collect();
    stack.reverse();
    while let Some((command, path)) = stack.pop() {
        if command.get_name() == "help" {
            continue;
        }
        if option(command, name.split('=').next().unwrap_or(name)).is_some() {
            owners.push(path.clone());
        }
        stack.extend(command.get_subcommands().map(|sub| (sub, format!("{path} {}", sub.get_name()))));
    }
    owners
}

/// What clap says, in one line and without its advice.
fn first_paragraph(error: &clap::Error) -> String {
    let text = error.to_string();
    let lines = text.lines().take_while(|line| !line.trim().is_empty()).map(str::trim);
    let sentence = lines.collect::<Vec<_>>().join(" ");
    sentence.trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::args::Cli;
    use super::*;

    fn said(line: &str) -> (String, String) {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let failure = failure(&Cli::understand(&words).unwrap_err(), &words);
        assert_eq!(failure.exit().code(), 2, "{line}");
        (failure.message, failure.hint.unwrap_or_default())
    }

    #[test]
    fn every_mistake_is_named_with_what_to_type_instead() {
        for (line, message, hint) in [
            ("freemkv disc.iso", "disc.iso is no command", "freemkv info disc.iso shows what it holds"),
            ("freemkv swep a b", "'swep' is no command", "Did you mean sweep?"),
            (
                "freemkv sweep a b --passes 3",
                "--passes belongs to patch and rip, not to freemkv sweep",
                "freemkv patch --help",
            ),
            ("freemkv sweep a b --title 3", "--title belongs to", "--help says what it does there"),
            ("freemkv sweep a b --medi cd", "freemkv sweep has no option --medi", "Did you mean --media?"),
            ("freemkv sweep a b --unheard-of", "freemkv sweep has no option --unheard-of", "freemkv sweep --help"),
            ("freemkv sweep a b c", "'c' is one name too many", "freemkv sweep [OPTIONS] <SOURCE> <IMAGE>"),
            ("freemkv sweep a", "freemkv sweep needs <IMAGE>", "freemkv sweep [OPTIONS] <SOURCE> <IMAGE>"),
            ("freemkv sweep", "freemkv sweep needs <SOURCE> and <IMAGE>", "It is used so"),
            ("freemkv rip", "freemkv rip needs", "<SOURCE>... <DIR>, or freemkv rip [OPTIONS] --all <DIR>"),
            ("freemkv sweep a b --media vhs", "--media: 'vhs' is not among what it takes", "auto, cd, dvd, bd, uhd"),
            ("freemkv sweep a b --media", "--media needs a value", "auto, cd"),
            ("freemkv sweep a b --unit 0", "--unit '0': ", "freemkv sweep --help"),
            ("freemkv sweep a b --only x", "--only: 'x' is no range", "freemkv sweep --help"),
            ("freemkv sweep -q -v a b", "exclude each other", "freemkv sweep --help"),
            ("freemkv sweep a b --force --force", "--force can be given once only", "freemkv sweep --help"),
            ("freemkv --log-file info sweep a", "freemkv sweep needs <IMAGE>", "freemkv sweep"),
        ] {
            let told = said(line);
            assert!(told.0.contains(message) && told.1.contains(hint), "{line}: {told:?}");
        }
    }

    #[test]
    fn the_command_is_found_among_options_and_their_values() {
        let name = |line: &str| name_of(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert_eq!(name("freemkv --progress json patch x").as_deref(), Some("patch"));
        assert_eq!(name("freemkv -v --log-file=a map show").as_deref(), Some("map show"));
        assert_eq!(name("freemkv --json"), None);
        assert_eq!(name("freemkv -- sweep"), None);
    }
}
