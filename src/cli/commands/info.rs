//! `freemkv info`.

use crate::base::event::{Event, Events};
use crate::base::human::printable;
use crate::job::disc;
use crate::job::info::{Info, Report, Wanted, describe};
use crate::job::source_name::SourceName;
use crate::scsi::sg_io::Sharing;

use super::super::args;
use super::super::args::format::choice;
use super::super::context::Context;
use super::super::exit::{Exit, Failure, source};
use super::super::terminal::{look, print};
use super::super::words;
use super::super::{json, signals};

/// Most notes that are shown, unless all are asked for.
const NOTES_SHOWN: usize = 20;

/// Shows what a disc holds.
///
/// # Errors
/// The disc cannot be read, or a map of it.
pub(crate) fn run(options: &args::Info, context: &Context) -> Result<Exit, Failure> {
    let name = SourceName::parse(&options.source, choice(options.format)).map_err(|e| source::name(&e))?;
    signals::install(&context.cancel, context.display.is_json())?;
    let (cancel, events) = (&context.cancel, context.display.as_ref());
    // Looking does not disturb whoever has the disc mounted.
    let map = options.map.as_deref();
    let disc = disc::open(&name, map, Sharing::Shared, cancel, events).map_err(|e| source::disc(&e))?;
    let wanted = Wanted { titles: options.title.clone(), files: options.files, hashes: options.hash };
    let shown = options.source.to_string_lossy();
    let result = describe(&disc, &shown, &wanted, cancel, events);
    // The drive is left before the last word is said.
    drop(disc);
    context.display.clear();
    let Info { report, failure } = result.map_err(|e| source::info(&e, &options.source))?;
    let failure = failure.map(|e| {
        let missing = report.damage.as_ref().map_or(0, |damage| damage.missing_bytes);
        source::titles(&e, &options.source, missing)
    });
    let exit = failure.as_ref().map_or(Exit::Complete, Failure::exit);
    if context.json {
        print::print_json(&json::ended(&report, exit, failure.as_ref()));
    } else {
        print::print(&words::info::of(&report, context.verbose > 0, look::terminal_columns()));
        notes(&report, context);
    }
    if let Some(failure) = &failure {
        context.display.failure(failure);
    }
    Ok(exit)
}

fn notes(report: &Report, context: &Context) {
    let shown = if context.verbose > 0 { report.notes.len() } else { NOTES_SHOWN };
    let hidden = report.notes.len().saturating_sub(shown);
    report.notes.iter().take(shown).for_each(|note| context.display.event(Event::Notice(printable(note))));
    if hidden > 0 {
        context.display.event(Event::Notice(format!("... and {hidden} more such notes; -v shows all")));
    }
}
