//! What a person plans of a drive and its disc, as text.

pub(super) mod disc;
pub mod faults;
pub(super) mod text;
