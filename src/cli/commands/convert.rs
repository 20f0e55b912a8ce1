//! `freemkv convert`.

use crate::job::convert::{self as job, ConvertReport, Job};
use crate::job::source_name::{FormatChoice, SourceName};

use super::super::args::Convert;
use super::super::context::Context;
use super::super::exit::{Exit, Failure, convert, source};
use super::super::terminal::print;
use super::super::words;
use super::super::{json, signals};

/// Makes the image.
///
/// # Errors
/// It was not made.
pub(crate) fn run(options: &Convert, context: &Context) -> Result<Exit, Failure> {
    let name = SourceName::parse(&options.source, FormatChoice::ByName).map_err(|e| source::name(&e))?;
    let format = FormatChoice::ByName.written(&options.image).map_err(|e| source::name(&e))?;
    signals::install(&context.cancel, context.display.is_json())?;
    let job = Job { source: name, image: options.image.clone(), format };
    let result = job::run(&job, &context.cancel, context.display.as_ref());
    context.display.clear();
    let report = result.map_err(|e| convert::failed(&e))?;
    Ok(tell(&report, context))
}

fn tell(report: &ConvertReport, context: &Context) -> Exit {
    let exit = Exit::of_copy(report.complete);
    if context.json {
        print::print_json(&json::ended(report, exit, None));
    } else if !context.quiet {
        print::print(&words::convert::of(report));
    }
    exit
}
