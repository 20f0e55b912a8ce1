//! Runs a stream file through demultiplexer and splitters and keeps what comes out.

use std::path::Path;

use freemkv::codec::{self, Codec, Frame, Lost, Output, Splitter, Stamp, TrackFacts};
use freemkv::demux::m2ts::{Demux, Layout};
use freemkv::demux::pes::PesHead;
use freemkv::demux::{Loss, Sink, psi};

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Kept {
    pub(crate) track: u8,
    pub(crate) bytes: Vec<u8>,
    pub(crate) pts: i64,
    pub(crate) dts: Option<i64>,
    pub(crate) duration: Option<i64>,
    pub(crate) key: bool,
    pub(crate) discardable: bool,
    pub(crate) leading: bool,
    pub(crate) forced: bool,
}

#[derive(Default, PartialEq, Eq, Debug)]
pub(crate) struct Recorder {
    pub(crate) frames: Vec<Kept>,
    pub(crate) lost: Vec<Lost>,
}

impl Recorder {
    pub(crate) fn track(&self, track: u8) -> Vec<&Kept> {
        self.frames.iter().filter(|f| f.track == track).collect()
    }

    pub(crate) fn bytes(&self, track: u8) -> Vec<u8> {
        self.track(track).iter().flat_map(|f| f.bytes.iter().copied()).collect()
    }
}

impl Output for Recorder {
    fn frame(&mut self, f: Frame<'_>) {
        let mut bytes = Vec::new();
        f.payload.append_to(&mut bytes);
        let Frame { track, key, discardable, leading, forced, .. } = f;
        let (pts, dts, duration) = (f.pts.0, f.dts.map(|dts| dts.0), f.duration.map(|duration| duration.0));
        self.frames.push(Kept { track, bytes, pts, dts, duration, key, discardable, leading, forced });
    }

    fn lost(&mut self, lost: Lost) {
        self.lost.push(lost);
    }

    fn undecodable(&mut self, _: Lost) {}
}

pub(crate) struct Track {
    pub(crate) pid: u16,
    pub(crate) splitter: Box<dyn Splitter>,
    pub(crate) out: Recorder,
}

impl Track {
    pub(crate) fn facts(&self, track: u8) -> &TrackFacts {
        self.splitter.facts(track).expect("facts")
    }
}

#[derive(Default)]
pub(crate) struct Tracks {
    pub(crate) tracks: Vec<Track>,
    pub(crate) losses: Vec<(u8, Loss)>,
}

impl Sink for Tracks {
    fn start(&mut self, slot: u8, head: &PesHead) {
        let t = &mut self.tracks[usize::from(slot)];
        t.splitter.start(Stamp { pts: head.pts, dts: head.dts }, head.extension, &mut t.out);
    }

    fn payload(&mut self, slot: u8, bytes: &[u8]) {
        self.tracks[usize::from(slot)].splitter.payload(bytes);
    }

    fn end(&mut self, slot: u8) {
        let t = &mut self.tracks[usize::from(slot)];
        t.splitter.end(&mut t.out);
    }

    fn lost(&mut self, slot: u8, loss: Loss) {
        let t = &mut self.tracks[usize::from(slot)];
        t.splitter.discontinuity(&mut t.out);
        self.losses.push((slot, loss));
    }
}

impl Tracks {
    pub(crate) fn finish(&mut self) {
        for t in &mut self.tracks {
            t.splitter.finish(&mut t.out);
        }
    }

    pub(crate) fn pid(&self, pid: u16) -> &Track {
        self.tracks.iter().find(|t| t.pid == pid).unwrap_or_else(|| panic!("no PID {pid:#x}"))
    }
}

/// Codec of a stream by its type and descriptors.
pub(crate) fn codec_of(stream: &psi::ElementaryStream) -> Option<Codec> {
    Some(match stream.stream_type {
        0x1B => Codec::Avc,
        0x24 => Codec::Hevc,
        0x81 => Codec::Ac3,
        0x84 | 0x87 => Codec::Eac3,
        0x83 => Codec::TrueHd,
        0x90 => Codec::Pgs,
        0x06 if stream.descriptors.contains(&0x6A) => Codec::Ac3,
        0x06 if stream.descriptors.contains(&0x7A) => Codec::Eac3,
        _ => return None,
    })
}

/// A demultiplexer and tracks for the streams that the tables of `data` name.
pub(crate) fn open(data: &[u8]) -> (Demux, Tracks) {
    let layout = Layout::detect(data).expect("layout");
    let program = psi::scan(data, layout).expect("program");
    let mut demux = Demux::new(layout, 0);
    let mut tracks = Tracks::default();
    for stream in &program.streams {
        if let Some(splitter) = codec_of(stream).and_then(codec::splitter) {
            demux.select(stream.pid).unwrap();
            tracks.tracks.push(Track { pid: stream.pid, splitter, out: Recorder::default() });
        }
    }
    (demux, tracks)
}

/// The whole file, handed over in slices of `slice` bytes.
pub(crate) fn run(data: &[u8], slice: usize) -> Tracks {
    let (mut demux, mut tracks) = open(data);
    for chunk in data.chunks(slice) {
        demux.push(chunk, &mut tracks);
    }
    demux.finish(&mut tracks);
    tracks.finish();
    tracks
}

/// The one stream file of a small disc image: the run of aligned units whose packets have their sync byte.
pub(crate) fn stream_file(image: &Path) -> Vec<u8> {
    let data = std::fs::read(image).unwrap();
    let synced = |at: usize| (0..32).all(|k| data.get(at + 4 + 192 * k) == Some(&0x47));
    let start = (0..data.len()).step_by(2048).find(|at| synced(*at)).expect("a stream file");
    let units = (start..data.len()).step_by(6144).take_while(|at| synced(*at)).count();
    data[start..start + units * 6144].to_vec()
}
