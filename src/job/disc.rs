//! From the name of a source to its files: a disc, an image with the map of what it lacks, a folder.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use crate::base::cancel::Cancel;
use crate::base::event::{Event, Events};
use crate::base::human::printable;
use crate::base::media::CD_SECTORS_MAX;
use crate::base::sector::set::SectorSet;
use crate::base::sector::tract::{LeftOut, Tract, TractKind};
use crate::base::sector::{SECTOR_BYTES, SECTOR_SIZE, SectorRange};
use crate::demux::m2ts::Layout;
use crate::fs::folder::{Folder, SingleFile};
use crate::fs::{self, FileSystem, FsError, Holed, PassedOver, Sectors, SessionVolume, Sessions, SharedSource};
use crate::os::durable;
use crate::scsi::sg_io::Sharing;
use crate::source::{Facts, ReadRequest, SectorSource};
use crate::title::loose;

use super::open::{self, OpenError, Opened};
use super::source_map::{self, SourceMapError};
use super::source_name::SourceName;

pub use super::source_map::Missing;

/// How long a read of a table may take: a drive works for seconds on a scratch.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// Bytes of a file that tell what it is.
const HEAD: u64 = 64 << 10;
/// How the names of stream files end.
const STREAMS: [&str; 7] = ["m2ts", "mts", "ts", "vob", "mpg", "mpeg", "ps"];

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
    /// Its map cannot be had.
    #[error(transparent)]
    Map(#[from] SourceMapError),
    /// The map that was named is not there.
    #[error("there is no map {}", printable(&.0.display().to_string()))]
    NoMap(PathBuf),
    /// A map was named for something without sectors.
    #[error("{}: a folder or a stream file has no sectors that a map could tell of", printable(&.0.display().to_string()))]
    MapOfFolder(PathBuf),
    /// A map was named for an image of raw sectors.
    #[error(
        "{name}: a map tells of the bytes of a file, and not of where the data of raw sectors lies in it: --map cannot be used"
    )]
    MapOfRaw {
        /// The image.
        name: String,
    },
    /// A folder that is no disc.
    #[error("{}: holds neither BDMV nor VIDEO_TS", printable(&.0.display().to_string()))]
    NoDisc(PathBuf),
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
    /// The tracts that hold no data, as the drive, the map or its sidecar tells of them.
    pub left_out: LeftOut,
    /// The file systems of its sessions, where there are several, ascending; the last one is the disc's.
    pub sessions: Vec<SessionVolume>,
    /// Later sessions whose file systems cannot be read.
    pub passed_over: Vec<PassedOver>,
    /// What was odd about the source, in sentences for the person.
    pub notes: Vec<String>,
    /// The stream file that is all there is, where the source is one.
    pub stream: Option<String>,
}

impl Disc {
    /// The sectors that the source lacks, as far as anything tells; those that are left out among them.
    #[must_use]
    pub fn missing_sectors(&self) -> SectorSet {
        let mut sectors = self.missing.as_ref().map(|missing| missing.sectors.clone()).unwrap_or_default();
        self.left_out.tracts().iter().for_each(|tract| sectors.insert(tract.range));
        sectors
    }

    /// The sectors where nothing of the disc can be, and files may all the same say that they lie there: tracts that are
    /// left out, and what lies behind the end of an image.
    #[must_use]
    pub fn without_data(&self) -> SectorSet {
        let mut sectors = self.left_out.sectors();
        if let (Some(_), Some(facts)) = (self.image_end, &self.facts) {
            sectors.insert(SectorRange::new(facts.sectors, u64::MAX / SECTOR_BYTES));
        }
        sectors
    }

    /// A folder or a stream file, which has no sectors.
    fn of_files(files: Box<dyn FileSystem>, stream: Option<String>) -> Self {
        Self {
            files,
            facts: None,
            missing: None,
            image_end: None,
            left_out: LeftOut::new(),
            sessions: Vec::new(),
            passed_over: Vec::new(),
            notes: Vec::new(),
            stream,
        }
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
    Ok(Disc::of_files(Box::new(files), None))
}

fn stream(path: &Path, map: Option<&Path>) -> Result<Disc, DiscError> {
    if map.is_some() {
        return Err(DiscError::MapOfFolder(path.to_owned()));
    }
    let file = SingleFile::open(path)
        .map_err(|source| DiscError::Files { name: printable(&path.to_string_lossy()), source })?;
    let stream = Some(file.name().to_owned());
    Ok(Disc::of_files(Box::new(file), stream))
}

fn is_stream(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    path.is_file() && STREAMS.iter().any(|known| extension.eq_ignore_ascii_case(known))
}

fn disc(name: &SourceName, map: Option<&Path>, sharing: Sharing, cancel: &Cancel) -> Result<Disc, DiscError> {
    let Opened { source, mut notes, is_raw, .. } = open::open_as(name, sharing, cancel)?;
    let mut source = source.into_sectors();
    let mut facts = source.facts().clone();
    if is_raw {
        if map.is_some() {
            return Err(DiscError::MapOfRaw { name: facts.name });
        }
        find_tracts(&mut *source, cancel);
    }
    let is_image = name.image().is_some();
    let image_end = is_image.then_some(facts.sectors);
    let (mut left_out, starts) = (source.left_out().clone(), source.sessions().to_vec());
    let read = match (map, name.image()) {
        (Some(map), _) => {
            Some(source_map::read(map, name.unit(), &mut facts)?.ok_or_else(|| DiscError::NoMap(map.to_owned()))?)
        }
        // A map speaks of the bytes of the file, which in a raw image lie elsewhere.
        (None, Some(path)) if !is_raw => source_map::read(&durable::beside(path, ".map"), name.unit(), &mut facts)?,
        (None, _) => None,
    };
    let missing = read.map(|(missing, told)| {
        left_out.extend(&told);
        missing
    });
    let mut sectors: Arc<dyn Sectors> = Arc::new(SharedSource::new(source, TIME_LIMIT));
    // A drive may read today what is missing in the image.
    if let Some(missing) = missing.as_ref().filter(|_| is_image) {
        let mut holes = missing.sectors.clone();
        left_out.tracts().iter().for_each(|tract| holes.insert(tract.range));
        sectors = Arc::new(Holed::new(sectors, holes, facts.sectors));
    }
    let starts = if is_image { starts_in_image(&*sectors, &left_out) } else { starts };
    match (fs::open_sessions(sectors, &starts), name) {
        (Ok(Sessions { files, volumes, passed_over, .. }), _) => {
            // Of an image nobody knows whether there is a session, unless something of it is there; a drive does.
            let told = passed_over.iter().filter(|session| !is_image || !session.why.is_absence());
            notes.extend(told.map(PassedOver::to_string));
            let facts = Some(facts);
            Ok(Disc { files, facts, missing, image_end, left_out, sessions: volumes, passed_over, notes, stream: None })
        }
        (Err(source @ FsError::None { .. }), SourceName::Image(path)) => no_disc(path, facts.name, map, source),
        (Err(source), _) => Err(DiscError::Files { name: facts.name.clone(), source }),
    }
}

/// Where sessions may begin in an image: at its start, and behind each gap and tract of sound or of no data. Where no gap is told of, and
/// the image is no larger than a CD, also by what lies in it.
pub(super) fn starts_in_image(sectors: &dyn Sectors, left_out: &LeftOut) -> Vec<u64> {
    // What only reads have told of may be a gap, too.
    let is_between =
        |tract: &&Tract| matches!(tract.kind, TractKind::SessionGap | TractKind::Audio | TractKind::NotData);
    let ends = left_out.tracts().iter().filter(is_between).map(|tract| tract.range.end());
    let mut starts: Vec<u64> =
        std::iter::once(0).chain(ends).filter(|start| *start < sectors.count() && !left_out.contains(*start)).collect();
    let is_told = left_out.tracts().iter().any(|tract| tract.kind == TractKind::SessionGap);
    if !is_told && sectors.count() <= CD_SECTORS_MAX {
        starts.extend(fs::sessions::find_starts(sectors));
        starts.sort_unstable();
        starts.dedup();
    }
    starts
}

/// Reads an image of raw sectors through: where it holds no data, nothing else tells.
fn find_tracts(source: &mut dyn SectorSource, cancel: &Cancel) {
    let (end, most) = (source.facts().sectors.min(CD_SECTORS_MAX), source.facts().max_sectors.max(1));
    let mut buffer = vec![0; usize::try_from(most.saturating_mul(SECTOR_BYTES)).unwrap_or(SECTOR_SIZE)];
    let mut at = 0;
    while at < end && !cancel.is_raised() {
        let range = SectorRange::new(at, (at + most).min(end));
        source.read(&ReadRequest { range, fua: false, time_limit: TIME_LIMIT }, &mut buffer);
        let known = source.left_out().touching(range).map(|tract| tract.range.end()).max();
        at = known.unwrap_or_default().max(range.end());
    }
}

/// A file that is no image of a disc: a stream whose name does not tell that it is one, or something else.
fn no_disc(path: &Path, name: String, map: Option<&Path>, source: FsError) -> Result<Disc, DiscError> {
    let mut head = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    match loose::other_file(&head).filter(|_| read.is_ok()) {
        Some(what) => Err(DiscError::Other { name, what }),
        None if Layout::detect(&head).is_some() => stream(path, map),
        None => Err(DiscError::Files { name, source }),
    }
}
