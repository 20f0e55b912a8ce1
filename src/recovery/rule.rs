//! Which idea chose a stretch to read.

/// Names the rules of filling, as `docs/recovery.md` does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Rule {
    /// A stride back from the sound far end of a gap.
    Return,
    /// What the shares and lags promise most for.
    Offer,
    /// What is left, forward.
    Tail,
}
