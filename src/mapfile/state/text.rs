//! The file of a state: JSON lines.

use std::io::{self, BufRead, Read, Write};

use serde::{Deserialize, Serialize};

use super::{Dropped, Failure, Fingerprint, MAX_RECORDS, State, TAIL};
use crate::base::media::{Media, Sitting};
use crate::base::outcome::{Complaint, Sense};
use crate::base::sector::set::SectorSet;
use crate::base::sector::tract::{LeftOut, Tract, TractKind};
use crate::base::sector::{SECTOR_BYTES, SectorRange};
use crate::mapfile::aside::{Aside, Cause};
use crate::mapfile::speed::Speeds;

/// Version of the format; a file of another one is dropped.
const VERSION: u32 = 1;

/// Longest line in bytes.
pub(super) const MAX_LINE: usize = 4096;

/// One line of the file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Record {
    Header {
        version: u32,
        sectors: u64,
        size_bytes: u64,
        media: Option<String>,
        hash: String,
        rescued_bytes: u64,
        phase: String,
    },
    Failed {
        start: u64,
        sectors: u64,
        attempts: u32,
        sense: Option<[u8; 3]>,
        seconds: f64,
    },
    Marginal {
        start: u64,
        sectors: u64,
    },
    Single {
        start: u64,
        sectors: u64,
    },
    LeftOut {
        start: u64,
        sectors: u64,
        kind: String,
    },
    Aside {
        start: u64,
        sectors: u64,
        cause: Cause,
        sense: Option<[u8; 3]>,
        status: u8,
        host_status: u16,
        attempts: u32,
        seconds: f64,
    },
    Sitting {
        drive: String,
        since: Option<String>,
        #[serde(default)]
        spans_first: bool,
    },
    First {
        start: u64,
        sectors: u64,
    },
    Speeds {
        kilobytes_per_second: Vec<u32>,
    },
}

impl Record {
    /// The sectors that it is about, where it is about some.
    fn range(&self) -> Option<(u64, u64)> {
        match self {
            Self::Failed { start, sectors, .. }
            | Self::Marginal { start, sectors }
            | Self::Single { start, sectors }
            | Self::First { start, sectors }
            | Self::Aside { start, sectors, .. } => Some((*start, *sectors)),
            // A tract may lie behind the image.
            Self::Header { .. } | Self::Sitting { .. } | Self::Speeds { .. } | Self::LeftOut { .. } => None,
        }
    }
}

impl State {
    /// Whether a file that begins so is a state, of whatever version and disc.
    #[must_use]
    pub fn begins_with(input: &mut dyn BufRead) -> bool {
        let mut line = Vec::new();
        let read = Read::take(input, MAX_LINE as u64).read_until(b'\n', &mut line);
        let value = read.ok().and_then(|_| serde_json::from_slice::<serde_json::Value>(&line).ok());
        value.is_some_and(|value| value.get("header").is_some_and(|header| header.get("version").is_some()))
    }

    /// Writes the state of the disc `fingerprint`, saved together with a map in which `rescued_bytes` are good.
    /// Of more than [`MAX_RECORDS`] records the first ones are written.
    ///
    /// # Errors
    /// What `out` says.
    pub fn write(&self, out: &mut dyn Write, fingerprint: &Fingerprint, rescued_bytes: u64) -> io::Result<()> {
        let header = Record::Header {
            version: VERSION,
            sectors: fingerprint.sectors,
            size_bytes: fingerprint.size_bytes,
            media: fingerprint.media.map(|m| m.name().to_owned()),
            hash: fingerprint.hash.clone(),
            rescued_bytes,
            phase: self.phase.clone(),
        };
        let failed = self.failures.iter().map(|(start, f)| Record::Failed {
            start: *start,
            sectors: f.sectors,
            attempts: f.attempts,
            sense: f.sense.map(bytes),
            seconds: number(f.seconds),
        });
        let spans_first = self.spans_first;
        let sitting =
            self.sitting.clone().map(|Sitting { drive, since }| Record::Sitting { drive, since, spans_first });
        let asides = self.asides.iter().map(|(range, aside)| Record::Aside {
            start: range.start(),
            sectors: range.len(),
            cause: aside.cause,
            sense: aside.said.sense.map(bytes),
            status: aside.said.status,
            host_status: aside.said.host_status,
            attempts: aside.attempts,
            seconds: number(aside.seconds),
        });
        let ranges = |set: &SectorSet| set.ranges().iter().map(|r| (r.start(), r.len())).collect::<Vec<_>>();
        let singles = ranges(&self.singles).into_iter().map(|(start, sectors)| Record::Single { start, sectors });
        let first = ranges(&self.first).into_iter().map(|(start, sectors)| Record::First { start, sectors });
        let marginal = ranges(&self.marginal).into_iter().map(|(start, sectors)| Record::Marginal { start, sectors });
        let left_out = self.left_out.tracts().iter().map(|tract| Record::LeftOut {
            start: tract.range.start(),
            sectors: tract.range.len(),
            kind: tract.kind.word().to_owned(),
        });
        let kilobytes_per_second = self.speeds.kilobytes_per_second();
        let speeds = (!kilobytes_per_second.is_empty()).then_some(Record::Speeds { kilobytes_per_second });
        let records = sitting
            .into_iter()
            .chain(speeds)
            .chain(left_out)
            .chain(asides)
            .chain(first)
            .chain(failed)
            .chain(singles)
            .chain(marginal)
            .take(MAX_RECORDS);
        for record in std::iter::once(header).chain(records) {
            serde_json::to_writer(&mut *out, &record)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }

    /// Reads a state for the disc `fingerprint`, whose map says that `rescued_bytes` are good.
    ///
    /// # Errors
    /// Why the state is of no use. That is never a reason to stop.
    pub fn read(input: &mut dyn BufRead, fingerprint: &Fingerprint, rescued_bytes: u64) -> Result<Self, Dropped> {
        let mut lines = Lines { input, number: 0, line: Vec::new() };
        let header = lines.next()?.ok_or(Dropped::Damaged(1))?;
        let (phase, sectors_then) = check(header, fingerprint, rescued_bytes)?;
        let mut state = Self { phase, ..Self::default() };
        let (mut marginal, mut singles, mut first, mut tracts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        while let Some(record) = lines.next()? {
            let damaged = Dropped::Damaged(lines.number);
            let is_on_disc = |(start, sectors): (u64, u64)| {
                sectors > 0 && start.checked_add(sectors).is_some_and(|end| end <= sectors_then)
            };
            if lines.number > MAX_RECORDS + 1 || !record.range().is_none_or(is_on_disc) {
                return Err(damaged);
            }
            match record {
                Record::Failed { start, sectors, attempts, sense, seconds } => {
                    let (sense, seconds) = (sense.map(triple), seconds.max(0.0));
                    let _ = state.failures.insert(start, Failure { sectors, attempts, sense, seconds });
                }
                Record::Marginal { start, sectors } => marginal.push(SectorRange::with_len(start, sectors)),
                Record::Single { start, sectors } => singles.push(SectorRange::with_len(start, sectors)),
                Record::Aside { start, sectors, cause, sense, status, host_status, attempts, seconds } => {
                    let said = Complaint { sense: sense.map(triple), status, host_status };
                    let aside = Aside { cause, said, attempts, seconds: seconds.max(0.0) };
                    state.asides.insert(SectorRange::with_len(start, sectors), aside);
                }
                Record::Sitting { drive, since, spans_first } => {
                    (state.sitting, state.spans_first) = (Some(Sitting { drive, since }), spans_first);
                }
                Record::First { start, sectors } => first.push(SectorRange::with_len(start, sectors)),
                Record::LeftOut { start, sectors, kind } => tracts.push(tract(start, sectors, &kind).ok_or(damaged)?),
                Record::Speeds { kilobytes_per_second } => {
                    state.speeds = Speeds::of_earlier_runs(kilobytes_per_second);
                }
                Record::Header { .. } => return Err(damaged),
            }
        }
        state.marginal = ascending(marginal);
        state.singles = ascending(singles);
        state.first = ascending(first);
        state.left_out = tracts.into_iter().collect();
        Ok(state)
    }
}

/// The tracts that a state of whatever drive tells of, beside a map that ends at `end` and in which `rescued_bytes` are
/// good; none where it is that of another map or no state.
pub(in crate::mapfile) fn left_out(input: &mut dyn BufRead, end: u64, rescued_bytes: u64) -> LeftOut {
    let mut lines = Lines { input, number: 0, line: Vec::new() };
    match lines.next() {
        Ok(Some(Record::Header { version: VERSION, size_bytes, rescued_bytes: then, .. }))
            if size_bytes <= end && then <= rescued_bytes => {}
        _ => return LeftOut::new(),
    }
    let mut tracts = Vec::new();
    while let Ok(Some(record)) = lines.next() {
        if lines.number > MAX_RECORDS + 1 {
            break;
        }
        if let Record::LeftOut { start, sectors, kind } = record {
            tracts.extend(tract(start, sectors, &kind));
        }
    }
    tracts.into_iter().collect()
}

/// The tract that a record tells of, if it names a kind that there is; it may lie behind the image.
fn tract(start: u64, sectors: u64, kind: &str) -> Option<Tract> {
    TractKind::from_word(kind).map(|kind| Tract { range: SectorRange::with_len(start, sectors), kind })
}

/// The phase that a header names, and the sectors that the disc had then, when it is one for this disc and map.
fn check(header: Record, here: &Fingerprint, rescued_bytes: u64) -> Result<(String, u64), Dropped> {
    let Record::Header { version, sectors, size_bytes, media, hash, rescued_bytes: rescued_then, phase } = header
    else {
        return Err(Dropped::Damaged(1));
    };
    if version != VERSION {
        return Err(Dropped::Version(version));
    }
    let is_near = |then: u64, now: u64, most: u64| then.abs_diff(now) <= most;
    let is_as_long = is_near(sectors, here.sectors, TAIL) && is_near(size_bytes, here.size_bytes, TAIL * SECTOR_BYTES);
    if !is_as_long || (media.as_deref(), &hash) != (here.media.map(Media::name), &here.hash) {
        return Err(Dropped::Foreign);
    }
    // A map never loses what it has.
    if rescued_then > rescued_bytes { Err(Dropped::Stale) } else { Ok((phase, sectors)) }
}

fn bytes(sense: Sense) -> [u8; 3] {
    [sense.key, sense.asc, sense.ascq]
}

fn triple([key, asc, ascq]: [u8; 3]) -> Sense {
    Sense { key, asc, ascq }
}

/// JSON has no word for what is no number.
fn number(seconds: f64) -> f64 {
    if seconds.is_finite() { seconds } else { 0.0 }
}

/// Ranges in any order as a set, without moving what is there for each one.
fn ascending(mut ranges: Vec<SectorRange>) -> SectorSet {
    ranges.sort_unstable();
    ranges.into_iter().collect()
}

/// Records, one a line.
struct Lines<'a> {
    input: &'a mut dyn BufRead,
    number: usize,
    line: Vec<u8>,
}

impl Lines<'_> {
    fn next(&mut self) -> Result<Option<Record>, Dropped> {
        self.number += 1;
        self.line.clear();
        let mut limited = Read::take(&mut *self.input, MAX_LINE as u64 + 1);
        let read = limited.read_until(b'\n', &mut self.line).map_err(|e| Dropped::Unreadable(e.to_string()))?;
        if read == 0 {
            return Ok(None);
        }
        // A line without an end is one that was cut off, whatever it says.
        match self.line.strip_suffix(b"\n").map(serde_json::from_slice) {
            Some(Ok(record)) => Ok(Some(record)),
            _ => Err(Dropped::Damaged(self.number)),
        }
    }
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
