//! From the name of a source to the source.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::base::cancel::Cancel;
use crate::base::human::printable;
use crate::base::sector::set::SectorSet;
use crate::base::sector::{SECTOR_BYTES, SectorRange};
use crate::drive::emulated::EmulatedSpec;
use crate::drive::find::open_node;
use crate::drive::{Drive, DriveError, DriveOptions};
use crate::image::Format;
use crate::image::container::{Container, ContainerError, Kind};
use crate::mapfile::status::Status;
use crate::mapfile::{store, text};
use crate::os::durable;
use crate::os::names::{self, Kind as FileKind};
use crate::scsi::emulated::DamagePlan;
use crate::scsi::sg_io::Sharing;
use crate::source::container::ContainerSource;
use crate::source::drive::DriveSource as _;
use crate::source::file::{FileError, FileSource};
use crate::source::mapped::Mapped;
use crate::source::raw_cd::RawCd;
use crate::source::{SectorSource, Source};

use super::profile::DriveProfile;
use super::source_map::{self, SourceMapError};
use super::source_name::SourceName;

/// Longest damage plan that is read, bytes; a map is read in pieces and may be longer.
const PLAN_MAX: u64 = 16 << 20;

/// Why a source cannot be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// A drive.
    #[error(transparent)]
    Drive(#[from] DriveError),
    /// An image file or a block device.
    #[error(transparent)]
    File(#[from] FileError),
    /// An image in a container.
    #[error(transparent)]
    Container(#[from] ContainerError),
    /// The map beside an image.
    #[error(transparent)]
    Map(#[from] SourceMapError),
    /// The image that an emulated drive shall serve.
    #[error("{}: {cause}", crate::base::human::printable(&.path.display().to_string()))]
    Medium {
        /// The image.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// The damage plan of an emulated drive.
    #[error("{}: {reason}", .path.display())]
    Plan {
        /// The plan.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

/// A source, ready to be read.
pub struct Opened {
    /// The source.
    pub source: Source,
    /// What was odd about it, in sentences for the person.
    pub notes: Vec<String>,
    /// What is kept of a real drive between runs.
    pub profile: Option<DriveProfile>,
    /// It is an image of raw CD sectors, in which no byte lies where it lies on the disc.
    pub is_raw: bool,
}

/// Opens the source of that name to be copied, for this program alone. What the map beside an image lacks is not there.
///
/// # Errors
/// [`OpenError`].
pub fn open(name: &SourceName, cancel: &Cancel) -> Result<Opened, OpenError> {
    let opened = open_as(name, Sharing::Exclusive, cancel)?;
    match name {
        // A map speaks of the bytes of the file, which in a raw image lie elsewhere.
        SourceName::Image(path) | SourceName::Container(path, _) if !opened.is_raw => {
            with_map(opened, name, &durable::beside(path, ".map"))
        }
        _ => Ok(opened),
    }
}

/// The image of that name without what a map calls missing; as it is where there is no such map.
pub(super) fn with_map(mut opened: Opened, name: &SourceName, map: &Path) -> Result<Opened, OpenError> {
    let mut facts = opened.source.input().sectors().facts().clone();
    let Some((missing, left_out)) = source_map::read(map, name.unit(), &mut facts)? else { return Ok(opened) };
    if missing.bytes > 0 {
        let lacks = crate::base::human::bytes(missing.bytes);
        opened.notes.push(format!("{} lacks {lacks}, as its map says: they are not copied", facts.name));
    }
    let mapped = Mapped::new(opened.source.into_sectors(), facts.size_bytes, missing.sectors, left_out);
    Ok(Opened { source: Source::File(Box::new(mapped)), ..opened })
}

/// Opens the source of that name; a drive may be shared with a mount or another program.
///
/// # Errors
/// [`OpenError`].
pub fn open_as(name: &SourceName, sharing: Sharing, cancel: &Cancel) -> Result<Opened, OpenError> {
    // Whoever has a drive alone keeps its tray shut.
    let lock = sharing == Sharing::Exclusive;
    match name {
        SourceName::Image(path) => image(path),
        SourceName::Container(path, kind) => container(path, *kind),
        SourceName::Drive(path) => {
            let options =
                DriveOptions { state_folder: state_folder(), lock, cancel: cancel.clone(), ..DriveOptions::default() };
            let mut drive = open_node(path, sharing, options)?;
            let profile = state_folder().map(|folder| profile(&folder, &drive));
            let learned = profile.as_ref().and_then(DriveProfile::load).unwrap_or_default();
            drive.set_longest_command(learned.longest_command);
            Ok(opened(drive, profile))
        }
        SourceName::Emulated(spec) => {
            let plan = spec.faults.as_deref().map_or_else(|| Ok(DamagePlan::sound()), plan)?;
            let drive = spec.build(plan).map_err(|cause| OpenError::Medium { path: spec.image.clone(), cause })?;
            let options =
                DriveOptions { name: emulated_name(spec), lock, cancel: cancel.clone(), ..DriveOptions::default() };
            // Its habits are those of its plan, and tests must not hear of each other.
            Ok(opened(Drive::open(Box::new(drive), options)?, None))
        }
    }
}

/// An image file or a block device; raw sectors of a CD are told.
fn image(path: &Path) -> Result<Opened, OpenError> {
    let failed = |cause| OpenError::File(FileError::Io { path: path.to_owned(), cause });
    // What cannot be looked into is told by whoever opens it for good.
    match RawCd::open(path).or_else(|e| if path.is_file() { Err(failed(e)) } else { Ok(None) })? {
        Some(raw) => {
            let note = format!(
                "{} holds raw sectors of {} bytes, of each of which the 2048 bytes of data are read",
                printable(&path.to_string_lossy()),
                raw.sector_bytes()
            );
            let map = durable::beside(path, ".map");
            let unused = map.exists().then(|| {
                let map = printable(&map.to_string_lossy());
                format!(
                    "{map} is not used: it tells of the bytes of a file, and not of where the data of raw sectors lies"
                )
            });
            let notes = [Some(note), unused].into_iter().flatten().collect();
            Ok(Opened { source: Source::File(Box::new(raw)), notes, profile: None, is_raw: true })
        }
        None => {
            let source = Source::File(Box::new(FileSource::open(path)?));
            Ok(Opened { source, notes: Vec::new(), profile: None, is_raw: false })
        }
    }
}

/// An image in a container.
fn container(path: &Path, kind: Kind) -> Result<Opened, OpenError> {
    let source = ContainerSource::new(Container::open(path, kind)?, path)?;
    Ok(Opened { source: Source::File(Box::new(source)), notes: Vec::new(), profile: None, is_raw: false })
}

/// An image that was written in that format, to be read.
pub(super) fn written(path: &Path, format: Format) -> Result<Box<dyn SectorSource>, OpenError> {
    Ok(match format {
        Format::Raw => Box::new(FileSource::open(path)?),
        Format::Qcow2 => Box::new(ContainerSource::new(Container::open(path, Kind::Qcow2)?, path)?),
    })
}

fn opened(drive: Drive, profile: Option<DriveProfile>) -> Opened {
    let notes = drive.notes().to_vec();
    Opened { source: Source::Drive(Box::new(drive)), notes, profile, is_raw: false }
}

fn profile(folder: &Path, drive: &Drive) -> DriveProfile {
    let identity = drive.identity();
    let serial = identity.serial.as_deref().unwrap_or_default();
    DriveProfile::new(folder, format!("{identity} {serial}").trim_end(), drive.facts().media).on(drive.way())
}

fn emulated_name(spec: &EmulatedSpec) -> String {
    format!("emu:{}", crate::base::human::printable(&spec.image.display().to_string()))
}

/// `$XDG_STATE_HOME/freemkv`, by default `~/.local/state/freemkv` (XDG Base Directory Specification).
pub(super) fn state_folder() -> Option<PathBuf> {
    let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")))?;
    Some(base.join("freemkv"))
}

/// A damage plan, or a ddrescue map whose `- / *` are dead. A map begins with a number, a plan with a word.
fn plan(path: &Path) -> Result<DamagePlan, OpenError> {
    let bad = |reason: String| OpenError::Plan { path: path.to_owned(), reason };
    match names::kind_behind(path) {
        Ok(Some(FileKind::File) | None) => {}
        Ok(Some(kind)) => return Err(bad(format!("{}, where a file is wanted", kind.words()))),
        Err(e) => return Err(bad(e.to_string())),
    }
    let file = File::open(path).map_err(|e| bad(e.to_string()))?;
    let first = first_byte(&mut BufReader::new(&file)).map_err(|e| bad(e.to_string()))?;
    if first.is_some_and(|byte| byte.is_ascii_digit()) {
        let map = store::read(path, None).map_err(|e| bad(e.to_string()))?;
        return Ok(DamagePlan::dead(&dead_sectors(&map.unwrap_or_default())));
    }
    let mut bytes = Vec::new();
    (&file).rewind().and_then(|()| file.take(PLAN_MAX + 1).read_to_end(&mut bytes)).map_err(|e| bad(e.to_string()))?;
    if bytes.len() as u64 > PLAN_MAX {
        return Err(bad("too long for a damage plan".into()));
    }
    let content = String::from_utf8(bytes).map_err(|_| bad("a damage plan is text in UTF-8".into()))?;
    DamagePlan::parse(&content).map_err(|e| bad(e.to_string()))
}

/// The images that a damage plan puts in instead of the first one; none where it cannot be read.
pub(super) fn discs_of_plan(path: &Path) -> Vec<PathBuf> {
    plan(path).map(|plan| plan.discs().map(PathBuf::from).collect()).unwrap_or_default()
}

/// The first byte of a text that is neither blank nor in a comment line. Lines may be of any length.
fn first_byte(text: &mut impl BufRead) -> io::Result<Option<u8>> {
    let mut in_comment = false;
    for byte in text.bytes() {
        match byte? {
            b'\n' => in_comment = false,
            _ if in_comment => {}
            b'#' => in_comment = true,
            byte if byte.is_ascii_whitespace() => {}
            byte => return Ok(Some(byte)),
        }
    }
    Ok(None)
}

/// Sectors of which any byte is called bad.
fn dead_sectors(map: &text::MapText) -> SectorSet {
    let dead = |status| matches!(status, Status::NonTrimmed | Status::NonScraped | Status::Bad);
    map.blocks
        .iter()
        .filter(|block| dead(block.status))
        .map(|block| SectorRange::new(block.pos / SECTOR_BYTES, block.end().div_ceil(SECTOR_BYTES)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan_of(text: &str) -> Result<DamagePlan, OpenError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        plan(file.path())
    }

    #[test]
    fn a_map_is_told_from_a_plan() {
        let from_map = plan_of("# comment\n0x0 + 1\n0 2048 +\n2048 1024 -\n3072 9000 *\n12072 100 ?\n").unwrap();
        let expected = DamagePlan::dead(&[SectorRange::new(1, 6)].into_iter().collect());
        assert_eq!(format!("{from_map:?}"), format!("{expected:?}"));
        assert!(plan_of("# comment\nbad 3 1 0.5\n").is_ok());
        assert!(matches!(plan_of("no such word\n"), Err(OpenError::Plan { .. })));
        assert!(matches!(plan_of("0x0 + 1\n0 1 x\n"), Err(OpenError::Plan { .. })));
    }
}
