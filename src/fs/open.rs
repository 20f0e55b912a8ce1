//! Which file system a disc has.

use std::sync::{Arc, OnceLock};

use super::extent::File;
use super::iso9660::Iso9660;
use super::sectors::Sectors;
use super::udf::Udf;
use super::{Entry, FileSystem, FsError, Volume};

/// Opens the file system of a disc: UDF, else ISO 9660. A disc that has both (a DVD) is read by its UDF, and
/// where that is damaged by its ISO 9660.
///
/// # Errors
/// [`FsError::None`] with both reasons; the source's own failure (no disc, no drive) as it is.
pub fn open_disc(sectors: Arc<dyn Sectors>) -> Result<Box<dyn FileSystem>, FsError> {
    open_at(sectors, 0)
}

/// The same for the session that begins at sector `start`: volumes are looked for from there on, and addresses count from
/// the start of the disc.
pub(super) fn open_at(sectors: Arc<dyn Sectors>, start: u64) -> Result<Box<dyn FileSystem>, FsError> {
    let udf = match Udf::open_at(Arc::clone(&sectors), start) {
        Ok(udf) => return Ok(Box::new(Bridge { udf, sectors, start, iso: OnceLock::new() })),
        Err(e) => e,
    };
    if matches!(&udf, FsError::Unreadable { .. }) && !udf.is_damage() {
        return Err(udf);
    }
    match Iso9660::open_at(sectors, start) {
        Ok(iso) => Ok(Box::new(iso)),
        Err(iso) => Err(FsError::None { udf: Box::new(udf), iso: Box::new(iso) }),
    }
}

/// UDF first, ISO 9660 where it is damaged; opened only then.
struct Bridge {
    udf: Udf,
    sectors: Arc<dyn Sectors>,
    start: u64,
    iso: OnceLock<Option<Iso9660>>,
}

impl Bridge {
    /// `ask` answered by UDF; by ISO 9660 where UDF is damaged and ISO 9660 knows. The error is UDF's.
    fn first<T>(&self, ask: impl Fn(&dyn FileSystem) -> Result<T, FsError>) -> Result<T, FsError> {
        let failure = match ask(&self.udf) {
            Err(e) if e.is_damage() => e,
            answer => return answer,
        };
        let iso = self.iso.get_or_init(|| Iso9660::open_at(Arc::clone(&self.sectors), self.start).ok());
        iso.as_ref().and_then(|iso| ask(iso).ok()).ok_or(failure)
    }
}

impl FileSystem for Bridge {
    fn volume(&self) -> &Volume {
        self.udf.volume()
    }

    fn list(&self, directory: &str) -> Result<Vec<Entry>, FsError> {
        self.first(|fs| fs.list(directory))
    }

    fn root_identity(&self) -> u128 {
        self.udf.root_identity()
    }

    fn open(&self, path: &str) -> Result<File, FsError> {
        self.first(|fs| fs.open(path))
    }

    fn read_at(&self, file: &File, offset: u64, buffer: &mut [u8]) -> Result<usize, FsError> {
        self.udf.read_at(file, offset, buffer)
    }
}

#[cfg(test)]
#[path = "tests/open.rs"]
mod tests;
