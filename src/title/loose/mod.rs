//! A stream file without the tables of a disc: a title by what the stream says of itself.

mod guess;
mod length;
mod look;
mod other;
mod program;
mod title;
mod tracks;

use super::TitleError;
use super::clock::PartClock;
use super::model::{Join, Packets, Part, Piece, Title, Track, TrackKind};
use crate::base::time::Ticks90;
use crate::demux::m2ts::Layout;
use crate::demux::psi::{Program, Scan};
use crate::fs::FileSystem;
use look::{LOOK, Stamps, StreamFile};
use title::of_parts;

/// Bytes that are neither zero nor packets, behind which a file is no transport stream.
const FOREIGN: u64 = 24 << 20;
/// Bytes with packets of streams, within which tables and the first time stamps must come.
const MOST: u64 = 64 << 20;
const SYNC: u8 = 0x47;

/// What a file is that is no disc and no transport stream, where its first bytes tell: `an MP4 file`.
#[must_use]
pub fn other_file(head: &[u8]) -> Option<&'static str> {
    other::kind(head)
}

/// The title of a single stream file. The length of a transport stream is an estimate: it plays for as long as its bytes
/// last.
///
/// # Errors
/// [`TitleError::NoStream`]; the source's own.
pub fn title(fs: &dyn FileSystem, path: &str) -> Result<Title, TitleError> {
    let file = StreamFile::open(fs, path)?;
    if program::is_program(&file.read(0..LOOK)?) {
        let (tracks, parts) = program::title(&file)?;
        return Ok(of_parts(path, tracks, parts));
    }
    let Start { layout, is_on_grid, program, at, first } = start(&file)?;
    let mut tracks: Vec<Track> = program.streams.iter().filter_map(tracks::track).collect();
    tracks.sort_by_key(|track| track.kind);
    let length = length::estimate(&file, layout, &timed(&program), (at, first))?;
    let packets = Packets::Transport { layout, on_grid: is_on_grid };
    Ok(of_one_part(path, tracks, packets, PartClock::open(first, length, Ticks90::ZERO)))
}

fn of_one_part(path: &str, tracks: Vec<Track>, packets: Packets, clock: PartClock) -> Title {
    let piece =
        Piece { path: path.to_owned(), clip: String::new(), bytes: None, clock_bytes: Piece::ONE_CLOCK, owner: None };
    let part = Part { pieces: vec![piece], packets, clock, join: Join::Break, entry_points: 0 };
    of_parts(path, tracks, vec![part])
}

/// Where and how a stream begins.
struct Start {
    layout: Layout,
    is_on_grid: bool,
    program: Program,
    /// About where its first stamp is.
    at: u64,
    first: Ticks90,
}

/// Looks for packets, for the tables of a program with data, and for its first time stamp; where there are no tables, the
/// streams are known by their bytes. What is missing at the
/// start of the file, or empty, is passed over, however much it is.
fn start(file: &StreamFile<'_>) -> Result<Start, TitleError> {
    let (mut at, mut foreign, mut begun) = (0, 0, 0);
    let mut known: Option<(Layout, bool, Scan)> = None;
    let (mut best, mut guessed) = (None, None);
    while at < file.length() && foreign < FOREIGN && begun < MOST {
        let data = file.read(at..at + LOOK)?;
        if known.is_none() {
            known = Layout::detect(&data).map(|layout| (layout, is_on_grid(&data, at, layout), Scan::new(layout)));
        }
        let Some((layout, is_on_grid, scan)) = &mut known else {
            foreign += if data.iter().any(|b| *b != 0) { data.len() as u64 } else { 0 };
            at += LOOK;
            continue;
        };
        let before = scan.packets_begun();
        scan.push(&data);
        begun += if scan.packets_begun() > before { data.len() as u64 } else { 0 };
        let begin = |program: Program| {
            let first = Stamps::of(&data, *layout, &timed(&program)).first()?;
            Some(Start { layout: *layout, is_on_grid: *is_on_grid, program, at, first })
        };
        if let Some(start) = scan.program().and_then(begin) {
            best = Some(start);
            if scan.is_settled() {
                break;
            }
        } else if guessed.is_none() {
            guessed = guess::program(&data, *layout, |pid| scan.has_data(pid)).and_then(begin);
        }
        at += LOOK;
    }
    best.or(guessed).ok_or_else(|| no_stream(file, known.is_some()))
}

/// The PIDs of streams whose stamps follow each other closely: all but subtitles.
fn timed(program: &Program) -> Vec<u16> {
    let is_timed = |track: &Track| track.kind != TrackKind::Subtitle;
    program.streams.iter().filter(|s| tracks::track(s).as_ref().is_some_and(is_timed)).map(|s| s.pid).collect()
}

/// Whether packets begin at multiples of their distance: most of those that would then have their sync byte.
fn is_on_grid(data: &[u8], at: u64, layout: Layout) -> bool {
    let stride = layout.stride();
    let from = (at.next_multiple_of(stride as u64) - at) as usize;
    let packets = data.get(from..).unwrap_or_default().chunks_exact(stride).filter(|p| p.iter().any(|b| *b != 0));
    let all = packets.clone().count();
    packets.filter(|packet| packet.get(layout.sync_at()) == Some(&SYNC)).count() * 2 > all
}

fn no_stream(file: &StreamFile<'_>, has_packets: bool) -> TitleError {
    let path = file.path().to_owned();
    if has_packets {
        return TitleError::NoStream { path, what: "a transport stream without pictures or sound that could be read" };
    }
    let head = file.read(0..64).unwrap_or_default();
    TitleError::NoStream { path, what: other::kind(&head).unwrap_or("no transport stream") }
}
