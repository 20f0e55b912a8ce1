//! `freemkv map show`.

use serde_json::json;

use crate::base::human::printable;
use crate::mapfile::store;
use crate::mapfile::summary::{LISTED, Summary};

use super::super::args::MapShow;
use super::super::context::Context;
use super::super::exit::{CliError, Exit, Failure, source};
use super::super::terminal::print;

/// Prints what each map says. All of them are read before the first is shown, so that a script sees
/// all or nothing.
///
/// # Errors
/// A map cannot be read.
pub(crate) fn show(show: &MapShow, context: &Context) -> Result<Exit, Failure> {
    let summary = |path| {
        let text = store::read(path, None).map_err(|e| source::map(&e, path))?;
        let mut text = text.ok_or_else(|| CliError::NoMap(path.to_owned()))?;
        // Another program leaves the comments out that name them.
        let beside = store::left_out_beside(path, &text);
        text.left_out.extend(&beside);
        // -v: every range.
        let listed = if context.verbose > 0 { usize::MAX } else { LISTED };
        Ok(Summary::new(&printable(&path.display().to_string()), &text, listed))
    };
    let summaries = show.maps.iter().map(|path| summary(path)).collect::<Result<Vec<_>, Failure>>()?;
    if context.json {
        print::print(&json!({"command": "map show", "source": show.maps.first().map(|map| map.to_string_lossy()), "maps": summaries, "exit_code": 0}).to_string());
    } else {
        for (i, summary) in summaries.iter().enumerate() {
            if i > 0 {
                print::print("");
            }
            print::print(summary.to_string().trim_end());
        }
    }
    Ok(Exit::Complete)
}
