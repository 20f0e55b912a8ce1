//! Sweep and patch at their limits: killed at random moments, within their memory, with a map of a million runs.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails ends its test")]

#[path = "../support/mod.rs"]
mod support;

mod kill;
mod map_million;
mod memory;
