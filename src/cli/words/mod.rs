//! Results in words.

pub(super) mod imaging;
pub(super) mod info;
pub(super) mod mux;
pub(super) mod shell;
