//! Whole runs on scripted discs.

mod asides;
mod disc;
mod ends;
mod lengths;
mod outputs;
