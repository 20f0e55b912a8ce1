//! A container that is open for reading: what lies where.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::error::ContainerError;
use super::flat::Flat;
use super::kind::Kind;
#[cfg(feature = "qcow2")]
use super::qcow2_reader::Qcow2;
use super::refusal::Refusal;
use super::run::Run;
use super::vmdk_descriptor::{self, DESCRIPTOR_MAX};
use crate::image::lies::Lies;
use crate::os::names::{self, Kind as FileKind};

/// A container, open for reading.
#[derive(Debug)]
pub struct Container {
    kind: Kind,
    inner: Inner,
}

#[derive(Debug)]
enum Inner {
    #[cfg(feature = "qcow2")]
    Qcow2(Box<Qcow2>),
    Flat(Flat),
}

impl Container {
    /// Opens the image at `path` for reading, which must be of this kind. Of other files, only the extents of a flat vmdk that
    /// lie beside it are opened, and no link is followed to them.
    ///
    /// # Errors
    /// [`ContainerError`].
    pub fn open(path: &Path, kind: Kind) -> Result<Self, ContainerError> {
        let failed = |cause| ContainerError::io(path, cause);
        // Opening a pipe would wait for its writer.
        if names::kind_behind(path).map_err(failed)?.is_some_and(|kind| kind != FileKind::File) {
            return Err(ContainerError::refused(path, Refusal::OtherContent(kind.name())));
        }
        let file = File::open(path).map_err(failed)?;
        let inner = match kind {
            #[cfg(feature = "qcow2")]
            Kind::Qcow2 => Inner::Qcow2(Box::new(Qcow2::open(file, path)?)),
            #[cfg(not(feature = "qcow2"))]
            Kind::Qcow2 => return Err(ContainerError::refused(path, Refusal::NotBuiltIn)),
            Kind::Vmdk => Inner::Flat(flat(&file, path)?),
        };
        Ok(Self { kind, inner })
    }

    /// Which kind it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Bytes of content; the disc that it was made of may have more, or fewer.
    #[must_use]
    pub fn size(&self) -> u64 {
        match &self.inner {
            #[cfg(feature = "qcow2")]
            Inner::Qcow2(image) => image.size(),
            Inner::Flat(flat) => flat.size(),
        }
    }

    /// The files that the content lies in.
    #[must_use]
    pub fn files(&self) -> &[PathBuf] {
        match &self.inner {
            #[cfg(feature = "qcow2")]
            Inner::Qcow2(image) => std::slice::from_ref(image.path()),
            Inner::Flat(flat) => flat.files(),
        }
    }

    /// What lies at byte `offset` of the content, and how far it goes on in the same way: `limit` bytes at most.
    ///
    /// # Errors
    /// The tables cannot be read ([`io::Error::raw_os_error`] is the system's), or they are corrupt.
    pub fn lies_at(&self, offset: u64, limit: u64) -> io::Result<Run> {
        if offset >= self.size() || limit == 0 {
            return Ok(Run { lies: Lies::End, bytes: 0, place: None });
        }
        let limit = limit.min(self.size() - offset);
        let run = match &self.inner {
            #[cfg(feature = "qcow2")]
            Inner::Qcow2(image) => image.lies_at(offset, limit)?,
            Inner::Flat(flat) => flat.lies_at(offset, limit),
        };
        // Whoever goes from run to run must come to an end.
        if run.bytes == 0 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a table maps nothing"));
        }
        Ok(Run { bytes: run.bytes.min(limit), ..run })
    }

    /// Fills `buffer` with what lies at `offset`, however it lies.
    ///
    /// # Errors
    /// As [`Container::lies_at`]; compressed data that is corrupt.
    pub fn unpack(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        match &self.inner {
            #[cfg(feature = "qcow2")]
            Inner::Qcow2(image) => image.unpack(offset, buffer),
            Inner::Flat(_) => {
                let what = format!("{} bytes at {offset}: nothing in a flat image is packed", buffer.len());
                Err(io::Error::new(io::ErrorKind::Unsupported, what))
            }
        }
    }
}

/// The extents of a flat vmdk.
fn flat(file: &File, path: &Path) -> Result<Flat, ContainerError> {
    let mut text = Vec::new();
    let limit = DESCRIPTOR_MAX as u64 + 1;
    file.take(limit).read_to_end(&mut text).map_err(|cause| ContainerError::io(path, cause))?;
    if text.len() > DESCRIPTOR_MAX {
        // A sparse image is long, and says what it is at once.
        text.truncate(Kind::HEAD);
        let refusal = vmdk_descriptor::parse(&text).err().unwrap_or(Refusal::OtherContent("flat vmdk"));
        return Err(ContainerError::refused(path, refusal));
    }
    let extents = vmdk_descriptor::parse(&text).map_err(|refusal| ContainerError::refused(path, refusal))?;
    Flat::open(path, extents)
}
