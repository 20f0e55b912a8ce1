//! `freemkv mux`: the command as a person runs it, and the library on discs of every kind.
//!
//! Many of these tests need `FREEMKV_TEST_DATA`, ffmpeg and mkvmerge, and say so when they are passed over.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a panic is how a test fails")]

mod bluray;
mod command;
mod cut_streams;
mod damage;
mod disc;
mod dvd;
mod dvd_damage;
mod dvd_stamps;
mod dvd_wrap;
mod edges;
mod entry;
mod film;
mod forced;
mod holes;
mod layers;
mod links;
mod loose;
mod mediaconch;
mod misfits;
mod mkv;
mod names;
mod odd_streams;
mod packets;
mod parts;
mod samples;
mod seams;
mod standard_output;
#[path = "../support/mod.rs"]
mod support;
mod wrapped;
