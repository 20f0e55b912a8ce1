//! Stream files, as people have them and as other programs make them.

mod alone;
mod odd;
pub(crate) mod samples;
mod wrapped;
