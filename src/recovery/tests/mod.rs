//! The strategies against simulated discs.

mod cost;
mod disc;
mod foreign;
mod land;
mod parts;
mod random;
mod rescue;
mod sequences;
