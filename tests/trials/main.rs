//! What somebody new to the program, or unlucky with the machine, meets: every command beside every mishap, with the words, the
//! next step and the exit code. And the program on a terminal, whose lines are followed by a model of one.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

#[path = "../support/mod.rs"]
mod support;

mod devices;
mod full_output;
mod live;
mod maps;
mod missing;
mod model;
mod names;
mod permissions;
mod planned;
mod pty;
mod room;
mod still;
