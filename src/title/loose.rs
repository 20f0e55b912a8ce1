//! A stream file without the tables of a disc: a title by what the stream says of itself.

use super::clock::PartClock;
use super::model::{Part, Source, Title, Track, TrackKind};
use super::{Attributes, AudioFormat, Coding, Connection, Kind, Language, TitleError, VideoFormat, language};
use crate::base::time::Ticks90;
use crate::demux::m2ts::{Demux, Layout};
use crate::demux::pes::PesHead;
use crate::demux::psi::{self, ElementaryStream};
use crate::demux::{Loss, Sink};
use crate::fs::FileSystem;

/// Bytes looked at: at the start for tables and first time stamps, at the end for the last ones.
const LOOK: u64 = 6 << 20;
/// Bytes that are given up together where the source is damaged.
const BLOCK: usize = 64 << 10;
/// How long the last frame lasts, at most.
const LAST_FRAME: Ticks90 = Ticks90(9000);

/// The title of a single transport stream, and how its packets lie.
///
/// # Errors
/// [`TitleError::NoStream`]; the source's own.
pub fn title(fs: &dyn FileSystem, path: &str) -> Result<(Title, Layout), TitleError> {
    let no_stream = || TitleError::NoStream { path: path.to_owned() };
    let length = fs.open(path).map_err(|source| TitleError::File { path: path.to_owned(), source })?.length();
    let head = look(fs, path, 0, length.min(LOOK))?;
    let layout = Layout::detect(&head).ok_or_else(no_stream)?;
    let program = psi::scan(&head, layout).ok_or_else(no_stream)?;
    let tracks: Vec<Track> = program.streams.iter().filter_map(track).collect();
    let pids: Vec<u16> = tracks.iter().filter(|t| t.kind != TrackKind::Subtitle).map(|t| t.pid).collect();
    let first = stamps(&head, layout, &pids, None).ok_or_else(no_stream)?.0;
    let tail_start = length.saturating_sub(LOOK).next_multiple_of(layout.stride() as u64);
    let tail = look(fs, path, tail_start, length)?;
    let last = stamps(&tail, layout, &pids, Some(first)).map_or(first, |(_, last)| last).max(first) + LAST_FRAME;
    Ok((from_stream(path, tracks, first, last), layout))
}

fn from_stream(path: &str, mut tracks: Vec<Track>, first: Ticks90, last: Ticks90) -> Title {
    tracks.sort_by_key(|t| t.kind);
    let (in_time, out_time) = (first.ticks_45(), last.ticks_45());
    let name = path.rsplit('/').next().unwrap_or(path);
    let clip = name.split('.').next().unwrap_or(name).to_owned();
    let part = Part {
        clip: clip.clone(),
        path: path.to_owned(),
        stc_id: 0,
        in_time,
        out_time,
        clock: PartClock::new(in_time, out_time, Ticks90::ZERO),
        connection: Connection::Break,
        bytes: None,
        entry_points: 0,
    };
    Title {
        id: clip,
        parts: vec![part],
        tracks,
        enhancement: None,
        side_paths: Vec::new(),
        chapters: Vec::new(),
        angles: 1,
        static_hdr: None,
        has_menu: false,
        is_random: false,
    }
}

/// Bytes of the file from `start` to `end`; those that are missing are zero.
fn look(fs: &dyn FileSystem, path: &str, start: u64, end: u64) -> Result<Vec<u8>, TitleError> {
    let failed = |source| TitleError::File { path: path.to_owned(), source };
    let file = fs.open(path).map_err(failed)?;
    let mut bytes = vec![0; usize::try_from(end.saturating_sub(start)).unwrap_or(0)];
    let mut at = start;
    for block in bytes.chunks_mut(BLOCK) {
        let mut done = 0;
        while let Some(rest) = block.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match fs.read_at(&file, at + done as u64, rest) {
                Ok(0) => break,
                Ok(count) => done += count,
                Err(e) if e.is_damage() => break,
                Err(e) => return Err(failed(e)),
            }
        }
        at += block.len() as u64;
    }
    Ok(bytes)
}

/// The track that a line of the stream table is.
fn track(stream: &ElementaryStream) -> Option<Track> {
    let coding = match (stream.stream_type, stream.registration) {
        // Private data, as European broadcasts have it.
        (0x06, _) if stream.descriptors.contains(&0x6A) => Coding::Ac3,
        (0x06, _) if stream.descriptors.contains(&0x7A) => Coding::Eac3,
        (0x06, _) if stream.descriptors.contains(&0x7B) => Coding::Dts,
        (0x06, Some(id)) if &id == b"AC-3" => Coding::Ac3,
        (0x06, Some(id)) if &id == b"EAC3" => Coding::Eac3,
        (0x06, Some([b'D', b'T', b'S', _])) => Coding::Dts,
        (0x06, Some(id)) if &id == b"HEVC" => Coding::Hevc,
        // As American ones have it.
        (0x87, _) => Coding::Eac3,
        (byte, _) => Coding::from_byte(byte),
    };
    let language = Language(stream.language.unwrap_or_default());
    let (kind, attributes) = match coding.kind() {
        _ if coding == Coding::InteractiveGraphics => return None,
        Kind::Video => {
            let attributes = Attributes::Video { format: VideoFormat::Unknown(0), rate: 0, aspect: None, range: None };
            (TrackKind::Video, attributes)
        }
        Kind::Audio => (TrackKind::Audio, Attributes::Audio { format: AudioFormat::Unknown(0), rate: 0, language }),
        Kind::Graphics => (TrackKind::Subtitle, Attributes::Graphics { language }),
        Kind::Text => (TrackKind::Subtitle, Attributes::Text { characters: 0, language }),
        Kind::Unknown => return None,
    };
    let code = language.code().filter(|code| code != language::UNDETERMINED);
    Some(Track {
        kind,
        pid: stream.pid,
        source: Source::Clip,
        coding,
        attributes,
        language: code.and_then(|code| language::bibliographic(&code)),
        secondary: false,
        parts: vec![0].into(),
    })
}

/// The earliest and the latest presentation time of these streams; `near` is one that is known.
fn stamps(data: &[u8], layout: Layout, pids: &[u16], near: Option<Ticks90>) -> Option<(Ticks90, Ticks90)> {
    let mut demux = Demux::new(layout, 0);
    if let Some(near) = near {
        demux.clock().expect(near);
    }
    for pid in pids {
        let _ = demux.select(*pid);
    }
    let mut range = Range(None);
    demux.push(data, &mut range);
    range.0
}

struct Range(Option<(Ticks90, Ticks90)>);

impl Sink for Range {
    fn start(&mut self, _: u8, head: &PesHead) {
        if let Some(pts) = head.pts {
            let (first, last) = self.0.unwrap_or((pts, pts));
            self.0 = Some((first.min(pts), last.max(pts)));
        }
    }
    fn payload(&mut self, _: u8, _: &[u8]) {}
    fn end(&mut self, _: u8) {}
    fn lost(&mut self, _: u8, _: Loss) {}
}
