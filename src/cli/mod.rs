//! The command line: arguments, terminal, reports, signals, exit codes.

pub mod args;
pub mod drive_args;
mod drives;
mod errors;
mod exit;
mod faults;
mod files;
mod generate;
mod imaging;
mod info;
mod info_words;
mod logging;
mod map;
mod mux;
mod mux_words;
mod progress;
mod report;
mod signals;

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;

use crate::base::cancel::Cancel;

use args::{Cli, Command, MapCommand};
use exit::{Exit, Failure, failure_of};
use progress::Display;

/// What every command is handed.
struct Context {
    display: Arc<Display>,
    cancel: Cancel,
    json: bool,
    quiet: bool,
    verbose: u8,
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let display = Arc::new(Display::new(cli.everywhere.progress, cli.everywhere.quiet));
    let context = Context {
        display: Arc::clone(&display),
        cancel: Cancel::new(),
        json: cli.everywhere.json,
        quiet: cli.everywhere.quiet,
        verbose: cli.everywhere.verbose,
    };
    let result = begin(&cli, &display).and_then(|()| dispatch(&cli.command, &context));
    display.clear();
    let exit = result.unwrap_or_else(|error| failed(&cli.command, &failure_of(&error), &context));
    let exit = match report::unwritten() {
        Some(failure) if exit != Exit::Stopped && prints_its_product(&cli) => {
            display.failure(&failure);
            failure.exit
        }
        Some(failure) => {
            tracing::error!("{failure}");
            exit
        }
        None => exit,
    };
    if exit == Exit::Stopped {
        signals::raise_again();
    }
    ExitCode::from(exit.code())
}

/// Tells why a command could not be carried out; returns its exit code.
fn failed(command: &Command, failure: &Failure, context: &Context) -> Exit {
    match command {
        Command::Sweep(sweep) => imaging::failed(imaging::sweep_task(sweep), &sweep.imaging, failure, context),
        Command::Patch(patch) => imaging::failed(imaging::patch_task(patch), &patch.imaging, failure, context),
        _ => {
            context.display.failure(failure);
            if context.json {
                report::print_failure(failure);
            }
            failure.exit
        }
    }
}

/// Whether what a command prints is what it is run for; else it only tells of files.
fn prints_its_product(cli: &Cli) -> bool {
    match &cli.command {
        Command::Info(_) | Command::Map(_) | Command::Drives(_) | Command::Completions(_) => true,
        Command::Mux(mux) => mux.dry_run || cli.everywhere.json,
        Command::Sweep(_) | Command::Patch(_) | Command::Man(_) => cli.everywhere.json,
    }
}

/// What comes before any command: no file is opened that would be read and written.
fn begin(cli: &Cli, display: &Arc<Display>) -> anyhow::Result<()> {
    files::check(cli)?;
    logging::start(&cli.everywhere, display)
}

fn dispatch(command: &Command, context: &Context) -> anyhow::Result<Exit> {
    match command {
        Command::Sweep(sweep) => imaging::sweep(sweep, context),
        Command::Patch(patch) => imaging::patch(patch, context),
        Command::Info(options) => info::info(options, context),
        Command::Mux(options) => mux::mux(options, context),
        Command::Map(MapCommand::Show(show)) => map::show(show, context),
        Command::Drives(drives) => drives::list(drives, context),
        Command::Completions(completions) => Ok(generate::completions(completions.shell)),
        Command::Man(man) => generate::man(&man.folder),
    }
}

/// Help and version go to standard output with exit code 0; everything else is wrong usage.
fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        return match error.print() {
            Ok(()) => ExitCode::from(Exit::Complete.code()),
            Err(_) => ExitCode::from(Exit::Failed.code()),
        };
    }
    // The arguments could not be understood, so whether JSON is wanted is all that is looked for.
    let words: Vec<_> = std::env::args_os().collect();
    let failure = Failure::new(Exit::Usage, first_paragraph(error)).hint("freemkv --help lists what there is.");
    let json_lines = |two: &[std::ffi::OsString]| two == ["--progress", "json"];
    if words.iter().any(|word| word == "--progress=json") || words.windows(2).any(json_lines) {
        Display::new(args::ProgressMode::Json, false).failure(&failure);
    } else {
        let _ = error.print();
    }
    if words.iter().any(|word| word == "--json") {
        report::print_failure(&failure);
    }
    ExitCode::from(Exit::Usage.code())
}

/// What clap says, in one line and without its advice.
fn first_paragraph(error: &clap::Error) -> String {
    use clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand as Nothing;
    if error.kind() == Nothing {
        return "no command was given".into();
    }
    let text = error.to_string();
    let lines = text.lines().take_while(|line| !line.trim().is_empty()).map(str::trim);
    let sentence = lines.collect::<Vec<_>>().join(" ");
    sentence.trim_start_matches("error: ").to_owned()
}
