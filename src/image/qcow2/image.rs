//! A qcow2 image that is written. Its data goes straight into the write-back file, where imago says that it belongs; imago's
//! tables follow in stages, each when what it rests on is durable.

use std::io;

use imago::qcow2::Qcow2 as Driver;
use imago::{DenyImplicitOpenGate, FormatAccess, FormatCreateBuilder as _, FormatDriverBuilder as _, Mapping};

use super::check;
use super::stages::{CLUSTER, Places};
use super::tables::Tables;
use crate::image::container::qcow2_header::{CONTENT_MAX, HEADER_BYTES, Qcow2Header};
use crate::image::container::{ContainerError, Refusal, UNIT};
use crate::image::error::{ImageError, Operation};
use crate::image::format::ImageFormat;
use crate::image::lies::Lies;
use crate::image::writeback::file::WritebackFile;
use crate::image::writeback::prealloc::Prealloc;
use crate::image::writeback::strategy::OutputKind;
use crate::os::storage::{Below, Host as _};

/// Tables that may wait in memory before they are written out of turn.
const WAITING_MAX: usize = 4 << 20;

/// Where the size of the content stands in the header.
const SIZE_AT: u64 = 24;

/// Longer, and a file that begins with zeros is no image whose layout was interrupted.
const LAYOUT_MAX: u64 = 1 << 20;

/// A qcow2 image.
pub(in crate::image) struct Qcow2Image {
    /// Bytes of the disc.
    size: u64,
    /// `None`: an empty file, which is laid out before the first write.
    image: Option<Image>,
    /// The error that ended it. What imago thinks of its tables then counts for nothing.
    broken: Option<ImageError>,
}

/// An image that is laid out.
struct Image {
    access: FormatAccess<Below<Tables>>,
    tables: Tables,
    places: Places,
}

impl Drop for Image {
    fn drop(&mut self) {
        // Into memory alone: tables that changed and were not asked for would be an error of imago's.
        let _ = self.access.flush();
    }
}

impl Image {
    /// Takes over what lies in `file`.
    fn open(file: &WritebackFile, size: u64) -> Result<Self, ImageError> {
        let tables = Tables::new(file.reader()?);
        let failed = |cause| ImageError::Container(ContainerError::io(file.path(), cause));
        let refused = |refusal| ImageError::Container(ContainerError::refused(file.path(), refusal));
        let length = file.length()?;
        let mut head = [0; HEADER_BYTES];
        tables.read(&mut head, 0).map_err(failed)?;
        let header = Qcow2Header::parse(&head, length).map_err(refused)?;
        header.check_writable(size).map_err(refused)?;
        // Nor is anything written for which a cluster would have to be given up: then the order of the stages would be wrong.
        let read = |buffer: &mut [u8], at| tables.read(buffer, at);
        if let Some(refusal) = check::tables(&header, length, &read).map_err(failed)? {
            return Err(refused(refusal));
        }
        Self::over(tables, &header).map_err(failed)
    }

    /// Opens what the tables say.
    fn over(tables: Tables, header: &Qcow2Header) -> io::Result<Self> {
        let driver = Driver::<Below<Tables>>::builder(Below::new(tables.clone()))
            .backing(None)
            .data_file(None)
            .write(true)
            .open(DenyImplicitOpenGate::default())?;
        Ok(Self { access: FormatAccess::new(driver), tables, places: Places::of(header) })
    }

    /// Makes the tables of an empty image, in memory.
    fn create(file: &WritebackFile, size: u64) -> io::Result<Self> {
        let tables = Tables::new(file.reader()?);
        let driver = Driver::<Below<Tables>>::create_builder(Below::new(tables.clone()))
            .cluster_size(CLUSTER)
            .size(whole_units(size))
            .create_open(DenyImplicitOpenGate::default(), |storage| {
                Ok(Driver::builder(storage).backing(None).write(true))
            })?;
        let access = FormatAccess::new(driver);
        access.flush()?;
        let mut head = [0; HEADER_BYTES];
        tables.read(&mut head, 0)?;
        let header = Qcow2Header::parse(&head, tables.length()?).map_err(io::Error::other)?;
        header.check_writable(size).map_err(io::Error::other)?;
        Ok(Self { access, tables, places: Places::of(&header) })
    }

    /// Writes one stage into the file; says whether there was one.
    fn write_stage(&self, file: &mut WritebackFile) -> Result<bool, ImageError> {
        let Some(stage) = self.tables.next() else { return Ok(false) };
        for (cluster, bytes) in stage {
            file.write_apart(cluster * CLUSTER as u64, &bytes)?;
        }
        Ok(true)
    }

    /// Writes all stages there are, each after a sync. The last one is not durable yet.
    fn write_stages(&self, file: &mut WritebackFile) -> Result<(), ImageError> {
        while self.tables.is_under_way() {
            file.sync_all()?;
            self.write_stage(file)?;
        }
        Ok(())
    }

    /// Makes stages of all that is known now.
    fn begin(&self, file: &mut WritebackFile) -> Result<(), ImageError> {
        let failed = |e| ImageError::io(Operation::Write, file.path(), e);
        self.access.flush().map_err(failed)?;
        self.tables.begin(&self.places).map_err(failed)
    }

    /// Writes `bytes`, of which the first part is mapped as one; says how long that is.
    fn write_part(&self, file: &mut WritebackFile, offset: u64, bytes: &[u8]) -> Result<usize, ImageError> {
        let path = file.path().to_owned();
        let failed = |e| ImageError::io_at(Operation::Write, &path, offset, e);
        let mapping = self.access.prepare_data_mapping(offset, bytes.len() as u64, true).map_err(failed)?;
        for zeros in self.tables.take_zeros() {
            // Behind the end of the file there is nothing but zeros.
            let end = zeros.end().min(file.length()?);
            if zeros.offset < end {
                file.zero(zeros.offset, end - zeros.offset)?;
            }
        }
        let length = usize::try_from(mapping.length()).unwrap_or(usize::MAX).min(bytes.len());
        file.write_at(mapping.offset(), bytes.get(..length).unwrap_or_default())?;
        self.access.commit_data_mapping(mapping).map_err(failed)?;
        if length == 0 { Err(failed(io::ErrorKind::WriteZero.into())) } else { Ok(length) }
    }

    /// Makes the content from `at` to `end` zero: whole clusters by a mark, their edges by writing; where nothing lies, nothing
    /// is done.
    fn zero(&self, file: &mut WritebackFile, mut at: u64, end: u64) -> Result<(), ImageError> {
        static ZEROS: [u8; CLUSTER] = [0; CLUSTER];
        let path = file.path().to_owned();
        while at < end {
            let failed = |e| ImageError::io_at(Operation::Zero, &path, at, e);
            let (lies, _, run) = self.lies_at(at, end - at).map_err(failed)?;
            if lies != Lies::Data {
                at = at.saturating_add(run.max(1));
                continue;
            }
            let edge = (at + 1).next_multiple_of(CLUSTER as u64).min(end);
            let part = usize::try_from(edge - at).unwrap_or(CLUSTER);
            if part == CLUSTER {
                self.access.write_zeroes(at, edge - at).map_err(failed)?;
            } else {
                self.write_part(file, at, ZEROS.get(..part).unwrap_or_default())?;
            }
            at = edge;
        }
        Ok(())
    }

    /// How the content lies at `offset`, and where in the file; for how many bytes, `limit` at most.
    fn lies_at(&self, offset: u64, limit: u64) -> io::Result<(Lies, u64, u64)> {
        let (mapping, bytes) = self.access.get_mapping(offset, limit)?;
        Ok(match mapping {
            Mapping::Raw { offset, .. } => (Lies::Data, offset, bytes),
            Mapping::Zero { explicit: true, .. } => (Lies::Zero, 0, bytes),
            Mapping::Zero { .. } => (Lies::Hole, 0, bytes),
            _ => (Lies::End, 0, 0),
        })
    }
}

fn whole_units(size: u64) -> u64 {
    size.next_multiple_of(UNIT)
}

impl Qcow2Image {
    /// Takes a file for the image of a disc of `size` bytes.
    ///
    /// # Errors
    /// [`ImageError::Container`] for what is no such image, or one that cannot be written; [`ImageError::Unsupported`] for what
    /// is no regular file; [`ImageError::Io`].
    pub(in crate::image) fn open(file: &WritebackFile, size: u64) -> Result<Self, ImageError> {
        if file.kind() != OutputKind::File {
            return Err(file.unsupported("hold an image in a container: only a regular file can"));
        }
        if size > CONTENT_MAX {
            return Err(ImageError::Container(ContainerError::refused(file.path(), Refusal::TooLarge(size))));
        }
        let image = if is_blank(file)? { None } else { Some(Image::open(file, size)?) };
        Ok(Self { size, image, broken: None })
    }

    fn check(&self) -> Result<(), ImageError> {
        self.broken.clone().map_or(Ok(()), Err)
    }

    /// Does something to the image after which, when it fails, nothing is done any more.
    fn with<T>(
        &mut self,
        file: &mut WritebackFile,
        act: impl FnOnce(&Image, &mut WritebackFile) -> Result<T, ImageError>,
    ) -> Result<T, ImageError> {
        self.check()?;
        let result = self.ready(file).and_then(|image| act(image, file));
        if let Err(error) = &result {
            self.broken.get_or_insert_with(|| error.clone());
        }
        result
    }

    /// The image, laid out and as large as its disc.
    fn ready(&mut self, file: &mut WritebackFile) -> Result<&Image, ImageError> {
        let path = file.path().to_owned();
        let failed = |e| ImageError::io(Operation::Write, &path, e);
        let image = match self.image.take() {
            None => {
                // What an interrupted layout left.
                if file.length()? > 0 {
                    file.set_length(0)?;
                }
                let image = Image::create(file, self.size).map_err(failed)?;
                // The header is durable before the first byte of data is written.
                image.begin(file)?;
                image.write_stages(file)?;
                file.sync_all()?;
                image
            }
            Some(image) if image.access.size() < self.size => grown(image, self.size).map_err(failed)?,
            Some(image) => image,
        };
        Ok(self.image.insert(image))
    }
}

/// The same image with a larger content, for which its L1 table has room. Nothing but the header says how large it is.
fn grown(image: Image, size: u64) -> io::Result<Image> {
    image.access.flush()?;
    let tables = image.tables.clone();
    drop(image);
    tables.write(&whole_units(size).to_be_bytes(), SIZE_AT)?;
    let mut head = [0; HEADER_BYTES];
    tables.read(&mut head, 0)?;
    let header = Qcow2Header::parse(&head, tables.length()?).map_err(io::Error::other)?;
    header.check_writable(size).map_err(io::Error::other)?;
    Image::over(tables, &header)
}

/// Whether nothing was laid out in a file: it is empty, or a first run was interrupted before it wrote the header.
fn is_blank(file: &WritebackFile) -> Result<bool, ImageError> {
    let length = file.length()?;
    if length == 0 || length > LAYOUT_MAX {
        return Ok(length == 0);
    }
    let mut head = [0; HEADER_BYTES];
    let tables = Tables::new(file.reader()?);
    tables.read(&mut head, 0).map_err(|e| ImageError::io(Operation::Read, file.path(), e))?;
    Ok(head.iter().all(|byte| *byte == 0))
}

impl ImageFormat for Qcow2Image {
    fn length(&self, _: &WritebackFile) -> Result<u64, ImageError> {
        Ok(self.image.as_ref().map_or(0, |image| image.access.size()))
    }

    fn read_at(&mut self, file: &mut WritebackFile, mut offset: u64, mut buffer: &mut [u8]) -> Result<(), ImageError> {
        self.check()?;
        let path = file.path().to_owned();
        let failed = |at, e| ImageError::io_at(Operation::Read, &path, at, e);
        let end = || failed(offset, io::ErrorKind::UnexpectedEof.into());
        let image = self.image.as_ref().ok_or_else(end)?;
        while !buffer.is_empty() {
            let (lies, at, bytes) = image.lies_at(offset, buffer.len() as u64).map_err(|e| failed(offset, e))?;
            let length = usize::try_from(bytes).unwrap_or(usize::MAX).min(buffer.len());
            let (part, rest) = buffer.split_at_mut(length);
            match lies {
                Lies::Data => {
                    // The end of the last cluster may never have been written.
                    let there = usize::try_from(file.length()?.saturating_sub(at)).unwrap_or(usize::MAX).min(length);
                    let (data, tail) = part.split_at_mut(there);
                    file.read_at(at, data)?;
                    tail.fill(0);
                }
                Lies::Zero | Lies::Hole => part.fill(0),
                Lies::End => return Err(failed(offset, io::ErrorKind::UnexpectedEof.into())),
            }
            offset = offset.saturating_add(bytes);
            buffer = rest;
        }
        Ok(())
    }

    fn write_at(&mut self, file: &mut WritebackFile, mut offset: u64, mut bytes: &[u8]) -> Result<(), ImageError> {
        self.with(file, |image, file| {
            while !bytes.is_empty() {
                let length = image.write_part(file, offset, bytes)?;
                offset = offset.saturating_add(length as u64);
                bytes = bytes.get(length..).unwrap_or_default();
            }
            if image.tables.changed_bytes() > WAITING_MAX {
                image.write_stages(file)?;
                image.begin(file)?;
                image.write_stages(file)?;
            }
            Ok(())
        })
    }

    fn zero(&mut self, file: &mut WritebackFile, offset: u64, len: u64) -> Result<(), ImageError> {
        self.with(file, |image, file| image.zero(file, offset, offset.saturating_add(len)))
    }

    fn clear(&mut self, file: &mut WritebackFile) -> Result<(), ImageError> {
        self.check()?;
        self.image = None;
        file.set_length(0)
    }

    fn make_room(
        &mut self,
        file: &mut WritebackFile,
        _: u64,
        how: Prealloc,
        _: &dyn Fn(u64) -> bool,
    ) -> Result<Prealloc, ImageError> {
        match how {
            // Its length is in its header.
            Prealloc::None | Prealloc::Zero => Ok(how),
            Prealloc::Allocate | Prealloc::Write => {
                Err(file
                    .unsupported("be given room before it is written: in a qcow2 image what was not read takes none"))
            }
        }
    }

    fn flush(&mut self, file: &mut WritebackFile) -> Result<(), ImageError> {
        self.with(file, |image, file| {
            image.write_stages(file)?;
            image.begin(file)?;
            image.write_stage(file).map(drop)
        })
    }

    fn go_on(&mut self, file: &mut WritebackFile) -> Result<bool, ImageError> {
        self.with(file, Image::write_stage)
    }

    fn finish(&mut self, file: &mut WritebackFile, size: u64) -> Result<(), ImageError> {
        self.size = self.size.max(size);
        self.with(file, |_, file| {
            let whole = file.length()?.next_multiple_of(CLUSTER as u64);
            if file.length()? < whole { file.set_length(whole) } else { Ok(()) }
        })
    }
}

#[cfg(test)]
#[path = "replay_tests.rs"]
mod replay;
