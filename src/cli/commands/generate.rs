//! Completions and man pages, made from the one definition of the arguments.

use std::io;
use std::path::Path;

use crate::os::durable;

use super::super::args::{self, help};
use super::super::context::Context;
use super::super::exit::{CliError, Exit, Failure};
use super::super::json;
use super::super::terminal::print;

/// Prints the completion script of `shell`; where JSON is wanted, as `script` of the object.
pub(crate) fn completions(shell: clap_complete::Shell, context: &Context) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut args::command(), "freemkv", &mut script);
    let mut script = String::from_utf8_lossy(&script).into_owned();
    if shell == clap_complete::Shell::Bash {
        script = names_first(&script);
    }
    if context.json {
        let result = [("shell".to_owned(), shell.to_string().into()), ("script".to_owned(), script.into())];
        print::print_json(&json::product(Some("completions"), None, result.into_iter().collect(), Exit::Complete));
    } else {
        print::print_bytes(script.as_bytes());
    }
    Exit::Complete
}

/// The script for bash with names of files where a command takes names: options are offered behind a dash. Without an answer
/// of the script, bash offers files.
fn names_first(script: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut takes_names = false;
    let mut is_behind_a_dash = false;
    for line in script.lines() {
        let mut line = line.to_owned();
        if let Some(options) = line.trim().strip_prefix("opts=\"").and_then(|rest| rest.strip_suffix('"')) {
            takes_names = options.split(' ').all(|word| word.starts_with('-'));
        }
        if let Some((dash, _)) = line.split_once(" || ${COMP_CWORD} -eq ").filter(|_| takes_names) {
            line = format!("{dash} ]] ; then");
            is_behind_a_dash = true;
        } else if takes_names && line.trim_start().starts_with("COMPREPLY=( $(compgen -W \"${opts}\"") {
            if !is_behind_a_dash {
                let indent = line.len() - line.trim_start().len();
                line = format!("{:indent$}COMPREPLY=()", "");
            }
            is_behind_a_dash = false;
        }
        lines.push(line);
    }
    lines.join("\n") + "\n"
}

/// Writes `freemkv.1` and a page a subcommand into `folder`.
///
/// # Errors
/// A page cannot be written.
pub(crate) fn man(folder: &Path, context: &Context) -> Result<Exit, Failure> {
    std::fs::create_dir_all(folder).map_err(CliError::place("cannot make", folder))?;
    let mut command = args::command();
    command.build();
    let mut written = Vec::new();
    pages(&command, folder, &mut written)?;
    if context.json {
        let result = [("folder".to_owned(), folder.to_string_lossy().into()), ("pages".to_owned(), written.into())];
        print::print_json(&json::product(Some("man"), None, result.into_iter().collect(), Exit::Complete));
    }
    Ok(Exit::Complete)
}

/// Writes the page of `command` and those of its subcommands, and tells their names.
fn pages(command: &clap::Command, folder: &Path, names: &mut Vec<String>) -> Result<(), CliError> {
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
    command.get_subcommands().try_for_each(|sub| pages(sub, folder, names))
}

/// One page: what it is, examples, options, and what a shell, a script and a search want to know.
fn render(command: &clap::Command, name: &str, page: &mut Vec<u8>) -> io::Result<()> {
    let man = clap_mangen::Man::new(command.clone()).title(name).manual("freemkv").date("");
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    let text = |text: Option<&clap::builder::StyledStr>| text.map(ToString::to_string).unwrap_or_default();
    if let Some(examples) = text(command.get_before_help()).strip_prefix("Examples:\n") {
        section(page, "EXAMPLES", ".nf\n", &roff(examples), ".fi\n");
    }
    man.render_options_section(page)?;
    if command.get_subcommands().any(|sub| sub.get_name() != "help") {
        man.render_subcommands_section(page)?;
    }
    let after = text(command.get_after_long_help().or_else(|| command.get_after_help()));
    let notes: Vec<&str> =
        after.split("\n\n").filter(|part| !part.is_empty() && !part.starts_with("Exit codes:")).collect();
    if !notes.is_empty() {
        section(page, "NOTES", ".nf\n", &roff(&notes.join("\n\n")), ".fi\n");
    }
    section(page, "EXIT STATUS", "", &definitions(&help::EXIT_STATUS), "");
    let files = help::files(command.get_name());
    if !files.is_empty() {
        section(page, "FILES", "", &definitions(files), "");
    }
    let mut related: Vec<String> =
        help::related(command.get_name()).iter().map(|name| format!("freemkv-{name}")).collect();
    match name.rsplit_once('-') {
        Some((above, _)) => related.insert(0, above.to_owned()),
        None => related.extend(command.get_subcommands().map(|sub| format!("freemkv-{}", sub.get_name()))),
    }
    related.retain(|name| name != "freemkv-help");
    let related: Vec<String> = related.iter().map(|name| format!("\\fB{}\\fR(1)", roff_line(name))).collect();
    section(page, "SEE ALSO", "", &format!("{}\n", related.join(", ")), "");
    Ok(())
}

fn section(page: &mut Vec<u8>, title: &str, before: &str, body: &str, behind: &str) {
    page.extend_from_slice(format!(".SH \"{title}\"\n{before}{body}{behind}").as_bytes());
}

/// Terms with what they mean.
fn definitions(of: &[(&str, &str)]) -> String {
    of.iter().map(|(term, text)| format!(".TP\n\\fB{}\\fR\n{}\n", roff_line(term), roff_line(text))).collect()
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

    #[test]
    fn commands_with_subcommands_or_words_keep_offering_them() {
        let script = "opts=\"-h show\"\nif [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then\nCOMPREPLY=( $(compgen -W \"${opts}\" -- \"${cur}\") )\n";
        assert_eq!(names_first(script), script);
    }
}
