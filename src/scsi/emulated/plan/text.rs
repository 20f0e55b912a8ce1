//! Damage plans as text. The text has a line for each thing; `#` begins a comment:
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
//! answer UNIT COUNT WHAT [TIMES] [data all|SECTORS] [after SECONDS]   a read that comes to these units gets this answer,
//!                                  always or that many times. WHAT is sense data (03/11/05), a status (status:18), a host
//!                                  status (host:07), or hang: no answer until somebody gives up waiting. The sectors
//!                                  before the unit are handed over, or all or so many of them; it may take longer
//! command OPCODE|any WHAT [TIMES] [after SECONDS]   these commands get this answer. OPCODE is in hexadecimal digits
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
//! at SECONDS attention SENSE   the next command is told this and not carried out
//! at SECONDS stop              the disc stops turning: 02/04/02 until START STOP UNIT
//! at SECONDS refuse-settings   MODE SELECT, SET CD SPEED and SET STREAMING are refused from then on
//! resets [silent]              each command that ends in a time-out, a failing way or an abort (host status, 0B,
//!                              TASK ABORTED) resets the drive; 06/29/00 tells it, or with `silent` somebody else was told
//! ```
//!
//! The lines that say what kind of disc is in are in [`super::disc`]. Of lines of one kind for one place the last counts; `recovered`, `short`, `blank` and `answer` are one kind. Stopping
//! and starting the disc ends what `zero-after` and `wedge` began, but not a wedge that is `stuck`.

use std::time::Duration;

use super::faults::{
    Answered, DamagePlan, Handed, Happening, Manner, PlanError, Refrain, Resets, Response, Setting, Wedge,
};
use crate::base::outcome::Sense;

/// Lines of a plan with something in them.
const LINES_MAX: usize = 1_000_000;

/// Characters of one line.
const LINE_MAX: usize = 255;

/// Words of a line that are looked at: more than any line has.
const WORDS_MAX: usize = 12;

/// Largest unit, sector or count that a plan may name.
const NUMBER_MAX: f64 = 9_007_199_254_740_992.0;

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
            let mut words: Vec<&str> = content.split_ascii_whitespace().take(WORDS_MAX).collect();
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
        if let Some(taken) = self.disc.line(words, sense) {
            return taken;
        }
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
            ["answer", first, count, what, ref how @ ..] => {
                let (response, times) = response(what, how)?;
                self.behave(first, count, Manner::Answer { response, times })?;
            }
            ["command", opcode, what, ref how @ ..] => self.refrains.push(refrain(opcode, what, how)?),
            ["zero-after", errors] => self.zero_after = Some(whole(errors)?),
            ["wedge", errors, seconds, ref how @ ..] => self.wedge = Some(wedge(errors, seconds, how)?),
            ["resets"] => self.resets = Some(Resets::Told),
            ["resets", "silent"] => self.resets = Some(Resets::Silent),
            ["capacity", sectors] => self.capacity = Some(whole(sectors)?),
            [
                "recovered" | "short" | "blank" | "answer" | "command" | "zero-after" | "wedge" | "capacity" | "resets",
                ..,
            ] => {
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
}

fn happening(words: &[&str]) -> Result<Happening, String> {
    match *words {
        ["notready"] => Ok(Happening::NotReady(None)),
        ["notready", time] => Ok(Happening::NotReady(Some(moment(time)?))),
        ["eject" | "nomedium"] => Ok(Happening::Eject),
        ["unplug"] => Ok(Happening::Unplug),
        ["reset"] => Ok(Happening::Reset),
        ["attention", what] => Ok(Happening::Attention(sense(what)?)),
        ["stop"] => Ok(Happening::Stop),
        ["refuse-settings"] => Ok(Happening::RefuseSettings),
        ["swap", image] if !image.is_empty() => Ok(Happening::Swap(image.to_owned())),
        _ => Err("after 'at SECONDS' comes notready, eject, swap IMAGE, unplug, reset, attention SENSE, stop or \
                  refuse-settings"
            .into()),
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

/// A planned answer and how often it is given; `how` is what stands behind it.
fn response(what: &str, how: &[&str]) -> Result<(Response, Option<u64>), String> {
    let mut response = Response { what: answered(what)?, data: Handed::Head, after: Duration::ZERO };
    let (times, mut rest) = match *how {
        [times, ref rest @ ..] if !matches!(times, "data" | "after") => (Some(whole(times)?), rest),
        _ => (None, how),
    };
    loop {
        rest = match *rest {
            [] => return Ok((response, times)),
            ["data", "all", ref rest @ ..] => {
                response.data = Handed::All;
                rest
            }
            ["data", sectors, ref rest @ ..] => {
                response.data = Handed::First(whole(sectors)?);
                rest
            }
            ["after", seconds, ref rest @ ..] => {
                response.after = moment(seconds)?;
                rest
            }
            _ => return Err("behind an answer come how often, 'data all', 'data SECTORS' and 'after SECONDS'".into()),
        };
    }
}

fn refrain(opcode: &str, what: &str, how: &[&str]) -> Result<Refrain, String> {
    let code = match opcode {
        "any" => None,
        digits => {
            Some(u8::from_str_radix(digits, 16).map_err(|_| format!("'{}' is no operation code", shown(opcode)))?)
        }
    };
    let (response, times) = response(what, how)?;
    if response.data != Handed::Head {
        return Err("a command that is answered so hands over no data".into());
    }
    Ok(Refrain { opcode: code, response, times })
}

fn answered(text: &str) -> Result<Answered, String> {
    let hex = |digits: &str| u8::from_str_radix(digits, 16).map_err(|_| format!("'{}' is no status", shown(text)));
    if text == "hang" {
        return Ok(Answered::Hang);
    }
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
#[path = "text_tests.rs"]
mod tests;
