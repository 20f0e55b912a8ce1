//! What the streams of a title prove of themselves before anything is written.

use std::collections::HashSet;

use super::super::MuxError;
use super::coding::needs_facts;
use super::late;
use super::probe::{self, Effort, Proof, Sought};
use super::tracks::enhancement;
use crate::base::cancel::Cancel;
use crate::base::set::SectorSet;
use crate::codec::Codec;
use crate::fs::FileSystem;
use crate::title::model::{Packets, Title};
use crate::title::streams::Origin;

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

/// What the `wanted` streams prove of themselves, from the first part that tells.
pub(in crate::mux) fn prove(
    fs: &dyn FileSystem,
    title: &Title,
    wanted: &[(usize, Codec)],
    missing: &SectorSet,
    cancel: &Cancel,
) -> Result<Proven, MuxError> {
    let mut proven = Proven { proofs: vec![Proof::default(); wanted.len()], off_grid: HashSet::new() };
    let mut clips: HashSet<&str> = HashSet::new();
    let mut left = TITLE_BYTES;
    let main = title.parts.iter().enumerate().map(|(number, part)| (Origin::Main, number, part));
    let beside = title.sub_paths.iter().flat_map(|path| {
        path.parts.iter().enumerate().map(|(number, part)| (Origin::SubPath(path.number), number, part))
    });
    for (origin, number, part) in main.chain(beside) {
        // Subtitles need no facts, and may come an hour into the film.
        let asks = |(n, (index, codec)): (usize, &(usize, Codec))| {
            let track = title.tracks.get(*index)?;
            let stream = match origin {
                Origin::Main => track.streams.at(number)?,
                Origin::SubPath(_) => track.streams.first()?,
            };
            let is_unknown = proven.proofs.get(n).is_some_and(|proof| proof.facts[0].is_none());
            let is_asked = stream.origin == origin && needs_facts(*codec) && is_unknown;
            let enhancement = enhancement(track, *codec).and_then(|streams| streams.at(number));
            is_asked.then_some((n, Sought { stream, enhancement, codec: *codec }))
        };
        let (asked, streams): (Vec<usize>, Vec<_>) = wanted.iter().enumerate().filter_map(asks).unzip();
        let is_new = clips.insert(part.path());
        let is_main = origin == Origin::Main;
        if asked.is_empty() && !(is_new && (is_main || is_wanted(title, wanted, origin))) {
            continue;
        }
        let least = if is_main && number == 0 { FIRST_BYTES } else { GLANCE_BYTES };
        let most = if streams.is_empty() { GLANCE_BYTES } else { PART_BYTES.min(left).max(least) };
        let probed = probe::probe(fs, part, &streams, missing, Effort { least, most }, cancel)?;
        left = left.saturating_sub(probed.bytes);
        if is_new && !probed.on_grid {
            proven.off_grid.insert(part.path().to_owned());
        }
        for (n, proof) in asked.into_iter().zip(probed.proofs) {
            if let Some(known) = proven.proofs.get_mut(n) {
                let has_packets = known.has_packets || proof.has_packets;
                *known = Proof { has_packets, ..proof };
            }
        }
    }
    let late = |number: usize, found: &[Option<Proof>]| -> Vec<(usize, Sought)> {
        let is_unknown = |n: usize| {
            let is_proven = proven.proofs.get(n).is_some_and(|proof| proof.facts[0].is_some());
            !is_proven && found.get(n).is_some_and(Option::is_none)
        };
        let asks = |(n, (index, codec)): (usize, &(usize, Codec))| {
            let track = title.tracks.get(*index)?;
            let stream = track.streams.at(number).filter(|stream| stream.origin == Origin::Main)?;
            let enhancement = enhancement(track, *codec).and_then(|streams| streams.at(number));
            (needs_facts(*codec) && is_unknown(n)).then_some((n, Sought { stream, enhancement, codec: *codec }))
        };
        wanted.iter().enumerate().filter_map(asks).collect()
    };
    let nothing_known = proven.proofs.iter().all(|proof| proof.facts[0].is_none());
    let late = late::find(fs, title, (wanted.len(), TITLE_BYTES - left, nothing_known), &late, missing, cancel)?;
    for (known, late) in proven.proofs.iter_mut().zip(late) {
        *known = late.unwrap_or_else(|| known.clone());
    }
    Ok(proven)
}

/// Whether a wanted track comes from there.
fn is_wanted(title: &Title, wanted: &[(usize, Codec)], origin: Origin) -> bool {
    let first = |index: usize| title.tracks.get(index)?.streams.first();
    wanted.iter().any(|(index, _)| first(*index).is_some_and(|stream| stream.origin == origin))
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
