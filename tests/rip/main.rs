//! `freemkv rip`: from discs in emulated drives to folders with images, films and reports.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

#[path = "../support/mod.rs"]
mod support;

mod batch;
mod behind;
mod one;
mod order;
mod place;
mod rack;
mod rooms;
