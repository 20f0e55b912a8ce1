//! Tracks of a title that a file lacks, and why.

use serde::Serialize;

use super::super::options::Options;
use super::coding::{codec_of, number};
use crate::base::human::clock;
use crate::title::Coding;
use crate::title::language::UNDETERMINED;
use crate::title::model::Track;

/// Why a track is not in the file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Nothing is known here of its coding, or of the way it lies on the disc.
    NotSupported,
    /// Its packets were found, and what they hold is not what they are declared as.
    NotUnderstood,
    /// Its first packet comes later in the title than streams are looked for.
    Late,
    /// The title holds no packet of it.
    Empty,
    /// It is the picture, its packets were found, and none of it can be shown where the title plays.
    NoPicture,
    /// A stretch of the title whose picture has another codec or size than most of it.
    OtherPicture,
    /// Its stream file is not there, or cannot be opened.
    NoFile,
}

impl Reason {
    /// Whether the title has something that the file lacks for sure.
    #[must_use]
    pub fn is_loss(self) -> bool {
        self != Self::Empty
    }

    /// The reason in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::NotSupported => "it cannot be muxed yet",
            Self::NotUnderstood => "its packets hold something else than the disc says",
            Self::Late => "it begins later than streams are looked for",
            Self::Empty => "the title holds no packet of it",
            Self::NoPicture => "none of its pictures can be shown where the title plays",
            Self::OtherPicture => "its picture does not go into one track with that of the film",
            Self::NoFile => "its stream file is not there, or cannot be opened",
        }
    }
}

/// A stretch of the title that is not in the file, in seconds of the title as the disc plays it.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Stretch {
    /// The clip that it plays.
    pub clip: String,
    /// Start.
    pub from_seconds: f64,
    /// End.
    pub to_seconds: f64,
    /// The picture that most of the title has instead, in a few words, where that is the reason.
    #[serde(skip)]
    pub instead: Option<String>,
}

/// A declared track, or a stretch, of the title that is not written, though nobody asked to leave it out.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct LeftOut {
    /// PID in the transport stream; of a program stream the stream id, private ones as `0xBD80`.
    pub pid: u16,
    /// Its codec, as people call it.
    pub codec: String,
    /// ISO 639-2/B.
    pub language: String,
    /// Why.
    pub reason: Reason,
    /// Which stretch of the title, with all of its tracks; `None`: all of the track.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub stretch: Option<Stretch>,
}

impl LeftOut {
    pub(in crate::mux) fn new(track: &Track, options: &Options, reason: Reason) -> Self {
        let codec = codec_of(track, options).map_or_else(|| coding_name(track.coding), |c| c.name().to_owned());
        let language = track.language.unwrap_or(UNDETERMINED).to_owned();
        Self { pid: number(track), codec, language, reason, stretch: None }
    }

    /// In a few words: `DTS eng (PID 1101): it cannot be muxed yet`.
    #[must_use]
    pub fn line(&self) -> String {
        if let Some(stretch) = &self.stretch {
            let (from, to) = (clock(stretch.from_seconds), clock(stretch.to_seconds));
            let why = match &stretch.instead {
                Some(picture) => format!("its picture is {}, that of the film {picture}", self.codec),
                None => self.reason.words().to_owned(),
            };
            return format!("{from} to {to} of the title (clip {}): {why}", stretch.clip);
        }
        // No PID has more than 13 bits; stream ids of sound and pictures have a range of their own.
        let what = if matches!(self.pid, 0xC0..=0xEF | 0x2000..) { "stream" } else { "PID" };
        format!("{} {} ({what} {:04X}): {}", self.codec, self.language, self.pid, self.reason.words())
    }
}

/// How people call a coding that becomes no codec.
fn coding_name(coding: Coding) -> String {
    match coding {
        Coding::Mvc => "MVC".to_owned(),
        Coding::InteractiveGraphics => "menu".to_owned(),
        Coding::Unknown(number) => format!("coding {number:#04x}"),
        _ => format!("{coding:?}"),
    }
}
