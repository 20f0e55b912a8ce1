//! One read, in as many commands as the way to the drive wants.

use super::read::Ended;
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::SECTOR_SIZE;
use crate::drive::Drive;
use crate::source::ReadRequest;

impl Drive {
    /// Reads `request`, which is not empty and no more than one command can say, into a buffer of its size.
    pub(in crate::drive) fn read_sectors(&mut self, request: &ReadRequest, buffer: &mut [u8]) -> Outcome {
        let (mut rest, mut whole) = (request.range, None);
        while !rest.is_empty() {
            let (part, behind) = rest.split_at(self.length.of_command(rest.len()));
            let Some(bytes) = part_of(buffer, part.start() - request.range.start(), part.len()) else {
                return Outcome::failed(0, Fault::Unknown, 0.0);
            };
            let Ended::With(outcome) = self.read_command(&ReadRequest { range: part, ..*request }, bytes) else {
                continue;
            };
            let is_over = outcome.fault.is_some();
            let outcome = Outcome { unasked: if is_over { behind.len() } else { 0 }, ..outcome };
            whole = Some(whole.map_or_else(|| outcome.clone(), |before| joined(&before, &outcome)));
            if is_over {
                break;
            }
            rest = behind;
        }
        let whole = whole.unwrap_or_else(|| Outcome::complete(0, 0.0));
        if whole.fault.is_none() {
            self.try_long_again(request.range);
        }
        whole
    }
}

/// The bytes of `count` sectors from the sector `first` of a buffer on.
fn part_of(buffer: &mut [u8], first: u64, count: u64) -> Option<&mut [u8]> {
    let start = usize::try_from(first).ok()?.checked_mul(SECTOR_SIZE)?;
    let length = usize::try_from(count).ok()?.checked_mul(SECTOR_SIZE)?;
    buffer.get_mut(start..)?.get_mut(..length)
}

/// The outcome of a command and of the one that went on behind it.
fn joined(before: &Outcome, next: &Outcome) -> Outcome {
    Outcome {
        sectors: before.sectors + next.sectors,
        short: before.short || next.short,
        recovered: before.recovered || next.recovered,
        past_cache: before.past_cache && next.past_cache,
        sense: next.sense.or(before.sense),
        information: next.information.or(before.information),
        seconds: before.seconds + next.seconds,
        ..next.clone()
    }
}
