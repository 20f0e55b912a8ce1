//! Parts that cannot be in the film: those whose picture is another than that of most of the title (a logo of another size, a
//! trailer of another codec), as a track has one codec and one size; and those whose file is not there.

use std::collections::{HashMap, HashSet};

use super::super::MuxError;
use super::left_out::{LeftOut, Reason, Stretch};
use super::look::probe::{self, Effort, Proof, Sought};
use crate::base::cancel::Cancel;
use crate::base::sector::set::SectorSet;
use crate::base::time::Ticks90;
use crate::codec::{self, Codec};
use crate::fs::{FileSystem, FsError};
use crate::title::language::UNDETERMINED;
use crate::title::model::{Packets, Part, Title, Track, TrackKind};
use crate::title::streams::{Origin, StreamId};
use crate::title::{Attributes, coding};

/// Read of a clip to see its picture, unless it shows sooner.
const CLIP_BYTES: u64 = 8 << 20;
/// Read of all clips of a title.
const TITLE_BYTES: u64 = 256 << 20;
/// Pictures are coded in blocks of so many pixels: two that differ only in what is cut off of the last ones are one size.
const BLOCK: u32 = 16;

/// What a track of a film can be only one of.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Picture {
    codec: Codec,
    /// Width and height; `None` where nothing tells.
    size: Option<(u32, u32)>,
}

impl Picture {
    /// What the stream itself shows.
    fn shown(proof: &Proof) -> Option<Self> {
        let facts = proof.facts.first()?.as_ref()?;
        let size = facts.video.as_ref().map(|video| (video.width, video.height))?;
        Some(Self { codec: facts.codec, size: Some(size) })
    }

    /// What the tables say.
    fn told(track: &Track) -> Option<Self> {
        let lines = match track.attributes {
            Attributes::Video { format, .. } => format.lines(),
            _ => None,
        };
        let size = lines.map(|lines| match lines {
            480 | 576 => (720, lines),
            lines => (lines * 16 / 9, lines),
        });
        Some(Self { codec: coding::codec(track.coding)?, size })
    }

    /// Whether one track can hold both.
    fn goes_with(self, other: Self) -> bool {
        let blocks = |(width, height): (u32, u32)| (width.div_ceil(BLOCK), height.div_ceil(BLOCK));
        let same_size = |(a, b)| blocks(a) == blocks(b);
        self.codec == other.codec && self.size.zip(other.size).is_none_or(same_size)
    }

    /// `H.264 1280x720`.
    fn words(self) -> String {
        let size = self.size.map_or_else(String::new, |(width, height)| format!(" {width}x{height}"));
        format!("{}{size}", self.codec.name())
    }
}

/// What a look at the clips of a title showed.
#[derive(Debug, Default)]
pub(super) struct Glance {
    /// Parts to leave out, ascending.
    pub(super) parts: Vec<usize>,
    /// The same as a person is told of them.
    pub(super) left_out: Vec<LeftOut>,
    /// Paths of the files that were looked at: none is encrypted.
    pub(super) seen: HashSet<String>,
    /// Paths of those whose packets lie on no grid, whatever the tables say.
    pub(super) off_grid: HashSet<String>,
    /// Bytes that may still be read.
    left: u64,
    /// Clips that were not looked at, as so much was read of others.
    unseen: usize,
}

/// Looks at the picture of each clip of a title that has several parts. Those of a DVD are of one size, that of their title set.
///
/// # Errors
/// As [`probe::probe`].
pub(super) fn glance(
    fs: &dyn FileSystem,
    title: &Title,
    missing: &SectorSet,
    cancel: &Cancel,
) -> Result<Glance, MuxError> {
    let mut glance = Glance { left: TITLE_BYTES, ..Glance::default() };
    if title.parts.len() > 1 {
        glance.look_at_all(fs, title, missing, cancel)?;
    }
    Ok(glance)
}

/// Whether the files of a part can be opened, as far as the disc itself is the reason.
pub(super) fn is_there(fs: &dyn FileSystem, part: &Part) -> bool {
    let is_lost = |error: FsError| matches!(error, FsError::NotFound(_)) || error.is_damage();
    part.pieces.iter().all(|piece| !fs.open(&piece.path).is_err_and(is_lost))
}

/// The picture that the first bytes of a part show.
fn look(
    fs: &dyn FileSystem,
    title: &Title,
    (number, part): (usize, &Part),
    missing: &SectorSet,
    cancel: &Cancel,
    glance: &mut Glance,
) -> Result<Option<Picture>, MuxError> {
    let sought = video(title, number).and_then(|(track, stream)| {
        let codec = coding::codec(track.coding).filter(|codec| codec::splitter(*codec).is_some())?;
        Some(Sought { stream, enhancement: None, codec })
    });
    let effort = Effort { least: 1, most: if sought.is_some() { CLIP_BYTES } else { 1 } };
    let streams: Vec<Sought> = sought.into_iter().collect();
    let probed = probe::probe(fs, part, &streams, missing, effort, cancel)?;
    glance.left = glance.left.saturating_sub(probed.bytes);
    glance.seen.insert(part.path().to_owned());
    if !probed.on_grid {
        glance.off_grid.insert(part.path().to_owned());
    }
    Ok(probed.proofs.first().and_then(Picture::shown))
}

/// The picture of a part, in its own multiplex.
fn video(title: &Title, part: usize) -> Option<(&Track, StreamId)> {
    let mut streams = title.primary(TrackKind::Video).filter_map(|track| Some((track, track.streams.at(part)?)));
    streams.find(|(_, stream)| stream.origin == Origin::Main)
}

impl Glance {
    /// A sentence where not all clips were looked at.
    pub(super) fn note(&self) -> Option<String> {
        let sentence = || {
            format!(
                "the pictures of {} of its clips were not looked at, as it has so many: they are taken to be what the disc's \
                 tables say",
                self.unseen
            )
        };
        (self.unseen > 0).then(sentence)
    }

    /// Looks at the picture of each clip, and judges them.
    fn look_at_all(
        &mut self,
        fs: &dyn FileSystem,
        title: &Title,
        missing: &SectorSet,
        cancel: &Cancel,
    ) -> Result<(), MuxError> {
        let lost: Vec<bool> = title.parts.iter().map(|part| !is_there(fs, part)).collect();
        // Where nothing is there, the first file says why.
        let lost = if lost.contains(&false) { lost } else { Vec::new() };
        let is_lost = |number: usize| lost.get(number) == Some(&true);
        let mut known: HashMap<(&str, u32), Option<Picture>> = HashMap::new();
        let mut shown = Vec::with_capacity(title.parts.len());
        for (number, part) in title.parts.iter().enumerate() {
            if is_lost(number) {
                shown.push(None);
                continue;
            }
            let clip = (part.path(), part.clock.number());
            let picture = match known.get(&clip) {
                _ if part.packets == Packets::Program => None,
                Some(picture) => *picture,
                None if self.left == 0 => {
                    self.unseen += 1;
                    *known.entry(clip).or_insert(None)
                }
                None => {
                    let picture = look(fs, title, (number, part), missing, cancel, self)?;
                    *known.entry(clip).or_insert(picture)
                }
            };
            shown.push(picture);
        }
        self.judge(title, &shown, is_lost);
        Ok(())
    }

    /// Finds the parts that do not go with most of the title, by what they have `shown`, else by what the tables say; and those
    /// that are lost.
    fn judge(&mut self, title: &Title, shown: &[Option<Picture>], is_lost: impl Fn(usize) -> bool) {
        let videos: Vec<Option<(&Track, StreamId)>> = (0..title.parts.len()).map(|part| video(title, part)).collect();
        let pictures = pictures(&videos, shown);
        let length = |part: &Part| part.clock.end() - part.clock.start();
        let share = |picture: Picture| -> Ticks90 {
            let all = title.parts.iter().zip(&pictures).enumerate();
            let same = all.filter(|(n, (_, p))| !is_lost(*n) && p.is_some_and(|p| p.goes_with(picture)));
            same.map(|(_, (part, _))| length(part)).fold(Ticks90::ZERO, |sum, length| sum + length)
        };
        let different: HashSet<Picture> = pictures.iter().flatten().copied().collect();
        let shares: HashMap<Picture, Ticks90> =
            different.into_iter().map(|picture| (picture, share(picture))).collect();
        let most = shares.values().max().copied();
        // Of two with as much of the title, the first.
        let main = pictures.iter().flatten().copied().find(|picture| shares.get(picture).copied() == most);
        for (number, ((part, picture), video)) in title.parts.iter().zip(&pictures).zip(&videos).enumerate() {
            let is_other = picture.zip(main).is_some_and(|(picture, main)| !picture.goes_with(main));
            if !is_lost(number) && !is_other {
                continue;
            }
            let instead = main.filter(|_| !is_lost(number)).map(Picture::words);
            let stretch = Stretch {
                clip: part.clip().to_owned(),
                from_seconds: part.clock.start().seconds(),
                to_seconds: part.clock.end().seconds(),
                instead,
            };
            self.parts.push(number);
            self.left_out.push(LeftOut {
                pid: video.map_or(0, |(_, stream)| stream.number()),
                codec: picture.map_or_else(String::new, Picture::words),
                language: UNDETERMINED.to_owned(),
                reason: if is_lost(number) { Reason::NoFile } else { Reason::OtherPicture },
                stretch: Some(stretch),
            });
        }
    }
}

/// The picture of each part: what it has shown, else what all parts have of which the tables say the same, else what the
/// tables say.
fn pictures(videos: &[Option<(&Track, StreamId)>], shown: &[Option<Picture>]) -> Vec<Option<Picture>> {
    let told: Vec<Option<Picture>> =
        videos.iter().map(|video| video.and_then(|(track, _)| Picture::told(track))).collect();
    let of = |number: usize| {
        let own: Option<Picture> = *told.get(number)?;
        // Where those that are told alike are not alike, nothing is known of one that has shown nothing.
        let alike = || {
            let same = shown.iter().zip(&told).filter(|(_, told)| **told == own).filter_map(|(shown, _)| *shown);
            same.map(Some).reduce(|a, b| a.zip(b).filter(|(a, b)| a.goes_with(*b)).map(|(a, _)| a))
        };
        shown.get(number).copied().flatten().or_else(|| alike().unwrap_or(own))
    };
    (0..videos.len()).map(of).collect()
}

#[cfg(test)]
#[path = "tests/pictures.rs"]
mod tests;
