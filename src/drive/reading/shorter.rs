//! Is it the place, or the length of the command? A command is too long when a short one works at the same place and the
//! long one fails at a place that is known to be good, too.

use tracing::warn;

use super::tries::Tries;
use crate::base::media::Media;
use crate::base::outcome::Fault;
use crate::base::sector::{SECTOR_SIZE, SectorRange};
use crate::drive::Drive;
use crate::drive::length::shorter;
use crate::drive::link::COMMAND_LIMIT;
use crate::scsi::cdb;
use crate::scsi::sense::{Verdict, classify};

/// What came of a command that was sent to learn from it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Tried {
    /// All of it came.
    Whole,
    /// It failed as one that is too long would.
    LikeTooLong,
    /// It failed in another way, or the drive is not to be asked any more.
    Otherwise,
}

impl Drive {
    /// A command for `range` failed as one that is too long would. When it was, the next ones are shorter.
    pub(super) fn is_too_long(&mut self, range: SectorRange, tries: &mut Tries) -> Result<bool, Fault> {
        if tries.measured || !self.length.is_suspect(range.start(), range.len()) {
            return Ok(false);
        }
        tries.measured = true;
        if self.try_command(range.split_at(1).0)? != Tried::Whole {
            return Ok(false);
        }
        let Some(good) = self.good_place_where_it_fails(range)? else {
            self.length.acquit();
            return Ok(false);
        };
        let most = self.longest_at(good)?;
        self.length.shorten(most);
        warn!(
            "{}: commands of {} sectors fail wherever they are sent, and shorter ones work: reading {most} at a time. The              cable or the adapter may be the reason.",
            self.name,
            range.len()
        );
        Ok(true)
    }

    /// A place that is known to be good and where a command as long as `range` fails all the same.
    fn good_place_where_it_fails(&mut self, range: SectorRange) -> Result<Option<SectorRange>, Fault> {
        for place in self.places_for(range) {
            if !self.is_known_good(place)? {
                continue;
            }
            match self.try_command(place)? {
                Tried::Whole => return Ok(None),
                Tried::LikeTooLong => return Ok(Some(place)),
                Tried::Otherwise => {}
            }
        }
        Ok(None)
    }

    /// Places as long as `range` and elsewhere, the likeliest to be good first.
    fn places_for(&self, range: SectorRange) -> Vec<SectorRange> {
        let quarter = self.facts.sectors / 4;
        let starts = self.memory.last_good.map(SectorRange::start).into_iter().chain([2, 1, 3].map(|n| n * quarter));
        let places = starts.map(|start| SectorRange::with_len(start, range.len()));
        places.filter(|place| place.end() <= self.facts.sectors && place.intersect(range).is_empty()).collect()
    }

    /// Whether all sectors of a place have been read in a row, or can be, one by one.
    fn is_known_good(&mut self, place: SectorRange) -> Result<bool, Fault> {
        if self.memory.last_good.is_some_and(|good| good.intersect(place) == place) {
            return Ok(true);
        }
        let mut rest = place;
        while !rest.is_empty() {
            let (sector, behind) = rest.split_at(1);
            if self.try_command(sector)? != Tried::Whole {
                return Ok(false);
            }
            rest = behind;
        }
        Ok(true)
    }

    /// The longest command that works at a good place where one for all of it fails.
    fn longest_at(&mut self, good: SectorRange) -> Result<u64, Fault> {
        let unit = self.facts.media.map_or(1, Media::ecc_unit);
        let mut most = shorter(good.len(), unit);
        while most > 1 && self.try_command(good.split_at(most).0)? != Tried::Whole {
            most = shorter(most, unit);
        }
        Ok(most)
    }

    /// Once a run, where all of `range` came in short commands: do long ones work again?
    pub(super) fn try_long_again(&mut self, range: SectorRange) {
        if self.length.take_long_try(range.len()) && self.try_command(range) == Ok(Tried::Whole) {
            self.length.lift();
            warn!("{}: commands of {} sectors work again.", self.name, range.len());
        }
    }

    /// Whether `verdict`, about a command for `range`, is one of many short transfers because the commands are too long.
    ///
    /// # Errors
    /// [`Fault::Residue`]: whatever is asked for, a part of it is said not to have come.
    pub(super) fn is_cut_short(
        &mut self,
        verdict: Verdict,
        range: SectorRange,
        tries: &mut Tries,
    ) -> Result<bool, Fault> {
        if verdict != Verdict::Short {
            return Ok(false);
        }
        if self.length.wants_residue_look() {
            let everywhere = self.claims_residue_everywhere(range)?;
            self.length.note_residue(everywhere);
        }
        if self.length.claims_residue() {
            return Err(Fault::Residue);
        }
        if self.length.is_often_short() { self.is_too_long(range, tries) } else { Ok(false) }
    }

    /// Whether single sectors, far from each other, are said to be short, too.
    fn claims_residue_everywhere(&mut self, range: SectorRange) -> Result<bool, Fault> {
        let quarter = self.facts.sectors / 4;
        for start in [range.start(), quarter, 2 * quarter, 3 * quarter] {
            if self.try_command(SectorRange::with_len(start, 1))? != Tried::LikeTooLong {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Sends one read, of which nothing is kept.
    ///
    /// # Errors
    /// The drive is gone, or the disc may have been changed: it says so once only.
    fn try_command(&mut self, range: SectorRange) -> Result<Tried, Fault> {
        let Some(cdb) = cdb::read(range, false).filter(|_| !self.link.is_cancelled()) else {
            return Ok(Tried::Otherwise);
        };
        let mut buffer = vec![0; usize::try_from(range.len()).unwrap_or(0).saturating_mul(SECTOR_SIZE)];
        let reply = match self.send_read(&cdb, &mut buffer, COMMAND_LIMIT, range, false) {
            Ok(reply) => reply,
            Err(Fault::Unsent | Fault::Transport) => return Ok(Tried::LikeTooLong),
            Err(fault) => return Err(fault),
        };
        match classify(&reply) {
            Verdict::Good | Verdict::Recovered if reply.residual == 0 => Ok(Tried::Whole),
            Verdict::Short | Verdict::Refused | Verdict::Transport | Verdict::Fault(Fault::OutOfRange) => {
                Ok(Tried::LikeTooLong)
            }
            Verdict::Fault(Fault::MediumChanged) => Err(Fault::MediumChanged),
            _ => Ok(Tried::Otherwise),
        }
    }
}
