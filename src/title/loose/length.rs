//! How long a stream file plays, about: by the stamps of some places in it. Whoever plays it finds out exactly.

use super::super::TitleError;
use super::look::{Stamps, StreamFile};
use crate::base::time::Ticks90;
use crate::demux::m2ts::Layout;
use crate::demux::timestamp::step;

/// Places between the start and the end.
const PLACES: u64 = 16;
/// Read at each.
const PLACE_BYTES: u64 = 1 << 20;
/// Read at the end.
const END_BYTES: u64 = 6 << 20;
/// Looks for the end, each twice as far from it as the one before.
const END_LOOKS: u32 = 16;
/// How long the last frame lasts, at most.
const LAST_FRAME: Ticks90 = Ticks90(Ticks90::SECOND.0 / 10);
/// A stretch that plays as much slower than most has a jump of the clock in it.
const UNLIKELY: f64 = 10.0;

/// A place in the file, and its time.
type Point = (u64, Ticks90);

/// The length of a film that starts with `first`, at about byte `start` of its file.
pub(super) fn estimate(
    file: &StreamFile<'_>,
    layout: Layout,
    pids: &[u16],
    (start, first): Point,
) -> Result<Ticks90, TitleError> {
    let mut points = vec![(start, first)];
    for place in 1..PLACES {
        let at = start + (file.length() - start.min(file.length())) / PLACES * place;
        let data = file.read(at..at + PLACE_BYTES)?;
        points.extend(Stamps::of(&data, layout, pids).first().map(|time| (at, time)));
    }
    points.extend(end(file, layout, pids, start)?);
    Ok(total(&points) + LAST_FRAME)
}

/// The last place with a stamp, and the stamp.
fn end(file: &StreamFile<'_>, layout: Layout, pids: &[u16], start: u64) -> Result<Option<Point>, TitleError> {
    for look in 0..END_LOOKS {
        let at = file.length().saturating_sub(END_BYTES << look).max(start);
        let data = file.read(at..at.saturating_add(END_BYTES))?;
        if let Some(last) = Stamps::of(&data, layout, pids).last() {
            return Ok(Some((at + data.len() as u64, last)));
        }
        if at <= start {
            break;
        }
    }
    Ok(None)
}

/// The sum of the steps from place to place; where the clock jumps, as long as this many bytes usually take.
fn total(points: &[Point]) -> Ticks90 {
    let pairs = points.windows(2).filter_map(|pair| match pair {
        [a, b] => Some((b.0.saturating_sub(a.0).max(1) as f64, step(a.1, b.1))),
        _ => None,
    });
    let (forward, back): (Vec<_>, Vec<_>) = pairs.partition(|(_, time)| time.0 >= 0);
    let mut rates: Vec<f64> = forward.iter().map(|(bytes, time)| time.0 as f64 / bytes).collect();
    rates.sort_by(f64::total_cmp);
    let usual = rates.get(rates.len() / 2).copied().unwrap_or(0.0);
    let likely = |(bytes, time): &(f64, Ticks90)| {
        let is_likely = time.0 as f64 <= bytes * usual * UNLIKELY;
        if is_likely { *time } else { Ticks90((bytes * usual) as i64) }
    };
    let jumps = back.iter().map(|(bytes, _)| Ticks90((bytes * usual) as i64));
    forward.iter().map(likely).chain(jumps).fold(Ticks90::ZERO, |sum, time| sum + time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length(points: &[(u64, f64)]) -> f64 {
        let points: Vec<Point> = points.iter().map(|(at, s)| (*at, Ticks90((s * 90_000.0) as i64))).collect();
        total(&points).seconds()
    }

    #[test]
    fn a_jump_of_the_clock_counts_as_its_bytes() {
        assert_eq!(length(&[(0, 7.0)]), 0.0);
        assert_eq!(length(&[(0, 1.0), (100, 2.0), (200, 3.0), (300, 4.0)]), 3.0);
        assert_eq!(length(&[(0, 1.0), (100, 2.0), (200, 1.0), (300, 2.0)]), 3.0);
        assert_eq!(length(&[(0, 1.0), (100, 2.0), (200, 9000.0), (300, 9001.0)]), 3.0);
    }
}
