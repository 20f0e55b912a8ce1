//! Images as they are written: by every strategy, onto disks that are full, devices that fail, and what stays in the cache.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails ends its test")]

#[path = "../support/mod.rs"]
mod support;

mod cache;
mod failures;
mod full_disks;
mod writing;
