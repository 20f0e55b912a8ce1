//! How long a command may be: what the way to the drive says it takes and what it takes are two things. Pure.

/// Times that the length of a command was found not to be to blame, after which it is not suspected any more: each costs
/// two commands, and a drive with many such places has said by then that it takes long ones.
const ACQUITTALS_MAX: u32 = 8;

/// Short transfers in a row that are no accident.
const SHORT_OFTEN: u32 = 3;

/// What is known of the length of commands.
#[derive(Debug, Default)]
pub(in crate::drive) struct Length {
    /// Most sectors of a command, where longer ones are known to fail.
    most: Option<u64>,
    /// Nobody has tried in this run whether longer ones still fail.
    untried: bool,
    /// Most sectors of a command that was carried out whole.
    worked: u64,
    /// First sector of the read that failed last as one that is too long would.
    suspect: Option<u64>,
    acquittals: u32,
    short_in_a_row: u32,
    /// Sectors of the shortest command among those.
    short_least: u64,
    /// Whether every command is said to be short, once that was looked for.
    residue: Option<bool>,
}

impl Length {
    /// Sectors of the next command, of so many that are wanted.
    pub(in crate::drive) fn of_command(&self, wanted: u64) -> u64 {
        self.most.map_or(wanted, |most| wanted.min(most)).max(1)
    }

    /// Most sectors of a command, where longer ones are known to fail.
    pub(in crate::drive) fn most(&self) -> Option<u64> {
        self.most
    }

    /// What an earlier run has found out.
    pub(in crate::drive) fn set_known(&mut self, most: Option<u64>) {
        self.most = most.map(|most| most.max(1));
        self.untried = most.is_some();
    }

    /// From now on no command is longer.
    pub(in crate::drive) fn shorten(&mut self, most: u64) {
        *self = Self { most: Some(most.max(1)), residue: self.residue, ..Self::default() };
    }

    /// Longer ones work after all.
    pub(in crate::drive) fn lift(&mut self) {
        *self = Self { residue: self.residue, ..Self::default() };
    }

    /// The way to the drive is another one.
    pub(in crate::drive) fn forget(&mut self) {
        *self = Self::default();
    }

    /// A command of that many sectors brought all of them.
    pub(in crate::drive) fn note_whole(&mut self, sectors: u64) {
        self.worked = self.worked.max(sectors);
        if sectors >= self.short_least {
            self.short_in_a_row = 0;
        }
    }

    /// A command of that many sectors said that all is well and brought less.
    pub(in crate::drive) fn note_short(&mut self, sectors: u64) {
        self.short_least = if self.short_in_a_row == 0 { sectors } else { self.short_least.min(sectors) };
        self.short_in_a_row += 1;
    }

    /// Whether short transfers come so often that they have a reason.
    pub(in crate::drive) fn is_often_short(&self) -> bool {
        self.short_in_a_row >= SHORT_OFTEN
    }

    /// Whether it is time to look whether every command is said to be short: none was whole so far.
    pub(in crate::drive) fn wants_residue_look(&self) -> bool {
        self.worked == 0 && self.is_often_short() && self.residue.is_none()
    }

    /// What came of that look.
    pub(in crate::drive) fn note_residue(&mut self, everywhere: bool) {
        self.residue = Some(everywhere);
    }

    /// Whether every command is said to be short.
    pub(in crate::drive) fn claims_residue(&self) -> bool {
        self.worked == 0 && self.residue == Some(true)
    }

    /// Whether a command of `sectors` from `start` on that failed may have been too long. Where such long ones have worked it
    /// is the first time taken for an accident.
    pub(in crate::drive) fn is_suspect(&mut self, start: u64, sectors: u64) -> bool {
        let again = self.suspect.replace(start) == Some(start);
        sectors > 1 && self.acquittals < ACQUITTALS_MAX && (self.worked < sectors || again || self.is_often_short())
    }

    /// It was not the length.
    pub(in crate::drive) fn acquit(&mut self) {
        self.acquittals += 1;
    }

    /// Whether a longer command than usual is to be tried, once a run: `sectors` were wanted and have come.
    pub(in crate::drive) fn take_long_try(&mut self, sectors: u64) -> bool {
        let is_longer = self.most.is_some_and(|most| sectors > most);
        is_longer && std::mem::take(&mut self.untried)
    }
}

/// The length to try next when commands of `sectors` are too long: half of it, whole units as long as there is room for one.
pub(in crate::drive) fn shorter(sectors: u64, unit: u64) -> u64 {
    let half = sectors / 2;
    let unit = unit.max(1);
    if sectors > unit { (half / unit * unit).max(unit) } else { half.max(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_halved_in_whole_units_and_then_within_one() {
        let ladder = |sectors, unit| {
            let mut lengths = vec![sectors];
            while lengths.last() != Some(&1) {
                lengths.push(shorter(lengths[lengths.len() - 1], unit));
            }
            lengths
        };
        assert_eq!(ladder(64, 32), [64, 32, 16, 8, 4, 2, 1]);
        assert_eq!(ladder(48, 16), [48, 16, 8, 4, 2, 1]);
        assert_eq!(ladder(26, 1), [26, 13, 6, 3, 1]);
    }

    #[test]
    fn a_length_that_has_worked_is_suspected_at_the_second_failure_of_a_place() {
        let mut length = Length::default();
        assert!(length.is_suspect(100, 32) && !length.is_suspect(100, 1));
        length.note_whole(32);
        assert!(!length.is_suspect(200, 32) && length.is_suspect(200, 32));
        assert!(length.is_suspect(300, 64), "longer than any that worked");
        (0..ACQUITTALS_MAX).for_each(|_| length.acquit());
        assert!(!length.is_suspect(400, 64));
        length.forget();
        assert!(length.is_suspect(400, 64));
    }

    #[test]
    fn what_an_earlier_run_knew_is_tried_once() {
        let mut length = Length::default();
        assert!(!length.take_long_try(64));
        length.set_known(Some(16));
        assert_eq!((length.of_command(64), length.of_command(7)), (16, 7));
        assert!(!length.take_long_try(16), "that is no long one");
        assert!(length.take_long_try(64) && !length.take_long_try(64));
        length.shorten(8);
        assert!(!length.take_long_try(64), "found out in this run");
        length.lift();
        assert_eq!((length.of_command(64), length.most()), (64, None));
    }

    #[test]
    fn short_transfers_have_a_reason_when_nothing_comes_whole_in_between() {
        let mut length = Length::default();
        length.note_short(64);
        length.note_short(32);
        assert!(!length.is_often_short() && !length.wants_residue_look());
        length.note_short(64);
        assert!(length.is_often_short() && length.wants_residue_look() && !length.claims_residue());
        length.note_residue(true);
        assert!(length.claims_residue() && !length.wants_residue_look());
        length.note_whole(16);
        assert!(length.is_often_short() && !length.claims_residue(), "shorter than any that was cut");
        length.note_whole(32);
        assert!(!length.is_often_short());
    }
}
