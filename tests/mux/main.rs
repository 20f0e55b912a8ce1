//! `freemkv mux`: the command as a person runs it, and the library on discs of every kind.
//!
//! Many of these tests need `FREEMKV_TEST_DATA`, ffmpeg and mkvmerge, and say so when they are passed over.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a panic is how a test fails")]

mod bluray;
mod command;
mod damage;
mod dvd;
mod film;
mod fixtures;
mod forced;
mod holes;
mod mediaconch;
mod misfits;
mod names;
mod parts;
mod standard_output;
mod stream_files;
#[path = "../support/mod.rs"]
mod support;
