//! Where what is made of a disc goes: a folder of its own, locked while it is worked in.

use std::ffi::OsStr;
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

/// What a folder is locked by.
const LOCK: &str = "rip.lock";

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
        let record = Record::new(look.told.label.clone(), look.fingerprint.clone(), format!("{name}.iso"));
        for number in 1..=SAME_NAME_MAX {
            let folder = parent.join(numbered(name, number));
            if let Some(lock) = begin(&folder, &record)? {
                return Ok(Self { folder, record, _lock: lock });
            }
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

/// Makes the folder, with the record in it and locked. It gets its name with the record: a run that is cut off between the two
/// would leave one that the next run takes for a stranger's. `None` where something has the name already.
fn begin(folder: &Path, record: &Record) -> Result<Option<LockFile>, Trouble> {
    let failed = |cause| Trouble::Folder { path: folder.to_owned(), cause };
    if os_names::kind_at(folder).map_err(failed)?.is_some() {
        return Ok(None);
    }
    // No disc's name begins with a dot.
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let new = folder.with_file_name(format!(".{name}.new"));
    match fs::create_dir(&new) {
        // What a run left that was cut off.
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists && holds_at_most_a_record(&new) => {}
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
        made => made.map_err(failed)?,
    }
    let mut lock = match LockFile::take(&lock_path(&new)) {
        // Another run, with another disc of that name, has it or has just given it its name.
        Err(LockError::Held { .. }) => return Ok(None),
        Err(LockError::Failed { cause, .. }) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(LockError::Failed { path, cause }) => {
            let _ = fs::remove_dir(&new);
            return Err(Trouble::Folder { path, cause });
        }
        Ok(lock) => lock,
    };
    let named = record.save(&new).and_then(|()| os_names::rename_to_free(&new, folder));
    if let Err(cause) = named {
        let _ = fs::remove_file(record::path(&new));
        drop(lock);
        let _ = fs::remove_dir(&new);
        return if cause.kind() == io::ErrorKind::AlreadyExists { Ok(None) } else { Err(failed(cause)) };
    }
    lock.moved_to(&lock_path(folder));
    // Where the name does not last, nothing lasts that this run writes, and the next one begins anew.
    let _ = durable::sync_folder(folder);
    Ok(Some(lock))
}

/// Whether nothing but what [`begin`] makes lies in a folder.
fn holds_at_most_a_record(folder: &Path) -> bool {
    let is_ours = |name: &OsStr| record::path(folder).file_name() == Some(name) || name == LOCK;
    let is_folder = matches!(os_names::kind_at(folder), Ok(Some(os_names::Kind::Folder)));
    is_folder && fs::read_dir(folder).is_ok_and(|mut all| all.all(|one| one.is_ok_and(|one| is_ours(&one.file_name()))))
}

fn lock_path(folder: &Path) -> PathBuf {
    folder.join(LOCK)
}

fn lock(folder: &Path) -> Result<LockFile, Trouble> {
    LockFile::take(&lock_path(folder)).map_err(|error| match error {
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
        let hidden =
            |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name().to_string_lossy().starts_with('.');
        assert!(!std::fs::read_dir(parent.path()).unwrap().any(hidden), "each got its name");
    }

    #[test]
    fn what_a_run_left_that_was_cut_off_before_its_folder_had_a_name_is_taken_over() {
        let parent = tempfile::tempdir().unwrap();
        let take = |name: &str, hash: &str| Place::take(parent.path(), name, &disc(hash)).unwrap().folder;
        for left in [&[][..], &[LOCK], &[LOCK, "disc.json"]] {
            let new = parent.path().join(".CAT.new");
            std::fs::create_dir(&new).unwrap();
            left.iter().for_each(|name| std::fs::write(new.join(name), "").unwrap());
            let folder = take("CAT", "a");
            assert_eq!((folder.ends_with("CAT"), new.exists()), (true, false), "{left:?}");
            std::fs::remove_dir_all(folder).unwrap();
        }
        // A stranger's is not.
        std::fs::create_dir(parent.path().join(".CAT.new")).unwrap();
        std::fs::write(parent.path().join(".CAT.new/mine"), "mine").unwrap();
        assert!(take("CAT", "a").ends_with("CAT (2)"));
        assert_eq!(std::fs::read(parent.path().join(".CAT.new/mine")).unwrap(), b"mine");
    }

    #[test]
    fn discs_of_one_name_that_come_at_once_get_a_folder_each() {
        let parent = tempfile::tempdir().unwrap();
        let places: Vec<Place> = std::thread::scope(|scope| {
            let take = |hash: String| Place::take(parent.path(), "CAT", &disc(&hash)).unwrap();
            let all: Vec<_> = (0..8).map(|hash| scope.spawn(move || take(hash.to_string()))).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let folders: std::collections::BTreeSet<_> = places.iter().map(|place| &place.folder).collect();
        assert_eq!(folders.len(), places.len());
        for place in &places {
            assert_eq!(Record::read(&place.folder).as_ref(), Some(&place.record));
            assert!(place.folder.join(LOCK).exists());
        }
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
