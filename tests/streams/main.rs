//! Demultiplexer and splitters on whole streams, against other programs and known contents.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod against_ffmpeg;
mod codecs;
mod damage;
mod discs;
mod dvd;
mod md5;
mod speed;
mod support;
#[path = "../../src/base/testing.rs"]
mod testing;
