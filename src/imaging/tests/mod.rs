//! Whole runs on scripted discs.

mod disc;
mod ends;
mod outputs;
