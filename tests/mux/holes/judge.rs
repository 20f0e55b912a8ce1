//! Whether a film with a hole is what it should be.

use freemkv::mux::plan::left_out::LeftOut;
use std::collections::BTreeMap;

use freemkv::mux::report::{OutputReport, TrackReport};

use super::super::mkv;
use super::packets::Hit;
use super::whole::Film;

/// Times in a file are rounded, milliseconds.
const ROUNDING: u64 = 1;

/// How far from a loss as it is told a missing frame may lie, seconds.
const NEAR: f64 = 0.1;

/// Audio frames that may be lost beyond those in the hole.
const AUDIO_FRAMES: f64 = 2.0;

/// The same of TrueHD, whose frames are short and can be decoded only from a major sync on: one in 128 at least.
const TRUEHD_FRAMES: f64 = 2.0 + 128.0;

/// How far from the start of a part a frame may lie that the whole film has from the part before, milliseconds.
const AT_START: u64 = 50;

/// Every frame is one of the whole film at the same time; those that lack lie in a loss that was told; and they are no more
/// than those whose packets were hit, a group of pictures and two frames of sound.
pub(super) fn judge(
    whole: &Film,
    got: &BTreeMap<u64, Vec<mkv::Block>>,
    report: &OutputReport,
    hits: &[(u16, Hit)],
    left_out: &[LeftOut],
) -> Result<(), String> {
    let (numbers, gone) = numbers(whole, report);
    if gone > left_out.len() {
        return Err(format!("{gone} tracks are gone, told are {left_out:?}"));
    }
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
        let lost = lost(frames, got, is_excused)
            .map_err(|time| format!("track {track} has a frame at {time} ms that it should not"))?;
        if let Some(time) = lost.iter().map(|time| *time as f64 / 1000.0).find(|time| !is_told(report, *number, *time))
        {
            return Err(format!("track {track} lacks {time} untold: {:?}", report.losses));
        }
        if let Some(most) = most(about, frames, whole.longest_group, hits)
            && lost.len() > most
        {
            let codec = about.codec;
            return Err(format!(
                "track {track} ({codec}) lost {} frames, {most} at most were to be: {hits:?}",
                lost.len()
            ));
        }
    }
    if hits.iter().all(|(_, hit)| hit.packets == 0) && !report.losses.is_empty() {
        return Err(format!("nothing of it was hit: {:?}", report.losses));
    }
    Ok(())
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

/// The frames that a track may lose; `None` where that depends on what they are for.
#[allow(clippy::cast_sign_loss, reason = "costs are not negative")]
fn most(about: &TrackReport, frames: &[mkv::Block], longest_group: usize, hits: &[(u16, Hit)]) -> Option<usize> {
    let mut pids: BTreeMap<u16, Vec<Hit>> = BTreeMap::new();
    for (pid, hit) in hits {
        pids.entry(*pid).or_default().push(*hit);
    }
    // Which PID a track is from is not known here: the one that lost most stands for it.
    let worst = |is_kind: &dyn Fn(u16) -> bool, cost: &dyn Fn(&Hit) -> f64| {
        let costs = pids.iter().filter(|(pid, _)| is_kind(**pid)).map(|(_, hits)| hits.iter().map(cost).sum::<f64>());
        Some(costs.fold(0.0, f64::max).ceil() as usize)
    };
    match about.kind {
        "video" => worst(&|pid| (0x1011..0x1100).contains(&pid), &|hit| (hit.packets + longest_group) as f64),
        "audio" => {
            let (first, last) = (frames.first()?.0, frames.last()?.0);
            let frame = (last - first) as f64 / 1000.0 / (frames.len().max(2) - 1) as f64;
            let is_audio = |pid| (0x1100..0x1200).contains(&pid) || (0x1A00..0x1B00).contains(&pid);
            let more = if about.codec == "TrueHD" { TRUEHD_FRAMES } else { AUDIO_FRAMES };
            // The times of packets are those of frames that begin in them: one more lies in part in the first.
            worst(&is_audio, &|hit| hit.seconds / frame + more + 1.0)
        }
        _ => None,
    }
}
