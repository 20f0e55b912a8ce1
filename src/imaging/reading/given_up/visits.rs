//! What is still to be asked for once more when all else is done. Pure.

use std::collections::VecDeque;

use crate::base::sector::SectorRange;
use crate::imaging::guard::HUNG;
use crate::mapfile::aside::{Aside, Asides};

/// Places that are still to be asked for once more.
#[derive(Debug, Default)]
pub(in crate::imaging::reading) struct Visits {
    /// Those that the drive answers at once.
    pub(in crate::imaging::reading) quick: VecDeque<SectorRange>,
    /// Those that were never answered.
    pub(in crate::imaging::reading) hung: VecDeque<SectorRange>,
}

impl Visits {
    /// Of what earlier runs set aside: of the places that were never answered those first that were asked for least often,
    /// lest each run spends its time on the same ones.
    pub(in crate::imaging::reading) fn of(asides: &Asides) -> Self {
        let mut visits = Self::default();
        let mut hung = Vec::new();
        for (range, aside) in asides.iter().filter(|(_, aside)| aside.is_asked_again()) {
            if is_hung(&aside) { hung.push((aside.attempts, range)) } else { visits.quick.push_back(range) }
        }
        hung.sort_by_key(|(attempts, _)| *attempts);
        visits.hung = hung.into_iter().map(|(_, range)| range).collect();
        visits
    }

    /// One more place.
    pub(in crate::imaging::reading) fn add(&mut self, range: SectorRange, aside: &Aside) {
        let queue = if is_hung(aside) { &mut self.hung } else { &mut self.quick };
        queue.push_back(range);
    }
}

fn is_hung(aside: &Aside) -> bool {
    aside.seconds >= HUNG
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::outcome::Complaint;
    use crate::mapfile::aside::Cause;

    #[test]
    fn what_was_asked_for_least_often_comes_first_of_what_is_never_answered() {
        let mut asides = Asides::default();
        for (start, cause, attempts, seconds) in [
            (0, Cause::Answer, 3, 30.0),
            (10, Cause::Answer, 9, 0.1),
            (20, Cause::Answer, 1, 30.0),
            (30, Cause::RunEnded, 2, 0.1),
            (40, Cause::Answer, 2, 30.0),
        ] {
            let aside = Aside { cause, said: Complaint::default(), attempts, seconds };
            asides.insert(SectorRange::with_len(start, 5), aside);
        }
        let visits = Visits::of(&asides);
        let starts = |queue: &VecDeque<SectorRange>| queue.iter().map(|range| range.start()).collect::<Vec<_>>();
        assert_eq!((starts(&visits.quick), starts(&visits.hung)), (vec![10], vec![20, 40, 0]));
    }
}
