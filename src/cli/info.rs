//! `freemkv info`.

use serde::Serialize;
use serde_json::Value;

use crate::base::event::{Event, Events};
use crate::base::human::printable;
use crate::job::disc;
use crate::job::info::{Info, InfoError, Report, Wanted, describe};
use crate::job::source_name::SourceName;

use super::args::{self, Format};
use super::exit::{Exit, Failure};
use super::imaging::bad_name;
use super::{Context, errors, info_words, report, signals};

/// Most notes that are shown, unless all are asked for.
const NOTES_SHOWN: usize = 20;

/// Shows what a disc holds.
///
/// # Errors
/// The disc cannot be read, or a map of it.
pub(super) fn info(options: &args::Info, context: &Context) -> anyhow::Result<Exit> {
    let name = SourceName::parse(&options.source, options.format == Some(Format::Raw)).map_err(|e| bad_name(&e))?;
    signals::install(&context.cancel, context.display.is_json())?;
    let disc = disc::open(&name, options.map.as_deref(), &context.cancel).map_err(|e| errors::disc(&e))?;
    let wanted = Wanted { files: options.files, hashes: options.hash };
    let result = describe(&disc, &options.source, wanted, &context.cancel, context.display.as_ref());
    // The drive is left before the last word is said.
    drop(disc);
    context.display.clear();
    let Info { report, failure } = result.map_err(|e| unreadable(e, &options.source))?;
    let failure = failure.map(|e| {
        let missing = report.damage.as_ref().map_or(0, |damage| damage.missing_bytes);
        errors::titles(&e, &options.source, missing)
    });
    let exit = failure.as_ref().map_or(Exit::Complete, |failure| failure.exit);
    if context.json {
        let error = failure.as_ref().map(report::error);
        report::print_json(&InJson { report: &report, exit_code: exit.code(), error });
    } else {
        report::print(&info_words::of(&report, context.verbose > 0));
        let shown = if context.verbose > 0 { report.notes.len() } else { NOTES_SHOWN };
        let hidden = report.notes.len().saturating_sub(shown);
        report.notes.iter().take(shown).for_each(|note| context.display.event(Event::Notice(printable(note))));
        if hidden > 0 {
            context.display.event(Event::Notice(format!("... and {hidden} more such notes; -v shows all")));
        }
    }
    if let Some(failure) = &failure {
        context.display.failure(failure);
    }
    Ok(exit)
}

/// The report as JSON text. It is written as it is walked: a tree of values would take many times its memory.
#[derive(Serialize)]
struct InJson<'a> {
    #[serde(flatten)]
    report: &'a Report,
    exit_code: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Value>,
}

fn unreadable(error: InfoError, source: &str) -> Failure {
    let sentence = format!("{}: {error}", printable(source));
    match &error {
        InfoError::Root(cause) => errors::files(cause, sentence),
        InfoError::Stopped => Failure::new(Exit::Stopped, error.to_string()),
    }
}
