//! The map of what was read, in ddrescue's own format.

pub mod status;
