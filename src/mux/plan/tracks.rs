//! From the tracks of a title to those of its file.

use std::collections::HashSet;

use super::super::options::{Core, Forced, Options, Selection};
use super::coding::{codec_of, needs_facts, number};
use super::left_out::{LeftOut, Reason};
use super::look::probe::Proof;
use super::paths::{enhancement, is_on_one_path, path_number};
use super::track_entry::{self as entry, About};
use crate::codec::{self, Codec};
use crate::matroska::codec_id;
use crate::matroska::element::track;
use crate::matroska::element::track::Kind;
use crate::title::language;
use crate::title::model::{Title, Track, TrackKind};
use crate::title::streams::{Origin, StreamId, Streams};

/// Numbers of cores are those of their streams plus this.
pub(in crate::mux) const CORE_NUMBER: u32 = 1 << 16;

/// A track of the file.
#[derive(Clone, PartialEq, Debug)]
pub(in crate::mux) struct Planned {
    /// What its streams are declared as.
    pub(in crate::mux) declared: Codec,
    /// What it is.
    pub(in crate::mux) codec: Codec,
    pub(in crate::mux) kind: TrackKind,
    /// It is meant to be played beside others.
    pub(in crate::mux) secondary: bool,
    /// It is the core inside the stream.
    pub(in crate::mux) is_core: bool,
    /// It is the captions in the pictures of the stream.
    pub(in crate::mux) is_captions: bool,
    /// It holds only what is forced of the track with this index: of itself, where it stands alone.
    pub(in crate::mux) forced_of: Option<usize>,
    /// Where it is.
    pub(in crate::mux) streams: Streams,
    /// Where the streams are that make it better, in the same multiplex.
    pub(in crate::mux) enhancement: Option<Streams>,
    pub(in crate::mux) entry: track::Track,
    /// What is told of it should the title turn out to have nothing of it.
    pub(in crate::mux) empty: LeftOut,
}

impl Planned {
    /// The number of the path that it comes from, and of that of what makes it better, where that is another one.
    pub(in crate::mux) fn paths(&self, title: &Title) -> [Option<usize>; 2] {
        [Some(path_number(title, &self.streams)), self.layer_path(title)]
    }

    /// The number of the path of what makes it better, where that is another one.
    pub(in crate::mux) fn layer_path(&self, title: &Title) -> Option<usize> {
        let path = path_number(title, self.enhancement.as_ref()?);
        (path != path_number(title, &self.streams)).then_some(path)
    }

    /// Whether the title may have nothing for it, and it is not written then.
    pub(in crate::mux) fn may_be_omitted(&self) -> bool {
        self.is_captions || self.forced_of.is_some()
    }
}

/// The paths that tracks of the file come from, or what makes them better, and those of which it is to be seen whether streams
/// come that the file lacks.
pub(in crate::mux) fn used_paths(title: &Title, tracks: &[Planned], left_out: &[(LeftOut, Streams)]) -> HashSet<usize> {
    let of_tracks = tracks.iter().flat_map(|track| track.paths(title)).flatten();
    of_tracks.chain(left_out.iter().map(|(_, streams)| path_number(title, streams))).collect()
}

/// What becomes of the tracks of a title.
#[derive(Debug, Default)]
pub(in crate::mux) struct Chosen {
    /// Those to look for, as index and codec.
    pub(in crate::mux) wanted: Vec<(usize, Codec)>,
    /// Those that cannot be taken, and where they are.
    pub(in crate::mux) left_out: Vec<(LeftOut, Streams)>,
    /// What else a person should know, a sentence each.
    pub(in crate::mux) notes: Vec<String>,
}

/// Chooses among the tracks of a title.
pub(in crate::mux) fn choose(title: &Title, options: &Options) -> Chosen {
    let mut chosen = Chosen::default();
    let audio = selection(title, options, &mut chosen.notes);
    for (index, track) in title.tracks.iter().enumerate() {
        let is_wanted = match track.kind {
            TrackKind::Video => true,
            TrackKind::Audio => audio.takes(track.language),
            TrackKind::Subtitle => options.subtitles.takes(track.language),
        };
        let codec = codec_of(track, options).filter(|codec| codec::splitter(*codec).is_some());
        match codec {
            _ if !is_wanted => {}
            _ if track.kind == TrackKind::Video && track.secondary => {
                let name = LeftOut::new(track, options, Reason::NotSupported).codec;
                chosen.notes.push(format!("the picture in picture ({name}, PID {:04X}) is left out", number(track)));
            }
            Some(codec) if is_on_one_path(title, &track.streams) => {
                chosen.wanted.push((index, codec));
                if track.enhancement.is_some() && enhancement(title, track, codec).is_none() {
                    let reason = why_not(title, track.enhancement.as_ref());
                    chosen.left_out.extend(layer_left_out(track, options, reason));
                }
            }
            _ => {
                let reason = why_not(title, Some(&track.streams));
                chosen.left_out.push((LeftOut::new(track, options, reason), track.streams.clone()));
            }
        }
    }
    chosen.notes.extend(title.notes.iter().cloned());
    if title.has_menu {
        chosen.notes.push("its menus are left out".to_owned());
    }
    chosen
}

/// The enhancement layer of a track as one that is left out.
pub(in crate::mux) fn layer_left_out(track: &Track, options: &Options, reason: Reason) -> Option<(LeftOut, Streams)> {
    let streams = track.enhancement.as_ref()?;
    let pid = streams.first().map_or(0, |stream| stream.id);
    Some((LeftOut { pid, ..LeftOut::new(track, options, reason) }, streams.clone()))
}

/// The sound to take: all where none of it is in the languages that were chosen.
fn selection(title: &Title, options: &Options, notes: &mut Vec<String>) -> Selection {
    let has = |kind: TrackKind, selection: &Selection| {
        title.tracks.iter().any(|t| t.kind == kind && selection.takes(t.language))
    };
    let misses = |kind, selection: &Selection| matches!(selection, Selection::Languages(_)) && !has(kind, selection);
    if misses(TrackKind::Subtitle, &options.subtitles) {
        notes.push("it has no subtitles in the languages chosen, and gets none".to_owned());
    }
    if misses(TrackKind::Audio, &options.audio) {
        notes.push("it has no sound in the languages chosen, and keeps all".to_owned());
        return Selection::All;
    }
    options.audio.clone()
}

/// Why streams cannot be taken: their sub-path is not there, or nothing is known of them.
fn why_not(title: &Title, streams: Option<&Streams>) -> Reason {
    let is_there = |number: u8| title.sub_paths.iter().any(|path| path.number == number);
    match streams.and_then(Streams::first) {
        Some(StreamId { origin: Origin::SubPath(number), .. }) if !is_there(number) => Reason::NoFile,
        _ => Reason::NotSupported,
    }
}

/// Adds the tracks that the stream of a title's track becomes, by what it has proven. `Err`: none.
pub(in crate::mux) fn add(
    title: &Title,
    (index, declared): (usize, Codec),
    proof: &Proof,
    options: &Options,
    tracks: &mut Vec<Planned>,
) -> Result<(), LeftOut> {
    let Some(track) = title.tracks.get(index) else { return Ok(()) };
    let pid = number(track);
    let about = About {
        stream: pid.into(),
        pid,
        language: track.language,
        bcp47: track.language.and_then(language::bcp47),
        attributes: &track.attributes,
        hdr: title.static_hdr.as_ref(),
        purpose: track.purpose,
        private: &track.private,
        default: false,
        zlib: options.compress_subtitles,
    };
    // Two tracks may come by one PID in different parts.
    let taken = |stream: u32| tracks.iter().any(|t| t.entry.stream == stream);
    let free = |stream: u32| (0..).map(|n| stream + n * 2 * CORE_NUMBER).find(|s| !taken(*s)).unwrap_or(stream);
    let (main_number, core_number) = (free(about.stream), free(about.stream + CORE_NUMBER));
    let empty = LeftOut::new(track, options, Reason::Empty);
    let planned = |is_core: bool, codec: Codec, entry: track::Track| Planned {
        declared,
        codec,
        kind: track.kind,
        secondary: track.secondary,
        is_core,
        is_captions: false,
        forced_of: None,
        streams: track.streams.clone(),
        enhancement: enhancement(title, track, declared).filter(|_| proof.has_layer),
        entry,
        empty: LeftOut { codec: codec.name().to_owned(), ..empty.clone() },
    };
    if !needs_facts(declared) {
        let about = About { stream: main_number, ..about };
        let picture = tracks.iter().find_map(|track| match &track.entry.kind {
            Kind::Video(video) => Some(video.pixels),
            _ => None,
        });
        tracks.push(planned(false, declared, entry::subtitle(&about, declared, picture)));
        return Ok(());
    }
    let [main, inner] = &proof.facts;
    let Some(main) = main else {
        // Whether it comes at all shows when the title is read to its end.
        let reason = if proof.has_packets { Reason::NotUnderstood } else { Reason::Empty };
        return Err(LeftOut { reason, ..empty });
    };
    if codec_id::of(main.codec).is_none() {
        return Err(LeftOut { codec: main.codec.name().to_owned(), reason: Reason::NotSupported, ..empty });
    }
    // TrueHD has its core beside it, DTS-HD inside every frame.
    let is_beside = main.codec == Codec::TrueHd;
    let core = options.core;
    let inner = inner.as_ref().filter(|_| core == Core::Only || (core == Core::Keep && is_beside));
    if core != Core::Only || inner.is_none() {
        let about = About { stream: main_number, ..about };
        tracks.push(planned(false, main.codec, entry::entry(&about, main)));
    }
    if let Some(inner) = inner {
        let about = About { stream: core_number, ..about };
        tracks.push(planned(true, inner.codec, entry::entry(&about, inner)));
    }
    Ok(())
}

/// Names the sound where there is a choice of it: by what the disc says that it is for, else by what its stream has proven.
pub(in crate::mux) fn set_names(tracks: &mut [Planned]) {
    if tracks.iter().filter(|track| track.kind == TrackKind::Audio).count() < 2 {
        return;
    }
    for track in tracks.iter_mut() {
        let name = match &track.entry.kind {
            Kind::Audio(_) if track.entry.flags.commentary => Some("Commentary"),
            Kind::Audio(audio) => track::layout_name(audio.channels),
            _ => None,
        };
        track.entry.name = name.map(str::to_owned);
    }
}

/// Adds tracks for the forced subtitles of others, or makes these hold nothing else. Gives a sentence for the plan.
pub(in crate::mux) fn add_forced(tracks: &mut Vec<Planned>, forced: Forced) -> Option<String> {
    // Of subtitles without a mark of their own, the tables of the disc say whether all are forced.
    if forced == Forced::Only {
        tracks.retain(|t| t.kind != TrackKind::Subtitle || t.declared == Codec::Pgs || t.entry.flags.forced);
    }
    for index in 0..tracks.len() {
        let is_mixed = |track: &&mut Planned| track.declared == Codec::Pgs && !track.entry.flags.forced;
        let Some(track) = tracks.get_mut(index).filter(is_mixed) else { continue };
        match forced {
            Forced::Keep => {}
            Forced::Only => track.forced_of = Some(index),
            Forced::Extra => {
                let mut extra = Planned { forced_of: Some(index), ..track.clone() };
                extra.entry.name = Some("Forced".to_owned());
                let taken = |stream: u32| tracks.iter().any(|t| t.entry.stream == stream);
                let numbers = (1..).map(|n| extra.entry.stream.wrapping_add(n * CORE_NUMBER));
                extra.entry.stream = numbers.take(1 << 12).find(|s| !taken(*s)).unwrap_or(extra.entry.stream);
                tracks.push(extra);
            }
        }
    }
    let numbers = (1..).zip(tracks.iter()).filter(|(_, track)| track.forced_of.is_some());
    let numbers: Vec<String> = numbers.map(|(number, _): (usize, _)| number.to_string()).collect();
    let sentence =
        || format!("only what is forced goes into tracks {}; one without is not written", numbers.join(", "));
    (!numbers.is_empty()).then(sentence)
}

/// The first picture and the first sound are played unless the viewer chooses others; no subtitle is, nor anything that
/// is meant to be played beside others.
pub(in crate::mux) fn set_defaults(tracks: &mut [Planned]) {
    for kind in [TrackKind::Video, TrackKind::Audio] {
        if let Some(first) = tracks.iter_mut().find(|t| t.kind == kind && !t.secondary) {
            first.entry.flags.default = true;
        }
    }
}
