//! `freemkv sweep` and `freemkv patch`.

use std::path::Path;

use clap::ValueEnum as _;

use crate::base::event::{Event, Events as _};
use crate::imaging::{End, Job, Report, Task};
use crate::job::files::is_same;
use crate::job::imaging;
use crate::job::source_name::SourceName;

use super::super::args::format::choice;
use super::super::args::imaging::{Imaging, OrderChoice, PASSES_MAX, Patch, Sweep};
use super::super::context::Context;
use super::super::exit::{self, CliError, Exit, Failure, source};
use super::super::terminal::print;
use super::super::words::{self, shell};
use super::super::{json, signals};

/// Runs the patch that was asked for.
///
/// # Errors
/// Nothing was read.
pub(crate) fn patch(patch: &Patch, context: &Context) -> Result<Exit, Failure> {
    let film_first = patch.order == OrderChoice::Film;
    let job = Job { fresh: patch.fresh, film_first, ..patch.imaging.job(patch.task()) };
    run(job, &patch.imaging, context)
}

/// Runs the sweep that was asked for.
///
/// # Errors
/// Nothing was read.
pub(crate) fn sweep(sweep: &Sweep, context: &Context) -> Result<Exit, Failure> {
    run(sweep.imaging.job(sweep.task()), &sweep.imaging, context)
}

/// Runs a job.
///
/// # Errors
/// Nothing was read.
fn run(job: Job, options: &Imaging, context: &Context) -> Result<Exit, Failure> {
    if options.image.as_os_str() == "-" {
        return Err(CliError::Dash.into());
    }
    let of_source = choice(options.format).of_copied(&options.source);
    let name = SourceName::parse(&options.source, of_source).map_err(|e| source::name(&e))?;
    let format = choice(options.format).written(&options.image).map_err(|e| source::name(&e))?;
    signals::install(&context.cancel, context.display.is_json())?;
    let (cancel, events) = (&context.cancel, context.display.as_ref());
    let job = Job { format, ..job };
    let task = job.task;
    let result = imaging::run(&name, &job, &options.wanted(), options.drive.eject, cancel, events);
    context.display.clear();
    let (report, end) = result.map_err(|e| exit::imaging::not_begun(&e, task))?;
    Ok(tell(&report, &end, task, options, context))
}

/// Tells a failure before there was anything to report; returns its exit code.
pub(crate) fn failed(task: Task, options: &Imaging, failure: &Failure, context: &Context) -> Exit {
    context.display.clear();
    context.display.failure(failure);
    if context.json {
        say(&json::imaging_failed(task.name(), options, failure).to_string(), options, context);
    }
    failure.exit()
}

/// Prints the report and the failure that goes with it; returns the exit code.
fn tell(report: &Report, end: &End, task: Task, options: &Imaging, context: &Context) -> Exit {
    if let End::Limit(limit) = end {
        context.display.event(Event::Notice(words::imaging::limit(*limit)));
    }
    if options.hash && matches!(end, End::Done) && !report.complete {
        context.display.event(Event::Notice(words::imaging::NO_HASH.to_owned()));
    }
    let failure = exit::imaging::ended(end, task, &report.source);
    let exit = Exit::of_imaging(end, report.complete);
    if context.json {
        let object = serde_json::to_string(&json::ended(report, exit, failure.as_ref())).unwrap_or_default();
        say(&object, options, context);
    } else if !context.quiet {
        let next = if exit == Exit::Missing { next_command(report, task, options) } else { None };
        say(&words::imaging::of(report, next), options, context);
    }
    if let Some(failure) = &failure {
        context.display.failure(failure);
    }
    exit
}

/// Prints a report: on standard output, unless that is the image.
fn say(report: &str, options: &Imaging, context: &Context) {
    if is_same(Path::new("/dev/stdout"), &options.image) {
        context.display.report(report);
    } else {
        print::print(report);
    }
}

/// What to type next where data is missing and that is plain: what for, and the command alone, to be pasted.
fn next_command(report: &Report, task: Task, options: &Imaging) -> Option<(&'static str, String)> {
    report.map.as_ref()?;
    // What lies behind the end of the disc, or is no data, no other read brings.
    if report.missing_places == 0 && (report.left_out.has_loss() || !report.past_end.is_empty()) {
        return None;
    }
    let command = |name, choice| command(name, choice, options);
    match task {
        _ if report.chosen_complete => Some(("Next, for the rest of the disc", command("sweep", false))),
        // What a sweep that was ended early has not come to, a patch would ask for in the order of damage.
        Task::Sweep { .. } if report.stopped_by.is_some() => Some(("Next", command("sweep", true))),
        Task::Sweep { .. } => Some(("Next", command("patch", true))),
        Task::Patch { .. } if report.stopped_by.is_some() && report.totals.non_tried_bytes > 0 => {
            Some(("Next", command("sweep", true)))
        }
        Task::Patch { finish: true, .. } => None,
        Task::Patch { passes, .. } => {
            let passes = passes.saturating_mul(3).clamp(3, PASSES_MAX);
            Some(("Next, best in another drive", format!("{} --passes {passes}", command("patch", true))))
        }
    }
}

/// A command on the same source and image, with the options that must stay the same from run to run.
fn command(name: &str, with_choice: bool, options: &Imaging) -> String {
    let (source, image) = (shell::word(&options.source), shell::word(&options.image));
    let mut command = format!("freemkv {name} {source} {image}");
    if let Some(map) = &options.map {
        command.push_str(&format!(" --map {}", shell::word(map)));
    }
    if let Some(media) = options.media.media() {
        command.push_str(&format!(" --media {}", media.name()));
    }
    if let Some(unit) = options.unit {
        command.push_str(&format!(" --unit {unit}"));
    }
    if let Some(format) = options.format.and_then(|format| format.to_possible_value()) {
        command.push_str(&format!(" --format {}", format.get_name()));
    }
    for (option, specs) in [("--only", &options.only), ("--skip", &options.skip)] {
        for spec in specs.iter().filter(|_| with_choice) {
            command.push_str(&format!(" {option} {}", shell::word(&spec.text)));
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use super::super::super::args::{Cli, Command};
    use super::*;
    use clap::Parser;

    fn next(words: &str, task: Task, chosen_complete: bool) -> Option<(&'static str, String)> {
        let cli = Cli::parse_from(words.split(' '));
        let (Command::Sweep(Sweep { imaging, .. }) | Command::Patch(Patch { imaging, .. })) = cli.command else {
            return None;
        };
        let report = Report { map: Some("o.map".into()), chosen_complete, ..Report::default() };
        next_command(&report, task, &imaging)
    }

    #[test]
    fn a_sweep_that_was_ended_early_is_gone_on_with_and_not_patched() {
        let cli = Cli::parse_from(["freemkv", "sweep", "d.iso", "o.iso"]);
        let Command::Sweep(Sweep { imaging, .. }) = cli.command else { return };
        let mut report = Report { map: Some("o.map".into()), stopped_by: Some("budget"), ..Report::default() };
        let next = |report: &Report, task| next_command(report, task, &imaging).unwrap().1;
        assert_eq!(next(&report, Task::Sweep { restart: false }), "freemkv sweep d.iso o.iso");
        let patch = Task::Patch { passes: 3, finish: false, thorough: false };
        assert!(next(&report, patch).starts_with("freemkv patch"));
        report.totals.non_tried_bytes = 2048;
        assert_eq!(next(&report, patch), "freemkv sweep d.iso o.iso");
    }

    #[test]
    fn the_next_command_keeps_what_belongs_to_the_disc() {
        let line = "freemkv sweep d.iso o.iso --unit 16 --media dvd --only 0-9,20-29 --skip 5 --skip file:/a --map m";
        assert_eq!(
            next(line, Task::Sweep { restart: false }, false).unwrap().1,
            "freemkv patch d.iso o.iso --map m --media dvd --unit 16 --only 0-9,20-29 --skip 5 --skip file:/a"
        );
        assert_eq!(
            next(line, Task::Sweep { restart: false }, true).unwrap().1,
            "freemkv sweep d.iso o.iso --map m --media dvd --unit 16"
        );
        let patch = |passes| {
            next("freemkv patch d.iso o.iso", Task::Patch { passes, finish: false, thorough: false }, false).unwrap().1
        };
        assert!(patch(0).ends_with("--passes 3") && patch(3).ends_with("--passes 9"));
        assert!(patch(900).ends_with("--passes 1000"), "no more than the option takes");
    }
}
