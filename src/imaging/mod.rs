//! Sweep and patch: a source is read as a strategy wants it, into an image with a map.
//!
//! A reader thread owns the source and the strategy, a writer thread the image and its checkpoints,
//! a saver thread the stored map. The map on disk calls a range rescued only after its bytes are on
//! stable storage.

mod arms;
mod canary;
mod checkpoint;
mod compare;
mod doubt;
mod drive_log;
mod error;
mod hash;
mod limits;
mod meter;
mod own_files;
mod prepare;
mod reader;
mod resume;
mod retries;
mod run;
mod saver;
mod second_look;
mod settings;
mod stored;
mod summary;
mod vouch;
mod writer;

pub use error::Error;
pub use limits::{Limit, Limits};
pub use retries::Retries;
pub use run::{End, Job, Task, run};
pub use settings::{DriveWishes, Speed};
pub use summary::{Report, Totals};

#[cfg(test)]
mod tests;
