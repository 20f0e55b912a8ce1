//! The strategies and their parts against simulated discs.

mod asides;
mod disc;
mod foreign;
mod parts;
mod pieces;
mod random;
mod rescue;
mod rest;
mod sequences;
