//! A stream file without the tables of a disc: a title by what the stream says of itself.

use std::ops::Range;

use super::clock::PartClock;
use super::model::{Join, Packets, Part, Piece, Purpose, Title, Track, TrackKind};
use super::streams::{Origin, StreamId, Streams};
use super::{Attributes, AudioFormat, Coding, Kind, Language, TitleError, VideoFormat, language};
use crate::base::time::Ticks90;
use crate::demux::m2ts::{Demux, Layout};
use crate::demux::pes::PesHead;
use crate::demux::psi::{self, ElementaryStream};
use crate::demux::{Loss, Sink};
use crate::fs::FileSystem;

/// Bytes looked at: at the start for tables and first time stamps, at the end for the last ones.
const LOOK: u64 = 6 << 20;
const SYNC: u8 = 0x47;
/// Bytes that are given up together where the source is damaged.
const BLOCK: usize = 64 << 10;
/// How long the last frame lasts, at most.
const LAST_FRAME: Ticks90 = Ticks90(Ticks90::SECOND.0 / 10);

/// The title of a single transport stream.
///
/// # Errors
/// [`TitleError::NoStream`]; the source's own.
pub fn title(fs: &dyn FileSystem, path: &str) -> Result<Title, TitleError> {
    let no_stream = || TitleError::NoStream { path: path.to_owned() };
    let length = fs.open(path).map_err(|source| TitleError::File { path: path.to_owned(), source })?.length();
    let head = look(fs, path, 0, length.min(LOOK))?;
    let layout = Layout::detect(&head).ok_or_else(no_stream)?;
    let program = psi::scan(&head, layout).ok_or_else(no_stream)?;
    let mut tracks: Vec<(StreamId, Track)> = program.streams.iter().filter_map(track).collect();
    let timed = tracks.iter().filter(|(_, track)| track.kind != TrackKind::Subtitle);
    let pids: Vec<u16> = timed.map(|(stream, _)| stream.id).collect();
    let first = stamps(&head, layout, &pids, None).ok_or_else(no_stream)?.start;
    let tail_start = length.saturating_sub(LOOK).next_multiple_of(layout.stride() as u64);
    let tail = look(fs, path, tail_start, length)?;
    let last = stamps(&tail, layout, &pids, Some(first)).map_or(first, |range| range.end).max(first) + LAST_FRAME;
    tracks.sort_by_key(|(_, track)| track.kind);
    let tracks = tracks.into_iter().map(|(_, track)| track).collect();
    let packets = Packets::Transport { layout, on_grid: is_on_grid(&head, layout) };
    Ok(of_one_part(path, tracks, packets, PartClock::new(0, first..last, Ticks90::ZERO)))
}

fn of_one_part(path: &str, tracks: Vec<Track>, packets: Packets, clock: PartClock) -> Title {
    let name = path.rsplit('/').next().unwrap_or(path);
    let clip = name.split('.').next().unwrap_or(name).to_owned();
    let piece = Piece { path: path.to_owned(), clip: clip.clone(), bytes: None, owner: None };
    Title {
        id: clip,
        number: 1,
        parts: vec![Part { pieces: vec![piece], packets, clock, join: Join::Break, entry_points: 0 }],
        tracks,
        sub_paths: Vec::new(),
        chapters: Vec::new(),
        angles: 1,
        static_hdr: None,
        has_menu: false,
        is_random: false,
    }
}

/// Whether packets begin at multiples of their distance: most of those that would then have their sync byte.
fn is_on_grid(head: &[u8], layout: Layout) -> bool {
    let packets = head.chunks_exact(layout.stride());
    let all = packets.len();
    let synced = packets.filter(|packet| packet.get(layout.sync_at()) == Some(&SYNC)).count();
    synced * 2 > all
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
fn track(stream: &ElementaryStream) -> Option<(StreamId, Track)> {
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
    let id = StreamId::pid(Origin::Main, stream.pid);
    let track = Track {
        kind,
        coding,
        attributes,
        language: code.and_then(|code| language::bibliographic(&code)),
        secondary: false,
        purpose: Purpose::default(),
        private: [].into(),
        streams: Streams::of_one_part(id),
        enhancement: None,
    };
    Some((id, track))
}

/// The earliest and the latest presentation time of these streams; `near` is one that is known.
fn stamps(data: &[u8], layout: Layout, pids: &[u16], near: Option<Ticks90>) -> Option<Range<Ticks90>> {
    let mut demux = Demux::new(layout, 0);
    if let Some(near) = near {
        demux.clock().expect(near);
    }
    for pid in pids {
        let _ = demux.select(*pid);
    }
    let mut stamps = Stamps(None);
    demux.push(data, &mut stamps);
    stamps.0
}

/// From the earliest stamp to the latest.
struct Stamps(Option<Range<Ticks90>>);

impl Sink for Stamps {
    fn start(&mut self, _: u8, head: &PesHead) {
        if let Some(pts) = head.pts {
            let seen = self.0.take().unwrap_or(pts..pts);
            self.0 = Some(seen.start.min(pts)..seen.end.max(pts));
        }
    }
    fn payload(&mut self, _: u8, _: &[u8]) {}
    fn end(&mut self, _: u8) {}
    fn lost(&mut self, _: u8, _: Loss) {}
}
