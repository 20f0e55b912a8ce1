//! The maps of a merge, and the one that they become.

use std::io::{self, Write};

use super::super::error::Error;
use super::super::part::Part;
use super::super::{read, sets};
use crate::base::sector::set::SectorSet;
use crate::base::sector::tract::LeftOut;
use crate::mapfile::ops::merge::merged;
use crate::mapfile::ops::missing::Figures;
use crate::mapfile::ops::tally::Tally;
use crate::mapfile::text::{Block, MapText};

/// The maps of some images, read, with what they come to together.
pub struct Maps {
    pub(super) texts: Vec<MapText>,
    /// Tracts that hold no data, by any of the maps, but for what was rescued of them.
    left_out: LeftOut,
    tally: Tally,
}

impl Maps {
    /// Reads the maps of `parts`.
    ///
    /// # Errors
    /// [`Error::NoMap`], [`Error::Map`] or [`Error::TooMany`].
    pub fn read(parts: &[Part]) -> Result<Self, Error> {
        let texts = parts.iter().map(|part| read::read(&part.map)).collect::<Result<Vec<_>, _>>()?;
        let mut maps = Self { texts, left_out: LeftOut::new(), tally: Tally::default() };
        maps.tally = sets::tally(maps.blocks())?;
        maps.left_out = maps.all_left_out();
        Ok(maps)
    }

    /// The blocks of the merged map.
    fn blocks(&self) -> impl Iterator<Item = Block> + use<'_> {
        merged(&self.texts.iter().map(|text| text.blocks.as_slice()).collect::<Vec<_>>())
    }

    fn all_left_out(&self) -> LeftOut {
        let mut left_out = LeftOut::new();
        self.texts.iter().for_each(|text| left_out.extend(&text.left_out));
        if !left_out.is_empty() {
            let text = MapText { blocks: self.joined(), ..MapText::default() };
            // What is not missing in whole sectors is rescued, and no gap.
            let mut rescued: SectorSet = left_out.sectors();
            text.missing(text.end()).ranges().iter().for_each(|range| rescued.remove(*range));
            left_out.remove(&rescued);
        }
        left_out
    }

    /// Bytes of the largest disc that one of them speaks of.
    pub(super) fn size_bytes(&self) -> u64 {
        self.texts.iter().map(MapText::end).max().unwrap_or(0)
    }

    /// What the merged map comes to.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Bytes that the merged map lacks, in no tract without data.
    #[must_use]
    pub fn missing_bytes(&self) -> u64 {
        let text = MapText { blocks: self.joined(), left_out: self.left_out.clone(), ..MapText::default() };
        Figures::of(&text).bytes
    }

    fn joined(&self) -> Vec<Block> {
        let mut joined: Vec<Block> = Vec::new();
        for block in self.blocks() {
            match joined.last_mut() {
                Some(last) if last.status == block.status => last.size += block.size,
                _ => joined.push(block),
            }
        }
        joined
    }

    /// Writes the merged map.
    ///
    /// # Errors
    /// What `out` says.
    pub fn write(&self, out: &mut dyn Write, command: &str) -> io::Result<()> {
        sets::write(out, command, &self.left_out, &self.tally, self.blocks())
    }
}
