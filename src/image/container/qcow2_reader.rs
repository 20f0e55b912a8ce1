//! A qcow2 image that is open for reading.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use imago::qcow2::Qcow2 as Driver;
use imago::{DenyImplicitOpenGate, FormatAccess, FormatDriverBuilder as _, Mapping};

use super::error::ContainerError;
use super::host::HostFile;
use super::qcow2_header::{HEADER_BYTES, Qcow2Header};
use super::run::{Place, Run};
use crate::image::lies::Lies;
use crate::os::storage::Below;
use std::os::unix::fs::FileExt as _;

/// The image.
pub(super) struct Qcow2 {
    access: FormatAccess<Below<HostFile>>,
    path: PathBuf,
    header: Qcow2Header,
    /// Of the file, rounded up to whole clusters: what a mapping may reach to.
    end: u64,
}

impl std::fmt::Debug for Qcow2 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Qcow2").field("path", &self.path).field("header", &self.header).finish_non_exhaustive()
    }
}

impl Qcow2 {
    /// Opens it, if its header is one that can be believed.
    ///
    /// # Errors
    /// [`ContainerError`].
    pub(super) fn open(file: File, path: &Path) -> Result<Self, ContainerError> {
        let failed = |cause| ContainerError::io(path, cause);
        let length = file.metadata().map_err(failed)?.len();
        let mut head = vec![0; HEADER_BYTES.min(usize::try_from(length).unwrap_or(HEADER_BYTES))];
        file.read_exact_at(&mut head, 0).map_err(failed)?;
        let header = Qcow2Header::parse(&head, length).map_err(|refusal| ContainerError::refused(path, refusal))?;
        let storage = Below::new(HostFile::new(file, path));
        // Whatever the header names, no other file is opened.
        let image = Driver::<Below<HostFile>>::builder(storage)
            .backing(None)
            .data_file(None)
            .write(false)
            .open(DenyImplicitOpenGate::default())
            .map_err(failed)?;
        let end = length.next_multiple_of(header.cluster_bytes());
        Ok(Self { access: FormatAccess::new(image), path: path.to_owned(), header, end })
    }

    pub(super) fn size(&self) -> u64 {
        self.header.size
    }

    pub(super) fn path(&self) -> &PathBuf {
        &self.path
    }

    /// What lies at `offset`.
    pub(super) fn lies_at(&self, offset: u64, limit: u64) -> io::Result<Run> {
        let (mapping, bytes) = self.access.get_mapping(offset, limit).map_err(|e| self.cause(e))?;
        let run = |lies, place| Run { lies, bytes, place };
        Ok(match mapping {
            // What lies behind the end of the file was cut off: it reads as zeros that nobody wrote.
            Mapping::Raw { offset, .. } if offset.saturating_add(bytes) > self.end => {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a cluster lies behind the end of the file"));
            }
            Mapping::Raw { offset, .. } => run(Lies::Data, Some(Place { file: 0, offset })),
            Mapping::Zero { explicit: true, .. } => run(Lies::Zero, None),
            Mapping::Zero { .. } => run(Lies::Hole, None),
            Mapping::Special { .. } => run(Lies::Data, None),
            _ => run(Lies::End, None),
        })
    }

    /// Fills `buffer` with what lies at `offset`.
    pub(super) fn unpack(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.access.read(buffer, offset).map_err(|e| self.cause(e))
    }

    /// What an error was when it came from the system.
    fn cause(&self, error: io::Error) -> io::Error {
        match self.access.inner().collect_storage_dependencies().first() {
            Some(file) => file.host().cause(error),
            None => error,
        }
    }
}
