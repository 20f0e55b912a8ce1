//! Frames of all parts to one file: taken out of the stream, cut where parts meet, put in order, built into clusters.

mod ahead;
pub(super) mod assemble;
mod clusters;
mod cut;
mod enhancement;
pub(super) mod feed;
mod forced;
mod gaps;
mod held;
mod interleave;
mod lane;
mod losses;
pub(super) mod output;
