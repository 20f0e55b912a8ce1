//! `freemkv map show`.

use serde_json::json;

use crate::base::human::printable;
use crate::mapfile::store;
use crate::mapfile::summary::{LISTED, Summary};

use super::args::MapShow;
use super::exit::{Exit, Failure};
use super::{Context, report};

/// Prints what each map says. All of them are read before the first is shown, so that a script sees
/// all or nothing.
///
/// # Errors
/// A map cannot be read.
pub(super) fn show(show: &MapShow, context: &Context) -> anyhow::Result<Exit> {
    let summaries = show
        .maps
        .iter()
        .map(|path| {
            let shown = printable(&path.display().to_string());
            let text = store::read(path, None).map_err(|error| {
                Failure::new(Exit::Failed, error.to_string()).hint(format!("Is {shown} a map of freemkv or ddrescue?"))
            })?;
            let missing = || Failure::new(Exit::Failed, format!("there is no map {shown}")).hint("Is the name right?");
            // -v: every range.
            let listed = if context.verbose > 0 { usize::MAX } else { LISTED };
            Ok(Summary::new(&shown, &text.ok_or_else(missing)?, listed))
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    if context.json {
        report::print(&json!({"command": "map show", "maps": summaries, "exit_code": 0}).to_string());
    } else {
        for (i, summary) in summaries.iter().enumerate() {
            if i > 0 {
                report::print("");
            }
            report::print(summary.to_string().trim_end());
        }
    }
    Ok(Exit::Complete)
}
