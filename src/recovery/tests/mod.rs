//! The strategies and their parts against simulated discs.

mod answer;
mod asides;
mod cost;
mod disc;
mod failure_rate;
mod forecast;
mod foreign;
mod params;
mod parts;
mod random;
mod read_length;
mod rescue;
mod rest;
mod sequences;
mod skip;
mod unit;
