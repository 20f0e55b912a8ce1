//! `freemkv sweep` and `freemkv patch`.

use std::path::Path;

use crate::base::event::{Event, Events};
use crate::base::set::SectorSet;
use crate::image::WriteChoice;
use crate::imaging::{self, End, Job, Report, Task};
use crate::job::open::{Opened, open};
use crate::job::source_name::{NameError, SourceName, check_format};

use super::args::{self, Format, Imaging, Patch, Span, Sweep};
use super::exit::{Exit, Failure};
use super::{Context, errors, faults, report, signals};

/// `freemkv sweep`.
pub(super) fn sweep(sweep: &Sweep, context: &Context) -> anyhow::Result<Exit> {
    run(Task::Sweep { restart: sweep.restart }, &sweep.imaging, context)
}

/// `freemkv patch`.
pub(super) fn patch(patch: &Patch, context: &Context) -> anyhow::Result<Exit> {
    let task = Task::Patch { passes: patch.passes, finish: patch.finish, thorough: patch.thorough };
    run(task, &patch.imaging, context)
}

fn run(task: Task, options: &Imaging, context: &Context) -> anyhow::Result<Exit> {
    let raw = options.format == Some(Format::Raw);
    let name = SourceName::parse(&options.source, raw).map_err(|e| bad_name(&e))?;
    check_format(&options.image, raw).map_err(|e| bad_name(&e))?;
    signals::install(&context.cancel)?;
    let Opened { mut source, notes } = open(&name, &context.cancel).map_err(|e| errors::opening(&e))?;
    notes.into_iter().for_each(|note| context.display.event(Event::Warning(note)));
    let job = job(task, options);
    let result = imaging::run(&job, source.as_mut(), &context.cancel, context.display.as_ref());
    // The drive's settings are restored before the last word is said.
    drop(source);
    context.display.clear();
    let (report, end) = result.map_err(|e| errors::imaging(&e, task))?;
    Ok(tell(&report, end, task, options, context))
}

fn job(task: Task, options: &Imaging) -> Job {
    let set = |spans: &[Span]| spans.iter().map(|span| span.0).collect::<SectorSet>();
    Job {
        task,
        image: options.image.clone(),
        map: options.map.clone(),
        force: options.force,
        media: options.media.media(),
        unit: options.unit,
        budget: options.budget,
        only: set(&options.only),
        skip: set(&options.skip),
        write: match options.write {
            args::WriteChoice::Auto => WriteChoice::Auto,
            args::WriteChoice::Window => WriteChoice::Window,
            args::WriteChoice::Plain => WriteChoice::Plain,
        },
        command_line: Some(std::env::args().collect::<Vec<_>>().join(" ")),
    }
}

/// Prints the report and the failure that goes with it; returns the exit code.
fn tell(report: &Report, end: End, task: Task, options: &Imaging, context: &Context) -> Exit {
    let failure = match end {
        End::Done => None,
        End::Stopped => Some(Failure::new(Exit::Stopped, "stopped by a signal; everything read so far is saved")),
        End::Fault { fault, range, outcome } => Some(faults::failure(fault, range, &outcome, &report.source)),
        End::Failed(error) => Some(errors::imaging(&error, task)),
    };
    let exit = match &failure {
        Some(failure) => failure.exit,
        None if report.complete => Exit::Complete,
        None => Exit::Missing,
    };
    let text = if context.json {
        report::in_json(report, exit, failure.as_ref())
    } else {
        report::in_words(report, next_command(report, exit, task, options).as_deref())
    };
    match &report.map {
        _ if context.quiet && !context.json => {}
        Some(_) => report::print(&text),
        // The image itself may be standard output.
        None => context.display.report(&text),
    }
    if let Some(failure) = &failure {
        context.display.failure(failure);
    }
    exit
}

/// What to type next, where that is plain.
fn next_command(report: &Report, exit: Exit, task: Task, options: &Imaging) -> Option<String> {
    if exit != Exit::Missing || report.map.is_none() {
        return None;
    }
    let image = shell_word(&options.image);
    let source = shell_word(Path::new(&options.source));
    let mut command = format!("freemkv patch {source} {image}");
    if let Some(map) = &options.map {
        command.push_str(&format!(" --map {}", shell_word(map)));
    }
    match task {
        Task::Sweep { .. } => Some(command),
        Task::Patch { finish: true, .. } => None,
        Task::Patch { passes, .. } => Some(format!(
            "{command} --passes {} (another drive may read what this one cannot)",
            passes.saturating_mul(3).max(3)
        )),
    }
}

/// A path as it can be pasted into a shell.
fn shell_word(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:,@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

pub(super) fn bad_name(error: &NameError) -> Failure {
    let failure = Failure::new(Exit::Usage, error.to_string());
    match error {
        NameError::Format(_) => failure.hint("If it is a raw image all the same, say --format raw."),
        NameError::Emulated(_) => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_can_be_pasted() {
        assert_eq!(shell_word(Path::new("/media/a b/it's.iso")), "'/media/a b/it'\\''s.iso'");
        assert_eq!(shell_word(Path::new("emu:tests/discs/d.iso,faults=x.plan")), "emu:tests/discs/d.iso,faults=x.plan");
    }
}
