//! `freemkv map show`.

use std::path::Path;

use serde::Serialize;

use crate::job::map as job;
use crate::job::map::part::image_of;
use crate::mapfile::summary::{LISTED, Lies, Summary};
use crate::mapfile::text::MapText;

use super::super::super::args::map::MapShow;
use super::super::super::context::Context;
use super::super::super::exit::{CliError, Exit, Failure, maps};
use super::super::super::json;
use super::super::super::terminal::print;
use super::deliver::shown;

/// Prints what each map says. All of them are read before the first is shown, so that a script sees
/// all or nothing.
///
/// # Errors
/// A map, or the image that it is of, cannot be read.
pub(super) fn show(show: &MapShow, context: &Context) -> Result<Exit, Failure> {
    if show.image.is_some() && show.maps.len() > 1 {
        return Err(CliError::ImageOfMaps.into());
    }
    let texts = show.maps.iter().map(|path| job::read(path).map_err(|e| maps::failed(&e)));
    let texts = texts.collect::<Result<Vec<_>, Failure>>()?;
    // -v: every range.
    let listed = if context.verbose > 0 { usize::MAX } else { LISTED };
    let summaries = show.maps.iter().zip(&texts).map(|(path, text)| summary(path, text, (show, listed), context));
    let summaries = summaries.collect::<Result<Vec<_>, Failure>>();
    context.display.clear();
    let summaries = summaries?;
    let lacks = |lies: &Lies| lies.rescued_in_holes_bytes > 0;
    let exit = Exit::of_maps(!summaries.iter().filter_map(|summary| summary.lies.as_ref()).any(lacks));
    if context.json {
        let source = show.maps.first().map(|path| path.to_string_lossy()).unwrap_or_default();
        print::print_json(&json::ended(&Report { command: "map show", source: &source, maps: &summaries }, exit, None));
    } else {
        for (i, summary) in summaries.iter().enumerate() {
            if i > 0 {
                print::print("");
            }
            print::print(summary.to_string().trim_end());
        }
    }
    Ok(exit)
}

/// The JSON object, but for how it ended.
#[derive(Serialize)]
struct Report<'a> {
    command: &'static str,
    source: &'a str,
    maps: &'a [Summary<'a>],
}

fn summary<'a>(
    path: &Path,
    text: &'a MapText,
    (show, listed): (&MapShow, usize),
    context: &Context,
) -> Result<Summary<'a>, Failure> {
    let summary = Summary::new(&shown(path), text, listed);
    match show.image.clone().or_else(|| image_of(path)) {
        None => Ok(summary),
        Some(image) => {
            let (contents, lies) =
                job::lies::look(&image, text, context.display.as_ref()).map_err(|e| maps::failed(&e))?;
            Ok(summary.with_image(contents, lies))
        }
    }
}
