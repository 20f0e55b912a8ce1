//! Dolby TrueHD: access units walked by their length, the AC-3 core between them taken out as a track of its own.

use crate::base::time::Ticks90;
use crate::codec::arena::{Arena, Stamp};
use crate::codec::audio::clock::{AudioClock, Unit};
use crate::codec::audio::dolby::DolbySplitter;
use crate::codec::audio::dolby::ac3;
use crate::codec::{Audio, CORE, Codec, Lost, MAIN, Output, Splitter, TrackFacts};

const SYNC: [u8; 4] = [0xF8, 0x72, 0x6F, 0xBA];
/// Sync of MLP, which is told apart and not split.
const MLP_SYNC: [u8; 4] = [0xF8, 0x72, 0x6F, 0xBB];
/// The sync stands behind length and timing.
const SYNC_OFFSET: usize = 4;
const SIGNATURE: [u8; 2] = [0xB7, 0x52];
/// Bytes of a major sync without extended channel meaning.
const MAJOR_BYTES: usize = 28;
/// Bytes passed over that are kept to count the units in them; major syncs come far more often.
const LONGEST_WALK: u64 = 1 << 20;
/// `stream_id_extension` of the AC-3 packets.
const CORE_EXTENSION: u8 = 0x76;

/// Channels at each bit of a channel assignment, lowest first: L/R, C, LFE, Ls/Rs, Lvh/Rvh, Lc/Rc, Lrs/Rrs, Cs,
/// Ts, Lsd/Rsd, Lw/Rw, Cvh, LFE2.
const PLACES: [u8; 13] = [2, 1, 1, 2, 2, 2, 2, 1, 1, 2, 2, 1, 1];

/// What a major sync says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Major {
    rate: u32,
    samples: u32,
    channels: u8,
    substreams: u8,
    atmos: bool,
    /// Bytes of the major sync with its extension and checksum.
    size: usize,
}

fn channels(assignment: u16) -> u8 {
    PLACES.iter().enumerate().map(|(bit, n)| n * (assignment >> bit & 1) as u8).sum()
}

/// Parses the major sync of an access unit, if it has one.
fn major(unit: &[u8]) -> Option<Major> {
    let sync = unit.get(SYNC_OFFSET..)?;
    let head: &[u8; MAJOR_BYTES] = sync.first_chunk()?;
    if head[..4] != SYNC || head[8..10] != SIGNATURE {
        return None;
    }
    let format = u32::from_be_bytes([head[4], head[5], head[6], head[7]]);
    let code = format >> 28;
    let base = if code & 8 == 0 { 48_000 } else { 44_100 };
    if code & 7 > 2 {
        return None;
    }
    let (six, eight) = (format >> 15 & 0x1F, format & 0x1FFF);
    let channels = channels(if eight != 0 { eight } else { six } as u16);
    let extension = if head[25] & 1 == 1 { 2 + 2 * usize::from(sync.get(26)? >> 4) } else { 0 };
    let substreams = head[16] >> 4;
    Some(Major {
        rate: base << (code & 7),
        samples: 40 << (code & 7),
        channels,
        substreams,
        atmos: substreams == 4 && head[17] & 0x80 != 0,
        size: MAJOR_BYTES + extension,
    })
    .filter(|major| channels != 0 && major.substreams != 0)
}

/// Bytes of the access unit, from its first two.
fn length(data: &[u8]) -> Option<usize> {
    let word = u16::from_be_bytes(*data.first_chunk()?);
    Some(2 * usize::from(word & 0x0FFF))
}

/// Whether the check nibble holds: all nibbles of the unit's head and of the directory of substreams, XORed, give 15.
fn checks(unit: &[u8], major_size: usize, substreams: u8) -> bool {
    let Some(mut directory) = unit.get(SYNC_OFFSET + major_size..) else { return false };
    let mut sum = unit[..SYNC_OFFSET].iter().fold(0, |a, b| a ^ b);
    for _ in 0..substreams {
        let Some((entry, rest)) = directory.split_at_checked(2) else { return false };
        sum ^= entry[0] ^ entry[1];
        directory = rest;
        if entry[0] & 0x80 != 0 {
            let Some((extra, rest)) = directory.split_at_checked(2) else { return false };
            sum ^= extra[0] ^ extra[1];
            directory = rest;
        }
    }
    (sum >> 4 ^ sum) & 0x0F == 0x0F
}

/// Splits TrueHD, with or without an AC-3 core in the same PID.
#[derive(Debug)]
pub struct TrueHdSplitter {
    arena: Arena,
    clock: AudioClock,
    cursor: u64,
    /// The stream as the last major sync described it; `None` until one was found, and again behind a loss.
    major: Option<Major>,
    /// Where bytes began to be passed over in search of a major sync.
    skipped: Option<u64>,
    facts: Option<TrackFacts>,
    core: DolbySplitter,
    /// The packet under way belongs to the core.
    in_core: bool,
}

impl Default for TrueHdSplitter {
    fn default() -> Self {
        Self::new()
    }
}

enum Step {
    /// More bytes are needed.
    Wait,
    /// An access unit of this many bytes.
    Unit(usize, Option<Major>),
    /// An AC-3 frame of this many bytes.
    Core(usize),
    /// Nothing that is known.
    Unknown,
}

impl TrueHdSplitter {
    /// A splitter at the start of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self {
            arena: Arena::default(),
            clock: AudioClock::default(),
            cursor: 0,
            major: None,
            skipped: None,
            facts: None,
            core: DolbySplitter::new(CORE, false),
            in_core: false,
        }
    }

    fn step(&self) -> Step {
        let data = self.arena.from(self.cursor);
        let Some(size) = length(data) else { return Step::Wait };
        // Without a major sync behind it a unit must have its own: no reason to wait for bytes that cannot be one.
        let sync = data.get(SYNC_OFFSET..SYNC_OFFSET + SYNC.len());
        if size > SYNC_OFFSET && (self.major.is_some() || sync.is_none_or(|sync| sync == SYNC)) {
            let Some(unit) = data.get(..size) else {
                // A core frame's sync word reads as a length: no reason to wait for that many bytes.
                return if ac3::is_sync(data) { self.core_frame(data) } else { Step::Wait };
            };
            let found = major(unit);
            let head = found.or(self.major);
            if head.is_some_and(|m| checks(unit, found.map_or(0, |m| m.size), m.substreams)) {
                return Step::Unit(size, found);
            }
        }
        self.core_frame(data)
    }

    fn core_frame(&self, data: &[u8]) -> Step {
        if data.len() < ac3::SIZE_BYTES && data.starts_with(&[0x0B, 0x77][..data.len().min(2)]) {
            return Step::Wait;
        }
        match ac3::size(data) {
            Some(size) => match data.get(..size) {
                None => Step::Wait,
                Some(frame) if ac3::checks(frame) => Step::Core(size),
                Some(_) => Step::Unknown,
            },
            None => Step::Unknown,
        }
    }

    fn run(&mut self, out: &mut dyn Output) {
        loop {
            match self.step() {
                Step::Wait => break,
                Step::Core(size) => {
                    self.skipped = None;
                    let stamp = self.arena.take_stamp(self.cursor);
                    let frame = self.arena.range(self.cursor, self.cursor + size as u64);
                    self.core.start(stamp, None, out);
                    self.core.payload(frame);
                    self.core.end(out);
                    self.cursor += size as u64;
                }
                Step::Unit(size, found) => {
                    let is_first = self.facts.is_none();
                    self.learn(found);
                    self.unit(size, found.is_some(), is_first, out);
                    self.cursor += size as u64;
                }
                Step::Unknown => self.resync(),
            }
        }
        if self.skipped.is_some_and(|from| self.cursor - from > LONGEST_WALK) {
            self.skipped = Some(self.cursor);
        }
        self.arena.release(self.skipped.unwrap_or(self.cursor));
    }

    /// The unit at the cursor; `is_first`: no major sync came before.
    fn unit(&mut self, size: usize, key: bool, is_first: bool, out: &mut dyn Output) {
        let Some(major) = self.major else { return };
        let stamp = match self.skipped.take() {
            None => self.arena.take_stamp(self.cursor),
            Some(from) => {
                let times = self.walk(from, major);
                if let Some((from @ Some(_), pts)) = times.filter(|_| is_first) {
                    out.undecodable(Lost { track: MAIN, from, until: Some(pts) });
                }
                Stamp { pts: times.map(|(_, pts)| pts), dts: None }
            }
        };
        let unit = Unit {
            track: MAIN,
            bytes: self.arena.range(self.cursor, self.cursor + size as u64),
            stamp,
            samples: major.samples,
            rate: major.rate,
            key,
        };
        if !self.clock.emit(unit, out) {
            // A later unit may get a time, but the first one given out must be a major one.
            self.major = None;
            self.skipped = Some(self.cursor);
        }
    }

    /// Times of the first unit behind `from` that has a stamp and of the unit at the cursor, counted over the units that were passed
    /// over: they have no check that holds without a major sync, but when their lengths lead right here they are believed.
    fn walk(&mut self, from: u64, major: Major) -> Option<(Option<Ticks90>, Ticks90)> {
        let (mut at, mut time, mut first) = (from, None, None);
        let mut since = 0u64;
        while at < self.cursor {
            if let Some(pts) = self.arena.take_stamp(at).pts {
                first = first.or(Some(pts));
                (time, since) = (Some(pts), 0);
            }
            since += 1;
            at += length(self.arena.from(at)).filter(|size| *size > SYNC_OFFSET)? as u64;
        }
        let stamp = self.arena.take_stamp(self.cursor).pts;
        let counted = time
            .filter(|_| at == self.cursor)
            .map(|pts| pts + Ticks90::from_count(since * u64::from(major.samples), major.rate));
        let time = if at == self.cursor { stamp.or(counted) } else { None };
        time.map(|time| (first, time))
    }

    fn learn(&mut self, found: Option<Major>) {
        let Some(major) = found else { return };
        self.major = Some(major);
        if self.facts.as_ref().is_some_and(|facts| facts.codec != Codec::TrueHd) {
            self.facts = None;
        }
        let facts = self.facts.get_or_insert_with(|| {
            let audio = Audio {
                sample_rate: major.rate,
                channels: major.channels,
                bit_depth: None,
                frame_samples: Some(major.samples),
                atmos: major.atmos,
            };
            TrackFacts::of_audio(Codec::TrueHd, audio)
        });
        if let Some(audio) = &mut facts.audio {
            audio.channels = audio.channels.max(major.channels);
            audio.atmos |= major.atmos;
        }
    }

    /// The chain is broken: goes to the next major sync or AC-3 frame.
    fn resync(&mut self) {
        if self.major.take().is_some() {
            self.clock.gap();
        }
        self.skipped.get_or_insert(self.cursor);
        let data = self.arena.from(self.cursor);
        if self.facts.is_none() && data.get(SYNC_OFFSET..).is_some_and(|data| data.starts_with(&MLP_SYNC)) {
            self.facts = Some(TrackFacts::of_name(Codec::Mlp));
        }
        let data = data.get(1..).unwrap_or_default();
        let sync = memchr::memmem::find(data.get(SYNC_OFFSET..).unwrap_or_default(), &SYNC);
        let core = memchr::memmem::find(data, &[0x0B, 0x77]);
        // Bytes that may be the start of either are kept.
        let rest = data.len().saturating_sub(SYNC_OFFSET + SYNC.len() - 1);
        let step = sync.unwrap_or(rest).min(core.unwrap_or(rest));
        self.cursor += 1 + step as u64;
    }

    fn reset(&mut self) {
        self.arena.clear();
        self.cursor = self.arena.start();
        self.major = None;
        self.skipped = None;
        self.clock.gap();
    }
}

impl Splitter for TrueHdSplitter {
    fn start(&mut self, stamp: Stamp, extension: Option<u8>, out: &mut dyn Output) {
        self.in_core = extension == Some(CORE_EXTENSION);
        if self.in_core {
            self.core.start(stamp, extension, out);
        } else {
            self.arena.stamp(stamp);
        }
    }

    fn payload(&mut self, bytes: &[u8]) {
        if self.in_core {
            self.core.payload(bytes);
        } else if !self.arena.extend(bytes) {
            self.reset();
        }
    }

    fn end(&mut self, out: &mut dyn Output) {
        if self.in_core {
            self.core.end(out);
        } else {
            self.run(out);
        }
    }

    fn discontinuity(&mut self, out: &mut dyn Output) {
        self.run(out);
        self.core.discontinuity(out);
        self.reset();
        self.clock.let_go_before_loss(out);
    }

    fn finish(&mut self, out: &mut dyn Output) {
        self.run(out);
        self.core.finish(out);
        self.clock.finish(MAIN, out);
    }

    fn memory(&self) -> usize {
        self.arena.memory() + self.core.memory()
    }

    fn facts(&self, track: u8) -> Option<&TrackFacts> {
        match track {
            MAIN => self.facts.as_ref(),
            _ => self.core.facts(track),
        }
    }
}

#[cfg(test)]
#[path = "truehd_tests.rs"]
mod tests;
