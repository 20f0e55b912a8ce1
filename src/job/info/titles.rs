//! Titles as the report has them.

use std::borrow::Cow;

use super::super::titles::{NoSuchTitle, TitleChoice, pick};
use super::report::{ChapterReport, Rate, TitleReport, TrackReport, WayReport};
use crate::base::time::Ticks90;
use crate::bluray::stream_info::{
    Attributes, AudioFormat, Coding, DynamicRange, VideoFormat, frame_rate, sampling_rate,
};
use crate::fs::FileSystem;
use crate::title::DiscTitles;
use crate::title::coding;
use crate::title::model::{Chapter, Title, Track, TrackKind};
use crate::title::navigation::PlayedBy;
use crate::title::select::{Choice, Role};

/// Shortest title of those that are asked for as "all", in seconds.
const MIN_LENGTH: u64 = 120;

/// All titles, with what was thought of them.
pub(super) fn reports(fs: &dyn FileSystem, disc: &DiscTitles, choice: &Choice) -> Vec<TitleReport> {
    let titles = &disc.titles;
    let leaders: Vec<usize> = (0..titles.len()).map(|index| leader(choice, index)).collect();
    let is_group = |of: usize| leaders.iter().filter(|leader| **leader == of).count() > 1;
    let groups: Vec<bool> = (0..titles.len()).map(is_group).collect();
    let number = |index: usize| titles.get(index).map_or(0, |title| title.number);
    let mut reports = Vec::with_capacity(titles.len());
    for (index, (title, verdict)) in titles.iter().zip(&choice.verdicts).enumerate() {
        let leader = leaders.get(index).copied().unwrap_or(index);
        let chapter = |c: &Chapter| ChapterReport { start_seconds: c.start.seconds(), name: c.name.clone() };
        reports.push(TitleReport {
            number: title.number,
            id: title.id.clone(),
            name: disc.name_of(title).map(str::to_owned),
            angles: title.angles,
            clips: title.parts.iter().map(|part| part.clip().to_owned()).collect(),
            played_by: disc.navigation.played_by(&title.id).iter().map(way).collect(),
            duration_seconds: title.duration().seconds(),
            size_bytes: size(fs, title),
            main: choice.main == index,
            reason: verdict.line(),
            group: groups.get(leader).is_some_and(|is_group| *is_group).then(|| number(leader)),
            duplicate_of: match verdict.role {
                Role::DuplicateOf(of) => Some(number(of)),
                _ => None,
            },
            chapters: title.chapters.iter().map(chapter).collect(),
            tracks: title.tracks.iter().map(|of| track(title, of)).collect(),
            role: verdict.role.clone(),
            is_asked_for: true,
        });
    }
    reports
}

/// Leaves only those asked for that `wanted` names.
///
/// # Errors
/// [`NoSuchTitle`].
pub(super) fn ask_for(
    reports: &mut [TitleReport],
    wanted: &TitleChoice,
    titles: &[Title],
    choice: Option<&Choice>,
) -> Result<(), NoSuchTitle> {
    let picked = choice
        .map_or_else(|| Ok(Vec::new()), |choice| pick(wanted, titles, choice, Ticks90::from_seconds(MIN_LENGTH)))?;
    for (index, report) in reports.iter_mut().enumerate() {
        report.is_asked_for = picked.contains(&index);
    }
    Ok(())
}

fn way(way: &PlayedBy) -> WayReport {
    WayReport { title: way.under.to_string(), how: way.how.word() }
}

/// The title that stands for those with the same parts.
fn leader(choice: &Choice, index: usize) -> usize {
    let mut at = index;
    // A duplicate may be one of a shuffled title, which has its own leader; there the row ends.
    for _ in 0..3 {
        match choice.verdicts.get(at).map(|v| &v.role) {
            Some(Role::DuplicateOf(of) | Role::ShuffleOf(of)) => at = *of,
            _ => break,
        }
    }
    at
}

/// Bytes of stream files that a title plays; where no table places them, of the whole file.
pub(in crate::job) fn size(fs: &dyn FileSystem, title: &Title) -> u64 {
    let pieces = title.parts.iter().flat_map(|part| &part.pieces);
    let lengths = pieces.map(|piece| match &piece.bytes {
        Some(bytes) => bytes.end - bytes.start,
        None => fs.open(&piece.path).map_or(0, |file| file.length()),
    });
    lengths.fold(0, u64::saturating_add)
}

fn track(title: &Title, track: &Track) -> TrackReport {
    let codec = codec_name(track.coding);
    let mut report = TrackReport { codec: codec.to_string(), language: track.language, ..TrackReport::default() };
    let mut words = vec![codec.to_string()];
    report.kind = match track.kind {
        TrackKind::Video => "video",
        TrackKind::Audio => "audio",
        TrackKind::Subtitle => "subtitle",
    };
    match track.attributes {
        Attributes::Video { format, rate, range, .. } => {
            (report.width, report.height) = size_of(format).unzip();
            report.rate = frame_rate(rate).map(|(n, d)| Rate::Pictures(f64::from(n) / f64::from(d)));
            words.push(format.to_string());
            words.extend(range.and_then(|range| dynamic_range(range.dynamic_range)).map(str::to_owned));
            if track.secondary {
                words.push("picture in picture".to_owned());
            } else if !title.captions.is_empty() {
                report.captions = title.captions.names();
                words.push(format!("captions {}", report.captions.join("+")));
            }
        }
        Attributes::Audio { format, rate, .. } => {
            report.channels = channels(format, track.coding);
            report.rate = sampling_rate(rate).map(Rate::Samples);
            report.commentary = (track.secondary || track.purpose.commentary).then_some(true);
            let is_many = matches!(format, AudioFormat::MultiChannel | AudioFormat::StereoAndMultiChannel);
            words.extend((report.channels.is_some() || is_many).then(|| layout(report.channels)));
        }
        _ => {}
    }
    words.extend(track.language.map(str::to_owned));
    if track.secondary && track.kind == TrackKind::Audio {
        words.push("(secondary)".to_owned());
    }
    report.words = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    report
}

/// What people call a coding.
fn codec_name(coding: Coding) -> Cow<'static, str> {
    match (coding::codec(coding), coding) {
        (Some(codec), _) => codec.name().into(),
        (None, Coding::Unknown(number)) => format!("coding {number:#04x}").into(),
        (None, _) => format!("{coding:?}").into(),
    }
}

fn dynamic_range(range: DynamicRange) -> Option<&'static str> {
    match range {
        DynamicRange::Hdr10 => Some("HDR10"),
        DynamicRange::DolbyVision => Some("Dolby Vision"),
        DynamicRange::Sdr | DynamicRange::Unknown(_) => None,
    }
}

/// Width and height of a picture.
fn size_of(format: VideoFormat) -> Option<(u32, u32)> {
    let width = match format.lines()? {
        240 | 288 => 352,
        480 | 576 => 720,
        720 => 1280,
        1080 => 1920,
        _ => 3840,
    };
    format.lines().map(|lines| (width, lines))
}

/// Channels, as far as the tables tell: of more than two, they do not say how many. AC-3 and plain DTS have six
/// at most, the others may have more.
fn channels(format: AudioFormat, coding: Coding) -> Option<u32> {
    match format {
        AudioFormat::Mono => Some(1),
        AudioFormat::Stereo => Some(2),
        AudioFormat::MultiChannel if matches!(coding, Coding::Ac3 | Coding::Dts) => Some(6),
        _ => None,
    }
}

/// What people call so many channels; where the tables say no more, that there are many.
pub(super) fn layout(channels: Option<u32>) -> String {
    match channels {
        None => "multichannel".to_owned(),
        Some(count @ 6..=8) => format!("{}.1", count - 1),
        Some(count) => format!("{count}.0"),
    }
}
