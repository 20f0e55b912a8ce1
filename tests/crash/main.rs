//! freemkv that does not come to its end: killed, stopped and continued, its terminal or its pipe gone, the power cut. What the
//! map claims is true, nothing that is half done has its final name, and whoever runs it again gets what nobody disturbed gets.
//!
//! `stage.rs` has the commands, `judge.rs` says what must hold; `kill.rs` and `storm.rs` disturb the process. `replay.rs` cuts the
//! power at places of the log of a disk (`disk.rs`). `beside.rs` does the same to ddrescue. The long numbers are run by `tests/long.sh`.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

mod beside;
#[path = "../support/claims.rs"]
mod claims;
mod disk;
mod judge;
mod kill;
mod replay;
mod stage;
mod storm;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/write_log.rs"]
mod write_log;
