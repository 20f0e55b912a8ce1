//! Frames of all parts to one file: taken out of the stream, cut where parts meet, put in order, built into clusters.

pub(super) mod assemble;
mod clusters;
mod enhancement;
pub(super) mod feed;
mod lane;
pub(super) mod output;
