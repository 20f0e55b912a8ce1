//! The operating system: what of it is not in the standard library, behind safe functions.
#![allow(unsafe_code)]

pub mod align;
pub mod allocate;
pub mod block;
pub mod cdrom;
pub mod durable;
pub mod filesystem;
pub mod io;
pub mod lock;
pub mod names;
#[cfg(feature = "qcow2")]
pub mod storage;
pub mod waits;
