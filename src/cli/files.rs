//! Which files a command reads and writes, looked at before any of them is opened.

use std::ffi::OsStr;
use std::path::Path;

use crate::imaging::Task;
use crate::job::files::Files;
use crate::job::map::part::Part;
use crate::job::source_name::SourceName;
use crate::os::durable;

use super::args::format::{Format, is_raw};
use super::args::imaging::Imaging;
use super::args::map::{MapCommand, Product};
use super::args::{Cli, Command};
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
        Command::Rip(rip) => {
            let mut files = Files::default();
            for source in rip.split().0 {
                files.also(&of_source(source, rip.format));
            }
            files
        }
        Command::Map(command) => of_map(command),
        Command::Drives(_) | Command::Completions(_) | Command::Man(_) => Files::default(),
    }
}

fn of_map(command: &MapCommand) -> Files {
    let mut files = Files::default();
    for source in command.sources() {
        let part = Part::named(source);
        files.reads(source, "a map");
        files.reads(&part.map, "a map");
        part.image.iter().for_each(|image| files.reads(image, "an image"));
    }
    let product = |product: &Product| product.output.clone();
    let outputs = match command {
        MapCommand::Show(show) => {
            show.image.iter().for_each(|image| files.reads(image, "the image"));
            [None, None]
        }
        MapCommand::Picture(picture) => [picture.png.clone(), picture.svg.clone()],
        MapCommand::Convert(convert) => [product(&convert.product), None],
        MapCommand::And(pair) | MapCommand::Or(pair) | MapCommand::Xor(pair) => [product(&pair.product), None],
        MapCommand::Invert(one) => [product(&one.product), None],
        MapCommand::Compare(_) => [None, None],
        MapCommand::Merge(merge) => {
            let map = merge.output.as_deref().filter(|_| !merge.maps_only).map(|image| durable::beside(image, ".map"));
            [merge.output.clone(), map]
        }
    };
    outputs.iter().flatten().for_each(|output| files.writes(output, "the output"));
    files
}

fn of_imaging(options: &Imaging, task: Task) -> Files {
    let mut files = of_source(&options.source, options.format);
    options.job(task).outputs().iter().for_each(|(path, role)| files.writes(path, role));
    files
}

/// What is read for a source whose map is known by its name.
pub(super) fn of_source_and_map(source: &OsStr, format: Option<Format>, map: Option<&Path>) -> Files {
    let mut files = of_source(source, format);
    map.iter().for_each(|map| files.reads(map, "the map"));
    files
}

/// What is read for a source; nothing where its name means nothing.
fn of_source(source: &OsStr, format: Option<Format>) -> Files {
    let name = SourceName::parse(source, is_raw(format));
    name.map(|name| Files::of_source(&name)).unwrap_or_default()
}
