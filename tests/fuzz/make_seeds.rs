//! Inputs to begin fuzzing with, out of real discs and streams: `make-seeds DATA CORPUS` fills a folder for each target.
//!
//! `DATA` has images in `discs`, and tables and streams in `samples`. It is no target, but is built with the same
//! counters as these, which only link beside the fuzzer: it is done before that begins.
#![no_main]

#[path = "seeds/container.rs"]
mod container;
#[path = "seeds/made.rs"]
mod made;
#[path = "seeds/streams.rs"]
mod streams;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use freemkv::bluray::clip::clpi::Clip;
use freemkv::fs::{FileSystem, MemorySectors, open_disc, tree};

/// Seeds of a target, and bytes of one.
const MOST: usize = 60;
const BYTES: usize = 24 << 10;
/// A target takes no longer ones.
const LONGEST: usize = 60_000;
const SECTOR: usize = 2048;
/// Of a menu the content of the segment of its composition, in one fragment; such a file is among the samples.
const MENU: &str = "ics_menu.bin";
/// Bytes of that in front of the composition.
const FRAGMENT_HEAD: usize = 9;

libfuzzer_sys::fuzz_target!(init: make_and_leave(), |_data: &[u8]| {});

/// Of no type that says that it does not come back: the macro has code behind it.
fn make_and_leave() {
    let done = make();
    if let Err(e) = &done {
        eprintln!("make-seeds: {e}");
    }
    std::process::exit(i32::from(done.is_err()));
}

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
                (MENU, _) => self.menu(bytes)?,
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

    /// A menu, as `interactive` takes it: a composition from its own length on, and as the segment of a stream.
    fn menu(&mut self, content: &[u8]) -> io::Result<()> {
        const COMPOSITION: u8 = 0x18;
        self.add("interactive", content.get(FRAGMENT_HEAD..).unwrap_or_default().to_vec())?;
        self.add("interactive", [&[COMPOSITION][..], &piece(content)].concat())
    }

    /// What a Blu-ray plays, as `navigation` takes it.
    fn programs(&mut self, files: &BTreeMap<String, Vec<u8>>) -> io::Result<()> {
        let file = |name: &str| files.iter().find(|(path, _)| path.ends_with(name)).map(|(_, bytes)| bytes);
        let (Some(index), Some(objects)) = (file("index.bdmv"), file("MovieObject.bdmv")) else { return Ok(()) };
        let menu = file(MENU).and_then(|bytes| bytes.get(FRAGMENT_HEAD..)).unwrap_or_default();
        self.add("navigation", [&piece(index)[..], &piece(menu), objects].concat())
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
}

/// Bytes behind their length.
fn piece(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes(), &bytes[..usize::from(length)]].concat()
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
