//! The verb `mux`: titles of a disc to Matroska files, from the choice of titles to the last file.
//!
//! [`plans()`] looks at the titles and says what will be written where, [`judge`] looks at what lies there and at the
//! free space, [`write()`] writes. Nothing is written before all that was chosen can be.

mod error;
mod job;
mod matching;
mod plans;
mod room;

use std::sync::Arc;

use crate::base::cancel::Cancel;
use crate::base::clock::{Clock, SystemClock};
use crate::base::event::{Event, Events};
use crate::mux::MuxError;
use crate::mux::report::OutputReport;
use crate::mux::run::{self, Settings};

use super::disc::Disc;

pub use error::Error;
pub use job::{Film, Job};
pub use plans::{Plans, plans};
pub use room::{judge, make_folder};

/// What was written, and what ended it early.
#[derive(Debug, Default)]
pub struct Written {
    /// The files that are whole, in order.
    pub outputs: Vec<OutputReport>,
    /// Why there are no more; `None` when all were written.
    pub failure: Option<MuxError>,
}

/// Writes the films, one after the other; the first that fails is the last, but for a title of several that turns out to have
/// nothing. That, like a title that was refused, is a failure at the end.
pub fn write(disc: &Disc, plans: Plans, job: &Job, cancel: &Cancel, events: &dyn Events) -> Written {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let missing = disc.missing_sectors();
    let failed = disc.missing.as_ref().map(|missing| &missing.failed);
    let settings = Settings { force: job.force, failed, end: disc.image_end, ..Settings::new(&missing) };
    let (mut written, mut empty) = (Written::default(), Vec::new());
    for Film { plan, path } in &plans.films {
        match run::run(disc.files.as_ref(), plan, path, &settings, events, cancel, &clock) {
            Ok(output) => written.outputs.push(output),
            Err(error @ MuxError::Nothing { .. }) => empty.push(error),
            Err(error) => {
                written.failure = Some(error);
                break;
            }
        }
    }
    let mut refused = empty.into_iter().chain(plans.refused);
    written.failure = written.failure.or_else(|| refused.next());
    refused.for_each(|error| events.event(Event::Warning(error.to_string())));
    written
}
