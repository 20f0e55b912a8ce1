//! From the name of a source to its files: a disc, an image with the map of what it lacks, a folder.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use crate::base::cancel::Cancel;
use crate::base::event::{Event, Events};
use crate::base::human::printable;
use crate::base::sector::{SECTOR_BYTES, SectorRange};
use crate::base::set::SectorSet;
use crate::demux::m2ts::Layout;
use crate::fs::folder::{Folder, SingleFile};
use crate::fs::{self, FileSystem, FsError, Holed, Sectors, SharedSource};
use crate::mapfile::error::MapError;
use crate::mapfile::store;
use crate::os::durable;
use crate::scsi::sg_io::Sharing;
use crate::source::Facts;
use crate::title::loose;

use super::open::{self, OpenError, Opened};
use super::source_name::SourceName;

/// How long a read of a table may take: a drive works for seconds on a scratch.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// Bytes of a file that tell what it is.
const HEAD: u64 = 64 << 10;
/// How the names of stream files end.
const STREAMS: [&str; 6] = ["m2ts", "mts", "ts", "vob", "mpg", "mpeg"];

/// Why the files of a source cannot be had.
#[derive(Debug, Error)]
pub enum DiscError {
    /// The source cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Its file system cannot be read.
    #[error("{name}: {source}")]
    Files {
        /// The source.
        name: String,
        /// Why.
        source: FsError,
    },
    /// It is a file of another kind.
    #[error("{name} is {what}: neither a disc image nor a transport stream")]
    Other {
        /// The source.
        name: String,
        /// What it is.
        what: &'static str,
    },
    /// Its map cannot be read.
    #[error(transparent)]
    Map(#[from] MapError),
    /// Its map ends before the image does: it is that of another disc.
    #[error("{} is a map of {map_bytes} bytes, and {name} has {bytes}", printable(&.map.display().to_string()))]
    OtherSize {
        /// The map.
        map: PathBuf,
        /// Where it ends.
        map_bytes: u64,
        /// The image.
        name: String,
        /// The size of the image.
        bytes: u64,
    },
    /// The map that was named is not there.
    #[error("there is no map {}", printable(&.0.display().to_string()))]
    NoMap(PathBuf),
    /// A map was named for something without sectors.
    #[error("{}: a folder or a stream file has no sectors that a map could tell of", printable(&.0.display().to_string()))]
    MapOfFolder(PathBuf),
    /// A folder that is no disc.
    #[error("{}: holds neither BDMV nor VIDEO_TS", printable(&.0.display().to_string()))]
    NoDisc(PathBuf),
}

/// What a map says is missing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Missing {
    /// The sectors that are not known to be good, up to the disc's end.
    pub sectors: SectorSet,
    /// Those of them that were tried in vain; the others nobody has read.
    pub failed: SectorSet,
    /// Their bytes; a last sector counts as far as the disc reaches.
    pub bytes: u64,
}

/// The files of a source.
pub struct Disc {
    /// The file system.
    pub files: Box<dyn FileSystem>,
    /// What is known of the source; `None` for a folder. The size is that of the disc, which an image that ends early
    /// takes from its map.
    pub facts: Option<Facts>,
    /// What is missing; `None` where no map tells.
    pub missing: Option<Missing>,
    /// The sector behind the last one that an image has, whatever size the disc has.
    pub image_end: Option<u64>,
    /// What was odd about the source, in sentences for the person.
    pub notes: Vec<String>,
    /// The stream file that is all there is, where the source is one.
    pub stream: Option<String>,
}

impl Disc {
    /// The sectors that the source lacks; none where no map tells.
    #[must_use]
    pub fn missing_sectors(&self) -> SectorSet {
        self.missing.as_ref().map(|missing| missing.sectors.clone()).unwrap_or_default()
    }
}

/// Opens the files of a source. `map` is the map file to go by; an image brings its own, beside it with `.map` added.
/// `sharing` says whether others may use a drive at the same time. A drive may keep this waiting: `events` hears of it.
///
/// # Errors
/// [`DiscError`].
pub fn open(
    name: &SourceName,
    map: Option<&Path>,
    sharing: Sharing,
    cancel: &Cancel,
    events: &dyn Events,
) -> Result<Disc, DiscError> {
    events.event(Event::Phase("open".to_owned()));
    match name {
        SourceName::Image(path) if path.is_dir() => folder(path, map),
        SourceName::Image(path) if is_stream(path) => stream(path, map),
        _ => disc(name, map, sharing, cancel),
    }
}

fn folder(path: &Path, map: Option<&Path>) -> Result<Disc, DiscError> {
    if map.is_some() {
        return Err(DiscError::MapOfFolder(path.to_owned()));
    }
    let fail = |source| DiscError::Files { name: printable(&path.to_string_lossy()), source };
    let files = Folder::open(path).map_err(fail)?;
    if !["BDMV", "VIDEO_TS"].iter().any(|name| files.list(name).is_ok()) {
        return Err(DiscError::NoDisc(path.to_owned()));
    }
    Ok(Disc { files: Box::new(files), facts: None, missing: None, image_end: None, notes: Vec::new(), stream: None })
}

fn stream(path: &Path, map: Option<&Path>) -> Result<Disc, DiscError> {
    if map.is_some() {
        return Err(DiscError::MapOfFolder(path.to_owned()));
    }
    let file = SingleFile::open(path)
        .map_err(|source| DiscError::Files { name: printable(&path.to_string_lossy()), source })?;
    let stream = Some(file.name().to_owned());
    Ok(Disc { files: Box::new(file), facts: None, missing: None, image_end: None, notes: Vec::new(), stream })
}

fn is_stream(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    path.is_file() && STREAMS.iter().any(|known| extension.eq_ignore_ascii_case(known))
}

fn disc(name: &SourceName, map: Option<&Path>, sharing: Sharing, cancel: &Cancel) -> Result<Disc, DiscError> {
    let Opened { source, notes, .. } = open::open_as(name, sharing, cancel)?;
    let source = source.into_sectors();
    let mut facts = source.facts().clone();
    let is_image = matches!(name, SourceName::Image(_));
    let image_end = is_image.then_some(facts.sectors);
    let missing = match (map, name) {
        (Some(map), _) => Some(read_map(map, is_image, &mut facts)?.ok_or_else(|| DiscError::NoMap(map.to_owned()))?),
        (None, SourceName::Image(path)) => read_map(&durable::beside(path, ".map"), true, &mut facts)?,
        (None, _) => None,
    };
    let mut sectors: Arc<dyn Sectors> = Arc::new(SharedSource::new(source, TIME_LIMIT));
    // A drive may read today what is missing in the image.
    if let Some(missing) = missing.as_ref().filter(|_| is_image) {
        sectors = Arc::new(Holed::new(sectors, missing.sectors.clone(), facts.sectors));
    }
    match (fs::open_disc(sectors), name) {
        (Ok(files), _) => Ok(Disc { files, facts: Some(facts), missing, image_end, notes, stream: None }),
        (Err(source @ FsError::None { .. }), SourceName::Image(path)) => no_disc(path, map, source),
        (Err(source), _) => Err(DiscError::Files { name: facts.name.clone(), source }),
    }
}

/// A file that is no image of a disc: a stream whose name does not tell that it is one, or something else.
fn no_disc(path: &Path, map: Option<&Path>, source: FsError) -> Result<Disc, DiscError> {
    let mut head = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    let name = printable(&path.to_string_lossy());
    match loose::other_file(&head).filter(|_| read.is_ok()) {
        Some(what) => Err(DiscError::Other { name, what }),
        None if Layout::detect(&head).is_some() => stream(path, map),
        None => Err(DiscError::Files { name, source }),
    }
}

/// What a map calls anything but good; `None` where there is no such file. Where the map goes on behind the end of an
/// image, so does the disc.
fn read_map(path: &Path, is_image: bool, facts: &mut Facts) -> Result<Option<Missing>, DiscError> {
    let Some(text) = store::read(&store::file_of(path)?, None)? else { return Ok(None) };
    // A program writes a map for the whole of its disc, so one that ends sooner would make a whole film look lost.
    if is_image && text.end().div_ceil(SECTOR_BYTES) < facts.sectors {
        let (map, name) = (path.to_owned(), facts.name.clone());
        return Err(DiscError::OtherSize { map, map_bytes: text.end(), name, bytes: facts.size_bytes });
    }
    if is_image && text.end() > facts.size_bytes {
        facts.size_bytes = text.end();
        facts.sectors = text.end().div_ceil(SECTOR_BYTES);
    }
    // Not by way of a map in memory, which takes several times the room of both.
    let sectors = text.missing(facts.size_bytes);
    let end = |range: &SectorRange| range.end().saturating_mul(SECTOR_BYTES).min(facts.size_bytes);
    let bytes = sectors.ranges().iter().map(|range| end(range).saturating_sub(range.byte_start())).sum();
    let failed = text.failed();
    Ok(Some(Missing { sectors, failed, bytes }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts { name: "x".into(), size_bytes: 10_000, sectors: 5, media: None, max_sectors: 64 }
    }

    fn map(text: &str, is_image: bool, facts: &mut Facts) -> Missing {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        read_map(file.path(), is_image, facts).unwrap().unwrap()
    }

    #[test]
    fn all_that_is_not_good_is_missing() {
        let mut facts = facts();
        let missing =
            map("0 + 1\n0 2048 +\n2048 2048 ?\n4096 1000 -\n5096 1048 +\n6144 2048 /\n8192 1808 +\n", true, &mut facts);
        assert_eq!(missing.sectors.ranges(), [SectorRange::new(1, 4)]);
        assert_eq!(missing.failed.ranges(), [SectorRange::new(2, 4)]);
        assert_eq!((missing.bytes, facts.sectors), (3 * 2048, 5));
        let unfinished = map("0 + 1\n0 8193 +\n", true, &mut facts);
        assert_eq!((unfinished.sectors.ranges(), unfinished.bytes), (&[SectorRange::new(4, 5)][..], 1808));
    }

    #[test]
    fn a_map_that_ends_before_the_image_is_that_of_another_disc() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "0 + 1\n0 8192 +\n").unwrap();
        let told = read_map(file.path(), true, &mut facts()).unwrap_err().to_string();
        assert!(told.ends_with("is a map of 8192 bytes, and x has 10000"), "{told}");
        assert!(read_map(file.path(), false, &mut facts()).is_ok());
    }

    #[test]
    fn an_image_that_ends_early_has_the_size_of_its_map() {
        let text = "0 + 1\n0 10000 +\n10000 10480 ?\n";
        let mut image = facts();
        let missing = map(text, true, &mut image);
        assert_eq!((image.size_bytes, image.sectors), (20_480, 10));
        assert_eq!(missing.sectors.ranges(), [SectorRange::new(4, 10)]);
        let mut drive = facts();
        map(text, false, &mut drive);
        assert_eq!(drive, facts());
    }
}
