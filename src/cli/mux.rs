//! `freemkv mux`.

use serde_json::{Value, json};

use crate::base::event::{Event, Events};
use crate::job::disc;
use crate::job::mux::{self as job, Error, Film, Job, Written};
use crate::job::source_name::SourceName;
use crate::mux::MuxError;
use crate::mux::plan::{Core, Options, Selection};
use crate::mux::report::OutputReport;
use crate::os::names;
use crate::scsi::sg_io::Sharing;

use super::args::{self, CoreChoice, Format, Languages};
use super::exit::{Exit, Failure};
use super::imaging::bad_name;
use super::{Context, errors, files, mux_words, report, signals};

/// Muxes the titles that were asked for.
///
/// # Errors
/// The disc cannot be read, a title cannot be muxed, or a file cannot be written.
pub(super) fn mux(options: &args::Mux, context: &Context) -> anyhow::Result<Exit> {
    if options.output.as_os_str() == "-" || names::own_descriptor(&options.output).is_some() {
        return Err(Failure::new(Exit::Usage, "writing to standard output does not work yet: name a file").into());
    }
    let name = SourceName::parse(&options.source, options.format == Some(Format::Raw)).map_err(|e| bad_name(&e))?;
    signals::install(&context.cancel, context.display.is_json())?;
    let (cancel, events) = (&context.cancel, context.display.as_ref());
    let disc =
        disc::open_as(&name, options.map.as_deref(), Sharing::Exclusive, cancel).map_err(|e| errors::disc(&e))?;
    disc.notes.iter().for_each(|note| events.event(Event::Warning(note.clone())));
    let job = job(options);
    let films = job::plans(&disc, &job, cancel, events).map_err(|e| failure(&e, &options.source))?;
    if options.dry_run {
        tell_plans(&films, options, context);
        return Ok(Exit::Complete);
    }
    job::make_room(&films, &job).map_err(|e| failure(&e, &options.source))?;
    let Written { outputs, failure } = job::write(&disc, &films, &job, cancel, events);
    let stopped = failure.map(|e| self::failure(&e.into(), &options.source));
    context.display.clear();
    Ok(tell(&outputs, stopped.as_ref(), options, context))
}

/// What is asked for.
fn job(options: &args::Mux) -> Job {
    let mut read = files::of_source(options.source.as_ref(), options.format);
    options.map.iter().for_each(|map| read.reads(map, "the map"));
    Job {
        titles: options.title.clone(),
        min_length: options.min_length,
        angle: usize::try_from(options.angle).unwrap_or(1),
        options: chosen(options),
        output: options.output.clone(),
        force: options.force,
        read,
    }
}

/// What the person chose of a title.
fn chosen(options: &args::Mux) -> Options {
    let selection = |languages: &Languages| match languages {
        Languages::All => Selection::All,
        Languages::None => Selection::None,
        Languages::Some(codes) => Selection::Languages(codes.clone()),
    };
    let core = match options.core {
        CoreChoice::Keep => Core::Keep,
        CoreChoice::Only => Core::Only,
        CoreChoice::Drop => Core::Drop,
    };
    let (audio, subtitles) = (selection(&options.audio), selection(&options.subs));
    Options { core, audio, subtitles, chapters: !options.no_chapters }
}

fn tell_plans(films: &[Film], options: &args::Mux, context: &Context) {
    if context.json {
        let plans: Vec<Value> = films
            .iter()
            .filter_map(|film| {
                let mut plan = serde_json::to_value(film.plan.summary()).ok()?;
                plan.as_object_mut()?.insert("path".into(), film.path.display().to_string().into());
                Some(plan)
            })
            .collect();
        let object = json!({"command": "mux", "source": options.source, "plan": plans, "outputs": [], "exit_code": 0});
        report::print(&object.to_string());
        return;
    }
    for film in films {
        report::print(&mux_words::plan(&film.plan.summary(), &film.path));
    }
}

/// Prints what was written and how it ended; returns the exit code.
fn tell(outputs: &[OutputReport], stopped: Option<&Failure>, options: &args::Mux, context: &Context) -> Exit {
    let exit = match stopped {
        Some(failure) => failure.exit,
        None if outputs.iter().all(OutputReport::is_complete) => Exit::Complete,
        None => Exit::Missing,
    };
    if context.json {
        let mut object = json!({
            "command": "mux", "source": options.source, "outputs": outputs, "exit_code": exit.code(),
        });
        if let (Some(failure), Some(object)) = (stopped, object.as_object_mut()) {
            object.insert("error".into(), report::error(failure));
        }
        report::print(&object.to_string());
    } else if !context.quiet {
        outputs.iter().for_each(|output| report::print(&mux_words::output(output)));
    }
    if let Some(failure) = stopped {
        context.display.failure(failure);
    }
    exit
}

/// Why there are no films, as a person sees it.
fn failure(error: &Error, source: &str) -> Failure {
    let sentence = error.to_string();
    match error {
        Error::Tables { cause, missing_bytes } => errors::titles(cause, source, *missing_bytes),
        Error::Stream(_) | Error::NoTitles => Failure::new(Exit::Failed, sentence),
        Error::NoSuchTitle(_) => Failure::new(Exit::Usage, sentence),
        Error::OneFile(_) => Failure::new(Exit::Usage, sentence).hint("Name a folder, with / at its end."),
        Error::Clash(clash) => files::failure(clash),
        Error::Folder { .. } => Failure::new(Exit::Failed, sentence),
        Error::NoSpace { .. } => {
            Failure::new(Exit::Failed, sentence).hint("Make room, or go on all the same with --force.")
        }
        Error::Mux(error) => of_mux(error, source),
    }
}

/// What ends muxing, as a person sees it.
fn of_mux(error: &MuxError, source: &str) -> Failure {
    let sentence = error.to_string();
    match error {
        MuxError::Read(files) => errors::files(files, sentence)
            .hint(format!("Image the disc first: freemkv sweep {source} disc.iso, then mux disc.iso.")),
        MuxError::Scrambled { .. } => {
            Failure::new(Exit::Protected, sentence).hint("freemkv decrypts nothing, and no file was written.")
        }
        MuxError::Exists { .. } => {
            Failure::new(Exit::Usage, sentence).hint("Choose another name, or write over it with --force.")
        }
        MuxError::NotAFile { .. } => {
            Failure::new(Exit::Usage, sentence).hint("Name a file, or a folder with / at its end.")
        }
        MuxError::InTheWay { .. } => {
            Failure::new(Exit::Usage, sentence).hint("Move it away, or choose another name for the film.")
        }
        MuxError::Threads(_) => Failure::new(Exit::Failed, sentence).hint(errors::THREADS),
        MuxError::Output(output) if output.is_disk_full() => {
            Failure::new(Exit::Failed, sentence).hint("Make room and run the same command again.")
        }
        MuxError::Stopped => Failure::new(Exit::Stopped, "stopped by a signal; the unfinished file is removed"),
        _ => Failure::new(Exit::Failed, sentence),
    }
}
