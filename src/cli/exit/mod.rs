//! How the program ends: exit codes, and failures in words.
//!
//! `code.rs` alone says which error has which exit code. The other files put an error into a sentence and say what to
//! do: [`imaging`] of a sweep or a patch, [`films`] of a mux, [`verify`] of a comparison, [`convert`] of a conversion,
//! [`maps`] of maps, [`rips`] of a rip, [`source`] of what is read, [`system`] of what the file system says.

mod code;
pub(super) mod convert;
mod failure;
mod faults;
pub(super) mod films;
pub(super) mod imaging;
pub(super) mod maps;
mod own;
pub(super) mod rips;
pub(super) mod source;
mod system;
pub(super) mod verify;

pub(super) use code::Exit;
pub(super) use failure::Failure;
pub(super) use own::CliError;
