//! A damaged disc in a drive, as arithmetic: what each command brings and what it costs.

use std::time::Duration;

use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::SectorRange;
use crate::base::sector::set::SectorSet;

/// What a drive hands over of a command that fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Prefix {
    Always,
    Never,
    Sometimes,
}

/// Seconds of drive time: a sound unit, a failing command, a seek.
#[derive(Clone, Copy, Debug)]
pub(super) struct Costs {
    pub(super) unit: f64,
    pub(super) failure: f64,
    pub(super) seek: f64,
}

pub(super) const BD: Costs = Costs { unit: 0.0039, failure: 4.0, seek: 0.12 };
pub(super) const DVD: Costs = Costs { unit: 0.0046, failure: 3.0, seek: 0.12 };

#[derive(Clone, Debug)]
pub(super) struct Disc {
    pub(super) unit: u64,
    /// Chance that an attempt at the unit works.
    pub(super) units: Vec<f64>,
    /// Chance that an attempt at the sector works, when the unit does.
    pub(super) sectors: Vec<f64>,
    pub(super) blank: SectorSet,
    pub(super) prefix: Prefix,
    pub(super) costs: Costs,
    pub(super) attempts: Vec<u32>,
    pub(super) now: Duration,
    /// The drive names the sector that a command ended at.
    pub(super) names: bool,
    /// The drive keeps no unit in its cache.
    pub(super) forgets: bool,
    head: u64,
    cached: Option<u64>,
}

impl Disc {
    /// A sound disc.
    pub(super) fn new(unit: u64, sectors: u64) -> Self {
        let units = sectors.div_ceil(unit) as usize;
        Self {
            unit,
            units: vec![1.0; units],
            sectors: vec![1.0; sectors as usize],
            blank: SectorSet::new(),
            prefix: Prefix::Always,
            costs: BD,
            attempts: vec![0; units],
            now: Duration::ZERO,
            names: false,
            forgets: false,
            head: 0,
            cached: None,
        }
    }

    pub(super) fn len(&self) -> u64 {
        self.sectors.len() as u64
    }

    /// Chance that an attempt at the sector alone works.
    pub(super) fn chance(&self, sector: u64) -> f64 {
        self.units[(sector / self.unit) as usize] * self.sectors[sector as usize]
    }

    pub(super) fn read(&mut self, range: SectorRange, fua: bool) -> Outcome {
        let before = self.now;
        let fault = self.first_fault(range, fua);
        let seconds = (self.now - before).as_secs_f64();
        let Some((sector, fault)) = fault else {
            return Outcome::complete(range.len(), seconds);
        };
        let hands_over = match self.prefix {
            Prefix::Always => true,
            Prefix::Never => false,
            Prefix::Sometimes => coin(sector, self.attempts[(sector / self.unit) as usize].into(), 3) < 0.5,
        };
        let came = if hands_over { sector - range.start() } else { 0 };
        Outcome { information: self.names.then_some(sector), ..Outcome::failed(came, fault, seconds) }
    }

    /// The first sector of `range` that does not come, and why.
    fn first_fault(&mut self, range: SectorRange, fua: bool) -> Option<(u64, Fault)> {
        for unit in range.start() / self.unit..=(range.end() - 1) / self.unit {
            let whole = SectorRange::with_len(unit * self.unit, self.unit);
            let wanted = whole.intersect(range);
            let from_cache = !fua && self.cached == Some(unit);
            if !from_cache {
                self.move_to(unit);
                self.attempts[unit as usize] += 1;
            }
            let attempt = self.attempts[unit as usize].into();
            let works = from_cache || coin(unit, attempt, 1) < self.units[unit as usize];
            let bad = (wanted.start()..wanted.end())
                .find(|sector| !works || coin(*sector, attempt, 2) >= self.sectors[*sector as usize]);
            let blank = self.blank.within(wanted).next().map(SectorRange::start);
            if let Some(blank) = blank.filter(|blank| bad.is_none_or(|bad| *blank <= bad)) {
                return Some((blank, Fault::Blank));
            }
            self.cached = (works && !self.forgets).then_some(unit);
            if let Some(sector) = bad {
                self.spend(self.costs.failure);
                self.head = unit;
                return Some((sector, Fault::Damage));
            }
            if !from_cache {
                self.spend(self.costs.unit);
                self.head = unit + 1;
            }
        }
        None
    }

    fn move_to(&mut self, unit: u64) {
        if unit > self.head {
            let skim = (unit - self.head) as f64 * self.costs.unit;
            self.spend(skim.min(self.costs.seek));
        } else if unit < self.head {
            self.spend(self.costs.seek);
        }
    }

    fn spend(&mut self, seconds: f64) {
        self.now += Duration::from_secs_f64(seconds);
    }
}

/// This share of `whole`, rounded down; a share lies in 0..1.
#[expect(clippy::cast_sign_loss, reason = "a share is not negative")]
pub(super) fn share(of: f64, whole: u64) -> u64 {
    (of * whole as f64) as u64
}

/// A number in 0..1 that depends on nothing but its arguments.
pub(super) fn coin(place: u64, attempt: u64, salt: u64) -> f64 {
    let mut x = place.wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ (attempt + 1).wrapping_mul(0xBF58_476D_1CE4_E5B9)
        ^ salt.wrapping_mul(0x94D0_49BB_1331_11EB);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((x ^ (x >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}
