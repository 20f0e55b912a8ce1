//! The commands: what the arguments ask for is handed to `job`, and its result is told.

pub(super) mod convert;
pub(super) mod drives;
pub(super) mod generate;
pub(super) mod imaging;
pub(super) mod info;
pub(super) mod map;
pub(super) mod mux;
pub(super) mod rip;
pub(super) mod verify;
