//! The words of a ddrescue map: statuses of blocks and of the whole rescue.

/// Status of a range.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Status {
    /// `?` not tried.
    NonTried,
    /// `*` failed inside a command of several units.
    NonTrimmed,
    /// `/` the unit failed alone.
    NonScraped,
    /// `-` failed singly, or given up by a person.
    Bad,
    /// `+` good.
    Finished,
}

impl Status {
    /// All of them, in ddrescue's order.
    pub const ALL: [Self; 5] = [Self::NonTried, Self::NonTrimmed, Self::NonScraped, Self::Bad, Self::Finished];

    /// The character in a map file.
    #[must_use]
    pub fn symbol(self) -> char {
        match self {
            Self::NonTried => '?',
            Self::NonTrimmed => '*',
            Self::NonScraped => '/',
            Self::Bad => '-',
            Self::Finished => '+',
        }
    }

    /// The status that a character stands for.
    #[must_use]
    pub fn from_symbol(symbol: char) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.symbol() == symbol)
    }
}

/// What the rescue was doing when the map was saved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// `?`
    Copying,
    /// `*`
    Trimming,
    /// `/`
    Scraping,
    /// `-`
    Retrying,
    /// `F`, read only.
    Filling,
    /// `G`, read only.
    Generating,
    /// `+`
    Finished,
    /// `%`, read only: ddrescue 1.30.
    Sweeping,
}

impl Phase {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Copying,
        Self::Trimming,
        Self::Scraping,
        Self::Retrying,
        Self::Filling,
        Self::Generating,
        Self::Finished,
        Self::Sweeping,
    ];

    /// The character in a map file.
    #[must_use]
    pub fn symbol(self) -> char {
        match self {
            Self::Copying => '?',
            Self::Trimming => '*',
            Self::Scraping => '/',
            Self::Retrying => '-',
            Self::Filling => 'F',
            Self::Generating => 'G',
            Self::Finished => '+',
            Self::Sweeping => '%',
        }
    }

    /// The phase that a character stands for.
    #[must_use]
    pub fn from_symbol(symbol: char) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.symbol() == symbol)
    }
}

/// The first line of a map: where the rescue stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StatusLine {
    /// Byte position.
    pub position: u64,
    /// What is being done there.
    pub phase: Phase,
    /// Pass of that phase, 1 and up.
    pub pass: u32,
}

impl Default for StatusLine {
    fn default() -> Self {
        Self { position: 0, phase: Phase::Copying, pass: 1 }
    }
}
