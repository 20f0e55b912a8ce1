//! What the user chooses of a title.

use crate::title::language;

/// What to do with the AC-3 core of TrueHD, and the core inside DTS-HD.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Core {
    /// TrueHD and its core become tracks, the core behind and not by default; DTS-HD is one track, core and all.
    #[default]
    Keep,
    /// The core alone, where there is one.
    Only,
    /// TrueHD alone; DTS-HD as it is.
    Drop,
}

/// What to do with forced subtitles: those that are shown although subtitles are off.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Forced {
    /// They stay among the others.
    #[default]
    Keep,
    /// They become tracks of their own too, where there are any.
    Extra,
    /// No other subtitles are taken.
    Only,
}

/// Which tracks of a kind are wanted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Selection {
    /// All.
    #[default]
    All,
    /// None.
    None,
    /// Those in these languages; any code of ISO 639 or BCP 47.
    Languages(Vec<String>),
}

impl Selection {
    pub(crate) fn takes(&self, language: Option<&str>) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Languages(wanted) => {
                let language = language.unwrap_or(language::UNDETERMINED);
                wanted.iter().any(|w| language::bibliographic(w) == Some(language))
            }
        }
    }
}

/// What the user chose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Options {
    /// What to do with TrueHD's core.
    pub core: Core,
    /// Which sound.
    pub audio: Selection,
    /// Which subtitles.
    pub subtitles: Selection,
    /// What to do with those of them that are forced.
    pub forced: Forced,
    /// Whether chapters are written.
    pub chapters: bool,
    /// Whether subtitles made of pictures are compressed. Players built on ExoPlayer refuse such files.
    pub compress_subtitles: bool,
    /// Whether a title is written though its picture cannot be.
    pub without_picture: bool,
    /// Whether text subtitles of Blu-ray stay as the disc has them; else they become plain text.
    pub keep_textst: bool,
    /// Whether the captions in the pictures become a track of text too.
    pub captions: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            core: Core::Keep,
            audio: Selection::All,
            subtitles: Selection::All,
            forced: Forced::Keep,
            chapters: true,
            compress_subtitles: false,
            without_picture: false,
            keep_textst: false,
            captions: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_chosen_by_any_code() {
        let german = Selection::Languages(vec!["de-AT".into(), "fra".into()]);
        assert!(german.takes(Some("ger")) && german.takes(Some("fre")));
        assert!(!german.takes(Some("eng")) && !german.takes(None));
        assert!(Selection::Languages(vec!["und".into()]).takes(None));
        assert!(Selection::All.takes(None) && !Selection::None.takes(Some("eng")));
    }
}
