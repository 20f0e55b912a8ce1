//! The verb `rip`: discs to images, films and reports, for scripts and cron.
//!
//! It is thin: [`imaging`](crate::job::imaging) reads the disc, [`mux`](crate::job::mux) makes its films. What is its own are the
//! folder of a disc, the order of the steps, and what is written down of them. [`Rip`] is one disc, [`run`] a batch of drives.

mod batch;
pub mod disc;
mod error;
mod films;
mod hook;
mod image;
mod job;
mod names;
mod one;
mod report;

pub use batch::{Station, run};
pub use error::Trouble;
pub use job::{Films, Job, Keep, Wait};
pub use names::Template;
pub use one::{Imaged, Rip};
pub use report::{Film, Loss, Ripped, Speed, Told, Track, Verdict};
