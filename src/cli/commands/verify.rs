//! `freemkv verify`.

use crate::base::event::{Event, Events};
use crate::job::files::is_same;
use crate::job::source_name::SourceName;
use crate::job::verify;

use super::super::args::format::choice;
use super::super::args::verify::Verify;
use super::super::context::Context;
use super::super::exit::{self, Exit, Failure, source};
use super::super::terminal::print;
use super::super::words;
use super::super::{json, signals};

/// Compares an image with its disc.
///
/// # Errors
/// Nothing was compared.
pub(crate) fn run(options: &Verify, context: &Context) -> Result<Exit, Failure> {
    let of_source = choice(options.format).of_copied(&options.source);
    let name = SourceName::parse(&options.source, of_source).map_err(|e| source::name(&e))?;
    let job = options.job().map_err(|e| source::name(&e))?;
    signals::install(&context.cancel, context.display.is_json())?;
    let (cancel, events) = (&context.cancel, context.display.as_ref());
    if let Some(path) = name.image()
        && is_same(path, &options.image)
    {
        let notice = "Source and image are one file: that they are the same says nothing of a disc.";
        events.event(Event::Warning(notice.to_owned()));
    }
    let result = verify::run(&name, &job, cancel, events);
    context.display.clear();
    let (report, end) = result.map_err(|e| exit::verify::not_begun(&e))?;
    let failure = exit::verify::ended(&end, &report);
    let exit = Exit::of_verify(&end, &report);
    if context.json {
        print::print_json(&json::ended(&report, exit, failure.as_ref()));
    } else if !context.quiet {
        print::print(&words::verify::of(&report, exit == Exit::Complete));
    }
    if let Some(failure) = &failure {
        context.display.failure(failure);
    }
    Ok(exit)
}
