//! `freemkv mux`.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::base::event::{Event, Events};
use crate::job::disc;
use crate::job::files::is_same;
use crate::job::mux::{self as job, Film, Job, Plans, Written};
use crate::job::source_name::SourceName;
use crate::mux::plan::PlanSummary;
use crate::mux::report::OutputReport;
use crate::os::names;
use crate::scsi::sg_io::Sharing;

use super::super::args::format::choice;
use super::super::args::mux::Mux;
use super::super::context::Context;
use super::super::exit::{CliError, Exit, Failure, films, source};
use super::super::terminal::print;
use super::super::words;
use super::super::{files, json, signals};

/// Muxes the titles that were asked for.
///
/// # Errors
/// The disc cannot be read, a title cannot be muxed, or a film has no place.
pub(crate) fn run(options: &Mux, context: &Context) -> Result<Exit, Failure> {
    let output = options.output();
    if !options.dry_run && is_terminal(&output) {
        return Err(CliError::FilmToTerminal.into());
    }
    let name = SourceName::parse(&options.source, choice(options.format)).map_err(|e| source::name(&e))?;
    signals::install(&context.cancel, context.display.is_json())?;
    let (cancel, events) = (&context.cancel, context.display.as_ref());
    let map = options.map.as_deref();
    let disc = disc::open(&name, map, Sharing::Exclusive, cancel, events).map_err(|e| source::disc(&e))?;
    disc.notes.iter().for_each(|note| events.event(Event::Warning(note.clone())));
    let job = job(options, output);
    let plans = job::plans(&disc, &job, cancel, events).map_err(|e| films::not_begun(&e, &options.source))?;
    job::judge(&plans.films, &job).map_err(|e| films::not_begun(&e, &options.source))?;
    if options.dry_run {
        return Ok(tell_plans(&plans, options, context));
    }
    job::make_folder(&job).map_err(|e| films::not_begun(&e, &options.source))?;
    let written = job::write(&disc, plans, &job, cancel, events);
    context.display.clear();
    Ok(tell(&written, options, context))
}

/// Tells a failure before there was anything to report; returns its exit code.
pub(crate) fn failed(options: &Mux, failure: &Failure, context: &Context) -> Exit {
    context.display.failure(failure);
    if context.json {
        say(&json::failed(Some("mux"), Some(&options.source), failure).to_string(), options, context);
    }
    failure.exit()
}

/// Whether a name means a descriptor of this process that is open on a terminal: nobody wants a film there.
fn is_terminal(output: &Path) -> bool {
    let file = names::own_descriptor(output).and_then(|descriptor| names::duplicate(descriptor).ok());
    file.is_some_and(|file| file.is_terminal())
}

/// Prints a report: on standard output, unless that is the film.
fn say(report: &str, options: &Mux, context: &Context) {
    if !options.dry_run && is_same(Path::new("/dev/stdout"), &options.output()) {
        context.display.report(report);
    } else {
        print::print(report);
    }
}

/// What is asked for.
fn job(options: &Mux, output: PathBuf) -> Job {
    Job {
        titles: options.films.title.clone(),
        min_length: options.films.min_length,
        angle: usize::try_from(options.films.angle).unwrap_or(1),
        options: options.films.options(options.force),
        output,
        force: options.force,
        read: files::of_source_and_map(&options.source, options.format, options.map.as_deref()),
    }
}

/// The JSON object of a mux, but for how it ended.
#[derive(Serialize)]
struct Report<'a> {
    command: &'static str,
    source: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<Vec<Planned>>,
    outputs: &'a [OutputReport],
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped_by: Option<&'static str>,
}

/// A film that would be written.
#[derive(Serialize)]
struct Planned {
    #[serde(flatten)]
    summary: PlanSummary,
    path: String,
}

/// Prints what would be written, and what of all titles would not; returns the exit code.
fn tell_plans(plans: &Plans, options: &Mux, context: &Context) -> Exit {
    let Plans { films, refused } = plans;
    let failures: Vec<Failure> = refused.iter().map(|e| films::ended(e, &options.source)).collect();
    let exit = failures.first().map_or(Exit::Complete, Failure::exit);
    if context.json {
        let planned =
            |film: &Film| Planned { summary: film.plan.summary(), path: film.path.to_string_lossy().into_owned() };
        let plan = Some(films.iter().map(planned).collect());
        let report =
            Report { command: "mux", source: &options.source.to_string_lossy(), plan, outputs: &[], stopped_by: None };
        print::print_json(&json::ended(&report, exit, failures.first()));
    } else {
        films.iter().for_each(|film| print::print(&words::mux::plan(&film.plan.summary(), &film.path)));
    }
    failures.iter().for_each(|failure| context.display.failure(failure));
    exit
}

/// Prints what was written and how it ended; returns the exit code.
fn tell(written: &Written, options: &Mux, context: &Context) -> Exit {
    let exit = Exit::of_films(written);
    let failure = written.failure.as_ref().map(|e| films::ended(e, &options.source));
    if context.json {
        let source = &options.source.to_string_lossy();
        let (outputs, stopped_by) = (&written.outputs, json::stopped_by(exit));
        let report = Report { command: "mux", source, plan: None, outputs, stopped_by };
        let object = serde_json::to_string(&json::ended(&report, exit, failure.as_ref()));
        say(&object.unwrap_or_default(), options, context);
    } else if !context.quiet {
        written.outputs.iter().for_each(|output| say(&words::mux::output(output), options, context));
        let next = words::mux::next(&written.outputs, &options.source);
        if let Some(next) = next.filter(|_| Path::new(&options.source).is_file() && failure.is_none()) {
            say(&next, options, context);
        }
    }
    if let Some(failure) = &failure {
        context.display.failure(failure);
    }
    exit
}
