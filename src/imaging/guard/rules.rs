//! The rules of the guard, each of which can be switched off by itself: to show that it is needed, and what it costs.

/// What a drive is not believed without. All of it holds by default; `docs/recovery.md` says why for each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a rule by itself")]
pub struct GuardRules {
    /// After every command behind which the drive may have been reset, its settings are read back, and sent again where
    /// they are lost, before the next read. Without PER in mode page 01h a drive says nothing of bytes that it guessed.
    pub settings_after_reset: bool,
    /// From a failure on, what the drive says is held back until a known-good place reads as before.
    pub known_good_check: bool,
    /// Zeros that come after a failure count for nothing while no place is known that is not zero and reads as before.
    pub zeros: bool,
    /// What was held back when drive or disc were started again is taken back, even though the drive is well now.
    pub restarts: bool,
    /// Data with a recovered error (01/xx) is read a second time past the cache and must agree.
    pub second_read: bool,
    /// So is what came before the end of a command that ended in anything else, and what came from the cache of a place
    /// where a command had: of that the drive says nothing, whatever it had to do for it.
    pub unsaid_effort: bool,
    /// When the disc may have been changed, its known-good places are compared, and another disc ends the run.
    pub same_disc: bool,
}

impl Default for GuardRules {
    fn default() -> Self {
        Self {
            settings_after_reset: true,
            known_good_check: true,
            zeros: true,
            restarts: true,
            second_read: true,
            unsaid_effort: true,
            same_disc: true,
        }
    }
}

impl GuardRules {
    /// None of them.
    #[must_use]
    pub fn none() -> Self {
        Self {
            settings_after_reset: false,
            known_good_check: false,
            zeros: false,
            restarts: false,
            second_read: false,
            unsaid_effort: false,
            same_disc: false,
        }
    }
}
