//! Which files a command reads and writes, looked at before any of them is opened.

use std::ffi::OsStr;
use std::path::Path;

use crate::imaging::Task;
use crate::job::files::Files;
use crate::job::source_name::{FormatChoice, SourceName};
use crate::os::durable;

use super::args::format::{Format, choice};
use super::args::imaging::Imaging;
use super::args::{Cli, Command, MapCommand};
use super::exit::{Failure, source};

/// Refuses a command that would write what it reads, or two things into one file.
///
/// # Errors
/// The [`Failure`] for it.
pub(super) fn check(cli: &Cli) -> Result<(), Failure> {
    let mut files = of_command(&cli.command);
    if let Some(log) = &cli.everywhere.log_file {
        files.writes(log, "the log");
    }
    files.check().map_err(|error| source::clash(&error))
}

/// The files of a command, as far as its arguments tell. What cannot be understood is told when it is carried out.
fn of_command(command: &Command) -> Files {
    match command {
        Command::Sweep(sweep) => of_imaging(&sweep.imaging, sweep.task()),
        Command::Patch(patch) => of_imaging(&patch.imaging, patch.task()),
        Command::Info(info) => of_source_and_map(&info.source, info.format, info.map.as_deref()),
        Command::Mux(mux) => {
            let mut files = of_source_and_map(&mux.source, mux.format, mux.map.as_deref());
            if !mux.output.is_dir() && !mux.dry_run {
                files.writes(&mux.output(), "the film");
            }
            files
        }
        Command::Convert(convert) => {
            let mut files = of_source(&convert.source, FormatChoice::ByName);
            files.writes(&convert.image, "the new image");
            files.writes(&durable::beside(&convert.image, ".part"), "the unfinished image");
            files.writes(&durable::beside(&convert.image, ".map"), "the new map");
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

fn of_imaging(options: &Imaging, task: Task) -> Files {
    let mut files = of_source(&options.source, choice(options.format).of_copied(&options.source));
    options.job(task).outputs().iter().for_each(|(path, role)| files.writes(path, role));
    files
}

/// What is read for a source whose map is known by its name.
pub(super) fn of_source_and_map(source: &OsStr, format: Option<Format>, map: Option<&Path>) -> Files {
    let mut files = of_source(source, choice(format));
    map.iter().for_each(|map| files.reads(map, "the map"));
    files
}

/// What is read for a source; nothing where its name means nothing.
fn of_source(source: &OsStr, format: FormatChoice) -> Files {
    let name = SourceName::parse(source, format);
    name.map(|name| Files::of_source(&name)).unwrap_or_default()
}
