//! Sweep and patch: a source is read as a strategy wants it, into an image with a map.
//!
//! A reader thread owns the source and the strategy, a writer thread the image and its checkpoints,
//! a saver thread the stored map. The map on disk calls a range rescued only after its bytes are on
//! stable storage.

mod checkpoint;
mod compare;
mod error;
mod hash;
mod meter;
mod prepare;
mod reader;
mod resume;
mod run;
mod saver;
mod stored;
mod summary;
mod writer;

pub use error::Error;
pub use run::{End, Job, Task, run};
pub use summary::{Report, Totals};

#[cfg(test)]
mod tests;
