//! What `README.md` and `docs/` tell was run: each page from top to bottom, in a folder of its own, on the emulated drive where the
//! page has a real one.
//!
//! How a page says what becomes of a block of code is in its first line:
//!
//! - `console`: each line behind `$ ` is run, and what is printed there is what it says; `[...]` leaves lines out.
//! - `sh`: is run as it stands, and ends well.
//! - `text file=NAME`: is written into that file.
//! - `sh by=SCRIPT`: that script of the tree runs the same.
//! - `sh not-run`: is not run, and the section says so.
//!
//! What else stands in such a block is no command. `pages.rs` has what each page needs. To renew what commands say:
//! `FREEMKV_RENEW=1 cargo test --test docs`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a panic is how a test fails")]

mod markdown;
mod pages;
mod runs;
mod words;

#[path = "../support/mod.rs"]
mod support;
