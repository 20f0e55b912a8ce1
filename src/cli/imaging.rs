//! `freemkv sweep` and `freemkv patch`.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::base::event::{Event, Events as _};
use crate::base::human;
use crate::base::set::SectorSet;
use crate::image::{Prealloc, WriteChoice};
use crate::imaging::{End, Job, Report, Task};
use crate::job::files::{Files, is_same};
use crate::job::imaging::{self, ImagingError};
use crate::job::source_name::{NameError, SourceName, check_format};

use super::args::{self, Format, Imaging, Patch, Span, Sweep};
use super::exit::{Exit, Failure};
use super::{Context, errors, faults, files, report, signals};

/// `freemkv sweep`.
pub(super) fn sweep(sweep: &Sweep, context: &Context) -> anyhow::Result<Exit> {
    run(sweep_task(sweep), &sweep.imaging, context)
}

/// `freemkv patch`.
pub(super) fn patch(patch: &Patch, context: &Context) -> anyhow::Result<Exit> {
    run(patch_task(patch), &patch.imaging, context)
}

pub(super) fn sweep_task(sweep: &Sweep) -> Task {
    Task::Sweep { restart: sweep.restart }
}

pub(super) fn patch_task(patch: &Patch) -> Task {
    Task::Patch { passes: patch.passes, finish: patch.finish, thorough: patch.thorough }
}

/// What is read and written.
pub(super) fn files(task: Task, options: &Imaging) -> Files {
    let mut files = files::of_source(&options.source, options.format);
    job(task, options).outputs().iter().for_each(|(path, role)| files.writes(path, role));
    files
}

/// Tells a failure before there was anything to report; returns its exit code.
pub(super) fn failed(task: Task, options: &Imaging, failure: &Failure, context: &Context) -> Exit {
    context.display.clear();
    context.display.failure(failure);
    if context.json {
        say(&report::failure_in_json(task.name(), options, failure), options, context);
    }
    failure.exit
}

fn run(task: Task, options: &Imaging, context: &Context) -> anyhow::Result<Exit> {
    if options.image.as_os_str() == "-" {
        let failure = Failure::new(Exit::Usage, "an image named - would be a file of that name, not standard output");
        return Err(failure.hint("For standard output say /dev/stdout; for such a file ./-").into());
    }
    let raw = options.format == Some(Format::Raw);
    let name = SourceName::parse(&options.source, raw).map_err(|e| bad_name(&e))?;
    check_format(&options.image, raw).map_err(|e| bad_name(&e))?;
    signals::install(&context.cancel, context.display.is_json())?;
    let (cancel, events) = (&context.cancel, context.display.as_ref());
    let result = imaging::run(&name, &job(task, options), options.drive.eject, cancel, events);
    context.display.clear();
    let (report, end) = result.map_err(|e| match e {
        ImagingError::Open(e) => errors::opening(&e),
        ImagingError::Run(e) => errors::imaging(&e, task),
    })?;
    Ok(tell(&report, end, task, options, context))
}

fn job(task: Task, options: &Imaging) -> Job {
    let set = |spans: &[Span]| spans.iter().map(|span| span.0).collect::<SectorSet>();
    Job {
        map: options.map.clone(),
        force: options.force,
        media: options.media.media(),
        unit: options.unit,
        only: set(&options.only),
        skip: set(&options.skip),
        write: match options.write {
            args::WriteChoice::Auto => WriteChoice::Auto,
            args::WriteChoice::DontCache => WriteChoice::DontCache,
            args::WriteChoice::Direct => WriteChoice::Direct,
            args::WriteChoice::Window => WriteChoice::Window,
            args::WriteChoice::Plain => WriteChoice::Plain,
        },
        drive: options.drive.settings(),
        limits: options.drive.limits(),
        drive_log: !options.drive.no_drive_log,
        prealloc: match options.prealloc {
            args::PreallocChoice::None => Prealloc::None,
            args::PreallocChoice::Zero => Prealloc::Zero,
            args::PreallocChoice::Allocate => Prealloc::Allocate,
            args::PreallocChoice::Write => Prealloc::Write,
        },
        hash: options.hash,
        command_line: Some(command_line()),
        ..Job::new(task, options.image.clone())
    }
}

/// The command as it was given, for the head of the map.
fn command_line() -> String {
    let words: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    words.join(" ")
}

/// Prints the report and the failure that goes with it; returns the exit code.
fn tell(report: &Report, end: End, task: Task, options: &Imaging, context: &Context) -> Exit {
    let failure = match end {
        End::Done => None,
        End::Stopped => Some(
            Failure::new(Exit::Stopped, "stopped by a signal; everything read so far is saved")
                .hint("Run the same command again to go on."),
        ),
        End::Fault { fault, range, outcome } => Some(faults::failure(fault, range, &outcome, &report.source)),
        End::Limit(limit) => {
            context.display.event(Event::Notice(faults::limit(limit)));
            None
        }
        End::Failed(error) => Some(errors::imaging(&error, task)),
    };
    let exit = match &failure {
        Some(failure) => failure.exit,
        None if report.complete => Exit::Complete,
        None => Exit::Missing,
    };
    if context.json {
        say(&report::in_json(report, exit, failure.as_ref()), options, context);
    } else if !context.quiet {
        say(&report::in_words(report, next_command(report, exit, task, options)), options, context);
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
        report::print(report);
    }
}

/// What to type next, where that is plain: what for, and the command alone, to be pasted.
fn next_command(report: &Report, exit: Exit, task: Task, options: &Imaging) -> Option<(&'static str, String)> {
    if exit != Exit::Missing || report.map.is_none() {
        return None;
    }
    let command = |name, choice| command(name, choice, options);
    match task {
        _ if report.chosen_complete => Some(("Next, for the rest of the disc", command("sweep", false))),
        Task::Sweep { .. } => Some(("Next", command("patch", true))),
        Task::Patch { finish: true, .. } => None,
        Task::Patch { passes, .. } => {
            let passes = passes.saturating_mul(3).clamp(3, args::PASSES_MAX);
            Some(("Next, best in another drive", format!("{} --passes {passes}", command("patch", true))))
        }
    }
}

/// A command on the same source and image, with the options that must stay the same from run to run.
fn command(name: &str, with_choice: bool, options: &Imaging) -> String {
    let (source, image) = (shell_word(Path::new(&options.source)), shell_word(&options.image));
    let mut command = format!("freemkv {name} {source} {image}");
    if let Some(map) = &options.map {
        command.push_str(&format!(" --map {}", shell_word(map)));
    }
    if let Some(media) = options.media.media() {
        command.push_str(&format!(" --media {}", media.name()));
    }
    if let Some(unit) = options.unit {
        command.push_str(&format!(" --unit {unit}"));
    }
    if options.format.is_some() {
        command.push_str(" --format raw");
    }
    for (option, spans) in [("--only", &options.only), ("--skip", &options.skip)] {
        if with_choice && !spans.is_empty() {
            let spans: Vec<String> = spans.iter().map(ToString::to_string).collect();
            command.push_str(&format!(" {option} {}", spans.join(",")));
        }
    }
    command
}

/// A path as it can be pasted into a shell. What is no text, or would steer the terminal, is written as bytes.
fn shell_word(path: &Path) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:,@%".contains(c);
    match path.to_str() {
        Some(text) if !text.is_empty() && text.chars().all(plain) => text.to_owned(),
        Some(text) if human::printable(text) == text => format!("'{}'", text.replace('\'', "'\\''")),
        _ => {
            let byte = |b: &u8| if plain(char::from(*b)) { char::from(*b).into() } else { format!("\\x{b:02X}") };
            format!("$'{}'", path.as_os_str().as_bytes().iter().map(byte).collect::<String>())
        }
    }
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
    use clap::Parser;
    use std::ffi::OsStr;

    #[test]
    fn what_is_printed_can_be_pasted() {
        assert_eq!(shell_word(Path::new("/media/a b/it's.iso")), "'/media/a b/it'\\''s.iso'");
        assert_eq!(shell_word(Path::new("emu:tests/discs/d.iso,faults=x.plan")), "emu:tests/discs/d.iso,faults=x.plan");
        assert_eq!(shell_word(Path::new(OsStr::from_bytes(b"a\xFF'b\n"))), "$'a\\xFF\\x27b\\x0A'");
    }

    fn next(words: &str, task: Task, chosen_complete: bool) -> Option<(&'static str, String)> {
        let cli = args::Cli::parse_from(words.split(' '));
        let (args::Command::Sweep(Sweep { imaging, .. }) | args::Command::Patch(Patch { imaging, .. })) = cli.command
        else {
            return None;
        };
        let report = Report { map: Some("o.map".into()), chosen_complete, ..Report::default() };
        next_command(&report, Exit::Missing, task, &imaging)
    }

    #[test]
    fn the_next_command_keeps_what_belongs_to_the_disc() {
        let line = "freemkv sweep d.iso o.iso --unit 16 --media dvd --only 0-9,20-29 --skip 5 --map m";
        assert_eq!(
            next(line, Task::Sweep { restart: false }, false).unwrap().1,
            "freemkv patch d.iso o.iso --map m --media dvd --unit 16 --only 0-9,20-29 --skip 5-5"
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
