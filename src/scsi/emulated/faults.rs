//! Damage plans: what is wrong with an emulated disc and drive, as a value and as text.
//!
//! The text has a line for each thing; `#` begins a comment:
//!
//! ```text
//! rate 11.0               a setting of the time model, see `Settings`
//! bad FIRST COUNT P       these ECC units fail whole; an attempt works with chance P
//! bads FIRST COUNT P      only these sectors fail
//! recovered UNIT COUNT [WRONG [same]]  these units read with effort: 01/17/01 where mode page 01h has PER set. The first
//!                                  WRONG times that each is taken from the disc it brings wrong bytes, other ones
//!                                  each time or the same ones
//! short UNIT COUNT SECTORS         of each of these units one command brings that many sectors, says GOOD and ends
//! blank UNIT COUNT                 these units were never written: 08/00/00; the disc is a rewritable one
//! answer UNIT COUNT WHAT [TIMES]   a read that comes to these units gets this answer, always or that many times. WHAT is
//!                                  sense data (03/11/05), a status (status:18) or a host status (host:07)
//! zero-after ERRORS                after that many failed reads all bytes are zero, with GOOD
//! wedge ERRORS SECONDS [SENSE] [stuck]   after that many failed reads in that many seconds every read is refused at
//!                                  once, with 05/24/00 or this sense
//! capacity SECTORS                 the drive says that the disc has that many sectors
//! obeys 1                          failures take the longer the higher the retry count of mode page 01h is (20: `bad_s`)
//! rewritable 1             the disc is a rewritable one
//! riplock KB/S                     the drive reads no faster than this and says nothing about it
//! at SECONDS notready [FOR]    the drive is not ready from then on, or for that many seconds
//! at SECONDS eject             the disc is out from then on; `nomedium` is the same
//! at SECONDS swap IMAGE        another disc, without damage, is in from then on; IMAGE goes to the end of the line
//! at SECONDS unplug            the drive is gone from then on
//! at SECONDS reset             the drive is reset: its settings are lost, and 06/29/00 tells the next command
//! at SECONDS refuse-settings   MODE SELECT, SET CD SPEED and SET STREAMING are refused from then on
//! resets [silent]              each command that ends in a time-out, a failing way or an abort (host status, 0B,
//!                              TASK ABORTED) resets the drive; 06/29/00 tells it, or with `silent` somebody else was told
//! ```
//!
//! Of lines of one kind for one place the last counts; `recovered`, `short`, `blank` and `answer` are one kind. Stopping
//! and starting the disc ends what `zero-after` and `wedge` began, but not a wedge that is `stuck`.

use std::time::Duration;

use rangemap::RangeMap;
use thiserror::Error;

use super::latency::Settings;
use crate::base::media::Media;
use crate::base::outcome::Sense;
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
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Happening {
    /// It becomes ready only after the time given, or never.
    NotReady(Option<Duration>),
    /// The disc is taken out.
    Eject,
    /// The disc of this name takes its place; whoever builds the drive hands it in.
    Swap(String),
    /// The drive is unplugged.
    Unplug,
    /// It is reset and says so.
    Reset,
    /// It takes no settings any more.
    RefuseSettings,
}

/// How the drive behaves at a unit, beside failing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Manner {
    /// It has to work for the unit, and is wrong the first times: always alike, or in another way each time.
    Recovered { wrong: u64, same: bool },
    /// It hands over that many sectors and says that all is well.
    Short { sectors: u64 },
    /// The unit was never written.
    Blank,
    /// It says something else, always or that many times.
    Answer { what: Answered, times: Option<u64> },
}

/// What a read is answered in place of data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Answered {
    /// CHECK CONDITION.
    Sense(Sense),
    /// Another status, without sense data.
    Status(u8),
    /// The way to the drive fails.
    Host(u16),
}

/// After how many failures in what time the firmware gives up, and how that shows.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Wedge {
    pub(super) errors: u64,
    pub(super) seconds: f64,
    pub(super) sense: Sense,
    /// Stopping and starting the disc does not help.
    pub(super) stuck: bool,
}

/// Commands that went wrong reset the drive; this is who hears of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Resets {
    /// The next command is told (06/29/00).
    Told,
    /// The unit attention went to somebody else: the error handler of the kernel.
    Silent,
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
    /// Index into `manners` by unit.
    pub(super) manner_of: RangeMap<u64, usize>,
    pub(super) manners: Vec<Manner>,
    pub(super) zero_after: Option<u64>,
    pub(super) wedge: Option<Wedge>,
    /// Sectors that the drive says there are.
    pub(super) capacity: Option<u64>,
    pub(super) resets: Option<Resets>,
}

/// Names one field of [`Settings`].
pub(super) type Setting = fn(&mut Settings) -> &mut f64;

/// The settings: name, field, least and greatest value.
const SETTINGS: [(&str, Setting, f64, f64); 18] = [
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
    ("obeys", |s| &mut s.obeys, 0.0, 1.0),
    ("rewritable", |s| &mut s.rewritable, 0.0, 1.0),
    ("riplock", |s| &mut s.riplock, 0.0, 1e9),
];

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
            let mut words: Vec<&str> = content.split_ascii_whitespace().take(8).collect();
            if let ["at", _, "swap", _, ..] = *words {
                // A path may hold spaces.
                words.truncate(3);
                words.extend(content.split_once("swap").map(|(_, name)| name.trim()));
            }
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
            ["recovered", first, count] => {
                self.behave(first, count, Manner::Recovered { wrong: 0, same: false })?;
            }
            ["recovered", first, count, wrong] => {
                self.behave(first, count, Manner::Recovered { wrong: whole(wrong)?, same: false })?;
            }
            ["recovered", first, count, wrong, "same"] => {
                self.behave(first, count, Manner::Recovered { wrong: whole(wrong)?, same: true })?;
            }
            ["short", first, count, sectors] => {
                self.behave(first, count, Manner::Short { sectors: whole(sectors)? })?;
            }
            ["blank", first, count] => self.behave(first, count, Manner::Blank)?,
            ["answer", first, count, what] => {
                self.behave(first, count, Manner::Answer { what: answered(what)?, times: None })?;
            }
            ["answer", first, count, what, times] => {
                self.behave(first, count, Manner::Answer { what: answered(what)?, times: Some(whole(times)?) })?;
            }
            ["zero-after", errors] => self.zero_after = Some(whole(errors)?),
            ["wedge", errors, seconds, ref how @ ..] => self.wedge = Some(wedge(errors, seconds, how)?),
            ["resets"] => self.resets = Some(Resets::Told),
            ["resets", "silent"] => self.resets = Some(Resets::Silent),
            ["capacity", sectors] => self.capacity = Some(whole(sectors)?),
            ["recovered" | "short" | "blank" | "answer" | "zero-after" | "wedge" | "capacity" | "resets", ..] => {
                return Err(format!("'{}' wants other words behind it", words[0]));
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

    /// How the drive behaves at these units from now on.
    fn behave(&mut self, first: &str, count: &str, manner: Manner) -> Result<(), String> {
        self.manner_of.insert(span(first, count)?, self.manners.len());
        self.manners.push(manner);
        Ok(())
    }

    /// Names of the discs that come in later.
    pub fn discs(&self) -> impl Iterator<Item = &str> {
        self.happenings.iter().filter_map(|(_, happening)| match happening {
            Happening::Swap(name) => Some(name.as_str()),
            _ => None,
        })
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
        ["reset"] => Ok(Happening::Reset),
        ["refuse-settings"] => Ok(Happening::RefuseSettings),
        ["swap", image] if !image.is_empty() => Ok(Happening::Swap(image.to_owned())),
        _ => Err("after 'at SECONDS' comes notready, eject, swap IMAGE, unplug, reset or refuse-settings".into()),
    }
}

fn wedge(errors: &str, seconds: &str, how: &[&str]) -> Result<Wedge, String> {
    let mut wedge = Wedge {
        errors: whole(errors)?.max(1),
        seconds: moment(seconds)?.as_secs_f64(),
        sense: Sense::new(5, 0x24, 0),
        stuck: false,
    };
    for word in how {
        match *word {
            "stuck" => wedge.stuck = true,
            text => wedge.sense = sense(text)?,
        }
    }
    Ok(wedge)
}

fn answered(text: &str) -> Result<Answered, String> {
    let hex = |digits: &str| u8::from_str_radix(digits, 16).map_err(|_| format!("'{}' is no status", shown(text)));
    if let Some(digits) = text.strip_prefix("status:") {
        return Ok(Answered::Status(hex(digits)?));
    }
    if let Some(digits) = text.strip_prefix("host:") {
        return Ok(Answered::Host(hex(digits)?.into()));
    }
    sense(text).map(Answered::Sense)
}

/// Key, code and qualifier as [`Sense`] shows them.
fn sense(text: &str) -> Result<Sense, String> {
    let bytes: Vec<u8> = text.split('/').filter_map(|digits| u8::from_str_radix(digits, 16).ok()).collect();
    match *bytes.as_slice() {
        [key @ 0..16, asc, ascq] if text.split('/').count() == 3 => Ok(Sense::new(key, asc, ascq)),
        _ => Err(format!("'{}' is no sense data: write it as 03/11/00", shown(text))),
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
