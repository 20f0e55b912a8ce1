//! How the bytes of a disc lie in an image: what every format of images can do.

use super::error::ImageError;
use super::writeback::file::WritebackFile;
use super::writeback::prealloc::Prealloc;

/// A format of images.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Format {
    /// Sector n of the disc lies at byte n * 2048.
    #[default]
    Raw,
    /// QEMU's: what was never written takes no room, whatever the file system.
    Qcow2,
}

impl Format {
    /// As `--format` calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Qcow2 => "qcow2",
        }
    }
}

/// An open image of one format, in a file that somebody else holds. Offsets are bytes of the disc; nobody asks for what lies
/// outside it. Every error of writing is final, as [`WritebackFile`] says.
pub(super) trait ImageFormat: Send {
    /// Bytes of the disc that the image reaches to at present; behind them nothing can be read.
    ///
    /// # Errors
    /// [`ImageError::Io`].
    fn length(&self, file: &WritebackFile) -> Result<u64, ImageError>;

    /// Fills `buffer` from the image as it is now, durable or not.
    ///
    /// # Errors
    /// [`ImageError::Io`], also for what lies behind its length; [`ImageError::Unsupported`] for a stream.
    fn read_at(&mut self, file: &mut WritebackFile, offset: u64, buffer: &mut [u8]) -> Result<(), ImageError>;

    /// Writes all of `bytes`.
    ///
    /// # Errors
    /// [`ImageError::OutOfOrder`] for a stream, or an error that is final.
    fn write_at(&mut self, file: &mut WritebackFile, offset: u64, bytes: &[u8]) -> Result<(), ImageError>;

    /// Makes a range zero, without room for it where that can be.
    ///
    /// # Errors
    /// An error that is final.
    fn zero(&mut self, file: &mut WritebackFile, offset: u64, len: u64) -> Result<(), ImageError>;

    /// Forgets what a regular file held; a device or a stream stays as it is.
    ///
    /// # Errors
    /// An error that is final.
    fn clear(&mut self, file: &mut WritebackFile) -> Result<(), ImageError>;

    /// Prepares the file for a disc of `size` bytes. What is there stays. Says what was done; ends early when `stop` says
    /// so, which hears how many bytes are there.
    ///
    /// # Errors
    /// [`ImageError::Unsupported`] for a stream, or an error that is final.
    fn make_room(
        &mut self,
        file: &mut WritebackFile,
        size: u64,
        how: Prealloc,
        stop: &dyn Fn(u64) -> bool,
    ) -> Result<Prealloc, ImageError>;

    /// Begins to write what the format itself keeps, such as tables, so that what was written until now is found again. Called
    /// before everything that makes the file durable; what may be written only then follows with [`go_on`](Self::go_on).
    ///
    /// # Errors
    /// An error that is final.
    fn flush(&mut self, file: &mut WritebackFile) -> Result<(), ImageError>;

    /// Called when all that [`flush`](Self::flush) and earlier calls wrote is durable: writes what rests on it. Says whether
    /// there was anything; then it is called again when that is durable.
    ///
    /// # Errors
    /// An error that is final.
    fn go_on(&mut self, file: &mut WritebackFile) -> Result<bool, ImageError>;

    /// Gives the image the length of its disc: what was never written then reads as zero.
    ///
    /// # Errors
    /// [`ImageError::TooSmall`] for a device; [`ImageError::Outside`] for a stream that was not written to its end; or an
    /// error that is final.
    fn finish(&mut self, file: &mut WritebackFile, size: u64) -> Result<(), ImageError>;
}
