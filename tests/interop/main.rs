//! Half-done images, maps and films before other programs: GNU ddrescue and ddrescuelog, mkvtoolnix, ffmpeg.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a helper that fails ends its test")]

#[path = "../support/mod.rs"]
mod support;

mod ddrescue;
mod map;
mod matroska;
#[path = "../../src/matroska/reading.rs"]
mod reading;
mod sets;
