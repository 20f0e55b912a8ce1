//! `freemkv rip`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use serde_json::{Value, json};

use crate::base::event::Events;
use crate::drive::find::drives;
use crate::job::files::is_same;
use crate::job::rip::{self, Ripped, Station, Told, Trouble, Verdict};
use crate::job::source_name::SourceName;

use super::super::args::format::choice;
use super::super::args::rip::Rip;
use super::super::context::Context;
use super::super::exit::{CliError, Exit, Failure, rips, source};
use super::super::terminal::{look, print};
use super::super::words;
use super::super::{json, signals};

/// Reports that the JSON object holds whole; of a batch of more discs the others are there in short.
const WHOLE_REPORTS: usize = 100;

/// Rips what was named.
///
/// # Errors
/// The arguments are wrong, or there is no drive.
pub(crate) fn run(options: &Rip, context: &Context) -> Result<Exit, Failure> {
    let named = sources(options)?;
    signals::install(&context.cancel, context.display.is_json())?;
    let job = options.job();
    let several = named.len() > 1 || job.keep_going;
    let lanes: Vec<Lanes> = named.iter().map(|(_, shown)| Lanes::new(shown, several, context)).collect();
    let stations: Vec<Station<'_>> = named
        .iter()
        .zip(&lanes)
        .map(|((name, shown), lanes)| Station {
            name: name.clone(),
            shown: shown.clone(),
            events: (lanes.drive.as_ref(), lanes.films.as_ref()),
        })
        .collect();
    let begun = Instant::now();
    let batch = Mutex::new(Batch::default());
    rip::run(&stations, &job, &Words, &context.cancel, &|ripped| {
        let mut batch = batch.lock().unwrap_or_else(PoisonError::into_inner);
        batch.take(&ripped, context);
    });
    drop(stations);
    context.display.clear();
    let batch = batch.into_inner().unwrap_or_else(PoisonError::into_inner);
    let exit = if context.cancel.is_raised() { Exit::Stopped } else { batch.worst.unwrap_or(Exit::Complete) };
    tell(&named, &batch, exit, begun.elapsed().as_secs_f64(), context);
    Ok(exit)
}

/// The sources, with what the person called them.
fn sources(options: &Rip) -> Result<Vec<(SourceName, String)>, Failure> {
    let (named, folder) = options.split();
    let shown: Vec<OsString> = match (options.all, named) {
        (true, []) => drives(Path::new("/")).into_iter().map(|drive| drive.node.into_os_string()).collect(),
        (true, _) => return Err(CliError::Places("with --all the folder is named alone").into()),
        (false, []) => return Err(CliError::Places("a source and a folder are wanted").into()),
        (false, named) => named.to_vec(),
    };
    if shown.is_empty() {
        return Err(CliError::NoDrive.into());
    }
    if folder.exists() && !folder.is_dir() {
        return Err(CliError::Places("what is named last is no folder").into());
    }
    let mut sources: Vec<(SourceName, String)> = Vec::new();
    for source_text in shown {
        let name = SourceName::parse(&source_text, choice(options.format)).map_err(|e| source::name(&e))?;
        let text = source_text.to_string_lossy().into_owned();
        if sources.iter().any(|(other, _)| is_twice(other, &name)) {
            return Err(CliError::Twice(text).into());
        }
        sources.push((name, text));
    }
    Ok(sources)
}

/// Whether two names mean one drive or file. Emulated drives may serve the same image.
fn is_twice(one: &SourceName, other: &SourceName) -> bool {
    match (one, other) {
        (SourceName::Emulated(_), _) | (_, SourceName::Emulated(_)) => false,
        _ => one.paths().iter().zip(other.paths()).any(|(one, other)| is_same(one, other)),
    }
}

/// Who hears of the work at a source.
struct Lanes {
    drive: Arc<dyn Events>,
    films: Arc<dyn Events>,
}

impl Lanes {
    fn new(shown: &str, several: bool, context: &Context) -> Self {
        if !several {
            return Self { drive: context.display.clone(), films: context.display.clone() };
        }
        let name = short(shown);
        Self { drive: context.display.lane(&name), films: context.display.lane(&format!("{name} films")) }
    }
}

/// A source in a word: the last part of its path.
fn short(shown: &str) -> String {
    let path = PathBuf::from(shown.split(',').next().unwrap_or(shown));
    path.file_name().map_or_else(|| shown.to_owned(), |name| name.to_string_lossy().into_owned())
}

/// What the command line knows of exit codes and words.
struct Words;

impl Verdict for Words {
    fn code(&self, ripped: &Ripped) -> u8 {
        Exit::of_rip(ripped).code()
    }

    fn told(&self, trouble: &Trouble, source: &str) -> Told {
        let failure = rips::trouble(trouble, source);
        Told { code: failure.exit().code(), message: failure.message, hint: failure.hint }
    }

    fn words(&self, ripped: &Ripped) -> String {
        words::rip::of(ripped)
    }
}

/// What is kept of the discs that are done.
#[derive(Default)]
struct Batch {
    count: usize,
    worst: Option<Exit>,
    discs: Vec<Value>,
}

impl Batch {
    /// One more disc: it is told at once.
    fn take(&mut self, ripped: &Ripped, context: &Context) {
        let exit = Exit::of_rip(ripped);
        self.worst = Some(self.worst.map_or(exit, |worst| Exit::worst([worst, exit])));
        self.count += 1;
        if context.json {
            let whole = (self.count <= WHOLE_REPORTS).then(|| serde_json::to_value(ripped).ok()).flatten();
            self.discs.push(whole.unwrap_or_else(|| in_short(ripped)));
        } else if !context.quiet {
            let text = look::headed(&words::rip::without_errors(ripped), exit);
            context.display.suspend(|| print::print(&text));
        }
        for trouble in &ripped.troubles {
            context.display.failure(&rips::trouble(trouble, &ripped.source));
        }
    }
}

/// A disc of a long batch.
fn in_short(ripped: &Ripped) -> Value {
    json!({"source": ripped.source, "folder": ripped.folder, "label": ripped.label, "exit_code": ripped.exit_code})
}

/// The last word of a batch.
fn tell(named: &[(SourceName, String)], batch: &Batch, exit: Exit, seconds: f64, context: &Context) {
    if context.json {
        let source = match named {
            [(_, one)] => json!(one),
            all => json!(all.iter().map(|(_, shown)| shown).collect::<Vec<_>>()),
        };
        let stopped_by = json::stopped_by(exit);
        print::print_json(&json!({
            "command": "rip",
            "source": source,
            "discs": batch.discs,
            "seconds": seconds,
            "stopped_by": stopped_by,
            "exit_code": exit.code(),
        }));
    } else if batch.count > 1 && !context.quiet {
        print::print(&words::rip::batch(batch.count, exit.code(), seconds));
    }
}
