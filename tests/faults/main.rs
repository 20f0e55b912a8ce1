//! What goes wrong around the program: system calls that fail, disks that hang, too much at once, bytes made to hurt.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

#[path = "../support/mod.rs"]
mod support;

mod campaign;
mod disks;
mod hang;
mod inject;
mod judge;
mod licences;
mod load;
mod mutate;
mod privilege;
mod random;
mod work;
