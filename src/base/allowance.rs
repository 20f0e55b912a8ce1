//! How much memory what a disc says may take: bytes that several takers share, and sentences up to a number of bytes.
//!
//! A limit for each table does not bound a disc that has thousands of them. Whatever is kept of a disc is therefore
//! charged to one allowance for its kind, and what it refuses is told, never dropped in silence.

/// What a small allocation costs beside its bytes: the allocator's own bookkeeping and rounding.
pub const ALLOCATION: usize = 24;

/// Bytes (or units of work) that may still be taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Allowance {
    left: u64,
}

impl Allowance {
    /// An allowance of this many bytes.
    #[must_use]
    pub fn new(bytes: u64) -> Self {
        Self { left: bytes }
    }

    /// Takes `bytes`; `false`, and nothing is taken, where that many are not left.
    #[must_use]
    pub fn take(&mut self, bytes: usize) -> bool {
        match self.left.checked_sub(bytes as u64) {
            Some(left) => {
                self.left = left;
                true
            }
            None => false,
        }
    }

    /// What is left.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.left
    }
}

/// Sentences for the person. Of more than the allowed bytes, the first are kept and the others counted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sentences {
    kept: Vec<String>,
    allowance: Allowance,
    left_out: u64,
}

impl Default for Sentences {
    fn default() -> Self {
        Self { kept: Vec::new(), allowance: Allowance::new(Self::BYTES), left_out: 0 }
    }
}

impl Sentences {
    /// Bytes of all sentences together: some thousands of them.
    pub const BYTES: u64 = 1 << 20;

    /// Adds a sentence.
    pub fn push(&mut self, sentence: impl Into<String>) {
        let sentence = sentence.into();
        // Once one was left out, so are all that follow: which ones are there must not depend on their lengths.
        if self.left_out == 0 && self.allowance.take(sentence.len() + ALLOCATION) {
            self.kept.push(sentence);
        } else {
            self.left_out += 1;
        }
    }

    /// Adds all of them.
    pub fn extend(&mut self, sentences: impl IntoIterator<Item = String>) {
        sentences.into_iter().for_each(|sentence| self.push(sentence));
    }

    /// The sentences so far.
    #[must_use]
    pub fn kept(&self) -> &[String] {
        &self.kept
    }

    /// The sentences, with one more that says how many were left out.
    #[must_use]
    pub fn finish(mut self) -> Vec<String> {
        let left_out = self.left_out;
        if left_out > 0 {
            self.kept.push(format!("{left_out} more notes are left out: all together would take too much memory"));
        }
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_and_what_still_fits_is_not() {
        let mut allowance = Allowance::new(10);
        assert!(allowance.take(7) && !allowance.take(4) && allowance.take(3) && !allowance.take(1));
        assert_eq!(allowance.left(), 0);
    }

    #[test]
    fn sentences_that_are_too_many_are_counted() {
        let mut sentences = Sentences::default();
        sentences.extend((0..3).map(|_| "x".repeat(400_000)));
        sentences.push("short");
        assert_eq!(sentences.kept().len(), 2);
        assert!(sentences.finish()[2].starts_with("2 more notes are left out"));
        let mut few = Sentences::default();
        few.push("one");
        assert_eq!(few.finish(), ["one"]);
    }
}
