//! The programs of a disc, gathered to be followed: index, movie objects, the tables of Java programs, and the buttons
//! of menus out of the stream files.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::super::navigation::Navigation;
use super::super::navigation::hdmv::{Menu, Programs, follow};
use super::tables::Tables;
use crate::base::allowance::Allowance;
use crate::bluray::playlist::mpls::Playlist;
use crate::bluray::playlist::play_item::{ClipName, Still};
use crate::bluray::playlist::stn::Origin;
use crate::bluray::playlist::sub_path::SubPath;
use crate::bluray::program::bdjo::{self, BdjObject};
use crate::bluray::program::index::{Index, Object};
use crate::bluray::program::interactive::{Composition, Finder};
use crate::bluray::program::movie_object::{self, MovieObject, MovieObjects};
use crate::demux::m2ts::{Demux, Layout};
use crate::demux::pes::PesHead;
use crate::demux::{Loss, Sink};
use crate::fs::FileSystem;

/// Bytes of a stream file that are searched for a menu. It is sent before it is shown, so it lies at the start.
const LOOK: u64 = 4 << 20;
/// Bytes that are read at once.
const BLOCK: usize = 256 << 10;
/// Bytes that are searched, all menus together.
const LOOKS: u64 = 64 << 20;
/// Signs of encryption after which a stream file is left: a single one can be damage.
const SCRAMBLED: u64 = 64;
/// Streams of menus of one playlist.
const STREAMS_OF_ONE: usize = 4;
/// Bytes that all menus may take.
const MENUS: u64 = 8 << 20;
/// Most Java programs.
const JAVA: usize = 1024;

/// A stream of menus: in which clip, and its PID there.
type Place = (ClipName, u16);

/// What playlists say that matters to the programs.
#[derive(Debug, Default)]
pub(super) struct Seen {
    menus: BTreeMap<u32, Vec<Place>>,
    endless: BTreeSet<u32>,
    /// A playlist has more streams of menus than are looked at.
    has_more: bool,
}

impl Seen {
    /// Notes what the playlist of a file says.
    pub(super) fn add(&mut self, file: &str, playlist: &Playlist) {
        // Commands name playlists by number.
        let Some(number) = file.get(..5).and_then(|digits| digits.parse().ok()) else { return };
        if playlist.items.iter().any(|i| i.still == Still::Forever) {
            self.endless.insert(number);
        }
        let sub_paths: Vec<&SubPath> = playlist.sub_paths.iter().chain(&playlist.extension.sub_paths).collect();
        let mut places: Vec<Place> = Vec::new();
        for item in &playlist.items {
            for stream in &item.streams.menus {
                let clips = match stream.origin {
                    Origin::SubPath { path, .. } => {
                        let sub_path = sub_paths.get(usize::from(path));
                        sub_path.into_iter().flat_map(|p| &p.items).map(|i| i.clip.name).collect()
                    }
                    _ => vec![item.clip.name],
                };
                for place in clips.into_iter().map(|clip| (clip, stream.pid)) {
                    if places.len() == STREAMS_OF_ONE {
                        self.has_more |= !places.contains(&place);
                    } else if !places.contains(&place) {
                        places.push(place);
                    }
                }
            }
        }
        if !places.is_empty() {
            self.menus.insert(number, places);
        }
    }

    /// Reads the programs of a disc and follows them.
    pub(super) fn follow(self, fs: &dyn FileSystem, tables: &mut Tables<'_>, index: Index) -> Navigation {
        let objects = objects(tables, &index);
        let java = java(tables, &index);
        let mut reader =
            Reader { fs, known: HashMap::new(), left: Allowance::new(MENUS), looks: LOOKS, lacks: self.has_more };
        let mut menus = BTreeMap::new();
        for (number, places) in self.menus {
            let found: Vec<Arc<Composition>> = places.into_iter().filter_map(|place| reader.menu(place)).collect();
            if !found.is_empty() {
                menus.insert(number, Menu::new(found));
            }
        }
        let lacks_menus = reader.lacks;
        follow(&Programs { index, objects, java, menus, endless: self.endless, lacks_menus })
    }
}

/// The movie objects; none, with a sentence, where the index needs some that cannot be read.
fn objects(tables: &mut Tables<'_>, index: &Index) -> Option<Vec<MovieObject>> {
    if !index.entries().any(|(_, object)| matches!(object, Object::Movie(_))) {
        return Some(Vec::new());
    }
    match tables.read("", "MovieObject.bdmv", movie_object::MAX_BYTES, MovieObjects::parse) {
        Ok(read) => Some(read.objects),
        Err(e) => {
            tables.problems.push(e.to_string());
            None
        }
    }
}

fn java(tables: &mut Tables<'_>, index: &Index) -> BTreeMap<String, BdjObject> {
    let names: BTreeSet<&String> = index
        .entries()
        .filter_map(|(_, object)| match object {
            Object::Java(name) => Some(name),
            _ => None,
        })
        .collect();
    let mut java = BTreeMap::new();
    for name in names.into_iter().take(JAVA) {
        match tables.read("BDJO", &format!("{name}.bdjo"), bdjo::MAX_BYTES, BdjObject::parse) {
            Ok(object) => drop(java.insert(name.clone(), object)),
            Err(e) => tables.problems.push(e.to_string()),
        }
    }
    java
}

/// Reads menus out of stream files, each once.
struct Reader<'a> {
    fs: &'a dyn FileSystem,
    known: HashMap<Place, Option<Arc<Composition>>>,
    left: Allowance,
    /// Bytes that may still be searched.
    looks: u64,
    /// A menu could not be read.
    lacks: bool,
}

impl Reader<'_> {
    fn menu(&mut self, place: Place) -> Option<Arc<Composition>> {
        if let Some(known) = self.known.get(&place) {
            return known.clone();
        }
        let kept = self.read(place).filter(|menu| self.left.take(menu.memory()));
        self.lacks |= kept.is_none();
        let kept = kept.map(Arc::new);
        self.known.insert(place, kept.clone());
        kept
    }

    /// The first menu of a stream that is whole.
    fn read(&mut self, (clip, pid): Place) -> Option<Composition> {
        let file = self.fs.open(&format!("BDMV/STREAM/{clip}.m2ts")).ok()?;
        let mut demux = Demux::new(Layout::M2ts, 0);
        demux.select(pid)?;
        let mut found = Found::default();
        let mut block = vec![0; BLOCK];
        let mut at = 0;
        let scrambled = |demux: &Demux| demux.scrambling().units + demux.scrambling().packets > SCRAMBLED;
        while at < LOOK && found.menu.is_none() && !scrambled(&demux) {
            self.looks = self.looks.checked_sub(BLOCK as u64)?;
            match self.fs.read_at(&file, at, &mut block) {
                Ok(0) => break,
                Ok(count) => {
                    demux.push(block.get(..count)?, &mut found);
                    at += count as u64;
                }
                Err(e) if e.is_damage() => {
                    at += BLOCK as u64;
                    demux.hole(at, &mut found);
                }
                Err(_) => break,
            }
        }
        demux.finish(&mut found);
        found.menu
    }
}

/// Takes the payload of a stream of menus.
#[derive(Default)]
struct Found {
    finder: Finder,
    menu: Option<Composition>,
}

impl Sink for Found {
    fn start(&mut self, _: u8, _: &PesHead) {}

    fn payload(&mut self, _: u8, bytes: &[u8]) {
        let found = self.finder.push(bytes).into_iter().flatten().next();
        self.menu = self.menu.take().or(found);
    }

    fn end(&mut self, _: u8) {}

    fn lost(&mut self, _: u8, _: Loss) {
        self.finder.lost();
    }
}

#[cfg(test)]
#[path = "programs_tests.rs"]
mod tests;
