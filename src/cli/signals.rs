//! SIGINT, SIGTERM and SIGHUP: the first one asks the job to stop, the second one ends the process at once.
#![allow(unsafe_code)]

use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, OnceLock};

use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, raise, sigaction};

use crate::base::cancel::Cancel;

use super::exit::CliError;

/// The flag that the first signal raises.
static STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// The first signal that came; 0 while none has.
static FIRST: AtomicI32 = AtomicI32::new(0);

/// Standard error takes JSON lines only.
static JSON: AtomicBool = AtomicBool::new(false);

const SECOND: &[u8] = b"\nfreemkv: stopped at once; the map on disk is true as it lies\n";
const SECOND_IN_JSON: &[u8] =
    b"{\"event\":\"error\",\"code\":130,\"message\":\"stopped at once; the map on disk is true as it lies\",\"hint\":null}\n";

/// Installs the handlers; `cancel` is raised by the first signal. `json`: what is said of the second is JSON.
///
/// A limit to the size of files (`ulimit -f`) sends a signal that would end the process with nothing saved; with
/// that ignored the write fails, which is told like any other.
///
/// # Errors
/// The kernel refuses a handler.
pub(super) fn install(cancel: &Cancel, json: bool) -> Result<(), CliError> {
    install_for(cancel, json).map_err(|e| CliError::system("cannot take signals")(e.into()))
}

fn install_for(cancel: &Cancel, json: bool) -> nix::Result<()> {
    let _ = STOP.set(cancel.flag());
    JSON.store(json, Ordering::SeqCst);
    let ignore = SigAction::new(SigHandler::SigIgn, SaFlags::empty(), SigSet::empty());
    // SAFETY: SIG_IGN runs no code of ours.
    unsafe { sigaction(Signal::SIGXFSZ, &ignore)? };
    let action = SigAction::new(SigHandler::Handler(on_signal), SaFlags::SA_RESTART, SigSet::empty());
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        if is_ignored(signal)? {
            continue;
        }
        // SAFETY: the handler only touches atomics and calls poll(2), write(2) and _exit(2), which are
        // async-signal-safe; OnceLock::get is one atomic load of a value set before.
        unsafe { sigaction(signal, &action)? };
    }
    Ok(())
}

/// Whether whoever started this process wants it to outlive the signal: nohup, or a shell that puts a job into the
/// background.
fn is_ignored(signal: Signal) -> nix::Result<bool> {
    // SAFETY: all zero is a valid value of this plain structure, which the call then fills.
    let mut present: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: nothing is installed; the kernel writes to `present`, which outlives the call.
    let result = unsafe { libc::sigaction(signal as libc::c_int, std::ptr::null(), &raw mut present) };
    nix::errno::Errno::result(result)?;
    Ok(present.sa_sigaction == libc::SIG_IGN)
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
    let text = if JSON.load(Ordering::SeqCst) { SECOND_IN_JSON } else { SECOND };
    let mut stderr = libc::pollfd { fd: libc::STDERR_FILENO, events: libc::POLLOUT, revents: 0 };
    // SAFETY: the calls are async-signal-safe, the buffer is static and `stderr` outlives the call. The kernel may
    // still hold the process until a drive command in flight is answered, hence the sentence first; but a full pipe
    // that nobody reads must not keep the process, hence the check whether it takes the sentence.
    unsafe {
        if libc::poll(&raw mut stderr, 1, 0) == 1 && stderr.revents & libc::POLLOUT != 0 {
            libc::write(libc::STDERR_FILENO, text.as_ptr().cast(), text.len());
        }
        libc::_exit(130);
    }
}
