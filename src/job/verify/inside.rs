//! Which files lie in sectors that differ or did not come, by the file system that the image has.

use std::path::Path;

use super::report::FileInside;
use crate::base::allowance::Sentences;
use crate::base::cancel::Cancel;
use crate::base::event::NoEvents;
use crate::base::sector::set::SectorSet;
use crate::job::disc::{self, Disc};
use crate::job::info::files::{self, Lost};
use crate::job::source_name::SourceName;
use crate::scsi::sg_io::Sharing;

/// Files of one kind that are named.
const NAMED: usize = 1000;

/// The files of an image.
pub(super) struct Inside {
    disc: Disc,
}

impl Inside {
    /// Opens them; `None` where the image has no file system that can be read.
    pub(super) fn open(name: &SourceName, map: Option<&Path>, cancel: &Cancel) -> Option<Self> {
        let opened = disc::open(name, map, Sharing::Shared, cancel, &NoEvents);
        opened.map_err(|e| tracing::debug!("no file system: {e}")).ok().map(|disc| Self { disc })
    }

    /// Those that lie in part in `sectors`; with what could not be looked at in `notes`.
    pub(super) fn of(&self, sectors: &SectorSet, notes: &mut Vec<String>, cancel: &Cancel) -> Vec<FileInside> {
        let nowhere = SectorSet::new();
        let lost = Lost { sectors, without_data: &nowhere };
        let mut told = Sentences::default();
        let found = files::walk(self.disc.files.as_ref(), false, lost, &mut told, cancel);
        let hurt = found.map(|found| found.hurt).unwrap_or_default();
        if hurt.len() > NAMED {
            notes.push(format!("only the first {NAMED} files of {} are named", hurt.len()));
        }
        notes.extend(told.finish());
        hurt.into_iter().take(NAMED).map(|file| FileInside { path: file.path, bytes: file.bytes }).collect()
    }
}
