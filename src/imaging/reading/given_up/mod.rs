//! What was given up and is asked for again: in this run when all else is done, or before anything else.

mod first;
mod visits;

pub(in crate::imaging) use first::Setup as FirstSetup;
pub(super) use first::{First, Stands};
pub use first::{Fresh, TriedAgain};
pub(super) use visits::Visits;
