//! What following a disc's programs tells, whatever kind of disc it is.

use std::collections::BTreeMap;
use std::fmt;

/// What lies between a disc that is inserted and a title that plays, the least certain first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum How {
    /// A value that the disc does not set decides: a setting of the player, a random number. Proves nothing.
    Unknown,
    /// A program that is not followed has leave to play it, and only some others.
    Listed,
    /// The viewer asks for a title by its number.
    Number,
    /// The viewer uses the menu.
    Button,
    /// Nothing: it plays by itself.
    Direct,
}

impl How {
    /// The word of reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Listed => "listed",
            Self::Number => "number",
            Self::Button => "button",
            Self::Direct => "direct",
        }
    }
}

/// The number that the player shows while something plays.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Under {
    /// What plays when the disc is inserted.
    FirstPlay,
    /// The top menu.
    Menu,
    /// A title, counted from 1.
    Title(u16),
}

/// `first play`, `menu`, `3`.
impl fmt::Display for Under {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FirstPlay => f.write_str("first play"),
            Self::Menu => f.write_str("menu"),
            Self::Title(number) => write!(f, "{number}"),
        }
    }
}

/// One way in which something is played.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PlayedBy {
    /// Under which title.
    pub under: Under,
    /// What lies before it.
    pub how: How,
}

/// What a disc plays.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Navigation {
    /// By the id of what is played ([`crate::title::model::Title::id`]): all titles under which it is.
    played: BTreeMap<String, Vec<PlayedBy>>,
    /// Why something that is not reached may be played all the same, a few words each.
    blind: Vec<&'static str>,
}

/// Nothing was followed.
impl Default for Navigation {
    fn default() -> Self {
        Self::new(BTreeMap::new(), vec!["the disc's index, which cannot be read"])
    }
}

impl Navigation {
    /// An answer. `blind`: why something that is not reached may be played all the same.
    #[must_use]
    pub(crate) fn new(played: BTreeMap<String, Vec<PlayedBy>>, blind: Vec<&'static str>) -> Self {
        Self { played, blind }
    }

    /// How the title `id` is played, by ascending titles; empty where no way to it is found.
    #[must_use]
    pub fn played_by(&self, id: &str) -> &[PlayedBy] {
        self.played.get(id).map_or(&[], Vec::as_slice)
    }

    /// The most certain way to the title `id`.
    #[must_use]
    pub fn best(&self, id: &str) -> Option<How> {
        self.played_by(id).iter().map(|p| p.how).max()
    }

    /// Whether a title that is not reached is never played.
    #[must_use]
    pub fn proves_absence(&self) -> bool {
        self.blind.is_empty()
    }

    /// Why it does not, a few words each.
    #[must_use]
    pub fn blind(&self) -> &[&'static str] {
        &self.blind
    }
}
