//! Damage plans: what is wrong with an emulated disc and drive, as a value and as text.
//!
//! The text has a line for each thing; `#` begins a comment:
//!
//! ```text
//! rate 11.0               a setting of the time model, see `Settings`
//! bad FIRST COUNT P       these ECC units fail whole; an attempt works with chance P
//! bads FIRST COUNT P      only these sectors fail
//! at SECONDS notready [FOR]    the drive is not ready from then on, or for so many seconds
//! at SECONDS eject             the disc is out from then on; `nomedium` is the same
//! at SECONDS unplug            the drive is gone from then on
//! ```
//!
//! Of lines of one kind for one place the last counts.

use std::time::Duration;

use rangemap::RangeMap;
use thiserror::Error;

use super::latency::Settings;
use crate::base::media::Media;
use crate::base::set::SectorSet;

/// Lines of a plan with something in them.
const LINES_MAX: usize = 1_000_000;

/// Characters of one line.
const LINE_MAX: usize = 255;

/// Largest unit, sector or count that a plan may name.
const NUMBER_MAX: f64 = 9_007_199_254_740_992.0;

/// What is wrong with a line of a plan.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("damage plan, line {line}: {what}")]
pub struct PlanError {
    /// Its number, from 1.
    pub line: usize,
    /// A sentence.
    pub what: String,
}

/// Something that happens to the drive at a moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Happening {
    /// It becomes ready only after the time given, or never.
    NotReady(Option<Duration>),
    /// The disc is taken out.
    Eject,
    /// The drive is unplugged.
    Unplug,
}

/// What is wrong with a disc and its drive. The default is nothing.
#[derive(Clone, Debug, Default)]
pub struct DamagePlan {
    /// The time model as far as the plan sets it.
    pub(super) settings: Vec<(Setting, f64)>,
    /// Chance that an attempt at a unit works, as the bits of an `f32`; units that are not named are sound.
    pub(super) units: RangeMap<u64, u32>,
    /// The same for single sectors.
    pub(super) sectors: RangeMap<u64, u32>,
    /// What happens when, counted from the drive's first moment.
    pub(super) happenings: Vec<(Duration, Happening)>,
}

/// Names one field of [`Settings`].
pub(super) type Setting = fn(&mut Settings) -> &mut f64;

/// The settings: name, field, least and greatest value.
const SETTINGS: [(&str, Setting, f64, f64); 15] = [
    ("ecc", |s| &mut s.ecc, 1.0, 4096.0),
    ("rate", |s| &mut s.rate, 1e-3, 1e6),
    ("inner", |s| &mut s.inner, 1e-3, 1e3),
    ("bad_s", |s| &mut s.bad_s, 0.0, 1e6),
    ("weak_s", |s| &mut s.weak_s, 0.0, 1e6),
    ("seek_s", |s| &mut s.seek_s, 0.0, 1e6),
    ("stroke_s", |s| &mut s.stroke_s, 0.0, 1e6),
    ("cache_kib", |s| &mut s.cache_kib, 0.0, 1e9),
    ("slow", |s| &mut s.slow, 1e-3, 1e3),
    ("slow_mib", |s| &mut s.slow_mib, 0.0, 1e9),
    ("cmd_ms", |s| &mut s.cmd_ms, 0.0, 1e6),
    ("seed", |s| &mut s.seed, 0.0, NUMBER_MAX),
    ("spread", |s| &mut s.spread, 0.0, 1e3),
    ("prefix", |s| &mut s.prefix, 0.0, 1.0),
    ("redraw", |s| &mut s.redraw, 0.0, 1e9),
];

/// First words of lines that only a fuller emulation understands.
const BEYOND: [&str; 4] = ["recovered", "short", "zero-after", "wedge"];

impl DamagePlan {
    /// A plan in which nothing is wrong.
    #[must_use]
    pub fn sound() -> Self {
        Self::default()
    }

    /// A plan in which these sectors, and only they, never read.
    #[must_use]
    pub fn dead(sectors: &SectorSet) -> Self {
        let mut plan = Self::default();
        for range in sectors.ranges() {
            plan.sectors.insert(range.start()..range.end(), 0);
        }
        plan
    }

    /// The plan, with something that happens `after` the drive's first moment.
    #[must_use]
    pub fn with(mut self, after: Duration, happening: Happening) -> Self {
        self.happenings.push((after, happening));
        self
    }

    /// Reads a plan.
    ///
    /// # Errors
    /// The first line that cannot be understood.
    pub fn parse(text: &str) -> Result<Self, PlanError> {
        let mut plan = Self::default();
        let mut used = 0;
        for (number, line) in text.lines().enumerate() {
            let fail = |what| PlanError { line: number + 1, what };
            let content = line.split('#').next().unwrap_or_default();
            let words: Vec<&str> = content.split_ascii_whitespace().take(8).collect();
            if words.is_empty() {
                continue;
            }
            used += 1;
            if used > LINES_MAX {
                return Err(fail(format!("a plan has at most {LINES_MAX} lines")));
            }
            if content.len() > LINE_MAX {
                return Err(fail(format!("a line has at most {LINE_MAX} characters")));
            }
            plan.line(&words).map_err(fail)?;
        }
        Ok(plan)
    }

    fn line(&mut self, words: &[&str]) -> Result<(), String> {
        match *words {
            ["bad", first, count, chance] => self.units.insert(span(first, count)?, odds(chance)?),
            ["bads", first, count, chance] => self.sectors.insert(span(first, count)?, odds(chance)?),
            ["bad" | "bads", ..] => return Err(format!("write it as '{} FIRST COUNT CHANCE'", words[0])),
            ["at", seconds, ref what @ ..] => self.happenings.push((moment(seconds)?, happening(what)?)),
            [word, ..] if BEYOND.contains(&word) => {
                return Err(format!("this emulated drive has no '{word}' faults"));
            }
            [name, value] => {
                let Some((_, setting, least, most)) = SETTINGS.iter().find(|s| s.0 == name) else {
                    return Err(format!("'{}' is no setting and no fault", shown(name)));
                };
                let value = number(value)?;
                if !(*least..=*most).contains(&value) {
                    return Err(format!("'{name}' must lie between {least} and {most}"));
                }
                self.settings.push((*setting, value));
            }
            _ => return Err(format!("'{}' cannot be understood here", shown(words.first().unwrap_or(&"")))),
        }
        Ok(())
    }

    /// The time model: what a drive for `media` does, as far as the plan says nothing else.
    pub(super) fn settings_for(&self, media: Media) -> Settings {
        let mut settings = Settings::for_media(media);
        for (setting, value) in &self.settings {
            *setting(&mut settings) = *value;
        }
        // A unit is a whole number of sectors.
        settings.ecc = settings.ecc.floor().max(1.0);
        settings
    }
}

fn happening(words: &[&str]) -> Result<Happening, String> {
    match *words {
        ["notready"] => Ok(Happening::NotReady(None)),
        ["notready", time] => Ok(Happening::NotReady(Some(moment(time)?))),
        ["eject" | "nomedium"] => Ok(Happening::Eject),
        ["unplug"] => Ok(Happening::Unplug),
        ["swap", ..] => Err("this emulated drive cannot swap discs".into()),
        _ => Err("after 'at SECONDS' comes notready, eject or unplug".into()),
    }
}

/// A range of units or sectors; an empty one becomes one that no disc reaches, since a map takes none.
fn span(first: &str, count: &str) -> Result<std::ops::Range<u64>, String> {
    let (first, count) = (whole(first)?, whole(count)?);
    Ok(if count == 0 { u64::MAX - 1..u64::MAX } else { first..first + count })
}

fn whole(text: &str) -> Result<u64, String> {
    let value = number(text)?;
    if value.fract() != 0.0 || !(0.0..=NUMBER_MAX).contains(&value) {
        return Err(format!("'{}' is no whole number", shown(text)));
    }
    #[allow(clippy::cast_sign_loss)] // checked just above
    Ok(value as u64)
}

fn odds(text: &str) -> Result<u32, String> {
    let value = number(text)?;
    if !(0.0..=1.0).contains(&value) {
        return Err(format!("'{}' is no chance: it must lie between 0 and 1", shown(text)));
    }
    // Single precision, as the model that this one must agree with keeps it.
    Ok((value as f32).to_bits())
}

fn moment(text: &str) -> Result<Duration, String> {
    let value = number(text)?;
    Duration::try_from_secs_f64(value)
        .ok()
        .filter(|_| value <= 1e9)
        .ok_or_else(|| format!("'{}' is no number of seconds", shown(text)))
}

fn number(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|v: &f64| v.is_finite()).ok_or_else(|| format!("'{}' is no number", shown(text)))
}

fn shown(text: &str) -> String {
    crate::base::human::printable(&text.chars().take(40).collect::<String>())
}

#[cfg(test)]
#[path = "faults_tests.rs"]
mod tests;
