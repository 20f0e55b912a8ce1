//! What the test machine needs of the machine that it runs on.

use std::fs;
use std::sync::OnceLock;

use crate::machine::kernel::{self, Kernel};
use crate::support;

/// The parts that the host gives.
pub(crate) struct Host {
    /// The kernel and its modules.
    pub(crate) kernel: Kernel,
    /// A busybox that needs no libraries.
    pub(crate) busybox: Vec<u8>,
}

/// Looks once a test run; the reason when something is missing.
pub(crate) fn host() -> &'static Result<Host, String> {
    static HOST: OnceLock<Result<Host, String>> = OnceLock::new();
    HOST.get_or_init(|| {
        support::installed("qemu-system-x86_64").ok_or("qemu-system-x86_64 is not installed")?;
        let busybox = support::installed("busybox").ok_or("busybox is not installed")?;
        let busybox = fs::read(&busybox).map_err(|e| format!("{}: {e}", busybox.display()))?;
        if !is_static(&busybox) {
            return Err("busybox is not linked statically (package busybox-static)".to_owned());
        }
        Ok(Host { kernel: kernel::find()?, busybox })
    })
}

/// Whether a program runs without a loader: its ELF file has no segment of type `PT_INTERP` (System V ABI,
/// program header).
pub(crate) fn is_static(program: &[u8]) -> bool {
    const PT_INTERP: u64 = 3;
    let number = |at: usize, size: usize| {
        let bytes = program.get(at..at + size)?;
        Some(bytes.iter().rev().fold(0, |value: u64, byte| value << 8 | u64::from(*byte)))
    };
    let segments = || {
        let (table, size, count) = (number(0x20, 8)?, number(0x36, 2)?, number(0x38, 2)?);
        (0..count).map(|index| number(usize::try_from(table + index * size).ok()?, 4)).collect::<Option<Vec<_>>>()
    };
    program.starts_with(b"\x7fELF") && segments().is_some_and(|kinds| !kinds.contains(&PT_INTERP))
}

#[test]
fn a_test_program_is_no_static_one() {
    let own = std::env::current_exe().and_then(fs::read).expect("this program");
    assert!(!is_static(&own));
    assert!(!is_static(b"#!/bin/sh\n"));
}
