//! What the tables do not tell of tracks, or tell wrong, their streams do: channels, rates, the size of pictures.
//!
//! A stream is looked at where it begins, once, whichever titles play it. The film comes first, and where the allowance of
//! reading ends, the other titles keep what their tables tell.

use std::collections::HashMap;

use super::error::InfoError;
use super::report::{Rate, TitleReport, TrackReport};
use super::titles::layout;
use crate::base::cancel::Cancel;
use crate::base::sector::set::SectorSet;
use crate::codec::{TrackFacts, Video};
use crate::fs::FileSystem;
use crate::mux::MuxError;
use crate::mux::plan::look::glance;
use crate::title::VideoFormat;
use crate::title::model::{Packets, Title};
use crate::title::select::Choice;
use crate::title::streams::StreamId;

/// Bytes that are read for all titles: some thirty streams, or half a minute of a drive.
const BYTES: u64 = 96 << 20;

/// Parts of a title that are looked at for tracks that its first one lacks.
const PARTS: usize = 4;

/// Of a stream: where it begins, and which it is.
type Key = (String, u64, StreamId);

/// Completes the reports of titles.
pub(super) fn complete(
    fs: &dyn FileSystem,
    titles: &[Title],
    choice: &Choice,
    reports: &mut [TitleReport],
    missing: &SectorSet,
    cancel: &Cancel,
) -> Result<(), InfoError> {
    let mut look = Look { fs, missing, cancel, left: BYTES, known: HashMap::new() };
    let others = (0..titles.len()).filter(|index| *index != choice.main);
    for index in std::iter::once(choice.main).chain(others) {
        if let Some((title, report)) = titles.get(index).zip(reports.get_mut(index)) {
            look.title(title, report)?;
        }
    }
    Ok(())
}

struct Look<'a> {
    fs: &'a dyn FileSystem,
    missing: &'a SectorSet,
    cancel: &'a Cancel,
    /// Bytes that may still be read.
    left: u64,
    known: HashMap<Key, Option<TrackFacts>>,
}

impl Look<'_> {
    fn title(&mut self, title: &Title, report: &mut TitleReport) -> Result<(), InfoError> {
        if !needs_look(title, report) {
            return Ok(());
        }
        let mut open: Vec<usize> = (0..title.tracks.len()).collect();
        for part in 0..title.parts.len().min(PARTS) {
            let asked: Vec<(usize, Key)> =
                open.iter().filter_map(|index| Some((*index, key(title, part, *index)?))).collect();
            let new: Vec<usize> =
                asked.iter().filter(|(_, key)| !self.known.contains_key(key)).map(|(index, _)| *index).collect();
            self.read(title, part, &new)?;
            for (index, key) in asked {
                let facts = self.known.get(&key).and_then(Option::as_ref);
                if let Some((facts, track)) = facts.zip(report.tracks.get_mut(index)) {
                    correct(track, facts, of_program(title));
                    open.retain(|other| *other != index);
                }
            }
        }
        Ok(())
    }

    /// Looks at streams of a part that are new.
    fn read(&mut self, title: &Title, part: usize, tracks: &[usize]) -> Result<(), InfoError> {
        if tracks.is_empty() || self.left == 0 {
            return Ok(());
        }
        let facts = match glance::facts(self.fs, title, part, tracks, self.missing, self.cancel) {
            Ok((facts, bytes)) => {
                self.left = self.left.saturating_sub(bytes);
                facts
            }
            Err(MuxError::Stopped) => return Err(InfoError::Stopped),
            // What is scrambled or damaged keeps what its tables tell.
            Err(error) => {
                tracing::debug!("streams of title {}: {error}", title.id);
                self.left = self.left.saturating_sub(1 << 20);
                vec![None; tracks.len()]
            }
        };
        for (index, facts) in tracks.iter().zip(facts) {
            if let Some(key) = key(title, part, *index) {
                self.known.insert(key, facts);
            }
        }
        Ok(())
    }
}

/// Where the stream of a track begins in a part; `None` where it has none there that says something of itself.
fn key(title: &Title, part: usize, track: usize) -> Option<Key> {
    let piece = title.parts.get(part)?.pieces.first()?;
    let stream = glance::stream_of(title.tracks.get(track)?, part)?;
    Some((piece.path.clone(), piece.bytes.as_ref().map_or(0, |bytes| bytes.start), stream))
}

/// Whether the tables leave something open. Those of a DVD say of pictures and sound what was meant, not what is there.
fn needs_look(title: &Title, report: &TitleReport) -> bool {
    of_program(title) || report.tracks.iter().any(|track| track.kind == "audio" && track.channels.is_none())
}

/// Whether it is that of a DVD, or a program stream by itself.
fn of_program(title: &Title) -> bool {
    title.parts.first().is_some_and(|part| part.packets == Packets::Program)
}

fn correct(track: &mut TrackReport, facts: &TrackFacts, is_program: bool) {
    if let Some(video) = &facts.video {
        if is_program {
            name_picture(track, video);
        }
        (track.width, track.height) = (Some(video.width), Some(video.height));
    }
    if let Some(audio) = facts.audio.filter(|audio| audio.channels > 0) {
        let before = track.channels.replace(u32::from(audio.channels));
        track.rate = Some(Rate::Samples(audio.sample_rate));
        if before != track.channels {
            let (old, new) = (layout(before), layout(track.channels));
            track.words = track.words.replacen(&old, &new, 1);
        }
    }
}

/// Names a picture by its lines and how they are shown: the tables know neither film nor pictures of half the lines in a stream
/// that they call video.
fn name_picture(track: &mut TrackReport, video: &Video) {
    let scan = if video.interlaced { 'i' } else { 'p' };
    let (codec, rest) = track.words.split_at_checked(track.codec.len()).unwrap_or((&track.words, ""));
    let named = |name: &str| rest.strip_prefix(name).map(|rest| format!("{codec} {}{scan}{rest}", video.height));
    let by_tables = track.height.into_iter().flat_map(|lines| [format!(" {lines}i"), format!(" {lines}p")]);
    let names = by_tables.chain([format!(" {}", VideoFormat::Unknown(0))]);
    if let Some(words) = names.into_iter().find_map(|name| named(&name)) {
        track.words = words;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{Codec, Colour};

    fn words(by_tables: &str, lines: Option<u32>, height: u32, interlaced: bool, is_program: bool) -> String {
        let mut track =
            TrackReport { codec: "MPEG-2".into(), words: by_tables.into(), height: lines, ..TrackReport::default() };
        let video = Video {
            width: 352,
            height,
            sample_aspect: None,
            frame_rate: None,
            interlaced,
            top_field_first: None,
            bit_depth: 8,
            colour: Colour::default(),
            mastering: None,
            light_level: None,
            dolby_vision: None,
            hdr10_plus: false,
        };
        let facts =
            TrackFacts { codec: Codec::Mpeg2Video, private: vec![], video: Some(video), audio: None, subtitle: None };
        correct(&mut track, &facts, is_program);
        assert_eq!((track.width, track.height), (Some(352), Some(height)));
        track.words
    }

    #[test]
    fn pictures_of_program_streams_are_named_by_what_they_are() {
        let told = |by_tables: &str, height, interlaced| words(by_tables, Some(480), height, interlaced, true);
        assert_eq!(told("MPEG-2 480i", 480, true), "MPEG-2 480i");
        assert_eq!(told("MPEG-2 480i captions CC1", 480, false), "MPEG-2 480p captions CC1");
        assert_eq!(told("MPEG-2 480i", 240, false), "MPEG-2 240p");
        assert_eq!(words("MPEG-2 288p", Some(288), 288, false, true), "MPEG-2 288p");
        assert_eq!(words("MPEG-2 unknown format", None, 576, true, true), "MPEG-2 576i");
        // Tables of Blu-ray know it better than streams whose whole pictures are coded as fields.
        assert_eq!(words("MPEG-2 1080p", Some(1080), 1080, true, false), "MPEG-2 1080p");
    }
}
