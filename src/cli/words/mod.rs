//! Results in words.

pub(super) mod convert;
pub(super) mod imaging;
pub(super) mod info;
mod left_out;
pub(super) mod mux;
mod related;
pub(super) mod rip;
pub(super) mod shell;
mod title;
pub(super) mod verify;
mod wrap;
