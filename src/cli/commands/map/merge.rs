//! `freemkv map merge`.

use std::path::Path;

use serde::Serialize;

use crate::base::event::{Event, Events};
use crate::base::human::bytes;
use crate::job::map::merge::{self as job, Job, Maps, MergeReport};
use crate::job::map::part::Part;
use crate::mapfile::status::Status;

use super::super::super::args::map::{MapMerge, Product};
use super::super::super::context::Context;
use super::super::super::exit::{Exit, Failure, maps};
use super::super::super::terminal::print;
use super::super::super::{json, signals};
use super::deliver::{command_line, deliver, shown, tell};

/// Merges images, or their maps alone.
///
/// # Errors
/// An image or a map cannot be read, the images are not of one disc, or the result has no place.
pub(super) fn merge(merge: &MapMerge, context: &Context) -> Result<Exit, Failure> {
    let parts: Vec<Part> = merge.maps.iter().map(|name| Part::named(name)).collect();
    let command = command_line("map merge", &merge.maps.iter().map(AsRef::as_ref).collect::<Vec<&Path>>());
    match &merge.output {
        Some(image) if !merge.maps_only => {
            let job = Job { parts, image: image.clone(), force: merge.force, command };
            images(&job, merge, context)
        }
        output => {
            let product = Product { output: output.clone(), force: merge.force };
            maps_alone(&parts, &product, &command, context)
        }
    }
}

fn images(job: &Job, merge: &MapMerge, context: &Context) -> Result<Exit, Failure> {
    signals::install(&context.cancel, context.display.is_json())?;
    let report = job::merge(job, &context.cancel, context.display.as_ref()).map_err(|e| maps::failed(&e))?;
    context.display.clear();
    let exit = Exit::of_maps(report.is_whole());
    if !report.durable {
        let name = shown(&report.image);
        context
            .display
            .event(Event::Warning(format!("the file system of {name} does not say when data is safe on it")));
    }
    if context.json {
        let source = merge.maps.first().map(|path| path.to_string_lossy()).unwrap_or_default();
        let report = Report { command: "map merge", source: &source, report: &report };
        print::print_json(&json::ended(&report, exit, None));
    } else if !context.quiet {
        words(&report).iter().for_each(|line| print::print(line));
    }
    Ok(exit)
}

/// The JSON object of merged images, but for how it ended.
#[derive(Serialize)]
struct Report<'a> {
    command: &'static str,
    source: &'a str,
    #[serde(flatten)]
    report: &'a MergeReport,
}

/// What became of it, for a person.
fn words(report: &MergeReport) -> Vec<String> {
    let name = shown(&report.image);
    let what = match report.missing_bytes {
        0 => "nothing is missing".to_owned(),
        missing => format!("{} are missing", bytes(missing)),
    };
    let mut lines = vec![format!("{name}: {} of {}, {what}.", bytes(report.rescued_bytes), bytes(report.size_bytes))];
    for (index, source) in report.sources.iter().enumerate() {
        let compared = match index {
            0 => String::new(),
            _ => format!(", {} are the same as in those before it", bytes(source.compared_bytes)),
        };
        lines.push(format!("  {} from {}{compared}", bytes(source.taken_bytes), shown(&source.image)));
    }
    if report.rescued_in_holes_bytes > 0 {
        lines.push(format!(
            "  {} of it are holes in the files they come from: zeros of the disc, or what a copy has lost.",
            bytes(report.rescued_in_holes_bytes)
        ));
    }
    lines
}

/// The JSON object of merged maps, but for how it ended.
#[derive(Serialize)]
struct MapsReport<'a> {
    command: &'static str,
    source: Option<&'a String>,
    maps: &'a [String],
    output: Option<&'a str>,
    rescued_bytes: u64,
    missing_bytes: u64,
    complete: bool,
}

fn maps_alone(parts: &[Part], product: &Product, command: &str, context: &Context) -> Result<Exit, Failure> {
    let merged = Maps::read(parts).map_err(|e| maps::failed(&e))?;
    deliver(product, |out| merged.write(out, command))?;
    let names: Vec<String> = parts.iter().map(|part| shown(&part.map)).collect();
    let output = product.output.as_deref().map(shown);
    let missing_bytes = merged.missing_bytes();
    let exit = Exit::of_maps(missing_bytes == 0);
    let rescued_bytes = merged.tally().bytes(Status::Finished);
    let report = MapsReport {
        command: "map merge",
        source: names.first(),
        maps: &names,
        output: output.as_deref(),
        rescued_bytes,
        missing_bytes,
        complete: missing_bytes == 0,
    };
    let name = output.as_deref().unwrap_or_default();
    let words = format!("{name}: {} rescued, {} missing", bytes(rescued_bytes), bytes(missing_bytes));
    Ok(tell(product, &words, &report, exit, context))
}
