//! SIGINT, SIGTERM and SIGHUP: the first one asks the job to stop, the second one ends the process at once.
#![allow(unsafe_code)]

use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, OnceLock};

use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, raise, sigaction};

use crate::base::cancel::Cancel;

/// The flag that the first signal raises.
static STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// The first signal that came; 0 while none has.
static FIRST: AtomicI32 = AtomicI32::new(0);

const SECOND: &[u8] = b"\nfreemkv: stopped at once; the map on disk is true as it lies\n";

/// Installs the handlers; `cancel` is raised by the first signal.
///
/// # Errors
/// The kernel refuses a handler.
pub(super) fn install(cancel: &Cancel) -> nix::Result<()> {
    let _ = STOP.set(cancel.flag());
    let action = SigAction::new(SigHandler::Handler(on_signal), SaFlags::SA_RESTART, SigSet::empty());
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        // SAFETY: the handler only touches atomics and calls write(2) and _exit(2), which are
        // async-signal-safe; OnceLock::get is one atomic load of a value set before.
        unsafe { sigaction(signal, &action)? };
    }
    let ignore = SigAction::new(SigHandler::SigIgn, SaFlags::empty(), SigSet::empty());
    // SAFETY: SIG_IGN runs no code of ours. A file that grows over its limit is then an error of the write,
    // after which the map is saved, and not the end of the process.
    unsafe { sigaction(Signal::SIGXFSZ, &ignore)? };
    Ok(())
}

/// Whether a signal came, and whether it was SIGINT.
#[must_use]
pub(super) fn first() -> Option<Signal> {
    Signal::try_from(FIRST.load(Ordering::SeqCst)).ok()
}

/// After all is saved: SIGINT is raised again with its default action, so that a shell sees that the
/// program was interrupted and stops its loop. Returns when the signal was another one.
pub(super) fn raise_again() {
    if first() != Some(Signal::SIGINT) {
        return;
    }
    let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
    // SAFETY: SIG_DFL runs no code of ours.
    if unsafe { sigaction(Signal::SIGINT, &default) }.is_ok() {
        let _ = raise(Signal::SIGINT);
    }
}

extern "C" fn on_signal(signal: libc::c_int) {
    if FIRST.compare_exchange(0, signal, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
        if let Some(stop) = STOP.get() {
            stop.store(true, Ordering::SeqCst);
        }
        return;
    }
    // SAFETY: both calls are async-signal-safe and the buffer is static. The kernel may still hold
    // the process until a drive command in flight is answered, hence the sentence first.
    unsafe {
        libc::write(libc::STDERR_FILENO, SECOND.as_ptr().cast(), SECOND.len());
        libc::_exit(130);
    }
}
