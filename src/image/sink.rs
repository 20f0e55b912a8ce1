//! The system calls below a write-back file, as a trait: the real ones, or a test's.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use super::strategy::OutputKind;
use super::window::ByteRange;
use crate::os::{filesystem, io as os_io};

/// What an output is and can do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SinkFacts {
    /// The kind of output.
    pub kind: OutputKind,
    /// Its file system's server is another machine: waiting for it may never end.
    pub network: bool,
    /// Write-out of parts of it can be started and waited for.
    pub can_write_out: bool,
}

/// An open output. Calls may come from two threads at a time. Dropping it closes it.
pub trait Sink: Send + Sync {
    /// What it is and can do.
    fn facts(&self) -> SinkFacts;

    /// Another way to the same output, with error reports of its own (see [`os_io::reopen`]).
    ///
    /// # Errors
    /// What the system says.
    fn reopen(&self) -> io::Result<Box<dyn Sink>>;

    /// Writes all of `bytes`; a stream takes them next, whatever `offset` says.
    ///
    /// # Errors
    /// What the system says.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Fills `buffer`.
    ///
    /// # Errors
    /// What the system says; the end of the output before the end of the buffer is one.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;

    /// Starts the write-out of a range and returns at once.
    ///
    /// # Errors
    /// What the system says.
    fn start(&self, range: ByteRange) -> io::Result<()>;

    /// Waits until a range is written out.
    ///
    /// # Errors
    /// What the system says, of any earlier write-out too.
    fn wait(&self, range: ByteRange) -> io::Result<()>;

    /// Drops a range from the cache, if that can be done.
    fn drop_cached(&self, range: ByteRange);

    /// Makes all data durable, and what of the metadata is needed to find it (`fdatasync`).
    ///
    /// # Errors
    /// What the system says, of any earlier write-out too.
    fn sync(&self) -> io::Result<()>;

    /// Length in bytes; of a stream zero.
    ///
    /// # Errors
    /// What the system says.
    fn length(&self) -> io::Result<u64>;

    /// Cuts or extends a regular file; what is new reads as zero.
    ///
    /// # Errors
    /// What the system says.
    fn set_len(&self, len: u64) -> io::Result<()>;
}

/// A file of Linux.
#[derive(Debug)]
pub struct FileSink {
    file: File,
    path: PathBuf,
    facts: SinkFacts,
}

impl FileSink {
    /// Takes an open file over. `path` is its name, for opening it again where `/proc` is missing.
    ///
    /// # Errors
    /// The system does not say what the file is.
    pub fn new(file: File, path: &Path) -> io::Result<Self> {
        let kind = kind_of(&file.metadata()?.file_type());
        let facts = SinkFacts {
            kind,
            network: kind == OutputKind::File && filesystem::is_network(&file)?,
            can_write_out: kind != OutputKind::Stream && os_io::can_write_out(&file),
        };
        Ok(Self { file, path: path.to_owned(), facts })
    }
}

/// What a file of this type is as an output.
pub(crate) fn kind_of(kind: &std::fs::FileType) -> OutputKind {
    if kind.is_file() {
        OutputKind::File
    } else if kind.is_block_device() {
        OutputKind::BlockDevice
    } else {
        OutputKind::Stream
    }
}

impl Sink for FileSink {
    fn facts(&self) -> SinkFacts {
        self.facts
    }

    fn reopen(&self) -> io::Result<Box<dyn Sink>> {
        let file = os_io::reopen(&self.file, &self.path)?;
        Ok(Box::new(Self { file, path: self.path.clone(), facts: self.facts }))
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        match self.facts.kind {
            OutputKind::Stream => (&self.file).write_all(bytes),
            OutputKind::File | OutputKind::BlockDevice => os_io::pwrite_all(&self.file, bytes, offset),
        }
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        os_io::pread_exact(&self.file, buffer, offset)
    }

    fn start(&self, range: ByteRange) -> io::Result<()> {
        Ok(os_io::start_write_out(&self.file, range.offset, range.len)?)
    }

    fn wait(&self, range: ByteRange) -> io::Result<()> {
        Ok(os_io::wait_write_out(&self.file, range.offset, range.len)?)
    }

    fn drop_cached(&self, range: ByteRange) {
        // Advice: a file system that does not take it keeps its pages, and no byte is the worse for it.
        let _ = os_io::drop_cached(&self.file, range.offset, range.len);
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn length(&self) -> io::Result<u64> {
        match self.facts.kind {
            OutputKind::File => Ok(self.file.metadata()?.len()),
            // The metadata of a device has no length; its end has a position.
            OutputKind::BlockDevice => std::io::Seek::seek(&mut &self.file, io::SeekFrom::End(0)),
            OutputKind::Stream => Ok(0),
        }
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }
}
