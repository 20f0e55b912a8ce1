//! An output in memory whose calls a test can count, fail and hold, with the kernel's rule about errors:
//! each open file description is told of a failed write-out once.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use super::sink::{Sink, Way};
use super::strategy::{DontCache, OutputKind, SinkFacts};
use super::window::ByteRange;
use crate::base::clock::{Clock, VirtualClock};
use crate::os::io::CallError;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Call {
    Write(ByteRange),
    Start(ByteRange),
    Wait(ByteRange),
    Drop(ByteRange),
    Sync,
    SetLength(u64),
    Reserve(ByteRange),
    Zero(ByteRange),
    Close,
}

#[derive(Default)]
struct Core {
    /// At least `length` of them; grown rarely, since that is slow without optimisation.
    bytes: Vec<u8>,
    length: u64,
    calls: Vec<Call>,
    /// Written and not yet waited for or synced.
    dirty: u64,
    most_dirty: u64,
    /// Waits and syncs pass this much time and then stay until released.
    held: Option<Duration>,
    holding: u32,
    full: bool,
    /// How many times write-out failed.
    failures: u64,
}

/// What the test holds of the output.
#[derive(Clone)]
pub(super) struct FakeOutput {
    core: Arc<(Mutex<Core>, Condvar)>,
    pub(super) clock: VirtualClock,
    pub(super) facts: SinkFacts,
    /// Whether bytes are kept, or only counted.
    pub(super) keep: bool,
    /// Whether a sync panics.
    pub(super) panics: bool,
    /// Whether room can be reserved.
    pub(super) reserves: bool,
    /// Whether ranges can be made zero.
    pub(super) punches: bool,
    /// Whether it can be made longer without writing.
    pub(super) extends: bool,
    /// Whether it can be written past the cache.
    pub(super) direct: bool,
    /// Whether writes that leave nothing in the cache are refused whatever the facts say.
    pub(super) lies: bool,
}

struct FakeSink {
    output: FakeOutput,
    /// Failures that this open file description was told of.
    told: Mutex<u64>,
}

impl Core {
    fn grow(&mut self, length: u64) {
        let length = usize::try_from(length).unwrap();
        if self.bytes.len() < length {
            let mut grown = vec![0; length.next_power_of_two()];
            grown[..self.bytes.len()].copy_from_slice(&self.bytes);
            self.bytes = grown;
        }
    }
}

impl FakeOutput {
    pub(super) fn new() -> Self {
        let facts =
            SinkFacts { kind: OutputKind::File, network: false, can_write_out: true, dont_cache: DontCache::No };
        let clock = VirtualClock::new();
        Self {
            core: Arc::default(),
            clock,
            facts,
            keep: true,
            panics: false,
            reserves: true,
            punches: true,
            extends: true,
            direct: true,
            lies: false,
        }
    }

    pub(super) fn sink(&self) -> Box<dyn Sink> {
        let told = Mutex::new(self.core().failures);
        Box::new(FakeSink { output: self.clone(), told })
    }

    fn core(&self) -> MutexGuard<'_, Core> {
        self.core.0.lock().unwrap()
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let core = self.core();
        core.bytes[..usize::try_from(core.length).unwrap()].to_vec()
    }

    pub(super) fn calls(&self) -> Vec<Call> {
        self.core().calls.clone()
    }

    pub(super) fn count(&self, wanted: impl Fn(&Call) -> bool) -> usize {
        self.core().calls.iter().filter(|c| wanted(c)).count()
    }

    pub(super) fn most_dirty(&self) -> u64 {
        self.core().most_dirty
    }

    /// From now on each wait and sync lasts `time` and longer, until [`FakeOutput::release`].
    pub(super) fn hold(&self, time: Duration) {
        self.core().held = Some(time);
    }

    pub(super) fn release(&self) {
        self.core().held = None;
        self.core.1.notify_all();
    }

    /// Returns once a wait or a sync is being held.
    pub(super) fn until_held(&self) {
        drop(self.core.1.wait_while(self.core(), |core| core.holding == 0).unwrap());
    }

    /// The write-out of what was written fails, now, as on a device that broke.
    pub(super) fn break_write_out(&self) {
        self.core().failures += 1;
    }

    /// Writes fail for want of room until `false` is set.
    pub(super) fn set_full(&self, full: bool) {
        self.core().full = full;
    }

    /// Notes a call that may be held, and lets it be.
    fn slow(&self, call: Call) {
        let mut core = self.core();
        core.calls.push(call);
        if let Some(time) = core.held {
            self.clock.sleep(time);
            core.holding += 1;
            self.core.1.notify_all();
            // A test that fails while it holds must not hang.
            let patience = Duration::from_secs(20);
            (core, _) = self.core.1.wait_timeout_while(core, patience, |core| core.held.is_some()).unwrap();
            core.holding -= 1;
        }
    }
}

impl FakeSink {
    fn tell(&self) -> io::Result<()> {
        let failures = self.output.core().failures;
        let told = std::mem::replace(&mut *self.told.lock().unwrap(), failures);
        if told < failures { Err(io::Error::from_raw_os_error(libc::EIO)) } else { Ok(()) }
    }
}

impl Sink for FakeSink {
    fn facts(&self) -> SinkFacts {
        self.output.facts
    }

    fn reopen(&self) -> io::Result<Box<dyn Sink>> {
        Ok(self.output.sink())
    }

    fn open_direct(&mut self) -> Result<(), CallError> {
        let refused = || CallError::Unsupported { call: "open", cause: io::Error::from_raw_os_error(libc::EINVAL) };
        if self.output.direct { Ok(()) } else { Err(refused()) }
    }

    fn write_at(&self, bytes: &[u8], offset: u64, way: Way) -> Result<(), CallError> {
        let mut core = self.output.core();
        let failed = |errno| Err(CallError::new("pwrite", io::Error::from_raw_os_error(errno)));
        if self.output.lies && way == Way::DontCache {
            return failed(libc::EOPNOTSUPP);
        }
        if core.full {
            return failed(libc::ENOSPC);
        }
        let len = bytes.len() as u64;
        core.calls.push(Call::Write(ByteRange { offset, len }));
        core.dirty += len;
        core.most_dirty = core.most_dirty.max(core.dirty);
        core.length = core.length.max(offset + len);
        if self.output.keep {
            let at = usize::try_from(offset).unwrap();
            core.grow(offset + len);
            core.bytes[at..at + bytes.len()].copy_from_slice(bytes);
        }
        Ok(())
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let at = usize::try_from(offset).unwrap();
        let core = self.output.core();
        let all = &core.bytes[..usize::try_from(core.length).unwrap()];
        let there = all.get(at..at + buffer.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(there);
        Ok(())
    }

    fn start(&self, range: ByteRange) -> io::Result<()> {
        self.output.core().calls.push(Call::Start(range));
        Ok(())
    }

    fn wait(&self, range: ByteRange) -> io::Result<()> {
        self.output.slow(Call::Wait(range));
        let mut core = self.output.core();
        core.dirty = core.dirty.saturating_sub(range.len);
        drop(core);
        self.tell()
    }

    fn drop_cached(&self, range: ByteRange) {
        self.output.core().calls.push(Call::Drop(range));
    }

    fn sync(&self) -> io::Result<()> {
        if self.output.panics {
            std::panic::resume_unwind(Box::new("a sync that panics"));
        }
        self.output.slow(Call::Sync);
        self.output.core().dirty = 0;
        self.tell()
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.output.core().length)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut core = self.output.core();
        if !self.output.extends && len > core.length {
            return Err(io::Error::from_raw_os_error(libc::EPERM));
        }
        core.calls.push(Call::SetLength(len));
        core.length = len;
        if self.output.keep {
            core.grow(len);
            core.bytes[usize::try_from(len).unwrap()..].fill(0);
        }
        Ok(())
    }

    fn reserve(&self, range: ByteRange) -> Result<(), CallError> {
        let mut core = self.output.core();
        if !self.output.reserves {
            return unsupported();
        }
        if core.full {
            return Err(CallError::new("fallocate", io::Error::from_raw_os_error(libc::ENOSPC)));
        }
        core.calls.push(Call::Reserve(range));
        core.length = core.length.max(range.end());
        core.grow(range.end());
        Ok(())
    }

    fn zero(&self, range: ByteRange) -> Result<(), CallError> {
        let mut core = self.output.core();
        if !self.output.punches {
            return unsupported();
        }
        core.calls.push(Call::Zero(range));
        let (start, end) = (usize::try_from(range.offset).unwrap(), usize::try_from(range.end()).unwrap());
        core.bytes[start..end].fill(0);
        Ok(())
    }
}

fn unsupported<T>() -> Result<T, CallError> {
    Err(CallError::new("fallocate", io::Error::from_raw_os_error(libc::EOPNOTSUPP)))
}

impl Drop for FakeSink {
    fn drop(&mut self) {
        self.output.core().calls.push(Call::Close);
    }
}
