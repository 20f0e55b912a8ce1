//! What strategies are made of, each piece alone.

mod answer;
mod cost;
mod failure_rate;
mod forecast;
mod params;
mod read_length;
mod skip;
mod unit;
