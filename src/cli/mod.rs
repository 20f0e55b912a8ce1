//! The command line: arguments, terminal, reports, signals, exit codes.

pub mod args;
mod commands;
mod context;
mod exit;
mod files;
mod json;
mod signals;
mod terminal;
mod usage;
mod words;

use std::ffi::{OsStr, OsString};
use std::process::ExitCode;

use clap::error::ErrorKind;

use args::map::MapCommand;
use args::{Cli, Command, ProgressMode};
use commands::{convert, drives, generate, imaging, info, map, mux, rip, verify};
use context::Context;
use exit::{Exit, Failure};
use terminal::progress::Display;
use terminal::{logging, print, waiting};

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::understand(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => return misused(&error),
    };
    let context = Context::new(&cli.everywhere);
    let result = begin(&cli, &context).and_then(|()| dispatch(&cli.command, &context));
    context.display.clear();
    let exit = result.unwrap_or_else(|failure| failed(&cli.command, &failure, &context));
    let exit = match print::unwritten().map(Failure::from) {
        Some(failure) if exit != Exit::Stopped && prints_its_product(&cli) => {
            context.display.failure(&failure);
            failure.exit()
        }
        Some(failure) => {
            tracing::error!("{}", failure.message);
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
        Command::Sweep(sweep) => imaging::failed(sweep.task(), &sweep.imaging, failure, context),
        Command::Patch(patch) => imaging::failed(patch.task(), &patch.imaging, failure, context),
        Command::Mux(options) => mux::failed(options, failure, context),
        Command::Map(command) => map::failed(command, failure, context),
        _ => {
            context.display.failure(failure);
            if context.json {
                let (name, source) = named(command);
                print::print_json(&json::failed(Some(name), source, failure));
            }
            failure.exit()
        }
    }
}

/// What a command and its source are called in its report.
fn named(command: &Command) -> (&'static str, Option<&OsStr>) {
    match command {
        Command::Sweep(sweep) => ("sweep", Some(&sweep.imaging.source)),
        Command::Patch(patch) => ("patch", Some(&patch.imaging.source)),
        Command::Info(info) => ("info", Some(&info.source)),
        Command::Mux(mux) => ("mux", Some(&mux.source)),
        Command::Rip(rip) => ("rip", rip.split().0.first().map(OsString::as_os_str)),
        Command::Verify(verify) => ("verify", Some(&verify.source)),
        Command::Convert(convert) => ("convert", Some(&convert.source)),
        Command::Map(map) => (map.name(), map.sources().first().map(|path| path.as_os_str())),
        Command::Drives(drives) => ("drives", drives.device.as_ref().map(|device| device.as_os_str())),
        Command::Completions(_) => ("completions", None),
        Command::Man(_) => ("man", None),
    }
}

/// Whether what a command prints is what it is run for; else it only tells of files.
fn prints_its_product(cli: &Cli) -> bool {
    match &cli.command {
        // What an image is merged into is its product.
        Command::Map(MapCommand::Merge(merge)) => merge.maps_only || cli.everywhere.json,
        Command::Info(_) | Command::Verify(_) | Command::Map(_) | Command::Drives(_) | Command::Completions(_) => true,
        Command::Mux(mux) => mux.dry_run || cli.everywhere.json,
        Command::Sweep(_) | Command::Patch(_) | Command::Convert(_) | Command::Rip(_) | Command::Man(_) => {
            cli.everywhere.json
        }
    }
}

/// What comes before any command: no file is opened that would be read and written.
fn begin(cli: &Cli, context: &Context) -> Result<(), Failure> {
    waiting::watch(&context.display, &context.cancel);
    files::check(cli)?;
    Ok(logging::start(&cli.everywhere, &context.display)?)
}

fn dispatch(command: &Command, context: &Context) -> Result<Exit, Failure> {
    match command {
        Command::Sweep(sweep) => imaging::sweep(sweep, context),
        Command::Patch(patch) => imaging::patch(patch, context),
        Command::Info(options) => info::run(options, context),
        Command::Mux(options) => mux::run(options, context),
        Command::Rip(options) => rip::run(options, context),
        Command::Verify(options) => verify::run(options, context),
        Command::Convert(options) => convert::run(options, context),
        Command::Map(command) => map::run(command, context),
        Command::Drives(drives) => drives::list(drives, context),
        Command::Completions(completions) => Ok(generate::completions(completions.shell, context)),
        Command::Man(man) => generate::man(&man.folder, context),
    }
}

/// Help and version go to standard output with exit code 0; everything else is wrong usage.
fn misused(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        return match error.print() {
            Ok(()) => ExitCode::from(Exit::Complete.code()),
            Err(_) => ExitCode::from(Exit::Failed.code()),
        };
    }
    let words: Vec<OsString> = std::env::args_os().collect();
    let failure = usage::failure(error, &words);
    // The arguments could not be understood, so whether JSON is wanted is all that is looked for.
    let options = words.split(|word| word == "--").next().unwrap_or_default();
    let json_lines = |two: &[OsString]| two == ["--progress", "json"];
    let is_json = options.iter().any(|word| word == "--json");
    if options.iter().any(|word| word == "--progress=json") || options.windows(2).any(json_lines) {
        Display::new(ProgressMode::Json, false).failure(&failure);
    } else if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand && !is_json {
        let _ = error.print();
    } else {
        Display::new(ProgressMode::None, false).failure(&failure);
    }
    if is_json {
        print::print_json(&json::failed(usage::name_of(&words).as_deref(), None, &failure));
    }
    ExitCode::from(failure.exit().code())
}
