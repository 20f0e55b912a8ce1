//! `freemkv map convert`.

use serde::Serialize;

use crate::job::map as job;
use crate::job::map::convert as forms;

use super::super::super::args::map::{Form, MapConvert};
use super::super::super::context::Context;
use super::super::super::exit::{Exit, Failure, maps};
use super::deliver::{command_line, deliver, shown, tell};

/// Writes a map in another form.
///
/// # Errors
/// The map cannot be read, or the result has no place.
pub(super) fn convert(convert: &MapConvert, context: &Context) -> Result<Exit, Failure> {
    let text = job::read(&convert.map).map_err(|e| maps::failed(&e))?;
    let source = shown(&convert.map);
    deliver(&convert.product, |out| match convert.to {
        Form::Ddrescue => forms::ddrescue(out, &text, &command_line("map convert", &[&convert.map])),
        Form::Blocks => forms::numbers(out, &text, convert.block_size, &convert.status.0),
        Form::Json => {
            serde_json::to_writer(&mut *out, &forms::Json::new(&source, &text))?;
            writeln!(out)
        }
    })?;
    let written = convert.product.output.as_deref().map(shown);
    let words = format!("{}: {source}, converted", written.as_deref().unwrap_or_default());
    let report =
        Report { command: "map convert", source: &source, output: written.as_deref(), form: convert.to.name() };
    Ok(tell(&convert.product, &words, &report, Exit::Complete, context))
}

/// The JSON object, but for how it ended.
#[derive(Serialize)]
struct Report<'a> {
    command: &'static str,
    source: &'a str,
    output: Option<&'a str>,
    form: &'static str,
}
