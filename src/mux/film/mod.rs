//! Frames of all parts to one file: taken out of the stream, cut where parts meet, put in order, built into clusters.

pub(super) mod assemble;
mod cut;
pub(super) mod feed;
mod forced;
mod gaps;
mod held;
mod interleave;
mod losses;
pub(super) mod output;
