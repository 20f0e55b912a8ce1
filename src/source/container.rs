//! Images in containers: the sectors that qcow2 and flat vmdk files hold.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::file::{FileError, FileSource, SECTORS_OF_FILE, fault_of};
use super::{Facts, ReadRequest, SectorSource};
use crate::base::clock::{Clock, SystemClock};
use crate::base::human::printable;
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::{SECTOR_BYTES, SECTOR_SIZE};
use crate::image::container::{Container, Place};
use crate::image::lies::Lies;

/// A container, read as the sectors of a disc. What was never written in it reads as zeros, as in a raw image with holes.
pub struct ContainerSource {
    container: Container,
    /// The files that the data lies in.
    files: Vec<FileSource>,
    facts: Facts,
    clock: Arc<dyn Clock>,
}

impl ContainerSource {
    /// Reads `container`, which `path` is the name of.
    ///
    /// # Errors
    /// A file of it cannot be opened.
    pub fn new(container: Container, path: &Path) -> Result<Self, FileError> {
        let files = container.files().iter().map(|file| FileSource::open(file)).collect::<Result<_, _>>()?;
        let size_bytes = container.size();
        let facts = Facts {
            name: printable(&path.to_string_lossy()),
            size_bytes,
            sectors: size_bytes.div_ceil(SECTOR_BYTES),
            media: None,
            max_sectors: SECTORS_OF_FILE,
        };
        Ok(Self { container, files, facts, clock: Arc::new(SystemClock::new()) })
    }

    /// The container.
    #[must_use]
    pub fn container(&self) -> &Container {
        &self.container
    }

    /// Fills `buffer` with the content from byte `start` on; tells how many bytes came, and what ended it before.
    pub fn read_bytes(&mut self, start: u64, buffer: &mut [u8]) -> (usize, Option<io::Error>) {
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            let at = start.saturating_add(filled as u64);
            let run = match self.container.lies_at(at, rest.len() as u64) {
                Ok(run) => run,
                Err(error) => return (filled, Some(error)),
            };
            let length = usize::try_from(run.bytes).unwrap_or(usize::MAX).min(rest.len());
            let (part, _) = rest.split_at_mut(length);
            let (came, error) = match (run.lies, run.place) {
                (Lies::End, _) => return (filled, None),
                (Lies::Zero | Lies::Hole, _) => {
                    part.fill(0);
                    (length, None)
                }
                (Lies::Data, Some(place)) => self.read_place(place, part),
                (Lies::Data, None) => match self.container.unpack(at, part) {
                    Ok(()) => (length, None),
                    Err(error) => (0, Some(error)),
                },
            };
            filled += came;
            if error.is_some() {
                return (filled, error);
            }
        }
        (filled, None)
    }

    /// Reads what lies as it is. The last cluster of a file may be cut: what was cut off is zeros.
    fn read_place(&mut self, place: Place, part: &mut [u8]) -> (usize, Option<io::Error>) {
        let Some(file) = self.files.get_mut(place.file) else {
            return (0, Some(io::ErrorKind::NotFound.into()));
        };
        let (came, error) = file.read_bytes(place.offset, part);
        match part.get_mut(came..) {
            Some(rest) if error.is_none() => {
                rest.fill(0);
                (part.len(), None)
            }
            _ => (came, error),
        }
    }
}

impl SectorSource for ContainerSource {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn read(&mut self, request: &ReadRequest, buffer: &mut [u8]) -> Outcome {
        let started = self.clock.now();
        let range = request.range;
        let there = range.bytes().min(self.facts.size_bytes.saturating_sub(range.byte_start()));
        let wanted = usize::try_from(range.bytes()).unwrap_or(usize::MAX);
        let Some(buffer) = buffer.get_mut(..wanted) else {
            return Outcome::failed(0, Fault::Unknown, 0.0);
        };
        let (data, tail) = buffer.split_at_mut(usize::try_from(there).unwrap_or(wanted).min(wanted));
        let (filled, error) = self.read_bytes(range.byte_start(), data);
        if filled == data.len() {
            tail.fill(0);
        }
        let seconds = self.clock.now().saturating_sub(started).as_secs_f64();
        let fault = match error {
            // A table that says nonsense is damage of the image, whatever else can be read of it.
            Some(error) if error.raw_os_error().is_none() => Fault::Damage,
            Some(error) => fault_of(&error),
            None if filled < data.len() || there.div_ceil(SECTOR_BYTES) < range.len() => Fault::OutOfRange,
            None => return Outcome::complete(range.len(), seconds),
        };
        let sectors = if filled == data.len() { filled.div_ceil(SECTOR_SIZE) } else { filled / SECTOR_SIZE };
        Outcome::failed(sectors as u64, fault, seconds)
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }
}
