//! The strategies against simulated discs.

mod cost;
mod disc;
mod failure_rate;
mod foreign;
mod parts;
mod random;
mod rescue;
mod rest;
mod sequences;
