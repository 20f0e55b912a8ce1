//! `freemkv map and`, `or`, `xor` and `invert`.

use serde::Serialize;

use crate::base::human::bytes;
use crate::job::map as job;
use crate::mapfile::ops::sets::{Operation, combined, inverted};
use crate::mapfile::ops::tally::Tally;
use crate::mapfile::status::Status;

use super::super::super::args::map::{MapOne, MapPair, Product};
use super::super::super::context::Context;
use super::super::super::exit::{Exit, Failure, maps};
use super::deliver::{command_line, deliver, shown, tell};

/// Writes the result of an operation on two maps.
///
/// # Errors
/// A map cannot be read, or the result has no place.
pub(super) fn combine(
    operation: Operation,
    name: &'static str,
    pair: &MapPair,
    context: &Context,
) -> Result<Exit, Failure> {
    let read = |path| job::read(path).map_err(|e| maps::failed(&e));
    let (one, other) = (read(&pair.map)?, read(&pair.other)?);
    let blocks = || combined(operation, &one.blocks, &other.blocks);
    let tally = job::sets::tally(blocks()).map_err(|e| maps::failed(&e))?;
    let command = command_line(name, &[&pair.map, &pair.other]);
    deliver(&pair.product, |out| job::sets::write(out, &command, &one.left_out, &tally, blocks()))?;
    Ok(told(name, vec![shown(&pair.map), shown(&pair.other)], &pair.product, &tally, context))
}

/// Writes the opposite of a map.
///
/// # Errors
/// The map cannot be read, or the result has no place.
pub(super) fn invert(one: &MapOne, context: &Context) -> Result<Exit, Failure> {
    let text = job::read(&one.map).map_err(|e| maps::failed(&e))?;
    let tally = job::sets::tally(inverted(&text.blocks)).map_err(|e| maps::failed(&e))?;
    let command = command_line("map invert", &[&one.map]);
    deliver(&one.product, |out| job::sets::write(out, &command, &text.left_out, &tally, inverted(&text.blocks)))?;
    Ok(told("map invert", vec![shown(&one.map)], &one.product, &tally, context))
}

/// The JSON object, but for how it ended.
#[derive(Serialize)]
struct Report<'a> {
    command: &'static str,
    source: Option<&'a String>,
    maps: &'a [String],
    output: Option<&'a str>,
    size_bytes: u64,
    rescued_bytes: u64,
    missing_bytes: u64,
    ranges: u64,
}

fn told(command: &'static str, maps: Vec<String>, to: &Product, tally: &Tally, context: &Context) -> Exit {
    let output = to.output.as_deref().map(shown);
    let (rescued, missing) = (tally.bytes(Status::Finished), tally.missing_bytes());
    let report = Report {
        command,
        source: maps.first(),
        maps: &maps,
        output: output.as_deref(),
        size_bytes: tally.size_bytes,
        rescued_bytes: rescued,
        missing_bytes: missing,
        ranges: tally.ranges,
    };
    let name = output.as_deref().unwrap_or_default();
    let words = format!("{name}: {} of {} rescued", bytes(rescued), bytes(tally.size_bytes));
    tell(to, &words, &report, Exit::Complete, context)
}
