//! The blocks of a map in figures, before they are written.

use super::super::status::{Phase, Status, StatusLine};
use super::super::text::Block;

/// What a list of blocks comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Bytes of each status, in the order of [`Status::ALL`].
    bytes: [u64; Status::ALL.len()],
    /// Longest stretches of one status.
    pub ranges: u64,
    /// Bytes from the first to the last that the blocks speak of.
    pub size_bytes: u64,
}

impl Tally {
    /// Counts blocks that follow each other; neighbours may have one status.
    #[must_use]
    pub fn of(blocks: impl Iterator<Item = Block>) -> Self {
        let mut tally = Self::default();
        let mut last = None;
        for block in blocks.filter(|block| block.size > 0) {
            tally.bytes[block.status as usize] += block.size;
            tally.size_bytes += block.size;
            tally.ranges += u64::from(last != Some(block.status));
            last = Some(block.status);
        }
        tally
    }

    /// Bytes that have one status.
    #[must_use]
    pub fn bytes(&self, status: Status) -> u64 {
        self.bytes[status as usize]
    }

    /// Bytes that are not finished.
    #[must_use]
    pub fn missing_bytes(&self) -> u64 {
        self.size_bytes - self.bytes(Status::Finished)
    }

    /// Where a rescue that had such a map would stand: at its end, or at its beginning with what there is to do.
    #[must_use]
    pub fn status_line(&self) -> StatusLine {
        match self.missing_bytes() {
            0 => StatusLine { phase: Phase::Finished, ..StatusLine::default() },
            _ => StatusLine::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_one_status_are_one_range() {
        let block = |pos, size, status| Block { pos, size, status };
        let blocks = [
            block(5, 5, Status::Finished),
            block(10, 3, Status::Finished),
            block(13, 0, Status::Bad),
            block(13, 2, Status::Finished),
            block(15, 1, Status::Bad),
        ];
        let tally = Tally::of(blocks.into_iter());
        assert_eq!(
            (tally.ranges, tally.size_bytes, tally.bytes(Status::Finished), tally.missing_bytes()),
            (2, 11, 10, 1)
        );
        assert_eq!(tally.status_line(), StatusLine::default());
        assert_eq!(Tally::of(blocks.into_iter().take(1)).status_line().phase, Phase::Finished);
        assert_eq!(Tally::of(std::iter::empty()), Tally::default());
    }
}
