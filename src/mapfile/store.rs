//! The map on disk: loaded, changed, saved whole or not at all; and the state beside it.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::error::MapError;
use super::sector_map::SectorMap;
use super::state::{self, Dropped, Fingerprint, State};
use super::status::{Status, StatusLine};
use super::text::{self, MapText, Notes, Parser};
use crate::base::sector::SectorRange;
use crate::base::sector::tract::{LeftOut, Tract};
use crate::os::durable;
use crate::os::lock::{LockError, LockFile};
use crate::os::names::{self, Kind};

/// Longest file that is read as a map, in bytes.
pub const MAX_FILE: u64 = 1 << 30;

/// Reads the map at `path`; `None` when there is no such file. `input_size` as in [`text::parse`].
///
/// # Errors
/// [`MapError`] with path, and line where there is one: the file cannot be read, or is no map.
pub fn read(path: &Path, input_size: Option<u64>) -> Result<Option<MapText>, MapError> {
    read_at_most(path, input_size, MAX_FILE)
}

fn read_at_most(path: &Path, input_size: Option<u64>, most: u64) -> Result<Option<MapText>, MapError> {
    let unreadable = |error| MapError::Read { path: path.to_owned(), error };
    let bad = |error| MapError::Bad { path: path.to_owned(), error: Box::new(error) };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(unreadable(e)),
    };
    let mut parser = Parser::new(input_size);
    let mut buffer = vec![0; 256 * 1024];
    let mut total = 0;
    loop {
        let count = match file.read(&mut buffer) {
            Ok(0) => return parser.finish().map(Some).map_err(bad),
            Ok(count) => count,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(unreadable(e)),
        };
        total += count as u64;
        if total > most {
            return Err(MapError::TooLong { path: path.to_owned(), most });
        }
        parser.feed(&buffer[..count]).map_err(bad)?;
    }
}

/// Whether something lies at `path`, be it a link that leads nowhere.
#[must_use]
pub fn exists(path: &Path) -> bool {
    // A name that cannot be looked at is not free either.
    !matches!(path.symlink_metadata(), Err(e) if e.kind() == io::ErrorKind::NotFound)
}

/// The name that [`move_aside`] gives.
#[must_use]
pub fn aside(path: &Path) -> PathBuf {
    durable::beside(path, ".old")
}

/// Renames the regular file `path` to the same name with `.old` added. Returns the new name, or `None` when nothing
/// lies there.
///
/// # Errors
/// [`MapError::AsideTaken`] when the new name is taken, [`MapError::NotOurs`] when a folder or a device lies there,
/// [`MapError::Aside`] when renaming fails.
pub fn move_aside(path: &Path) -> Result<Option<PathBuf>, MapError> {
    let aside = aside(path);
    let failed = |error| MapError::Aside { path: path.to_owned(), aside: aside.clone(), error };
    match names::kind_at(path).map_err(failed)? {
        None => return Ok(None),
        Some(Kind::File | Kind::Link) => {}
        Some(kind) => return Err(MapError::NotOurs { path: path.to_owned(), what: kind.words() }),
    }
    match names::rename_to_free(path, &aside).and_then(|()| durable::sync_folder(path)) {
        Ok(()) => Ok(Some(aside)),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            Err(MapError::AsideTaken { path: path.to_owned(), aside })
        }
        Err(error) => Err(failed(error)),
    }
}

/// The file that the map named `path` is kept in: a link is followed, so that it stays a link.
///
/// # Errors
/// [`MapError::NotAFile`] when a device, a pipe or a folder lies there; [`MapError::Read`].
pub fn file_of(path: &Path) -> Result<PathBuf, MapError> {
    let unreadable = |error| MapError::Read { path: path.to_owned(), error };
    match names::kind_behind(path).map_err(unreadable)? {
        None | Some(Kind::File) => names::resolve(path).map_err(unreadable),
        Some(kind) => Err(MapError::NotAFile { path: path.to_owned(), what: kind.words() }),
    }
}

/// Keeps other runs from the map at `path` until the lock is dropped. `None`: its folder is not there, and so no map.
///
/// # Errors
/// [`MapError::InUse`] or [`MapError::Lock`].
pub fn lock(path: &Path) -> Result<Option<LockFile>, MapError> {
    match LockFile::take(&durable::beside(path, ".lock")) {
        Ok(lock) => Ok(Some(lock)),
        Err(LockError::Held { .. }) => Err(MapError::InUse { path: path.to_owned() }),
        Err(LockError::Failed { cause, .. }) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(LockError::Failed { cause, .. }) => Err(MapError::Lock { path: path.to_owned(), error: cause }),
    }
}

/// Checks that the state beside the map at `map` may be written: nothing lies there, or a state.
///
/// # Errors
/// [`MapError::NotOurs`]; [`MapError::Read`] where the file system fails, which says nothing of whose it is.
pub fn check_state(map: &Path) -> Result<(), MapError> {
    let path = state_path(map);
    let not_ours = |what| Err(MapError::NotOurs { path: path.clone(), what });
    match names::kind_at(&path) {
        Ok(None) => Ok(()),
        Ok(Some(Kind::File)) => match names::open_regular(&path) {
            Ok(file) if State::begins_with(&mut BufReader::new(&file)) => Ok(()),
            Ok(_) => not_ours("a file that is no state of a map"),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => not_ours("a file that cannot be read"),
            Err(error) => Err(MapError::Read { path: path.clone(), error }),
        },
        Ok(Some(kind)) => not_ours(kind.words()),
        Err(error) => Err(MapError::Read { path: path.clone(), error }),
    }
}

/// Where the state of the map at `map` lies.
#[must_use]
pub fn state_path(map: &Path) -> PathBuf {
    durable::beside(map, ".state")
}

/// Reads the state beside the map at `map`. `rescued_bytes` is what that map calls good.
///
/// # Errors
/// Why there is none to be used: one line for the log, no reason to stop.
pub fn load_state(map: &Path, fingerprint: &Fingerprint, rescued_bytes: u64) -> Result<State, Dropped> {
    let file = names::open_regular(&state_path(map)).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => Dropped::Missing,
        _ => Dropped::Unreadable(e.to_string()),
    })?;
    State::read(&mut BufReader::new(file), fingerprint, rescued_bytes)
}

/// The tracts that the state beside the map at `map` tells of, whatever drive it is of. Another program leaves the comments
/// of a map out; `text` is what it says now.
#[must_use]
pub fn left_out_beside(map: &Path, text: &MapText) -> LeftOut {
    let rescued = text.blocks.iter().filter(|block| block.status == Status::Finished).map(|block| block.size).sum();
    match names::open_regular(&state_path(map)) {
        Ok(file) => state::text::left_out(&mut BufReader::new(file), text.end(), rescued),
        Err(_) => LeftOut::new(),
    }
}

/// Saves the state beside the map at `map`; to be called when that map has been saved.
///
/// # Errors
/// [`MapError::SaveState`]; the old state is still there.
pub fn save_state(map: &Path, state: &State, fingerprint: &Fingerprint, rescued_bytes: u64) -> Result<(), MapError> {
    let path = state_path(map);
    durable::replace(&path, |out| state.write(out, fingerprint, rescued_bytes))
        .map_err(|error| MapError::SaveState { path, error })
}

/// A map and the file that it lives in.
#[derive(Debug)]
pub struct MapStore {
    path: PathBuf,
    map: SectorMap,
    status: StatusLine,
    start_time: String,
    command: Option<String>,
    size_note: Option<String>,
    left_out: LeftOut,
}

impl MapStore {
    /// A map that is not on disk yet; the rescue begins now.
    #[must_use]
    pub fn new(path: &Path, map: SectorMap) -> Self {
        let start_time = time_text(SystemTime::now());
        let (status, left_out) = (StatusLine::default(), LeftOut::new());
        Self { path: path.to_owned(), map, status, start_time, command: None, size_note: None, left_out }
    }

    /// The map at `path` for a disc of `size_bytes`; `None` when there is no such file.
    ///
    /// # Errors
    /// As [`read`].
    pub fn load(path: &Path, size_bytes: u64) -> Result<Option<Self>, MapError> {
        Ok(read(path, Some(size_bytes))?.map(|text| Self::of(path, &text, size_bytes)))
    }

    /// The map at `path` that says `text`, for a disc of `size_bytes`: what it says of bytes behind that is dropped.
    #[must_use]
    pub fn of(path: &Path, text: &MapText, size_bytes: u64) -> Self {
        let new = Self::new(path, SectorMap::from_text(text, size_bytes));
        let start_time = text.start_time.clone().unwrap_or(new.start_time);
        let (size_note, left_out) = (text.size_note.clone(), text.left_out.clone());
        Self { status: text.status, left_out, start_time, size_note, ..new }
    }

    /// The command line for the map's comment.
    pub fn set_command(&mut self, command: String) {
        self.command = Some(command);
    }

    /// What else than the size that was taken is told of the disc.
    pub fn set_size_note(&mut self, note: String) {
        self.size_note = Some(note);
    }

    /// Tracts that hold no data.
    #[must_use]
    pub fn left_out(&self) -> &LeftOut {
        &self.left_out
    }

    /// Says anew which they are.
    pub fn set_left_out(&mut self, tracts: LeftOut) {
        self.left_out = tracts;
    }

    /// One more of them.
    pub fn leave_out(&mut self, tract: Tract) {
        self.left_out.insert(tract.range, tract.kind);
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The map as it is in memory.
    #[must_use]
    pub fn map(&self) -> &SectorMap {
        &self.map
    }

    /// Where the rescue stands.
    #[must_use]
    pub fn status(&self) -> StatusLine {
        self.status
    }

    /// Says where the rescue stands.
    pub fn set_status(&mut self, status: StatusLine) {
        self.status = status;
    }

    /// When the rescue began, as text.
    #[must_use]
    pub fn start_time(&self) -> &str {
        &self.start_time
    }

    /// Carries changes out, in order, in memory.
    pub fn apply(&mut self, changes: &[(SectorRange, Status)]) {
        for (range, status) in changes {
            self.map.set(*range, *status);
        }
    }

    /// Saves the map: when this returns, it is on stable storage. What the map calls good must be there before.
    ///
    /// # Errors
    /// [`MapError::Save`]; the old map is still there.
    pub fn save(&self) -> Result<(), MapError> {
        let now = time_text(SystemTime::now());
        let notes = Notes {
            command: self.command.as_deref(),
            start_time: Some(&self.start_time),
            current_time: Some(&now),
            size: self.size_note.as_deref(),
            left_out: self.left_out.tracts(),
        };
        durable::replace(&self.path, |out| text::write(out, &notes, self.status, self.map.to_blocks()))
            .map_err(|error| MapError::Save { path: self.path.clone(), error })
    }
}

/// `2026-01-31 12:00:00 UTC`.
fn time_text(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let (year, month, day) = date(seconds / 86400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

/// Year, month and day of a day counted from 1970-01-01, in the Gregorian calendar.
fn date(mut days: u64) -> (u64, u64, u64) {
    let leap = |year: u64| (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    // 400 years have 146,097 days and then everything repeats.
    let mut year = 1970 + 400 * (days / 146_097);
    days %= 146_097;
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 1;
    for length in lengths {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    (year, month, days + 1)
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
