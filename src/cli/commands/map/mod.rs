//! `freemkv map`.

mod compare;
mod convert;
mod deliver;
mod merge;
mod picture;
mod sets;
mod show;

use crate::mapfile::ops::sets::Operation;

use super::super::args::map::MapCommand;
use super::super::context::Context;
use super::super::exit::{Exit, Failure};
use super::super::json;
use super::super::terminal::print;

/// Carries out what is asked about maps.
///
/// # Errors
/// A map or an image cannot be read, or a result has no place.
pub(crate) fn run(command: &MapCommand, context: &Context) -> Result<Exit, Failure> {
    match command {
        MapCommand::Show(show) => show::show(show, context),
        MapCommand::Picture(options) => picture::picture(options, context),
        MapCommand::Convert(convert) => convert::convert(convert, context),
        MapCommand::And(pair) => sets::combine(Operation::And, command.name(), pair, context),
        MapCommand::Or(pair) => sets::combine(Operation::Or, command.name(), pair, context),
        MapCommand::Xor(pair) => sets::combine(Operation::Xor, command.name(), pair, context),
        MapCommand::Invert(one) => sets::invert(one, context),
        MapCommand::Compare(compare) => compare::compare(compare, context),
        MapCommand::Merge(merge) => merge::merge(merge, context),
    }
}

/// Tells why nothing came of it; returns the exit code. The object is where it would be of a command that went well.
pub(crate) fn failed(command: &MapCommand, failure: &Failure, context: &Context) -> Exit {
    context.display.failure(failure);
    if context.json {
        let source = command.sources().first().map(|path| path.as_os_str());
        let object = json::failed(Some(command.name()), source, failure);
        if command.prints_a_result() {
            context.display.report(&object.to_string());
        } else {
            print::print_json(&object);
        }
    }
    failure.exit()
}
