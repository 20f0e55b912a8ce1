//! Sweep and patch: a source is read as a strategy wants it, into an image with a map.
//!
//! A reader thread owns the source and the strategy, a writer thread the image and its checkpoints,
//! a saver thread the stored map. The map on disk calls a range rescued only after its bytes are on
//! stable storage. Between the reader and a drive stands a guard, which says what is believed.

mod drive_settings;
mod end;
mod error;
mod guard;
mod job;
mod limits;
mod own_files;
mod prepare;
mod reading;
mod report;
mod run;
mod stop;
mod strategies;
mod watcher;
mod writing;

pub use drive_settings::{DriveSettings, Retries, Speed};
pub use end::{End, hash};
pub use error::Error;
pub use guard::GuardRules;
pub use job::{Job, Task};
pub use limits::{Limit, Limits};
pub use reading::{Fresh, TriedAgain};
pub use report::{PastEnd, Report, SetAside, Totals};
pub use run::run;

#[cfg(test)]
mod tests;
