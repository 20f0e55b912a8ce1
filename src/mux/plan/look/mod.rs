//! What the streams of a title show before anything is written.

pub mod glance;
mod late;
pub(in crate::mux) mod probe;
pub(super) mod proof;
pub(in crate::mux) mod scrambled;
