//! Where what is made of a disc goes: a folder of its own, locked while it is worked in.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::image::here::free_space_check;
use crate::job::rip::error::Trouble;
use crate::mapfile::store;
use crate::os::lock::{LockError, LockFile};
use crate::os::{allocate, durable, names as os_names};

use super::look::Look;
use super::record::{self, Record};
use crate::job::rip::names::numbered;

/// Discs of one name that are told apart.
const SAME_NAME_MAX: u32 = 1000;

/// Folders that are looked through for a disc that was ripped already.
const FOLDERS_MAX: usize = 100_000;

/// The folder of a disc, kept from other runs until this is dropped.
#[derive(Debug)]
pub struct Place {
    /// It.
    pub folder: PathBuf,
    /// What is known of the disc.
    pub record: Record,
    _lock: LockFile,
}

impl Place {
    /// The folder of the disc `look` below `parent`: the one that an earlier run made, else a new one called `name`, or
    /// `name (2)` and so on where that is taken.
    ///
    /// # Errors
    /// The folder cannot be made or read, or another run works in it.
    pub fn take(parent: &Path, name: &str, look: &Look) -> Result<Self, Trouble> {
        let failed = |cause| Trouble::Folder { path: parent.to_owned(), cause };
        fs::create_dir_all(parent).map_err(failed)?;
        if let Some(folder) = known(parent, look).map_err(failed)? {
            let lock = lock(&folder)?;
            // Whoever had the lock may have gone on.
            if let Some(record) = Record::read(&folder).filter(|record| record.fingerprint.is_same(&look.fingerprint)) {
                return Ok(Self { folder, record, _lock: lock });
            }
        }
        for number in 1..=SAME_NAME_MAX {
            let folder = parent.join(numbered(name, number));
            match fs::create_dir(&folder) {
                Ok(()) => {}
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(cause) => return Err(Trouble::Folder { path: folder, cause }),
            }
            let record = Record::new(look.told.label.clone(), look.fingerprint.clone(), format!("{name}.iso"));
            let begun = lock(&folder).and_then(|lock| {
                let saved = record.save(&folder);
                saved.map(|()| lock).map_err(|cause| Trouble::Folder { path: record::path(&folder), cause })
            });
            return match begun {
                Ok(lock) => Ok(Self { folder, record, _lock: lock }),
                Err(trouble) => {
                    // Without a record it would be a stranger's the next time. One in which something lies stays.
                    let _ = fs::remove_file(record::path(&folder));
                    let _ = fs::remove_dir(&folder);
                    Err(trouble)
                }
            };
        }
        Err(failed(io::ErrorKind::AlreadyExists.into()))
    }

    /// Writes the record as it is now.
    ///
    /// # Errors
    /// What the file system says.
    pub fn save(&self) -> Result<(), Trouble> {
        let failed = |cause| Trouble::Folder { path: record::path(&self.folder), cause };
        self.record.save(&self.folder).map_err(failed)
    }

    /// The image.
    #[must_use]
    pub fn image(&self) -> PathBuf {
        self.folder.join(&self.record.image)
    }

    /// The image's map.
    #[must_use]
    pub fn map(&self) -> PathBuf {
        durable::beside(&self.image(), ".map")
    }

    /// Removes the image, then its map, state and hash: a map without its image is of no use.
    ///
    /// # Errors
    /// [`Trouble::Remove`].
    pub fn remove_image(&self) -> Result<(), Trouble> {
        let (image, map) = (self.image(), self.map());
        for path in [image.clone(), map.clone(), store::state_path(&map), durable::beside(&image, ".sha256")] {
            match fs::remove_file(&path) {
                Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(Trouble::Remove { path, cause }),
                _ => {}
            }
        }
        Ok(())
    }

    /// What is left of an image that is gone, which a new one would be taken for, is removed.
    ///
    /// # Errors
    /// [`Trouble::Remove`].
    pub fn forget_lost_image(&self) -> Result<(), Trouble> {
        match os_names::kind_at(&self.image()) {
            Ok(None) => self.remove_image(),
            _ => Ok(()),
        }
    }

    /// Whether there is room for what is still to be written: the rest of the image, and the films.
    ///
    /// # Errors
    /// [`Trouble::Room`]. Where the system does not tell how much is free, writing will.
    pub fn check_room(&self, look: &Look) -> Result<(), Trouble> {
        let image = self.image();
        let rest = look.size_bytes.saturating_sub(allocate::taken(&image).unwrap_or(0));
        let needed = rest.saturating_add(look.film_bytes);
        match free_space_check(&image, needed) {
            Ok(Some(space)) if !space.is_enough() => {
                Err(Trouble::Room { folder: self.folder.clone(), needed, free: space.free })
            }
            _ => Ok(()),
        }
    }
}

/// The folder below `parent` whose record tells of this disc.
fn known(parent: &Path, look: &Look) -> io::Result<Option<PathBuf>> {
    for entry in fs::read_dir(parent)?.take(FOLDERS_MAX) {
        let entry = entry?;
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let folder = entry.path();
        if is_folder && Record::read(&folder).is_some_and(|known| known.fingerprint.is_same(&look.fingerprint)) {
            return Ok(Some(folder));
        }
    }
    Ok(None)
}

fn lock(folder: &Path) -> Result<LockFile, Trouble> {
    let path = folder.join("rip.lock");
    LockFile::take(&path).map_err(|error| match error {
        LockError::Held { .. } => Trouble::InUse { what: folder.display().to_string() },
        LockError::Failed { path, cause } => Trouble::Folder { path, cause },
    })
}

/// Whether a file of a derived name may be written: nothing lies there, or something of ours that begins so.
///
/// # Errors
/// [`Trouble::InTheWay`].
pub fn check_ours(path: &Path, beginning: &[u8]) -> Result<(), Trouble> {
    use std::io::Read as _;
    let is_ours = match os_names::kind_at(path) {
        Ok(None) => true,
        Ok(Some(os_names::Kind::File)) => os_names::open_regular(path).is_ok_and(|file| {
            let mut head = Vec::new();
            file.take(beginning.len() as u64).read_to_end(&mut head).is_ok() && head == beginning
        }),
        _ => false,
    };
    if is_ours { Ok(()) } else { Err(Trouble::InTheWay { path: path.to_owned() }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::{MemorySectors, Sectors};
    use crate::job::rip::disc::fingerprint::{Fingerprint, Sample};
    use crate::job::rip::disc::known::Known;
    use crate::job::rip::names::Told;
    use crate::source::Facts;
    use std::sync::Arc;

    fn disc(hash: &str) -> Look {
        let sample = |lba| Sample { lba, sha256: hash.to_owned() };
        let none: Arc<dyn Sectors> = Arc::new(MemorySectors::new(vec![0; 2048]));
        Look {
            fingerprint: Fingerprint { sectors: 1000, samples: vec![sample(16), sample(17)] },
            media: None,
            size_bytes: 2_048_000,
            told: Told { label: "CAT".into(), ..Told::default() },
            facts: Facts { name: "x".into(), size_bytes: 2_048_000, sectors: 1000, media: None, max_sectors: 64 },
            known: Arc::new(Known::new(none)),
            disc: None,
            film_bytes: 0,
        }
    }

    #[test]
    fn a_disc_finds_its_folder_again_and_another_of_the_name_gets_a_number() {
        let parent = tempfile::tempdir().unwrap();
        let take = |name: &str, hash: &str| Place::take(parent.path(), name, &disc(hash));
        let folder = |place: &Place| place.folder.file_name().unwrap().to_string_lossy().into_owned();
        let first = take("CAT", "a").unwrap();
        assert_eq!(folder(&first), "CAT");
        assert!(matches!(take("CAT", "a"), Err(Trouble::InUse { .. })), "another run works in it");
        assert_eq!(folder(&take("CAT", "b").unwrap()), "CAT (2)");
        drop(first);
        assert_eq!(folder(&take("OTHER NAME", "a").unwrap()), "CAT", "known by what is on it");
        std::fs::create_dir(parent.path().join("DOG")).unwrap();
        assert_eq!(folder(&take("DOG", "c").unwrap()), "DOG (2)", "a stranger's folder is left alone");
        assert_eq!(std::fs::read_dir(parent.path().join("DOG")).unwrap().count(), 0);
    }

    #[test]
    fn too_little_room_is_told_with_both_numbers() {
        let parent = tempfile::tempdir().unwrap();
        let place = Place::take(parent.path(), "CAT", &disc("a")).unwrap();
        place.check_room(&disc("a")).unwrap();
        let large = Look { film_bytes: u64::MAX / 2, ..disc("a") };
        assert!(matches!(place.check_room(&large), Err(Trouble::Room { needed, free, .. }) if needed > free));
    }
}
