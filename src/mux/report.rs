//! What a run says at its end, in the words of `--json`.

use serde::Serialize;

use super::plan::left_out::LeftOut;
use crate::base::sector::{SECTOR_BYTES, SectorRange};

/// A file that was written.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct OutputReport {
    /// Where it lies.
    pub path: String,
    /// Which title it is: `00800`.
    pub title: String,
    /// Its length in seconds.
    pub duration_seconds: f64,
    /// Its size.
    pub bytes: u64,
    /// Its tracks, in order.
    pub tracks: Vec<TrackReport>,
    /// Declared tracks that it lacks, though nobody asked to leave them out.
    pub left_out: Vec<LeftOut>,
    /// Number of chapters.
    pub chapters: usize,
    /// What of the film is missing: in the order of the film, then of the tracks.
    pub losses: Vec<Loss>,
    /// Stretches in front of the first frame at which decoding can begin, where a part plays from between two such, no longer than
    /// these lie apart. All of the disc that is played was read, so that they are no losses; only a player that decodes from in
    /// front of IN, where the film has no time, shows them.
    pub undecodable: Vec<Loss>,
    /// Bytes of the title are missing: a track that seems empty may have lain there.
    #[serde(skip)]
    pub has_hole: bool,
}

impl OutputReport {
    /// Whether nothing of the film is missing.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.losses.is_empty() && !self.left_out.iter().any(|left_out| self.has_hole || left_out.reason.is_loss())
    }
}

impl OutputReport {
    /// Finds the cause of each loss by the sectors of its damage, and joins losses of a track that touch and have the same
    /// cause. Damage of several sorts makes a loss of each, of the same stretch.
    pub(super) fn tell_causes(&mut self, sorts: impl Fn(SectorRange) -> Vec<Sort>) {
        let mut told = Vec::new();
        for loss in std::mem::take(&mut self.losses) {
            let Some(sectors) = loss.sectors() else {
                told.push(loss);
                continue;
            };
            match &sorts(sectors)[..] {
                [one] => told.push(Loss { cause: one.cause, ..loss }),
                several => told.extend(several.iter().map(|sort| Loss {
                    cause: sort.cause,
                    lba: Some(sort.lba),
                    bytes: sort.sectors.saturating_mul(SECTOR_BYTES).min(loss.bytes),
                    ..loss
                })),
            }
        }
        self.losses = joined(told);
    }
}

/// Losses in the order of the film, those of one track and cause made one where they touch.
fn joined(mut losses: Vec<Loss>) -> Vec<Loss> {
    let order = |a: &Loss, b: &Loss| a.from_seconds.total_cmp(&b.from_seconds);
    losses.sort_by(|a, b| (a.track, a.cause).cmp(&(b.track, b.cause)).then(order(a, b)));
    let mut joined: Vec<Loss> = Vec::new();
    for loss in losses {
        match joined.last_mut() {
            Some(last)
                if (last.track, last.cause) == (loss.track, loss.cause) && loss.from_seconds <= last.to_seconds =>
            {
                last.to_seconds = last.to_seconds.max(loss.to_seconds);
                last.bytes = last.bytes.saturating_add(loss.bytes);
                last.lba = last.lba.or(loss.lba);
            }
            _ => joined.push(loss),
        }
    }
    joined.sort_by(|a, b| order(a, b).then((a.track, a.cause).cmp(&(b.track, b.cause))));
    joined
}

/// A track of the file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct TrackReport {
    /// TrackNumber, from 1.
    pub number: usize,
    /// The codec, as people call it: `H.264`, `TrueHD`.
    pub codec: &'static str,
    /// ISO 639-2/B.
    pub language: String,
    /// `video`, `audio` or `subtitle`.
    pub kind: &'static str,
    /// Frames that were written.
    pub frames: u64,
    /// Their bytes, before compression.
    pub bytes: u64,
    /// Whether it is played unless the viewer chooses another.
    pub default: bool,
    /// Whether it is shown even when subtitles are off.
    pub forced: bool,
}

/// Why something is missing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The disc cannot be read there, or what was read is wrong.
    #[default]
    Damaged,
    /// Nobody has read it yet.
    NotRead,
    /// The image ends before the disc does.
    EndOfImage,
    /// It is there, and nothing that is played, or lies before it, lets it be decoded: the disc plays from a place between two
    /// at which decoding can begin.
    Undecodable,
}

/// The part of some damage that has one cause.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::mux) struct Sort {
    pub(in crate::mux) cause: Cause,
    /// Its first sector.
    pub(in crate::mux) lba: u64,
    /// How many sectors have this cause.
    pub(in crate::mux) sectors: u64,
}

/// Seconds between two pictures at which decoding can begin, at most (BDA: a second for each group of pictures).
const GROUP_MAX: f64 = 1.0;

impl Loss {
    /// Whether it is what playing from between two frames at which decoding can begin costs, and no more.
    pub(in crate::mux) fn is_of_disc(&self) -> bool {
        self.cause == Cause::Undecodable && self.to_seconds - self.from_seconds <= GROUP_MAX
    }
}

/// A stretch of a track that is missing.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Loss {
    /// TrackNumber, from 1.
    pub track: usize,
    /// Why.
    pub cause: Cause,
    /// Film time at which it starts.
    pub from_seconds: f64,
    /// Film time at which the track goes on.
    pub to_seconds: f64,
    /// Bytes of the source that are damaged there, as far as is known.
    pub bytes: u64,
    /// First sector of the damage on the disc; `None` where the source has no sectors.
    pub lba: Option<u64>,
    /// The sector behind it, where that is known.
    #[serde(skip)]
    pub end: Option<u64>,
}

impl Loss {
    /// The sectors between which all its damage lies.
    fn sectors(&self) -> Option<SectorRange> {
        let first = self.lba?;
        // Damage begins within a sector, and may begin within the packet in front of what is missing.
        let guess = || first.saturating_add(self.bytes.div_ceil(SECTOR_BYTES).saturating_add(2));
        Some(SectorRange::new(first, self.end.filter(|end| *end > first).unwrap_or_else(guess)))
    }
}

/// Losses of all tracks, from when to when in seconds, as stretches of the film: in order, those that touch joined.
#[must_use]
pub fn stretches(losses: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    let mut all: Vec<(f64, f64)> = losses.collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    all.dedup_by(|next, before| {
        let touches = next.0 <= before.1;
        if touches {
            before.1 = before.1.max(next.1);
        }
        touches
    });
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_of_several_tracks_are_one_stretch_of_film() {
        let losses = [(34.8, 35.6), (29.24, 30.03), (28.77, 29.57), (35.2, 37.0), (30.03, 30.1)];
        assert_eq!(stretches(losses.into_iter()), [(28.77, 30.1), (34.8, 37.0)]);
    }

    fn loss(track: usize, from: f64, to: f64, lba: u64) -> Loss {
        Loss {
            track,
            cause: Cause::Damaged,
            from_seconds: from,
            to_seconds: to,
            bytes: 4096,
            lba: Some(lba),
            end: None,
        }
    }

    #[test]
    fn losses_that_touch_are_one_unless_their_causes_differ() {
        let mut report = OutputReport {
            path: String::new(),
            title: String::new(),
            duration_seconds: 0.0,
            bytes: 0,
            tracks: Vec::new(),
            left_out: Vec::new(),
            chapters: 0,
            undecodable: Vec::new(),
            losses: vec![loss(1, 1.0, 2.0, 10), loss(2, 1.0, 2.0, 10), loss(1, 2.0, 3.0, 20), loss(1, 3.0, 4.0, 50)],
            has_hole: true,
        };
        let sort = |cause, lba| Sort { cause, lba, sectors: 1 };
        report.tell_causes(|sectors| match sectors.start() {
            lba @ ..50 => vec![sort(Cause::Damaged, lba)],
            lba => vec![sort(Cause::NotRead, lba)],
        });
        let told: Vec<_> = report.losses.iter().map(|l| (l.track, l.cause, l.from_seconds, l.to_seconds)).collect();
        assert_eq!(told, [(1, Cause::Damaged, 1.0, 3.0), (2, Cause::Damaged, 1.0, 2.0), (1, Cause::NotRead, 3.0, 4.0)]);
        assert_eq!(report.losses[0].bytes, 8192);
        report.losses = vec![Loss { end: Some(90), ..loss(1, 1.0, 2.0, 10) }];
        report.tell_causes(|sectors| {
            vec![sort(Cause::Damaged, sectors.start()), sort(Cause::NotRead, sectors.end() - 1)]
        });
        let told: Vec<_> =
            report.losses.iter().map(|l| (l.cause, l.from_seconds, l.to_seconds, l.lba, l.bytes)).collect();
        let both = [(Cause::Damaged, 1.0, 2.0, Some(10), 2048), (Cause::NotRead, 1.0, 2.0, Some(89), 2048)];
        assert_eq!(told, both);
    }
}
