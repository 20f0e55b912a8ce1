//! Tracks of a title that a file lacks, and why.

use serde::Serialize;

use super::super::options::Options;
use super::coding::{codec_of, number};
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
        }
    }
}

/// A declared track of the title that is not written, though nobody asked to leave it out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct LeftOut {
    /// PID in the transport stream; of a program stream the stream id, private ones as `0xBD80`.
    pub pid: u16,
    /// Its codec, as people call it.
    pub codec: String,
    /// ISO 639-2/B.
    pub language: String,
    /// Why.
    pub reason: Reason,
}

impl LeftOut {
    pub(in crate::mux) fn new(track: &Track, options: &Options, reason: Reason) -> Self {
        let codec = codec_of(track, options).map_or_else(|| coding_name(track.coding), |c| c.name().to_owned());
        let language = track.language.unwrap_or(UNDETERMINED).to_owned();
        Self { pid: number(track), codec, language, reason }
    }

    /// In a few words: `DTS eng (PID 1101): it cannot be muxed yet`.
    #[must_use]
    pub fn line(&self) -> String {
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
