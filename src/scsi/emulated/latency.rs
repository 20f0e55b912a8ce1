//! How long an emulated drive takes, and which attempts at damaged units work.
//!
//! A drive reads whole ECC units. A unit costs its bytes at the speed of its place on the disc (the speed grows
//! linearly from the inner edge outwards), a unit that is weak but works costs `weak_s` more, one that fails costs
//! `bad_s` and makes the drive read slowly for a while. To reach a unit that does not follow the last one the head
//! hops, or reads over what lies between when that is quicker. Whatever was read last stays in a cache.
//!
//! Luck is a function of seed, unit and attempt, so a run can be repeated exactly, and other programs can be measured
//! with the same luck.

use std::collections::{HashMap, HashSet};

use rangemap::RangeMap;

use crate::base::media::Media;
use crate::base::sector::{SECTOR_BYTES, SectorRange};

/// The numbers of the model.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Settings {
    /// Sectors in an ECC unit.
    pub ecc: f64,
    /// Speed at the outer edge, MB/s.
    pub rate: f64,
    /// Speed at the inner edge, as a share of `rate`.
    pub inner: f64,
    /// Seconds that a failing unit takes.
    pub bad_s: f64,
    /// Seconds that a weak unit takes beyond the usual when it works.
    pub weak_s: f64,
    /// Seconds of any hop of the head.
    pub seek_s: f64,
    /// Seconds more for a hop over the whole disc; shorter ones cost the square root of their share.
    pub stroke_s: f64,
    /// Cache, KiB.
    pub cache_kib: f64,
    /// Factor on the speed after a failure.
    pub slow: f64,
    /// For how many MiB that factor holds.
    pub slow_mib: f64,
    /// Milliseconds that any command costs.
    pub cmd_ms: f64,
    /// Seed of the luck.
    pub seed: f64,
    /// Above 1: a failure takes between `bad_s / spread` and `bad_s * spread`.
    pub spread: f64,
    /// 0: a failing command hands over nothing, not even the sound sectors before the damage.
    pub prefix: f64,
    /// Above 0: seconds after which a unit's luck is drawn again, however often it was tried. 0: a draw for each attempt.
    pub redraw: f64,
    /// 1: a failure takes its share of `bad_s` by the retry count of mode page 01h, all of it at the default count.
    pub obeys: f64,
    /// 1: the disc is a rewritable one.
    pub rewritable: f64,
    /// Above 0: the drive reads no faster than that many kB/s, whatever it says.
    pub riplock: f64,
}

/// Retry count at which a drive that obeys takes `bad_s` for a failure.
pub(super) const RETRIES_DEFAULT: u8 = 20;

impl Settings {
    /// A drive as people have them, for this kind of disc.
    #[must_use]
    pub fn for_media(media: Media) -> Self {
        let (rate, bad_s, cache_kib) = match media {
            Media::Cd => (6.0, 1.5, 1024.0),
            Media::Dvd => (11.0, 3.0, 4096.0),
            Media::Bd | Media::Uhd => (27.0, 4.0, 4096.0),
        };
        Self {
            ecc: media.ecc_unit() as f64,
            rate,
            inner: 0.42,
            bad_s,
            weak_s: 0.6,
            seek_s: 0.12,
            stroke_s: 0.10,
            cache_kib,
            slow: 0.5,
            slow_mib: 64.0,
            cmd_ms: 0.25,
            seed: 1.0,
            spread: 1.0,
            prefix: 1.0,
            redraw: 0.0,
            obeys: 0.0,
            rewritable: 0.0,
            riplock: 0.0,
        }
    }
}

/// What one read comes to.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Charge {
    /// Seconds.
    pub(super) seconds: f64,
    /// Sectors at the head of the request that are handed over.
    pub(super) sectors: u64,
    /// The first sector of the request that cannot be had, when one cannot.
    pub(super) failing: Option<u64>,
}

/// The mechanism: where the head is, what the cache holds, what was tried.
pub(super) struct Mechanism {
    settings: Settings,
    ecc: u64,
    units: u64,
    unit_chance: RangeMap<u64, u32>,
    sector_chance: RangeMap<u64, u32>,
    /// The unit that the head stands before.
    head: u64,
    cache: std::ops::Range<u64>,
    /// Bytes that will still be read slowly.
    slow_left: f64,
    /// Attempts at damaged units.
    attempts: HashMap<u64, u64>,
    /// Weak sectors that have been handed over at some time.
    delivered: HashSet<u64>,
    /// Speed set by the user, bytes a second.
    limit: f64,
    /// Share of `bad_s` that a failure takes.
    patience: f64,
}

impl Mechanism {
    /// A drive with a disc of `sectors`; maps hold the chances of what is not sound.
    pub(super) fn new(
        settings: Settings,
        sectors: u64,
        unit_chance: RangeMap<u64, u32>,
        sector_chance: RangeMap<u64, u32>,
    ) -> Self {
        let ecc = whole(settings.ecc).max(1);
        let units = sectors.div_ceil(ecc);
        Self {
            settings,
            ecc,
            units,
            unit_chance,
            sector_chance,
            head: 0,
            cache: 0..0,
            slow_left: 0.0,
            attempts: HashMap::new(),
            delivered: HashSet::new(),
            limit: if settings.riplock > 0.0 { settings.riplock * 1000.0 } else { f64::INFINITY },
            patience: 1.0,
        }
    }

    /// Sets the speed of reading, kB/s; `None` is the fastest.
    pub(super) fn set_speed(&mut self, kilobytes: Option<u32>) {
        let lock = if self.settings.riplock > 0.0 { self.settings.riplock * 1000.0 } else { f64::INFINITY };
        self.limit = kilobytes.map_or(f64::INFINITY, |k| f64::from(k.max(1)) * 1000.0).min(lock);
    }

    /// Sets how often the drive tries before it gives a unit up.
    pub(super) fn set_retries(&mut self, count: u8) {
        if self.settings.obeys >= 1.0 {
            self.patience = (1.0 + f64::from(count)) / (1.0 + f64::from(RETRIES_DEFAULT));
        }
    }

    /// Settings as they were at first, and nothing in the cache.
    pub(super) fn reset(&mut self) {
        self.set_speed(None);
        self.set_retries(RETRIES_DEFAULT);
        self.cache = self.head..self.head;
    }

    /// Sectors in an ECC unit.
    pub(super) fn ecc(&self) -> u64 {
        self.ecc
    }

    /// Seconds of an ordinary failure.
    pub(super) fn effort_seconds(&self) -> f64 {
        self.settings.bad_s * self.patience
    }

    /// Seconds that a unit takes beyond the usual when the drive has to work for it.
    pub(super) fn weak_seconds(&self) -> f64 {
        self.settings.weak_s
    }

    /// Top speed, kB/s.
    pub(super) fn top_speed(&self) -> f64 {
        self.settings.rate * 1000.0
    }

    /// Whether a unit lies in the cache.
    pub(super) fn holds(&self, unit: u64) -> bool {
        self.cache.contains(&unit)
    }

    /// Seconds of a command that moves nothing.
    pub(super) fn command_seconds(&self) -> f64 {
        self.settings.cmd_ms / 1e3
    }

    /// Reads `range`, which is not empty and lies on the disc, `now` seconds after the drive's first moment.
    pub(super) fn read(&mut self, range: SectorRange, fua: bool, now: f64) -> Charge {
        let mut seconds = self.command_seconds();
        let units = range.start() / self.ecc..(range.end() - 1) / self.ecc + 1;
        for unit in units {
            let wanted = SectorRange::with_len(unit * self.ecc, self.ecc).intersect(range);
            if !fua && self.is_cached(unit, wanted) {
                continue;
            }
            if unit != self.head {
                seconds += self.reach(unit);
                self.cache = unit..unit;
            }
            let failing = self.attempt(unit, wanted, now + seconds);
            if let Some(lba) = failing {
                seconds += self.failure_seconds(unit);
                self.slow_left = self.settings.slow_mib * 1_048_576.0;
                self.head = unit;
                self.cache = unit..unit;
                let end = if self.settings.prefix < 1.0 { range.start() } else { lba };
                let sectors = self.hand_over(SectorRange::new(range.start(), end));
                return Charge { seconds, sectors, failing };
            }
            seconds += self.pass(unit);
        }
        Charge { seconds, sectors: self.hand_over(range), failing: None }
    }

    fn unit_bytes(&self) -> f64 {
        (self.ecc * SECTOR_BYTES) as f64
    }

    /// Bytes a second at a unit, without what slows a drive after a failure.
    fn speed(&self, unit: u64) -> f64 {
        let place = unit as f64 / self.units as f64;
        self.settings.rate * 1e6 * (self.settings.inner + (1.0 - self.settings.inner) * place)
    }

    /// Seconds to bring the head before `unit`.
    fn reach(&self, unit: u64) -> f64 {
        let gap = unit.abs_diff(self.head) as f64;
        let hop = self.settings.seek_s + self.settings.stroke_s * (gap / self.units as f64).sqrt();
        let skim = gap * self.unit_bytes() / self.speed(unit).min(self.limit);
        if unit > self.head { skim.min(hop) } else { hop }
    }

    /// Tries a unit; tells the first sector of `wanted` that cannot be had. A unit that fails whole gives none.
    fn attempt(&mut self, unit: u64, wanted: SectorRange, now: f64) -> Option<u64> {
        let odds = self.chance_of_unit(unit);
        let whole_unit = unit * self.ecc..(unit + 1) * self.ecc;
        if odds >= 1.0 && !self.sector_chance.overlaps(&whole_unit) {
            return None;
        }
        let weak = self.sector_chance.overlapping(wanted.start()..wanted.end());
        let draw = match self.settings.redraw {
            redraw if redraw > 0.0 => whole(now / redraw),
            _ => self.attempts.get(&unit).copied().unwrap_or(0),
        };
        let lucky = |what: u64, odds: f64| odds >= 1.0 || (odds > 0.0 && self.coin(what, draw) < odds);
        let failing = if lucky(unit, odds) {
            weak.flat_map(|(part, bits)| {
                let part = SectorRange::new(part.start, part.end).intersect(wanted);
                (part.start()..part.end()).map(|sector| (sector, f64::from(f32::from_bits(*bits))))
            })
            .find(|(sector, odds)| !lucky(sector.wrapping_add(self.units), *odds))
            .map(|(sector, _)| sector)
        } else {
            Some(wanted.start())
        };
        *self.attempts.entry(unit).or_default() += 1;
        failing
    }

    /// Seconds of an attempt at `unit` that failed.
    fn failure_seconds(&self, unit: u64) -> f64 {
        let spread = self.settings.spread;
        if spread <= 1.0 {
            return self.effort_seconds();
        }
        let attempts = self.attempts.get(&unit).copied().unwrap_or(0);
        let draw = self.coin(unit.wrapping_add(self.units.wrapping_mul(2)), attempts);
        self.effort_seconds() * spread.powf(2.0 * draw - 1.0)
    }

    /// Passes over a unit that works: its seconds; the head moves on and the cache takes it in.
    fn pass(&mut self, unit: u64) -> f64 {
        let mut speed = self.speed(unit).min(self.limit);
        if self.slow_left > 0.0 {
            speed *= self.settings.slow;
            self.slow_left -= self.unit_bytes();
        }
        self.head = unit + 1;
        let most = self.settings.cache_kib * 1024.0;
        let first = if self.cache.end == unit { self.cache.start } else { unit };
        self.cache = first..unit + 1;
        if (self.cache.end - self.cache.start) as f64 * self.unit_bytes() > most {
            self.cache.start = self.cache.end.saturating_sub(whole(most / self.unit_bytes()));
        }
        let weak = if self.chance_of_unit(unit) < 1.0 { self.settings.weak_s } else { 0.0 };
        self.unit_bytes() / speed + weak
    }

    /// Whether what is wanted of a unit lies in the cache. Its weak sectors do as far as they were handed over before.
    fn is_cached(&self, unit: u64, wanted: SectorRange) -> bool {
        self.cache.contains(&unit)
            && self.sector_chance.overlapping(wanted.start()..wanted.end()).all(|(part, bits)| {
                let part = SectorRange::new(part.start, part.end).intersect(wanted);
                f32::from_bits(*bits) >= 1.0 || (part.start()..part.end()).all(|s| self.delivered.contains(&s))
            })
    }

    /// Notes that a range goes to the user; tells how many sectors that are.
    fn hand_over(&mut self, range: SectorRange) -> u64 {
        if range.is_empty() {
            return 0;
        }
        for (part, bits) in self.sector_chance.overlapping(range.start()..range.end()) {
            let part = SectorRange::new(part.start, part.end).intersect(range);
            if f32::from_bits(*bits) > 0.0 {
                self.delivered.extend(part.start()..part.end());
            }
        }
        range.len()
    }

    fn chance_of_unit(&self, unit: u64) -> f64 {
        self.unit_chance.get(&unit).map_or(1.0, |bits| f64::from(f32::from_bits(*bits)))
    }

    /// A number from 0 up to 1 that depends on nothing but its arguments and the seed. The mixing is that of
    /// SplitMix64, so that the luck is the same as in the preload library that other programs are measured with.
    fn coin(&self, what: u64, draw: u64) -> f64 {
        let mut x = what.wrapping_mul(0x9E37_79B9_7F4A_7C15)
            ^ draw.wrapping_add(1).wrapping_mul(0xBF58_476D_1CE4_E5B9)
            ^ whole(self.settings.seed).wrapping_mul(0x94D0_49BB_1331_11EB);
        x = (x ^ x >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ x >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^= x >> 31;
        (x >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// The whole part of a number that is not negative.
#[allow(clippy::cast_sign_loss)] // negative numbers and NaN become 0, large ones the largest
pub(super) fn whole(number: f64) -> u64 {
    number as u64
}

#[cfg(test)]
#[path = "tests/latency.rs"]
mod tests;
