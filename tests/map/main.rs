//! `freemkv map`: each of its commands, on maps and on images of discs.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

#[path = "../support/mod.rs"]
mod support;

mod bench;
mod compare;
mod convert;
mod merge;
mod mistakes;
mod picture;
mod sets;
mod show;
