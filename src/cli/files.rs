//! Which files a command reads and writes, looked at before any of them is opened.

use std::ffi::OsStr;

use crate::job::files::{Clash, Files};
use crate::job::source_name::SourceName;

use super::args::{Cli, Command, Format, MapCommand};
use super::exit::{Exit, Failure};
use super::imaging;

/// Refuses a command that would write what it reads, or two things into one file.
///
/// # Errors
/// The [`Failure`] for it.
pub(super) fn check(cli: &Cli) -> Result<(), Failure> {
    let mut files = of_command(&cli.command);
    if let Some(log) = &cli.everywhere.log_file {
        files.writes(log, "the log");
    }
    files.check().map_err(|clash| failure(&clash))
}

/// A clash as a person sees it.
pub(super) fn failure(clash: &Clash) -> Failure {
    Failure::new(Exit::Usage, clash.to_string()).hint("Choose another name.")
}

/// The files of a command, as far as its arguments tell. What cannot be understood is told when it is carried out.
fn of_command(command: &Command) -> Files {
    match command {
        Command::Sweep(sweep) => imaging::files(imaging::sweep_task(sweep), &sweep.imaging),
        Command::Patch(patch) => imaging::files(imaging::patch_task(patch), &patch.imaging),
        Command::Info(info) => {
            let mut files = of_source(info.source.as_ref(), info.format);
            info.map.iter().for_each(|map| files.reads(map, "the map"));
            files
        }
        Command::Mux(mux) => {
            let mut files = of_source(mux.source.as_ref(), mux.format);
            mux.map.iter().for_each(|map| files.reads(map, "the map"));
            if !mux.output.is_dir() && !mux.dry_run {
                files.writes(&mux.output, "the film");
            }
            files
        }
        Command::Map(MapCommand::Show(show)) => {
            let mut files = Files::default();
            show.maps.iter().for_each(|map| files.reads(map, "a map to be shown"));
            files
        }
        Command::Drives(_) | Command::Completions(_) | Command::Man(_) => Files::default(),
    }
}

/// What is read for a source; nothing where its name means nothing.
pub(super) fn of_source(source: &OsStr, format: Option<Format>) -> Files {
    let name = SourceName::parse(source, format == Some(Format::Raw));
    name.map(|name| Files::of_source(&name)).unwrap_or_default()
}
