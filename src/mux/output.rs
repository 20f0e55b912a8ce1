//! The file under way: `NAME.part` until it is whole and durable.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::MuxError;
use crate::base::clock::Clock;
use crate::image::ImageError;
use crate::image::strategy::WriteChoice;
use crate::image::writeback_file::WritebackFile;
use crate::os::{durable, lock};

/// An output that is being written. Dropped before [`PartFile::finish`], it leaves nothing behind.
pub struct PartFile {
    /// `None` only while it is being dropped.
    file: Option<WritebackFile>,
    part: PathBuf,
    path: PathBuf,
    force: bool,
}

impl PartFile {
    /// Begins the file that will be called `path`.
    ///
    /// # Errors
    /// [`MuxError::Exists`] when there is one already and `force` is not set; else what the system says.
    pub fn create(path: &Path, force: bool, clock: Arc<dyn Clock>) -> Result<Self, MuxError> {
        refuse_existing(path, force)?;
        let part = durable::beside(path, ".part");
        let place = |source| MuxError::Place { operation: "create", path: part.clone(), source };
        // What another run left lying is overwritten, but not what one is writing.
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&part).map_err(place)?;
        lock::lock_exclusive(&file, &part).map_err(|e| match e {
            lock::LockError::Held { path } => MuxError::Output(ImageError::InUse { path }),
            lock::LockError::Failed { cause, .. } => place(cause),
        })?;
        file.set_len(0).map_err(place)?;
        let file = WritebackFile::from_file(file, &part, WriteChoice::Auto, clock)?;
        Ok(Self { file: Some(file), part, path: path.to_owned(), force })
    }

    /// Writes bytes at a place.
    ///
    /// # Errors
    /// Those of [`WritebackFile::write_at`].
    pub fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), MuxError> {
        match &mut self.file {
            Some(file) => Ok(file.write_at(offset, bytes)?),
            None => Err(MuxError::ThreadDied),
        }
    }

    /// Makes the file durable and gives it its name.
    ///
    /// # Errors
    /// What the system says; [`MuxError::Exists`] when somebody else made a file of that name meanwhile.
    pub fn finish(mut self) -> Result<(), MuxError> {
        if let Some(file) = &mut self.file {
            file.sync_all()?;
        }
        refuse_existing(&self.path, self.force)?;
        let place = |operation| {
            let path = self.path.clone();
            move |source| MuxError::Place { operation, path, source }
        };
        std::fs::rename(&self.part, &self.path).map_err(place("rename the finished file to"))?;
        self.file = None;
        durable::sync_folder(&self.path).map_err(place("sync the folder of"))
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        if let Some(file) = self.file.take() {
            // The name first: what is not written yet then need not be.
            let _ = std::fs::remove_file(&self.part);
            drop(file);
        }
    }
}

fn refuse_existing(path: &Path, force: bool) -> Result<(), MuxError> {
    if !force && path.symlink_metadata().is_ok() {
        return Err(MuxError::Exists { path: path.to_owned() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::SystemClock;

    fn create(path: &Path, force: bool) -> Result<PartFile, MuxError> {
        PartFile::create(path, force, Arc::new(SystemClock::new()))
    }

    #[test]
    fn the_name_appears_when_all_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film.mkv");
        let mut file = create(&path, false).unwrap();
        file.write_at(0, b"abc").unwrap();
        file.write_at(1, b"x").unwrap();
        assert!(!path.exists());
        assert!(create(&path, false).err().unwrap().to_string().contains("in use"));
        file.finish().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"axc");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn an_existing_file_is_left_alone_without_force() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film.mkv");
        let late = create(&path, false).unwrap();
        std::fs::write(&path, "mine").unwrap();
        assert!(matches!(create(&path, false), Err(MuxError::Exists { .. })));
        assert!(matches!(late.finish(), Err(MuxError::Exists { .. })));
        assert_eq!(std::fs::read(&path).unwrap(), b"mine");
        create(&path, true).unwrap().finish().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"");
    }

    #[test]
    fn an_unfinished_file_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film.mkv");
        std::fs::write(durable::beside(&path, ".part"), "of a run that was killed").unwrap();
        let mut file = create(&path, false).unwrap();
        file.write_at(0, &[7; 100]).unwrap();
        drop(file);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
