//! Man pages: the options as clap_mangen has them, and around them what else belongs on a page.

use std::io;
use std::path::Path;

use crate::os::durable;

use super::super::super::args;
use super::super::super::args::help::pages;
use super::super::super::context::Context;
use super::super::super::exit::{CliError, Exit, Failure};
use super::super::super::json;
use super::super::super::terminal::print;

/// Writes `freemkv.1` and a page a subcommand into `folder`.
///
/// # Errors
/// A page cannot be written.
pub(crate) fn man(folder: &Path, context: &Context) -> Result<Exit, Failure> {
    std::fs::create_dir_all(folder).map_err(CliError::place("cannot make", folder))?;
    let mut command = args::command();
    command.build();
    let mut written = Vec::new();
    write_pages(&command, folder, &mut written)?;
    if context.json {
        let result = [("folder".to_owned(), folder.to_string_lossy().into()), ("pages".to_owned(), written.into())];
        print::print_json(&json::product(Some("man"), None, result.into_iter().collect(), Exit::Complete));
    }
    Ok(Exit::Complete)
}

/// Writes the page of `command` and those of its subcommands, and tells their names.
fn write_pages(command: &clap::Command, folder: &Path, names: &mut Vec<String>) -> Result<(), CliError> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    // The help that clap adds to every level would be a page a subcommand of its own.
    if name.split('-').any(|part| part == "help") {
        return Ok(());
    }
    let path = folder.join(format!("{name}.1"));
    let mut page = Vec::new();
    render(command, &name, &mut page).map_err(CliError::system("cannot render a man page"))?;
    let written = durable::replace(&path, |out| out.write_all(&page));
    written.map_err(CliError::place("cannot write", &path))?;
    names.push(format!("{name}.1"));
    command.get_subcommands().try_for_each(|sub| write_pages(sub, folder, names))
}

/// One page: what it is, examples, options, and what a shell, a script and a search want to know.
fn render(command: &clap::Command, name: &str, page: &mut Vec<u8>) -> io::Result<()> {
    let man = clap_mangen::Man::new(without_arguments(command));
    // Without a date, so that the same sources make the same pages.
    let title = roff_line(name);
    let head = format!(".TH \"{title}\" 1 \"\" \"freemkv {}\" \"freemkv\"\n", env!("CARGO_PKG_VERSION"));
    page.extend_from_slice(head.as_bytes());
    man.render_name_section(page)?;
    section(page, "SYNOPSIS", "", &synopsis(command, name), "");
    man.render_description_section(page)?;
    let text = |text: Option<&clap::builder::StyledStr>| text.map(ToString::to_string).unwrap_or_default();
    if let Some(examples) = text(command.get_before_help()).strip_prefix("Examples:\n") {
        section(page, "EXAMPLES", ".nf\n", &roff(examples), ".fi\n");
    }
    let arguments = arguments(command);
    if !arguments.is_empty() {
        section(page, "ARGUMENTS", "", &arguments, "");
    }
    if command.get_subcommands().any(|sub| sub.get_name() != "help") {
        man.render_subcommands_section(page)?;
    }
    man.render_options_section(page)?;
    let after = text(command.get_after_long_help().or_else(|| command.get_after_help()));
    let notes: Vec<&str> =
        after.split("\n\n").filter(|part| !part.is_empty() && !part.starts_with("Exit codes:")).collect();
    if !notes.is_empty() {
        section(page, "NOTES", "", &paragraphs(&notes), "");
    }
    let note = Some(pages::exit_note(name)).filter(|note| !note.is_empty()).map(|note| paragraphs(&[note]));
    section(page, "EXIT STATUS", "", &definitions(pages::exit_status(name)), &note.unwrap_or_default());
    let files = pages::files(name);
    if !files.is_empty() {
        section(page, "FILES", "", &definitions(files), "");
    }
    section(page, "SEE ALSO", "", &format!("{}\n", related(command, name).join(", ")), "");
    Ok(())
}

/// The command with its options alone, which have a section without the arguments, and without `help`, which has no page.
fn without_arguments(command: &clap::Command) -> clap::Command {
    let command = command.clone().mut_args(|arg| if arg.is_positional() { arg.hide(true) } else { arg });
    let command = command.mut_subcommands(|sub| if sub.get_name() == "help" { sub.hide(true) } else { sub });
    command.subcommand_help_heading("COMMANDS")
}

/// `freemkv sweep [OPTIONS] <SOURCE> <IMAGE>`, a line for each way to use it.
fn synopsis(command: &clap::Command, name: &str) -> String {
    let words = name.replace('-', " ");
    let usage = command.clone().bin_name(&words).render_usage().to_string();
    let line = |line: &str| {
        let rest = line.strip_prefix(&words).unwrap_or(line);
        format!("\\fB{}\\fR{}\n", roff_line(&words), roff_line(rest))
    };
    let ways: Vec<String> = usage.trim_start_matches("Usage:").lines().map(|way| line(way.trim())).collect();
    ways.join(".br\n")
}

/// What a command takes beside its options.
fn arguments(command: &clap::Command) -> String {
    let of = |arg: &clap::Arg| {
        let names = arg.get_value_names().unwrap_or_default().join(" ");
        let help = arg.get_long_help().or_else(|| arg.get_help()).map(ToString::to_string).unwrap_or_default();
        let values: Vec<String> = arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
        let values = if values.is_empty() { String::new() } else { format!(": {}", values.join(", ")) };
        format!(".TP\n<\\fI{}\\fR>\n{}{}\n", roff_line(&names), roff_line(&help), roff_line(&values))
    };
    command.get_positionals().map(of).collect()
}

/// The pages that belong to one: of the command above it, of those below it, and others.
fn related(command: &clap::Command, name: &str) -> Vec<String> {
    let mut related: Vec<String> = pages::related(name).iter().map(|page| (*page).to_owned()).collect();
    if let Some((above, _)) = name.rsplit_once('-') {
        related.insert(0, format!("{above}(1)"));
    }
    let below = command.get_subcommands().map(clap::Command::get_name).filter(|sub| *sub != "help");
    related.extend(below.map(|sub| format!("{name}-{sub}(1)")));
    let bold = |page: &String| match page.split_once('(') {
        Some((page, section)) => format!("\\fB{}\\fR({section}", roff_line(page)),
        None => roff_line(page),
    };
    related.iter().map(bold).collect()
}

fn section(page: &mut Vec<u8>, title: &str, before: &str, body: &str, behind: &str) {
    page.extend_from_slice(format!(".SH \"{title}\"\n{before}{body}{behind}").as_bytes());
}

/// Terms with what they mean.
fn definitions(of: &[(&str, &str)]) -> String {
    of.iter().map(|(term, text)| format!(".TP\n\\fB{}\\fR\n{}\n", roff_line(term), roff_line(text))).collect()
}

/// Paragraphs; lines that are indented stay as they are.
fn paragraphs(of: &[&str]) -> String {
    let line = |line: &str| {
        let text = roff_line(line);
        if line.starts_with(' ') { format!(".nf\n{text}\n.fi\n") } else { format!("{text}\n.br\n") }
    };
    of.iter().map(|paragraph| format!(".PP\n{}", paragraph.lines().map(line).collect::<String>())).collect()
}

/// Text as roff has it, line by line.
fn roff(text: &str) -> String {
    text.lines().map(|line| roff_line(line) + "\n").collect()
}

/// A line in which nothing is an instruction (groff_man(7)).
fn roff_line(line: &str) -> String {
    let plain = line.replace('\\', "\\e").replace('-', "\\-");
    if plain.starts_with(['.', '\'']) { format!("\\&{plain}") } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_man_page_is_taken_for_an_instruction() {
        assert_eq!(roff(".x \\, a-b\n'y"), "\\&.x \\e, a\\-b\n\\&'y\n");
    }
}
