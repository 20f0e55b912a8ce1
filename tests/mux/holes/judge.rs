//! Whether a film with a hole is what it should be.

use std::collections::BTreeMap;
use std::path::Path;

use freemkv::mux::plan::left_out::LeftOut;
use freemkv::mux::report::{OutputReport, TrackReport};

use super::packets::{Hit, Kind, kind};
use super::samples::{self, Samples};
use super::whole::{Film, Hits};
use crate::fixtures::mkv;

/// Times in a file are rounded, milliseconds.
const ROUNDING: u64 = 1;

/// How far from a loss as it is told a missing frame may lie, seconds.
const NEAR: f64 = 0.1;

/// Audio frames that may be lost beyond those that lie in the hole.
const AUDIO_FRAMES: f64 = 2.0;

/// How far from the start of a part a frame may lie that the whole film has from the part before, milliseconds.
const AT_START: u64 = 50;

/// Every frame is one of the whole film at the same time; those that lack lie in a loss that was told; and they are no more
/// than those that were hit, a group of pictures and two frames of sound.
pub(super) fn judge(
    whole: &Film,
    got: &Path,
    report: &OutputReport,
    hits: &[Hits],
    left_out: &[LeftOut],
) -> Result<(), String> {
    let (numbers, gone) = numbers(whole, report);
    if gone > left_out.len() {
        return Err(format!("{gone} tracks are gone, told are {left_out:?}"));
    }
    let got_samples = samples(got, &report.tracks);
    let got = mkv::blocks(got);
    for (track, frames) in &whole.tracks {
        let Some(number) = numbers.get(track) else { continue };
        let got = got.get(number).map_or(&[][..], Vec::as_slice);
        let about = &whole.report.tracks[*track as usize - 1];
        // Where two parts overlap the film has one frame of both, and one subtitle; with that lost it may have another. And
        // of a frame with extensions, or a picture with an enhancement layer, the base may be left at the edge of a hole.
        let is_excused = |time: i64| {
            whole.starts.iter().any(|start| start.abs_diff(time) <= AT_START)
                || (["DTS-HD", "HEVC"].iter().any(|codec| about.codec.starts_with(codec))
                    && is_told(report, *number, time as f64 / 1000.0))
        };
        let lost = match whole.samples.get(track) {
            Some(whole) => samples::lost(whole, got_samples.get(number).unwrap_or(&Samples::new()), is_excused),
            None => lost(frames, got, is_excused),
        };
        let lost = lost.map_err(|time| {
            let near = |frames: &[mkv::Block]| {
                let near = frames.iter().filter(|(t, _)| t.abs_diff(time) < 200);
                near.map(|(time, hash)| format!("{time}:{:x}", hash & 0xFFF)).collect::<Vec<_>>().join(" ")
            };
            let (whole, got) = (near(frames), near(got));
            format!("track {track} has a frame at {time} ms that it should not: {got} for {whole}")
        })?;
        if let Some(time) = lost.iter().map(|time| *time as f64 / 1000.0).find(|time| !is_told(report, *number, *time))
        {
            return Err(format!("track {track} lacks {time} untold: {:?}", report.losses));
        }
        if let Some(most) = most(whole, about, frames, hits)
            && lost.len() > most
        {
            let codec = about.codec;
            return Err(format!(
                "track {track} ({codec}) lost {} frames, {most} at most were to be: {hits:?}",
                lost.len()
            ));
        }
    }
    if hits.iter().flat_map(Hits::values).all(|hit| hit.units == 0) && !report.losses.is_empty() {
        return Err(format!("nothing of it was hit: {:?}", report.losses));
    }
    Ok(())
}

/// Whether a film may lose all its pictures by its hits.
pub(super) fn may_lose_the_picture(whole: &Film, hits: &[Hits]) -> bool {
    let about = &whole.report.tracks[0];
    let frames = &whole.tracks[&1];
    most(whole, about, frames, hits).is_some_and(|most| most >= frames.len())
}

/// The tracks of a film that are samples.
pub(super) fn samples(path: &Path, tracks: &[TrackReport]) -> BTreeMap<u64, Samples> {
    let is_samples = |track: u64| tracks.iter().any(|t| t.number as u64 == track && t.codec == "LPCM");
    if tracks.iter().all(|t| t.codec != "LPCM") { BTreeMap::new() } else { mkv::contents(path, is_samples) }
}

/// The numbers that the tracks of the whole film have in this one, and how many tracks are gone altogether.
fn numbers(whole: &Film, report: &OutputReport) -> (BTreeMap<u64, u64>, usize) {
    let key = |track: &TrackReport| (track.codec, track.language.clone(), track.kind);
    let mut next = report.tracks.iter().peekable();
    let mut numbers = BTreeMap::new();
    for track in &whole.report.tracks {
        if let Some(found) = next.next_if(|found| key(found) == key(track)) {
            numbers.insert(track.number as u64, found.number as u64);
        }
    }
    let gone = whole.report.tracks.len() - numbers.len();
    (numbers, gone)
}

/// Times of the frames that lack; as an error, the time of one that is not of the film.
fn lost(frames: &[mkv::Block], got: &[mkv::Block], is_excused: impl Fn(i64) -> bool) -> Result<Vec<i64>, i64> {
    let is_of_film = |(time, hash): &mkv::Block| frames.iter().any(|(t, h)| time.abs_diff(*t) <= ROUNDING && hash == h);
    let mut next = got.iter().filter(|block| !is_excused(block.0) || is_of_film(block)).peekable();
    let mut lost = Vec::new();
    for (time, hash) in frames {
        if next.next_if(|(t, h)| t.abs_diff(*time) <= ROUNDING && h == hash).is_none() {
            lost.push(*time);
        }
    }
    next.next().map_or(Ok(lost), |(time, _)| Err(*time))
}

fn is_told(report: &OutputReport, track: u64, seconds: f64) -> bool {
    report.losses.iter().any(|loss| {
        loss.track as u64 == track && (loss.from_seconds - NEAR..=loss.to_seconds + NEAR).contains(&seconds)
    })
}

/// The frames that a track may lose; `None` where that depends on what they are for. What lay in the hole is counted by the
/// track's own stream; where that is not known, by the one of its kind that lost most.
#[allow(clippy::cast_sign_loss, reason = "costs are not negative")]
fn most(whole: &Film, about: &TrackReport, frames: &[mkv::Block], hits: &[Hits]) -> Option<usize> {
    let track = about.number as u64;
    let group = whole.longest_group.get(&track).copied().unwrap_or(0) as f64;
    let (first, last) = (frames.first()?.0, frames.last()?.0);
    let frame = (last - first) as f64 / 1000.0 / (frames.len().max(2) - 1) as f64;
    let (kind_of_track, cost_of): (_, &dyn Fn(&Hit) -> f64) = match (about.kind, about.codec) {
        // And one behind OUT that only others need.
        ("video", _) => (Kind::Video, &|hit| hit.units as f64 + group + 1.0),
        // It can be decoded only from a major sync on.
        ("audio", "TrueHD") => (Kind::Audio, &|hit| hit.seconds / frame + 1.0 + AUDIO_FRAMES + group),
        // Times of packets are those of frames that begin in them: of one more a part lies in the first.
        ("audio", _) => (Kind::Audio, &|hit| hit.seconds / frame + 1.0 + AUDIO_FRAMES),
        _ => return None,
    };
    // Of each part: it may have the track in another stream.
    let own = |streams: &[u16], hits: &Hits| {
        hits.iter().filter(|(stream, _)| streams.contains(stream)).map(|(_, hit)| cost_of(hit)).fold(0.0, f64::max)
    };
    let cost: Option<f64> = whole.streams.get(&track).map(|streams| hits.iter().map(|hits| own(streams, hits)).sum());
    let worst = || {
        let mut streams: BTreeMap<u16, f64> = BTreeMap::new();
        for (stream, hit) in hits.iter().flatten().filter(|(stream, _)| kind(**stream) == kind_of_track) {
            *streams.entry(*stream).or_default() += cost_of(hit);
        }
        streams.values().copied().fold(0.0, f64::max)
    };
    Some(cost.unwrap_or_else(worst).ceil() as usize)
}
