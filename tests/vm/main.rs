//! freemkv on a real Linux with real SCSI drives: a machine in QEMU, up in seconds, without root and without KVM.
//!
//! `machine` describes and runs it, `machine/kernel.rs` gets its kernel, `machine/initramfs.rs` builds what it starts from,
//! `guest/init` is what runs first in it, `machine/trace.rs` reads which SCSI commands its drives got. `firmware/` is a drive that
//! answers as a test wants, by three ways into the kernel; `plugged.rs` puts it into the machine. `power/` cuts the power again and again.
#![allow(clippy::expect_used, clippy::panic, reason = "a panic is how a test fails")]

#[path = "../support/claims.rs"]
mod claims;
#[path = "../support/write_log.rs"]
mod write_log;

mod answers;
mod machine;
#[path = "../support/mod.rs"]
mod support;

mod commands;
mod cuts;
mod drives;
mod holders;
mod imaging;
mod plugged;
mod power;
mod table;
