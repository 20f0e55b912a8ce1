//! What to read next, and what an answer means for the map. Pure: no I/O, no clock, no thread, no log.
//!
//! [`Sweep`] reads a disc once and leaves damage quickly, [`Patch`] gets what is left; both are a [`Strategy`]. What they
//! go by lies in `model`, every number in `params`; `docs/recovery.md` tells the rules.

mod answer;
mod blank;
mod forecast;
mod limits;
mod model;
mod params;
mod patch;
mod phase;
mod step;
mod strategy;
mod sweep;
mod unit;

pub use forecast::{Abandoned, Forecast};
pub use limits::Limits;
pub use params::{Params, Times};
pub use patch::Patch;
pub use phase::Phase;
pub use step::{Change, Step};
pub use strategy::Strategy;
pub use sweep::Sweep;

#[cfg(test)]
mod tests;
