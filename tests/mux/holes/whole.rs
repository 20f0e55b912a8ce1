//! A disc without a hole: its films as they should be, and what lies where.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use freemkv::base::sector::SECTOR_BYTES;
use freemkv::fs::iso9660::Iso9660;
use freemkv::fs::udf::Udf;
use freemkv::fs::{File, FileSystem, Sectors, tree};
use freemkv::mux::report::{OutputReport, TrackReport};
use freemkv::title::model::{Part, Title};

use super::judge::samples;
use super::packets::{Hit, PACKET, Packets};
use super::samples::Samples;
use crate::fixtures::disc::Disc;
use crate::fixtures::mkv;

/// A film without a hole.
pub(super) struct Film {
    pub(super) tracks: BTreeMap<u64, Vec<mkv::Block>>,
    /// Of those that are samples, these.
    pub(super) samples: BTreeMap<u64, Samples>,
    pub(super) report: OutputReport,
    /// The streams that each track comes from, one or none in each part, as far as that can be told.
    pub(super) streams: BTreeMap<u64, Vec<u16>>,
    /// Streams that are not taken.
    pub(super) left_out: usize,
    /// When parts begin, milliseconds.
    pub(super) starts: Vec<i64>,
    /// Of each track the most frames from one that decoding can begin at to the next.
    pub(super) longest_group: BTreeMap<u64, usize>,
}

/// What of the streams of a part lies in a hole.
pub(super) type Hits = BTreeMap<u16, Hit>;

/// A disc as it is, with what is known of it.
pub(super) struct Whole {
    pub(super) name: &'static str,
    pub(super) image: Vec<u8>,
    disc: Disc,
    files: Vec<File>,
    films: HashMap<String, Film>,
    packets: HashMap<String, Packets>,
}

impl Whole {
    pub(super) fn read(data: &Path, name: &'static str) -> Self {
        let image = std::fs::read(data.join("discs").join(name).with_extension("iso")).unwrap();
        let disc = Disc { force: true, ..Disc::memory(image.clone()) };
        let files = tree::files(&*disc.fs, "", 10_000).unwrap();
        let files = files.iter().map(|path| disc.fs.open(path).unwrap()).collect();
        Self { name, image, disc, files, films: HashMap::new(), packets: HashMap::new() }
    }

    /// Places for holes.
    pub(super) fn holes(&self) -> u64 {
        (self.image.len() as u64).div_ceil(super::HOLE)
    }

    /// Where the packets of streams of its stream files begin in the image, with their length.
    pub(super) fn packets(&self) -> Vec<Range<u64>> {
        let length = |path: &str| match path.rsplit('.').next() {
            Some("m2ts") => Some(super::packets::PACKET as u64),
            Some("VOB") if !path.ends_with("_0.VOB") && !path.ends_with("_TS.VOB") => {
                Some(super::packets::SECTOR as u64)
            }
            _ => None,
        };
        let streams = self.files.iter().filter_map(|file| Some((file, length(file.path())?)));
        let packets = streams.flat_map(|(file, length)| {
            file.extents().iter().flat_map(move |extent| {
                let start = extent.sectors().byte_start();
                (0..extent.length / length).map(move |n| start + n * length..start + (n + 1) * length)
            })
        });
        packets.filter(|at| is_of_stream(&self.image[at.start as usize..at.end as usize])).collect()
    }

    /// The sectors of its stream files in which packets of streams begin: such are left when all else of a place was read.
    pub(super) fn sectors(&self) -> Vec<Range<u64>> {
        let mut found: Vec<Range<u64>> = Vec::new();
        for packet in self.packets() {
            let start = packet.start / SECTOR_BYTES * SECTOR_BYTES;
            if found.last().is_none_or(|last| last.start != start) {
                found.push(start..start + SECTOR_BYTES);
            }
        }
        found
    }

    /// Packets of subtitles that lie behind one another in the image, with nothing else between.
    pub(super) fn subtitles(&self) -> Vec<Range<u64>> {
        let mut runs: Vec<Range<u64>> = Vec::new();
        let all = self.packets().into_iter();
        for packet in all.filter(|at| is_subtitle(&self.image[at.start as usize..at.end as usize])) {
            match runs.last_mut().filter(|last| last.end == packet.start) {
                Some(last) => last.end = packet.end,
                None => runs.push(packet),
            }
        }
        runs
    }

    /// The titles whose streams lie in a stretch of the image; all titles, when it lies beside all streams.
    pub(super) fn films_at(&self, hole: &Range<u64>) -> Vec<String> {
        let ids = |touched: &dyn Fn(&Title) -> bool| {
            let is_known = |title: &&Title| !super::NOT_YET.contains(&(self.name, title.id.as_str()));
            let titles = self.disc.titles.iter().filter(is_known).filter(|title| touched(title));
            titles.map(|title| title.id.clone()).collect::<Vec<_>>()
        };
        let hit = ids(&|title| title.all_parts().any(|part| !self.bytes_of(part, hole).is_empty()));
        if hit.is_empty() { ids(&|_| true) } else { hit }
    }

    /// The film of a title.
    pub(super) fn film(&mut self, id: &str) -> &Film {
        let disc = &self.disc;
        self.films.entry(id.to_owned()).or_insert_with(|| film(disc, id))
    }

    /// What of each stream a stretch of the image hits in the film of a title: for each part that plays some of it.
    pub(super) fn hits(&mut self, id: &str, hole: &Range<u64>) -> Vec<Hits> {
        let mut found = Vec::new();
        let parts: Vec<Part> = self.disc.title(id).all_parts().cloned().collect();
        for part in parts {
            let mut hits = Hits::new();
            for (path, range) in self.bytes_of(&part, hole) {
                let fs = &self.disc.fs;
                let read = || Packets::read(&fs.read_whole(&path, usize::MAX).unwrap());
                let packets = self.packets.entry(path.clone()).or_insert_with(read);
                for (stream, hit) in packets.hits(&range) {
                    let sum: &mut Hit = hits.entry(stream).or_default();
                    sum.units += hit.units;
                    sum.seconds += hit.seconds;
                }
            }
            if !hits.is_empty() {
                found.push(hits);
            }
        }
        found
    }

    /// Whether, with this stretch gone, there still is one copy of everything but streams: no file of tables lies in it
    /// together with its copy, and a file system can be read. The tables of a Blu-ray's have their copies far away.
    pub(super) fn has_a_copy_of_everything(&self, hole: &Range<u64>, hurt: &Arc<dyn Sectors>) -> bool {
        let is_hit = |path: &str| self.files.iter().any(|f| f.path() == path && !touched(f, hole).is_empty());
        let lost_both = self.files.iter().any(|file| {
            let copy = match file.path().strip_prefix("BDMV/") {
                Some(rest) => Some(format!("BDMV/BACKUP/{rest}")),
                None => file.path().strip_suffix(".IFO").map(|rest| format!("{rest}.BUP")),
            };
            // A table that is not as its copy on the whole disc either is hurt already, as one of dvd-chain is.
            copy.is_some_and(|copy| {
                let hit = [file.path(), &copy].map(&is_hit);
                if self.is_same(file.path(), &copy) { hit[0] && hit[1] } else { hit[0] || hit[1] }
            })
        });
        !lost_both
            && (self.is_blu_ray()
                || self.has_files(Udf::open(Arc::clone(hurt)))
                || self.has_files(Iso9660::open(Arc::clone(hurt))))
    }

    /// Whether two files hold the same, or one of them is not there.
    fn is_same(&self, one: &str, other: &str) -> bool {
        let read = |path: &str| self.disc.fs.read_whole(path, usize::MAX);
        read(one).ok().zip(read(other).ok()).is_none_or(|(one, other)| one == other)
    }

    fn is_blu_ray(&self) -> bool {
        self.files.iter().any(|file| file.path().starts_with("BDMV"))
    }

    /// Whether all files are found by a file system alone.
    fn has_files(&self, fs: Result<impl FileSystem, freemkv::fs::FsError>) -> bool {
        fs.is_ok_and(|fs| {
            self.files.iter().all(|file| {
                let found = fs.open(file.path());
                found.is_ok_and(|found| found.length() == file.length() && found.extents() == file.extents())
            })
        })
    }

    /// The bytes of stream files that a part plays and that lie in a stretch of the image; those that touch are one.
    fn bytes_of(&self, part: &Part, hole: &Range<u64>) -> Vec<(String, Range<u64>)> {
        let mut found: Vec<(String, Range<u64>)> = Vec::new();
        for piece in &part.pieces {
            let file = self.files.iter().find(|file| file.path().eq_ignore_ascii_case(&piece.path));
            for bytes in file.map_or_else(Vec::new, |file| touched(file, hole)) {
                let played = piece.bytes.clone().filter(|_| piece.owner.is_some()).unwrap_or(0..u64::MAX);
                let bytes = bytes.start.max(played.start)..bytes.end.min(played.end);
                match found.last_mut() {
                    _ if bytes.is_empty() => {}
                    Some((path, last)) if *path == piece.path && last.end == bytes.start => last.end = bytes.end,
                    _ => found.push((piece.path.clone(), bytes)),
                }
            }
        }
        found
    }
}

fn film(disc: &Disc, id: &str) -> Film {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("whole.mkv");
    let report = disc.mux(id, &path).unwrap();
    let title = disc.title(id);
    let starts = title.parts.iter().map(|part| part.clock.start());
    let starts = starts.map(|start| (start.seconds() * 1000.0) as i64).collect();
    let left_out = disc.plan(id).unwrap().summary().left_out.len();
    let keys = mkv::keys(&path);
    Film {
        starts,
        left_out,
        tracks: mkv::blocks(&path),
        samples: samples(&path, &report.tracks),
        streams: streams(title, &report.tracks),
        longest_group: keys.iter().map(|(track, keys)| (*track, longest_group(keys))).collect(),
        report,
    }
}

/// Which streams tracks come from: both are in the order of the disc, and AC-3 may come out of the TrueHD before it.
fn streams(title: &Title, tracks: &[TrackReport]) -> BTreeMap<u64, Vec<u16>> {
    let mut found = BTreeMap::new();
    let mut rest = title.tracks.iter().peekable();
    let mut last: Option<(&str, Vec<u16>)> = None;
    for track in tracks {
        let kind = |kind: freemkv::title::model::TrackKind| format!("{kind:?}").to_lowercase();
        let own = match last.take() {
            Some(("TrueHD", stream)) if track.codec == "AC-3" => Some(stream),
            _ => rest
                .find(|t| kind(t.kind) == track.kind && t.language.unwrap_or("und") == track.language)
                .map(|t| t.streams.iter().map(|(_, stream)| stream.number()).collect::<Vec<_>>())
                .filter(|streams| !streams.is_empty()),
        };
        let Some(own) = own else { return BTreeMap::new() };
        last = Some((track.codec, own.clone()));
        found.insert(track.number as u64, own);
    }
    found
}

/// The bytes of a file that lie in a stretch of the image.
fn touched(file: &File, hole: &Range<u64>) -> Vec<Range<u64>> {
    let mut found = Vec::new();
    for extent in file.extents() {
        let start = extent.sectors().byte_start();
        let (from, to) = (hole.start.max(start), hole.end.min(start + extent.length));
        if !extent.sectors().is_empty() && from < to {
            found.push(extent.offset + from - start..extent.offset + to - start);
        }
    }
    found
}

/// Whether a packet is of a stream, and none of tables, navigation or stuffing.
fn is_of_stream(packet: &[u8]) -> bool {
    match packet.len() {
        PACKET => (0x1011..0x1FFF).contains(&u16::from_be_bytes([packet[5] & 0x1F, packet[6]])),
        _ => matches!(packet[17], 0xBD | 0xC0..=0xEF),
    }
}

/// Whether a packet is of presentation graphics or text, or a sub-picture.
fn is_subtitle(packet: &[u8]) -> bool {
    match packet.len() {
        PACKET => (0x1200..=0x18FF).contains(&u16::from_be_bytes([packet[5] & 0x1F, packet[6]])),
        _ => packet[14..18] == [0, 0, 1, 0xBD] && (0x20..0x40).contains(&packet[23 + usize::from(packet[22])]),
    }
}

fn longest_group(keys: &[bool]) -> usize {
    keys.split(|key| *key).map(|rest| rest.len() + 1).max().unwrap_or(0)
}
