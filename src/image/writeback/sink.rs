//! The system calls below a write-back file, as a trait: the real ones, or a test's.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use super::strategy::{DontCache, OutputKind, SinkFacts};
use super::window::ByteRange;
use crate::os::align::{Alignment, open_direct};
use crate::os::io::CallError;
use crate::os::waits::{self, UnderWay};
use crate::os::{allocate, block, filesystem, io as os_io};

/// How bytes go into an output.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// Through the kernel's cache, where they stay.
    Cached,
    /// Through the cache, which writes them out and drops them on its own.
    DontCache,
    /// Past the cache where alignment allows it, after [`Sink::open_direct`]; through it elsewhere.
    Direct,
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

    /// Prepares for [`Way::Direct`].
    ///
    /// # Errors
    /// [`CallError::Unsupported`] when the output cannot be written past the cache.
    fn open_direct(&mut self) -> Result<(), CallError>;

    /// Writes all of `bytes`; a stream takes them next, whatever `offset` says.
    ///
    /// # Errors
    /// [`CallError::Unsupported`], with nothing written, when [`Way::DontCache`] does not work here; else
    /// what the system says.
    fn write_at(&self, bytes: &[u8], offset: u64, way: Way) -> Result<(), CallError>;

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

    /// Reserves room for a range; the file becomes longer when it must.
    ///
    /// # Errors
    /// [`CallError::Unsupported`] where nothing can be reserved, else what the system says.
    fn reserve(&self, range: ByteRange) -> Result<(), CallError>;

    /// Makes a range zero without writing it.
    ///
    /// # Errors
    /// [`CallError::Unsupported`] where zeros must be written instead, else what the system says.
    fn zero(&self, range: ByteRange) -> Result<(), CallError>;
}

/// A file of Linux.
#[derive(Debug)]
pub struct FileSink {
    file: File,
    path: PathBuf,
    facts: SinkFacts,
    direct: Option<(File, Alignment)>,
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
            dont_cache: match kind {
                OutputKind::Stream => DontCache::No,
                _ if !os_io::takes_dontcache(&file) => DontCache::No,
                _ if os_io::dontcache_is_trusted() => DontCache::Yes,
                _ => DontCache::Raced,
            },
        };
        Ok(Self { file, path: path.to_owned(), facts, direct: None })
    }

    /// An output that only takes bytes in order.
    pub(crate) fn in_order(file: File, path: &Path) -> Self {
        let facts =
            SinkFacts { kind: OutputKind::Stream, network: false, can_write_out: false, dont_cache: DontCache::No };
        Self { file, path: path.to_owned(), facts, direct: None }
    }

    /// Somebody may want to know what is waited for. A pipe waits for its reader, which is nothing to tell.
    fn ask(&self, what: &'static str) -> Option<UnderWay> {
        (self.facts.kind != OutputKind::Stream).then(|| waits::begin(what, &self.path))
    }

    /// Writes what is aligned past the cache and the rest through it. The kernel writes out and drops what
    /// the cache holds of a page before it writes that page directly, so the two do not get in each other's way.
    fn write_directly(&self, direct: &File, alignment: Alignment, bytes: &[u8], offset: u64) -> Result<(), CallError> {
        let parts = Parts::of(alignment, bytes, offset);
        self.write_cached(parts.head, offset)?;
        let body = offset.saturating_add(parts.head.len() as u64);
        match os_io::pwrite_direct(direct, parts.body, body) {
            // Not here, for whatever reason of the file system's own: no reason to fail.
            Err(e) if e.is_unsupported() => self.write_cached(parts.body, body)?,
            result => result?,
        }
        self.write_cached(parts.tail, body.saturating_add(parts.body.len() as u64))
    }

    fn write_cached(&self, bytes: &[u8], offset: u64) -> Result<(), CallError> {
        let failed = |e| CallError::Failed { call: "pwrite", cause: e };
        if bytes.is_empty() { Ok(()) } else { os_io::pwrite_all(&self.file, bytes, offset).map_err(failed) }
    }
}

/// Bytes cut into what is aligned and what is before and behind it.
#[derive(PartialEq, Eq, Debug)]
struct Parts<'a> {
    head: &'a [u8],
    body: &'a [u8],
    tail: &'a [u8],
}

impl<'a> Parts<'a> {
    fn of(alignment: Alignment, bytes: &'a [u8], offset: u64) -> Self {
        let request = alignment.request.max(1);
        let over = usize::try_from(offset % request as u64).unwrap_or(0);
        let head = if over == 0 { 0 } else { (request - over).min(bytes.len()) };
        let (head, rest) = bytes.split_at(head);
        let (body, tail) = rest.split_at(rest.len() - rest.len() % request);
        if body.as_ptr().addr().is_multiple_of(alignment.memory.max(1)) {
            return Self { head, body, tail };
        }
        Self { head: bytes, body: &[], tail: &[] }
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
        let _asked = self.ask("open");
        let file = os_io::reopen(&self.file, &self.path)?;
        Ok(Box::new(Self { file, path: self.path.clone(), facts: self.facts, direct: None }))
    }

    fn open_direct(&mut self) -> Result<(), CallError> {
        self.direct = Some(open_direct(&self.file, &self.path)?);
        Ok(())
    }

    fn write_at(&self, bytes: &[u8], offset: u64, way: Way) -> Result<(), CallError> {
        let _asked = self.ask("a write");
        match (self.facts.kind, way, &self.direct) {
            (OutputKind::Stream, ..) => {
                (&self.file).write_all(bytes).map_err(|cause| CallError::Failed { call: "write", cause })
            }
            (_, Way::DontCache, _) => os_io::pwrite_dontcache(&self.file, bytes, offset),
            (_, Way::Direct, Some((direct, alignment))) => self.write_directly(direct, *alignment, bytes, offset),
            _ => self.write_cached(bytes, offset),
        }
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let _asked = self.ask("a read");
        os_io::pread_exact(&self.file, buffer, offset)
    }

    fn start(&self, range: ByteRange) -> io::Result<()> {
        let _asked = self.ask("the start of write-out");
        Ok(os_io::start_write_out(&self.file, range.offset, range.len)?)
    }

    fn wait(&self, range: ByteRange) -> io::Result<()> {
        let _asked = self.ask("write-out");
        Ok(os_io::wait_write_out(&self.file, range.offset, range.len)?)
    }

    fn drop_cached(&self, range: ByteRange) {
        // Advice: a file system that does not take it keeps its pages, and no byte is the worse for it.
        let _ = os_io::drop_cached(&self.file, range.offset, range.len);
    }

    fn sync(&self) -> io::Result<()> {
        let _asked = self.ask("a sync");
        self.file.sync_data()
    }

    fn length(&self) -> io::Result<u64> {
        match self.facts.kind {
            OutputKind::File => Ok(self.file.metadata()?.len()),
            OutputKind::BlockDevice => block::size_bytes(&self.file),
            OutputKind::Stream => Ok(0),
        }
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let _asked = self.ask("a change of its length");
        self.file.set_len(len)
    }

    fn reserve(&self, range: ByteRange) -> Result<(), CallError> {
        let _asked = self.ask("a reservation");
        allocate::reserve(&self.file, range.offset, range.len)
    }

    fn zero(&self, range: ByteRange) -> Result<(), CallError> {
        let _asked = self.ask("a write");
        allocate::zero(&self.file, range.offset, range.len)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pipeline::buffers::Pool;

    proptest! {
        #[test]
        fn direct_parts_are_aligned_and_nothing_is_left_out(
            request in 9..=12_u32, memory in 0..=12_u32, offset in 0..100_000_u64, skip in 0..10_000_usize,
            len in 0..100_000_usize,
        ) {
            let buffer = Pool::new(1, 110_000).try_take().unwrap();
            let alignment = Alignment { memory: 1 << memory, request: 1 << request };
            let bytes = &buffer[skip..skip + len];
            let parts = Parts::of(alignment, bytes, offset);
            let at = (offset + parts.head.len() as u64) as usize;
            prop_assert!(parts.body.is_empty() || at.is_multiple_of(alignment.request));
            prop_assert_eq!(parts.body.len() % alignment.request, 0);
            prop_assert_eq!(parts.body.as_ptr().addr() % if parts.body.is_empty() { 1 } else { alignment.memory }, 0);
            prop_assert_eq!(parts.head.len() + parts.body.len() + parts.tail.len(), len);
            let least = 2 * alignment.request;
            prop_assert!(skip as u64 % 4096 != offset % 4096 || len < least || !parts.body.is_empty());
        }
    }
}
