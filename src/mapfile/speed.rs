//! How fast a drive read over the disc, kept coarsely beside the map: for pictures.

use std::io::{BufRead, Read};

use serde::Deserialize;

use crate::base::media::Media;
use crate::base::sector::SectorRange;

/// Parts of the disc that have a speed of their own.
pub const PARTS: usize = 256;

/// Most lines of a state that are looked at: the speeds are among the first.
const LINES_MAX: usize = 16;

/// Longest line of a state that is looked at, in bytes.
const LINE_MAX: u64 = 4096;

/// What was read in a part of the disc, and how long it took.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
struct Part {
    sectors: u64,
    seconds: f64,
}

/// The speed of the drive in each of [`PARTS`] parts of a disc.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Speeds {
    /// Reads of this run; empty while there are none.
    measured: Vec<Part>,
    /// What earlier runs came to, kB/s, 0 where nothing is known; empty, or one a part.
    known: Vec<u32>,
}

impl Speeds {
    /// What earlier runs came to: kB/s in each part, 0 where nothing is known. A list of another length says nothing.
    #[must_use]
    pub fn of_earlier_runs(known: Vec<u32>) -> Self {
        Self { measured: Vec::new(), known: if known.len() == PARTS { known } else { Vec::new() } }
    }

    /// Takes in that the sectors of `range`, on a disc of `sectors`, took so many seconds.
    pub fn add(&mut self, range: SectorRange, seconds: f64, sectors: u64) {
        let middle = range.start().saturating_add(range.len() / 2);
        let part = u128::from(middle) * PARTS as u128 / u128::from(sectors.max(1));
        self.measured.resize(PARTS, Part::default());
        if let Some(part) = usize::try_from(part).ok().and_then(|part| self.measured.get_mut(part)) {
            part.sectors += range.len();
            part.seconds += seconds.max(0.0);
        }
    }

    /// Takes in what somebody else measured.
    pub fn extend(&mut self, others: &Self) {
        if !others.measured.is_empty() {
            self.measured.resize(PARTS, Part::default());
        }
        for (part, other) in self.measured.iter_mut().zip(&others.measured) {
            part.sectors += other.sectors;
            part.seconds += other.seconds;
        }
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.measured.is_empty() && self.known.is_empty()
    }

    /// kB/s in each part, 0 where nothing is known; empty where nothing is known of any. What was measured counts, and what
    /// earlier runs came to where nothing was.
    #[must_use]
    pub fn kilobytes_per_second(&self) -> Vec<u32> {
        if self.is_empty() {
            return Vec::new();
        }
        let of = |part: usize| match self.measured.get(part) {
            Some(Part { sectors, seconds }) if *sectors > 0 && *seconds > 0.0 => speed(*sectors, *seconds),
            _ => self.known.get(part).copied().unwrap_or(0),
        };
        (0..PARTS).map(of).collect()
    }
}

/// kB/s, at least 1.
#[allow(clippy::cast_sign_loss, reason = "neither sectors nor seconds are negative")]
fn speed(sectors: u64, seconds: f64) -> u32 {
    (sectors as f64 * 2.048 / seconds).clamp(1.0, f64::from(u32::MAX)) as u32
}

/// What is looked for in a state.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Header { version: u64, size_bytes: u64, media: Option<String>, rescued_bytes: u64 },
    Speeds { kilobytes_per_second: Vec<u32> },
}

/// What the state beside a map tells a picture of the disc.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Kept {
    /// The kind of disc.
    pub media: Option<Media>,
    /// kB/s in each of [`PARTS`] parts of the disc, `None` where nothing is known; empty where nothing is known of any.
    pub speeds: Vec<Option<u32>>,
}

/// What a state of whatever drive tells; nothing where it is that of another map than one that ends at `end` and in which
/// `rescued_bytes` are good.
pub fn read(input: &mut dyn BufRead, end: u64, rescued_bytes: u64) -> Kept {
    let mut line = Vec::new();
    let mut next = || {
        line.clear();
        let mut limited = Read::take(&mut *input, LINE_MAX);
        let read = limited.read_until(b'\n', &mut line).ok()?;
        (read > 0).then(|| serde_json::from_slice::<Line>(&line).ok())
    };
    let mut kept = Kept::default();
    match next() {
        Some(Some(Line::Header { version: 1, size_bytes, media, rescued_bytes: then }))
            if size_bytes <= end && then <= rescued_bytes =>
        {
            let named = |kind: &Media| Some(kind.name()) == media.as_deref();
            kept.media = [Media::Cd, Media::Dvd, Media::Bd, Media::Uhd].into_iter().find(named);
        }
        _ => return kept,
    }
    for line in std::iter::from_fn(next).take(LINES_MAX) {
        if let Some(Line::Speeds { kilobytes_per_second }) = line {
            let known = Speeds::of_earlier_runs(kilobytes_per_second).known;
            kept.speeds = known.into_iter().map(|speed| (speed > 0).then_some(speed)).collect();
            break;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_measured_counts_before_what_was_known() {
        let mut speeds = Speeds::of_earlier_runs(vec![5; PARTS]);
        speeds.add(SectorRange::new(0, 100), 0.1, 2560);
        let mut more = Speeds::default();
        more.add(SectorRange::new(0, 10), 0.1, 2560);
        more.add(SectorRange::new(2558, 2560), 0.0, 2560);
        speeds.extend(&more);
        let told = speeds.kilobytes_per_second();
        // The middle of the first read lies in part 5.
        assert_eq!((told[0], told[5], told[6], told[255], told.len()), (204, 2048, 5, 5, PARTS));
        assert!(Speeds::default().kilobytes_per_second().is_empty());
        assert!(Speeds::of_earlier_runs(vec![1; 3]).is_empty());
    }

    #[test]
    fn the_line_is_found_in_a_state_of_this_map() {
        let state = |speeds: &str| {
            format!(
                "{{\"header\":{{\"version\":1,\"sectors\":5,\"size_bytes\":10240,\"media\":\"dvd\",\"hash\":\"\",\"rescued_bytes\":2048,\
                 \"phase\":\"\"}}}}\n{{\"sitting\":{{\"drive\":\"x\",\"since\":null}}}}\n{speeds}"
            )
        };
        let list = format!("[7,0{}]", ",3".repeat(PARTS - 2));
        let line = format!("{{\"speeds\":{{\"kilobytes_per_second\":{list}}}}}\n");
        let told = |text: &str, end, rescued| read(&mut text.as_bytes(), end, rescued);
        let Kept { media, speeds } = told(&state(&line), 10_240, 2048);
        assert_eq!((media, speeds.len(), &speeds[..3]), (Some(Media::Dvd), PARTS, &[Some(7), None, Some(3)][..]));
        assert_eq!(told(&state(&line), 10_000, 2048), Kept::default(), "another map");
        assert_eq!(told(&state(&line), 10_240, 2000), Kept::default(), "an older map");
        assert!(told(&state(""), 10_240, 2048).speeds.is_empty() && told(&line, 10_240, 2048) == Kept::default());
        assert!(told(&state("{\"speeds\":{\"kilobytes_per_second\":[1]}}\n"), 10_240, 2048).speeds.is_empty());
    }
}
