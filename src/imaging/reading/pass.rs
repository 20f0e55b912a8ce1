//! How far a pass over single units is: which of them, and how long to its end.

use std::time::{Duration, Instant};

use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::status::Status;
use crate::recovery::Phase;

/// How often the units of a pass are counted: that walks the map.
const COUNT_EVERY: Duration = Duration::from_millis(500);

/// How far a pass over single units is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pass {
    /// The phase that it is of, and when and with how many units behind it this was begun.
    began: Option<(Phase, Duration, u64)>,
    /// When the units were counted last.
    counted: Option<Instant>,
    /// Units behind the read under way, and all.
    pub(super) units: Option<(u64, u64)>,
    /// Time to its end.
    pub(super) seconds_left: Option<u64>,
}

impl Pass {
    /// Looks at the map again when it is time to.
    pub(super) fn update(&mut self, phase: Phase, map: &SectorMap, at: u64, unit: u64, now: Duration) {
        if !matches!(phase, Phase::Split | Phase::Retry { .. }) {
            *self = Self::default();
            return;
        }
        let is_new = self.began.is_none_or(|(before, ..)| before != phase);
        if !is_new && self.counted.is_some_and(|at| at.elapsed() < COUNT_EVERY) {
            return;
        }
        let (behind, all) = units(map, at, unit);
        let (_, start, first) = *match is_new {
            true => self.began.insert((phase, now, behind)),
            false => self.began.get_or_insert((phase, now, behind)),
        };
        let (done, spent) = (behind.saturating_sub(first), now.saturating_sub(start).as_secs_f64());
        self.counted = Some(Instant::now());
        self.units = (all > 0).then_some((behind, all));
        self.seconds_left = (done > 0).then(|| whole(spent / done as f64 * all.saturating_sub(behind) as f64));
    }
}

/// Units that failed before sector `at`, and all that failed.
fn units(map: &SectorMap, at: u64, unit: u64) -> (u64, u64) {
    let is_failed = |status| matches!(status, Status::NonTrimmed | Status::NonScraped | Status::Bad);
    let (mut behind, mut all, mut counted_to) = (0, 0, 0);
    for (range, _) in map.iter().filter(|(_, status)| is_failed(*status)) {
        // Two ranges of one unit are one.
        let wide = range.widen_to(unit);
        let start = wide.start().max(counted_to);
        let end = wide.end().max(start);
        all += (end - start).div_ceil(unit);
        behind += (end.min(at.max(start)) - start) / unit;
        counted_to = end;
    }
    (behind, all)
}

/// Seconds as a whole number.
#[allow(clippy::cast_sign_loss, reason = "cut at zero")]
fn whole(seconds: f64) -> u64 {
    seconds.max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::sector::{SECTOR_BYTES, SectorRange};

    #[test]
    fn units_of_a_pass_are_counted_once_each() {
        let mut map = SectorMap::new(1000, 1000 * SECTOR_BYTES);
        map.set(SectorRange::new(0, 1000), Status::Finished);
        for (start, end) in [(33, 34), (40, 41), (64, 128), (320, 352)] {
            map.set(SectorRange::new(start, end), Status::NonScraped);
        }
        map.set(SectorRange::new(500, 600), Status::NonTried);
        assert_eq!(units(&map, 0, 32), (0, 4), "two places of one unit are one");
        assert_eq!(units(&map, 96, 32), (2, 4));
        assert_eq!(units(&map, 999, 32), (4, 4));
    }

    #[test]
    fn the_end_of_a_pass_is_told_from_what_its_units_took() {
        let mut map = SectorMap::new(3200, 3200 * SECTOR_BYTES);
        map.set(SectorRange::new(0, 3200), Status::NonScraped);
        let mut pass = Pass::default();
        let retry = |pass| Phase::Retry { pass, passes: 3 };
        pass.update(retry(1), &map, 0, 32, Duration::from_secs(10));
        assert_eq!((pass.units, pass.seconds_left), (Some((0, 100)), None));
        pass.counted = None;
        pass.update(retry(1), &map, 320, 32, Duration::from_secs(60));
        assert_eq!((pass.units, pass.seconds_left), (Some((10, 100)), Some(450)));
        pass.update(retry(2), &map, 0, 32, Duration::from_secs(70));
        assert_eq!((pass.units, pass.seconds_left), (Some((0, 100)), None), "a new pass begins anew");
        pass.update(Phase::Fill, &map, 0, 32, Duration::from_secs(80));
        assert_eq!(pass.units, None);
    }
}
