//! What the streams of a title prove of themselves before anything is written.

use std::collections::{HashMap, HashSet};

use super::super::super::MuxError;
use super::super::coding::needs_facts;
use super::super::paths::enhancement;
use super::late;
use super::probe::{self, Effort, Proof, Sought};
use crate::base::cancel::Cancel;
use crate::base::sector::set::SectorSet;
use crate::codec::Codec;
use crate::fs::FileSystem;
use crate::title::model::{Packets, Part, Title, Track};
use crate::title::streams::{Origin, StreamId};

/// Read of the first part in any case: several groups of pictures.
const FIRST_BYTES: u64 = 8 << 20;
/// Read of a part at most to find out what a stream is: a minute and more of film.
const PART_BYTES: u64 = 64 << 20;
/// Read of all parts at most.
const TITLE_BYTES: u64 = 256 << 20;
/// Read of a clip to see whether it is encrypted: the first block.
const GLANCE_BYTES: u64 = 1;

/// What the streams showed.
pub(in crate::mux) struct Proven {
    /// Of each wanted track.
    pub(in crate::mux) proofs: Vec<Proof>,
    /// Paths of the files whose packets lie on no grid, whatever the tables say.
    off_grid: HashSet<String>,
}

/// What the `wanted` streams prove of themselves, from the first part that tells. `seen` are the paths of files that were
/// looked at before, and of those whose packets lie on no grid.
pub(in crate::mux) fn prove(
    fs: &dyn FileSystem,
    title: &Title,
    wanted: &[(usize, Codec)],
    (seen, off_grid): (HashSet<String>, HashSet<String>),
    missing: &SectorSet,
    cancel: &Cancel,
) -> Result<Proven, MuxError> {
    let proven = Proven { proofs: vec![Proof::default(); wanted.len()], off_grid };
    let mut prover =
        Prover { fs, title, wanted, missing, cancel, proven, seen, left: TITLE_BYTES, read: HashMap::new() };
    prover.starts()?;
    prover.late()?;
    prover.layers()?;
    Ok(prover.proven)
}

struct Prover<'a> {
    fs: &'a dyn FileSystem,
    title: &'a Title,
    wanted: &'a [(usize, Codec)],
    missing: &'a SectorSet,
    cancel: &'a Cancel,
    proven: Proven,
    /// Paths of files that were looked at.
    seen: HashSet<String>,
    /// Bytes that may still be read.
    left: u64,
    /// Bytes that were read of each path.
    read: HashMap<Origin, u64>,
}

impl Prover<'_> {
    /// Looks at the start of each part that has a stream which is not known yet, and of each file.
    fn starts(&mut self) -> Result<(), MuxError> {
        let title = self.title;
        let main = title.parts.iter().enumerate().map(|(number, part)| (Origin::Main, number, part));
        let beside = title.sub_paths.iter().flat_map(|path| {
            path.parts.iter().enumerate().map(|(number, part)| (Origin::SubPath(path.number), number, part))
        });
        main.chain(beside).try_for_each(|(origin, number, part)| self.start(origin, number, part))
    }

    fn start(&mut self, origin: Origin, number: usize, part: &Part) -> Result<(), MuxError> {
        // Subtitles need no facts, and may come an hour into the film.
        let (asked, streams): (Vec<usize>, Vec<Sought>) = self.asked(origin, number, |_| true).into_iter().unzip();
        let is_new = self.seen.insert(part.path().to_owned());
        let is_main = origin == Origin::Main;
        if asked.is_empty() && !(is_new && (is_main || self.is_wanted(origin))) {
            return Ok(());
        }
        let least = if is_main && number == 0 { FIRST_BYTES } else { GLANCE_BYTES };
        let most = if streams.is_empty() { GLANCE_BYTES } else { PART_BYTES.min(self.left).max(least) };
        let probed = probe::probe(self.fs, part, &streams, self.missing, Effort { least, most }, self.cancel)?;
        self.left = self.left.saturating_sub(probed.bytes);
        *self.read.entry(origin).or_default() += probed.bytes;
        if is_new && !probed.on_grid {
            self.proven.off_grid.insert(part.path().to_owned());
        }
        for (n, proof) in asked.into_iter().zip(probed.proofs) {
            if let Some(known) = self.proven.proofs.get_mut(n) {
                let has_packets = known.has_packets || proof.has_packets;
                *known = Proof { has_packets, ..proof };
            }
        }
        Ok(())
    }

    /// The wanted streams of a part that are not known, with their places among all, as far as they are `open`.
    fn asked(&self, origin: Origin, number: usize, open: impl Fn(usize) -> bool) -> Vec<(usize, Sought)> {
        let asks = |(n, (index, codec)): (usize, &(usize, Codec))| {
            let track = self.title.tracks.get(*index)?;
            let stream = stream_of(track, origin, number)?;
            let is_unknown = self.proven.proofs.get(n).is_some_and(|proof| proof.facts[0].is_none());
            let is_asked = needs_facts(*codec) && is_unknown && open(n);
            is_asked.then(|| (n, self.sought(track, number, stream, *codec)))
        };
        self.wanted.iter().enumerate().filter_map(asks).collect()
    }

    /// A stream with what makes it better in the same multiplex.
    fn sought(&self, track: &Track, number: usize, stream: StreamId, codec: Codec) -> Sought {
        let layer = enhancement(self.title, track, codec).and_then(|streams| streams.at(number));
        Sought { stream, enhancement: layer.filter(|layer| layer.origin == stream.origin), codec }
    }

    /// Whether a wanted track, or what makes one better, comes from there.
    fn is_wanted(&self, origin: Origin) -> bool {
        self.wanted.iter().filter_map(|(index, _)| self.title.tracks.get(*index)).any(|track| {
            let lists = std::iter::once(&track.streams).chain(&track.enhancement);
            lists.filter_map(|streams| streams.first()).any(|stream| stream.origin == origin)
        })
    }

    /// Looks for streams that begin late.
    fn late(&mut self) -> Result<(), MuxError> {
        let asked = |origin: Origin, number: usize, found: &[Option<Proof>]| {
            self.asked(origin, number, |n| found.get(n).is_some_and(Option::is_none))
        };
        let nothing_known = self.proven.proofs.iter().all(|proof| proof.facts[0].is_none());
        let count = self.wanted.len();
        let read = |origin: Origin| self.read.get(&origin).copied().unwrap_or(0);
        let late = late::find(self.fs, self.title, (count, &read, nothing_known), &asked, self.missing, self.cancel)?;
        for (known, late) in self.proven.proofs.iter_mut().zip(late) {
            *known = late.unwrap_or_else(|| known.clone());
        }
        Ok(())
    }

    /// Looks at what makes a stream better and lies in a clip of its own.
    fn layers(&mut self) -> Result<(), MuxError> {
        for (n, (index, codec)) in self.wanted.iter().enumerate() {
            let Some(track) = self.title.tracks.get(*index) else { continue };
            let Some((base, sought, beside, layer)) = self.outside(track, *codec) else { continue };
            let effort = Effort { least: GLANCE_BYTES, most: PART_BYTES };
            let probed =
                probe::probe_layered(self.fs, (base, sought), (beside, layer), self.missing, effort, self.cancel)?;
            let Some((known, proof)) = self.proven.proofs.get_mut(n).zip(probed.proofs.into_iter().next()) else {
                continue;
            };
            known.has_layer = proof.has_layer;
            known.has_layer_packets = proof.has_layer_packets;
            if proof.has_layer && known.facts[0].is_some() {
                known.facts = proof.facts;
            }
        }
        Ok(())
    }

    /// A part and its stream, another part, and there what makes the stream better.
    fn outside(&self, track: &Track, codec: Codec) -> Option<(&Part, Sought, &Part, StreamId)> {
        let layers = enhancement(self.title, track, codec)?;
        let (number, layer) = layers.iter().next()?;
        let stream = track.streams.at(number).filter(|stream| stream.origin != layer.origin)?;
        let paths = &self.title.sub_paths;
        let path = paths.iter().find(|path| Origin::SubPath(path.number) == layer.origin)?;
        let sought = Sought { stream, enhancement: None, codec };
        Some((self.title.parts.get(number)?, sought, path.parts.first()?, layer))
    }
}

/// The stream of a track in a part of a path. A sub-path goes on where the tables of single parts do not name it.
fn stream_of(track: &Track, origin: Origin, number: usize) -> Option<StreamId> {
    let stream = match origin {
        Origin::Main => track.streams.at(number),
        Origin::SubPath(_) => track.streams.first(),
    };
    stream.filter(|stream| stream.origin == origin)
}

impl Proven {
    /// The title, with what its files show of the grid of their packets.
    pub(in crate::mux) fn with_grids(&self, title: &Title) -> Title {
        let mut title = title.clone();
        let beside = title.sub_paths.iter_mut().flat_map(|path| &mut path.parts);
        for part in title.parts.iter_mut().chain(beside) {
            let is_off = self.off_grid.contains(part.path());
            if let Packets::Transport { on_grid, .. } = &mut part.packets {
                *on_grid &= !is_off;
            }
        }
        title
    }
}
