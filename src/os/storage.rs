//! What lies below imago's image formats: its trait `Storage`, over a trait without unsafe functions.

use std::fmt;
use std::io;

use imago::io_buffers::{IoVector, IoVectorMut};
use imago::storage::Storage;
use imago::storage::drivers::CommonStorageHelper;

/// Bytes that a container lies in.
pub trait Host: fmt::Debug + fmt::Display + Send + Sync {
    /// How many there are.
    ///
    /// # Errors
    /// What the system says.
    fn length(&self) -> io::Result<u64>;

    /// Fills `buffer` from `offset`, with zeros behind the end.
    ///
    /// # Errors
    /// What the system says.
    fn read(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;

    /// Takes `bytes` at `offset`.
    ///
    /// # Errors
    /// It does not take any.
    fn write(&self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Makes `length` bytes from `offset` zero.
    ///
    /// # Errors
    /// It does not take any.
    fn zero(&self, offset: u64, length: u64) -> io::Result<()>;
}

/// A [`Host`] as imago wants it. What imago asks to be flushed or synced is left to whoever holds the host.
#[derive(Debug)]
pub struct Below<H> {
    host: H,
    helper: CommonStorageHelper,
}

impl<H: Host> Below<H> {
    /// Below imago goes `host`.
    pub fn new(host: H) -> Self {
        Self { host, helper: CommonStorageHelper::default() }
    }

    /// What lies below.
    pub fn host(&self) -> &H {
        &self.host
    }
}

impl<H: Host> fmt::Display for Below<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.host, f)
    }
}

impl<H: Host> Storage for Below<H> {
    fn size(&self) -> io::Result<u64> {
        self.host.length()
    }

    // SAFETY: the functions of the trait are unsafe because others rely on alignment and on order among writers, neither of
    // which a host does; nothing in them is.
    unsafe fn pure_readv(&self, buffers: IoVectorMut<'_>, mut offset: u64) -> io::Result<()> {
        for mut buffer in buffers.into_inner() {
            self.host.read(&mut buffer, offset)?;
            offset = offset.saturating_add(buffer.len() as u64);
        }
        Ok(())
    }

    // SAFETY: as above.
    unsafe fn pure_writev(&self, buffers: IoVector<'_>, mut offset: u64) -> io::Result<()> {
        for buffer in buffers.into_inner() {
            self.host.write(&buffer, offset)?;
            offset = offset.saturating_add(buffer.len() as u64);
        }
        Ok(())
    }

    // SAFETY: as above.
    unsafe fn pure_write_zeroes(&self, offset: u64, length: u64) -> io::Result<()> {
        self.host.zero(offset, length)
    }

    // SAFETY: as above.
    unsafe fn pure_write_allocated_zeroes(&self, offset: u64, length: u64) -> io::Result<()> {
        self.host.zero(offset, length)
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    // SAFETY: nothing is cached here.
    unsafe fn invalidate_cache(&self) -> io::Result<()> {
        Ok(())
    }

    fn get_storage_helper(&self) -> &CommonStorageHelper {
        &self.helper
    }
}
