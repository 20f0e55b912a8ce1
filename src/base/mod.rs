//! Level 0: words that every other layer speaks.

pub mod allowance;
pub mod bits;
pub mod bytes;
pub mod cancel;
pub mod clock;
pub mod event;
pub mod human;
pub mod media;
pub mod outcome;
pub mod pace;
pub mod sector;
#[cfg(test)]
pub(crate) mod testing;
pub mod time;
