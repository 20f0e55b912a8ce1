//! Inputs to begin fuzzing with, out of real discs and streams: `make-seeds DATA CORPUS` fills a folder for each target.
//!
//! `DATA` has images in `discs`, and tables and streams in `samples`. It is no target, but is built with the same
//! counters as these, which only link beside the fuzzer: it is done before that begins.
#![no_main]

#[path = "seeds/container.rs"]
mod container;
#[path = "seeds/made.rs"]
mod made;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use freemkv::bluray::clip::clpi::Clip;
use freemkv::demux::m2ts::{self, Layout};
use freemkv::demux::pes::PesHead;
use freemkv::demux::{Loss, Sink, ps, psi};
use freemkv::dvd::nav;
use freemkv::fs::{FileSystem, MemorySectors, open_disc, tree};

/// Seeds of a target, and bytes of one.
const MOST: usize = 60;
const BYTES: usize = 24 << 10;
/// A target takes no longer ones.
const LONGEST: usize = 60_000;
const SECTOR: usize = 2048;
/// A discontinuity at no packet (`support::split`).
const NEVER: u8 = 16;

libfuzzer_sys::fuzz_target!(
    init: {
        let done = make();
        if let Err(e) = &done {
            eprintln!("make-seeds: {e}");
        }
        std::process::exit(i32::from(done.is_err()));
    },
    |_data: &[u8]| {}
);

fn make() -> io::Result<()> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [data, corpus] = &arguments[..] else {
        return Err(io::Error::other("usage: make-seeds DATA CORPUS"));
    };
    let mut seeds = Seeds { corpus: corpus.clone(), known: HashMap::new() };
    for image in walk(&data.join("discs"))?.iter().filter(|path| path.extension().is_some_and(|e| e == "iso")) {
        let bytes = fs::read(image)?;
        for target in ["udf", "iso9660"] {
            seeds.add(target, made::sectors_of(&bytes))?;
        }
        let Ok(disc) = open_disc(Arc::new(MemorySectors::new(bytes))) else { continue };
        let mut files = BTreeMap::new();
        for path in tree::files(&*disc, "", 10_000).unwrap_or_default() {
            files.insert(path.clone(), head_of(&*disc, &path));
        }
        seeds.disc(&files)?;
    }
    let mut folders: BTreeMap<PathBuf, BTreeMap<String, Vec<u8>>> = BTreeMap::new();
    for path in walk(&data.join("samples"))? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let folder = path.parent().unwrap_or(&path).to_owned();
        folders.entry(folder).or_default().insert(name, fs::read(&path)?);
    }
    folders.values().try_for_each(|files| seeds.disc(files))?;
    seeds.made()?;
    container::all().into_iter().try_for_each(|image| seeds.add("container", image))?;
    for (target, known) in &seeds.known {
        println!("{target}: {}", known.len());
    }
    Ok(())
}

/// All files below a folder, in the order of their names.
fn walk(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    entries.sort();
    for path in entries {
        if path.is_dir() { found.extend(walk(&path)?) } else { found.push(path) }
    }
    Ok(found)
}

/// The first bytes of a file, as many as anybody wants.
fn head_of(disc: &dyn FileSystem, path: &str) -> Vec<u8> {
    let Ok(file) = disc.open(path) else { return Vec::new() };
    let mut bytes = vec![0; file.length().min(4 << 20) as usize];
    let count = disc.read_at(&file, 0, &mut bytes).unwrap_or(0);
    bytes.truncate(count);
    bytes
}

/// The seeds so far.
struct Seeds {
    corpus: PathBuf,
    known: HashMap<&'static str, BTreeSet<Vec<u8>>>,
}

impl Seeds {
    fn add(&mut self, target: &'static str, bytes: Vec<u8>) -> io::Result<()> {
        let known = self.known.entry(target).or_default();
        if bytes.len() > LONGEST || known.len() >= MOST || known.contains(&bytes) {
            return Ok(());
        }
        let folder = self.corpus.join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(format!("seed-{:02}", known.len())), &bytes)?;
        known.insert(bytes);
        Ok(())
    }

    /// The files of a disc, or of a folder of samples.
    fn disc(&mut self, files: &BTreeMap<String, Vec<u8>>) -> io::Result<()> {
        for (path, bytes) in files {
            let name = path.rsplit('/').next().unwrap_or_default();
            let extension = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
            match (name, &extension[..]) {
                ("index.bdmv", _) | (_, "xml") => self.add("index", bytes.clone())?,
                ("MovieObject.bdmv", _) => self.add("movie_object", bytes.clone())?,
                ("ics_menu.bin", _) => self.add("interactive", bytes.clone())?,
                ("VIDEO_TS.IFO", _) => self.add("dvd_manager", bytes.clone())?,
                (_, "ifo") => self.add("dvd_titles", bytes.clone())?,
                (_, "mpls") => self.add("mpls", bytes.clone())?,
                (_, "clpi") => self.clip(bytes)?,
                (_, "bdjo") => self.add("bdjo", bytes.clone())?,
                (_, "vob" | "ps") => self.program_stream(bytes)?,
                (_, "m2ts" | "ts") => self.transport_stream(bytes)?,
                _ => {}
            }
        }
        self.add("bdjo", bdj_object())?;
        self.programs(files)?;
        self.whole(files)
    }

    /// What lies on no disc.
    fn made(&mut self) -> io::Result<()> {
        for conversation in made::conversations() {
            self.add("hostile_drive", made::row_of(&conversation))?;
            for (reply, data) in conversation {
                if !data.is_empty() && data.len() < SECTOR {
                    self.add("drive_answers", data)?;
                }
                if !reply.sense.is_empty() {
                    self.add("sense", [&[reply.status, 0, 8, 0][..], &reply.sense].concat())?;
                }
            }
        }
        made::senses().into_iter().try_for_each(|bytes| self.add("sense", bytes))?;
        made::texts()?.into_iter().try_for_each(|(target, bytes)| self.add(target, bytes))
    }

    fn clip(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.add("clpi", bytes.to_vec())?;
        let Ok(clip) = Clip::parse(bytes) else { return Ok(()) };
        let Some(clock) = clip.clocks.first() else { return Ok(()) };
        let mut seed = [clock.start.0.to_be_bytes(), clock.end.0.to_be_bytes()].concat();
        for place in [1u64 << 16, 1 << 17, 1 << 20, 1 << 21] {
            seed.extend(place.to_be_bytes());
        }
        seed.extend_from_slice(bytes);
        self.add("film_damage", seed)
    }

    /// What a Blu-ray plays, as `navigation` takes it.
    fn programs(&mut self, files: &BTreeMap<String, Vec<u8>>) -> io::Result<()> {
        let file = |name: &str| files.iter().find(|(path, _)| path.ends_with(name)).map(|(_, bytes)| bytes);
        let (Some(index), Some(objects)) = (file("index.bdmv"), file("MovieObject.bdmv")) else { return Ok(()) };
        let menu = file("ics_menu.bin").and_then(|bytes| composition(bytes)).unwrap_or_default();
        self.add("navigation", [&piece(index)[..], &piece(&menu), objects].concat())
    }

    /// Tables and the start of a stream, as `disc` takes them.
    fn whole(&mut self, files: &BTreeMap<String, Vec<u8>>) -> io::Result<()> {
        // The names of the target, and most bytes of each.
        let names = [
            ("VIDEO_TS.IFO", LONGEST),
            ("VTS_01_0.IFO", LONGEST),
            ("VTS_01_1.VOB", 12 * SECTOR),
            ("VIDEO_TS.VOB", 2 * SECTOR),
            ("VTS_01_0.VOB", 2 * SECTOR),
            ("index.bdmv", LONGEST),
            ("MovieObject.bdmv", LONGEST),
            ("PLAYLIST/00000.mpls", LONGEST),
            ("PLAYLIST/00001.mpls", LONGEST),
            ("CLIPINF/00000.clpi", LONGEST),
            ("STREAM/00000.m2ts", 160 * 192),
        ];
        let mut seed = Vec::new();
        for (number, (name, most)) in (0..).zip(names) {
            let found = files.iter().find(|(path, _)| path.ends_with(name) && !path.contains("BACKUP"));
            if let Some((_, bytes)) = found {
                seed.push(number);
                seed.extend(piece(&bytes[..bytes.len().min(most)]));
            }
        }
        if seed.is_empty() { Ok(()) } else { self.add("disc", seed) }
    }

    fn program_stream(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut demux = ps::Demux::new(0);
        demux.push(&bytes[..bytes.len().min(1 << 20)], &mut Packets::default());
        let seen: Vec<(u8, Option<u8>)> = demux.seen().collect();
        for at in [0, bytes.len() / 3 / SECTOR * SECTOR] {
            let some = &bytes[at..bytes.len().min(at + 14 * SECTOR)];
            self.add("ps", [&[1, 255, 3, 3][..], some].concat())?;
            self.add("film", [&[6, 2][..], some].concat())?;
            self.add("written", some.to_vec())?;
        }
        for sector in bytes.chunks_exact(SECTOR).filter(|sector| nav::is_nav(sector)).step_by(7) {
            self.add("dvd_nav", sector.to_vec())?;
        }
        for (id, private) in seen {
            let target = match (id, private) {
                (0xE0..=0xEF, _) => "mpeg_video",
                (0xC0..=0xCF, _) => "mp2",
                (_, Some(0x20..=0x3F)) => "vobsub",
                (_, Some(0x80..=0x87)) => "ac3",
                (_, Some(0x88..=0x8F)) => "dts",
                (_, Some(0xA0..=0xA7)) => "lpcm",
                _ => continue,
            };
            let mut demux = ps::Demux::new(0);
            let _ = demux.select(id, private);
            let mut packets = Packets::default();
            demux.push(bytes, &mut packets);
            self.packets(target, &packets.all)?;
        }
        Ok(())
    }

    fn transport_stream(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Some(layout) = Layout::detect(bytes) else { return Ok(()) };
        let control = [(Layout::M2ts, 63), (Layout::Ts, 64), (Layout::Ts204, 65)];
        let control = control.iter().find(|(known, _)| *known == layout).map_or(63, |(_, control)| *control);
        for at in [0, bytes.len() / 3 / layout.stride() * layout.stride()] {
            let some = &bytes[at..bytes.len().min(at + 150 * layout.stride())];
            self.add("ts", [&[control][..], &some[..some.len().min(BYTES)]].concat())?;
            self.add("film", [&[9, 3][..], some].concat())?;
            self.add("written", some.to_vec())?;
            self.add("psi", some[..some.len().min(BYTES)].to_vec())?;
        }
        let Some(program) = psi::scan(bytes, layout) else { return Ok(()) };
        let read = |pids: &[u16]| {
            let mut demux = m2ts::Demux::new(layout, 0);
            let mut packets = Packets::default();
            pids.iter().for_each(|pid| {
                let _ = demux.select(*pid);
            });
            demux.push(bytes, &mut packets);
            demux.finish(&mut packets);
            packets.all
        };
        for stream in &program.streams {
            let target = match stream.stream_type {
                0x01 | 0x02 => "mpeg_video",
                0x03 | 0x04 => "mp2",
                0x1B => "avc",
                0x24 => "hevc",
                0xEA => "vc1",
                0x80 => "lpcm",
                0x81 => "ac3",
                0x84 | 0x87 | 0xA1 => "eac3",
                0x83 => "truehd",
                0x82 | 0x85 | 0x86 | 0x8A | 0xA2 => "dts",
                0x90 => "pgs",
                0x91 => "interactive",
                0x92 => "textst",
                _ => continue,
            };
            let packets = read(&[stream.pid]);
            match target {
                "interactive" => self.add(target, limited(&joined(&packets)))?,
                _ => self.packets(target, &packets)?,
            }
            if target == "pgs" {
                self.sets(&joined(&packets))?;
            }
        }
        let layers: Vec<u16> = [0x1011, 0x1015].into();
        if layers.iter().all(|pid| program.streams.iter().any(|stream| stream.pid == *pid)) {
            self.layers(&read(&layers))?;
        }
        Ok(())
    }

    /// Packets as `support::split` cuts them: all of one length, where they are.
    fn packets(&mut self, target: &'static str, packets: &[(u8, Vec<u8>)]) -> io::Result<()> {
        let Some((_, first)) = packets.first() else { return Ok(()) };
        let cut = if packets.iter().take(8).all(|(_, p)| p.len() == first.len()) { first.len() } else { 1000 };
        let bytes = limited(&joined(packets));
        for cut in [cut, 188] {
            self.add(target, [&control(cut)[..], &bytes].concat())?;
        }
        Ok(())
    }

    /// Display sets, as `pgs_forced` takes them.
    fn sets(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        let (mut set, mut seed) = (Vec::new(), Vec::new());
        while let [kind, high, low, ..] = bytes {
            let length = 3 + usize::from(u16::from_be_bytes([*high, *low]));
            let Some((segment, rest)) = bytes.split_at_checked(length) else { break };
            set.extend_from_slice(segment);
            bytes = rest;
            if *kind == 0x80 {
                if seed.len() + set.len() < BYTES {
                    seed.extend(piece(&set));
                }
                set.clear();
            }
        }
        self.add("pgs_forced", seed)
    }

    /// Packets of both layers of Dolby Vision, as `layers` takes them.
    fn layers(&mut self, packets: &[(u8, Vec<u8>)]) -> io::Result<()> {
        let mut seed = Vec::new();
        for (number, (slot, packet)) in (0u8..40).zip(packets) {
            seed.extend([if *slot == 0 { 2 } else { 5 }, number / 2]);
            seed.extend(piece(&packet[..packet.len().min(3000)]));
        }
        self.add("layers", seed)
    }
}

/// Bytes behind their length.
fn piece(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes(), &bytes[..usize::from(length)]].concat()
}

fn limited(bytes: &[u8]) -> Vec<u8> {
    bytes[..bytes.len().min(BYTES)].to_vec()
}

fn joined(packets: &[(u8, Vec<u8>)]) -> Vec<u8> {
    packets.iter().flat_map(|(_, packet)| packet.iter().copied()).collect()
}

/// The bytes with which `support::split` cuts into packets of `cut` bytes.
fn control(cut: usize) -> [u8; 4] {
    let rest = (cut - 1 + 10_000 - usize::from(NEVER) * 343) % 5000;
    [NEVER, (rest / 49) as u8, (rest % 49 / 7) as u8, (rest % 7) as u8]
}

/// The first composition of a stream of menus, out of its segments.
fn composition(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut joined = Vec::new();
    while let [kind, high, low, rest @ ..] = bytes {
        let (segment, behind) = rest.split_at_checked(usize::from(u16::from_be_bytes([*high, *low])))?;
        bytes = behind;
        if *kind == 0x18 {
            joined.extend_from_slice(segment.get(9..)?);
            if segment[8] & 0x40 != 0 {
                return Some(joined);
            }
        }
    }
    None
}

/// A BD-J object with a table of two playlists: no real one is at hand.
fn bdj_object() -> Vec<u8> {
    let mut file = b"BDJO0200".to_vec();
    file.extend([0; 40]);
    file.extend([0, 0, 0, 10, b'0', b'0', b'0', b'0', b'0', 0, 0, 0, 0, 0]);
    file.extend([0, 0, 0, 2, 0, 0]);
    file.extend([0, 0, 0, 16, 0, 0x48, 0, 0]);
    file.extend(b"00800\x0000801\x00");
    file
}

/// Gathers packets with their slots.
#[derive(Default)]
struct Packets {
    all: Vec<(u8, Vec<u8>)>,
    open: [Option<Vec<u8>>; 2],
}

impl Sink for Packets {
    fn start(&mut self, slot: u8, _: &PesHead) {
        self.open[usize::from(slot)] = Some(Vec::new());
    }

    fn payload(&mut self, slot: u8, bytes: &[u8]) {
        self.open[usize::from(slot)].iter_mut().for_each(|open| open.extend_from_slice(bytes));
    }

    fn end(&mut self, slot: u8) {
        self.all.extend(self.open[usize::from(slot)].take().map(|packet| (slot, packet)));
    }

    fn lost(&mut self, slot: u8, _: Loss) {
        self.open[usize::from(slot)] = None;
    }
}
