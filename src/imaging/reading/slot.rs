//! What travels from the reader to the writer, and back empty.

use crossbeam_channel::Sender;

use crate::base::outcome::Outcome;
use crate::base::sector::SectorRange;
use crate::base::sector::tract::Tract;
use crate::mapfile::aside::Aside;
use crate::mapfile::status::StatusLine;
use crate::pipeline::buffers::Buffer;
use crate::recovery::Change;

use super::drive_log::Entry;

/// One read on its way.
#[derive(Debug)]
pub(in crate::imaging) struct Slot {
    /// Room for one command's data.
    pub(in crate::imaging) buffer: Buffer,
    /// The sectors at the head of the buffer that are good; may be empty.
    pub(in crate::imaging) good: SectorRange,
    /// What the read means for the map.
    pub(in crate::imaging) changes: Vec<Change>,
    /// Where the rescue stands after it.
    pub(in crate::imaging) line: StatusLine,
    /// What the sidecar should remember of it.
    pub(in crate::imaging) note: Option<Note>,
    /// Tracts that were found to hold no data.
    pub(in crate::imaging) left_out: Vec<Tract>,
    /// What is set aside from now on, and what is so no more.
    pub(in crate::imaging) asides: Vec<AsideChange>,
    /// What is to be asked for first, and what was.
    pub(in crate::imaging) first: Vec<FirstChange>,
    /// How long the good sectors took a drive that went on where it was, seconds; `None` for every other read.
    pub(in crate::imaging) seconds: Option<f64>,
    /// What the drive log should.
    pub(in crate::imaging) entry: Entry,
    /// Nothing comes after it: the strategy is done.
    pub(in crate::imaging) last: bool,
    /// Who waits until everything up to here is saved.
    pub(in crate::imaging) saved: Option<Sender<()>>,
}

impl Slot {
    /// An empty slot around `buffer`, which holds one command's data.
    pub(in crate::imaging) fn new(buffer: Buffer) -> Self {
        Self {
            buffer,
            good: SectorRange::default(),
            changes: Vec::new(),
            line: StatusLine::default(),
            note: None,
            left_out: Vec::new(),
            asides: Vec::new(),
            first: Vec::new(),
            seconds: None,
            entry: Entry::default(),
            last: false,
            saved: None,
        }
    }

    /// Empty again but for its buffer.
    pub(super) fn clear(&mut self) {
        self.good = SectorRange::default();
        self.changes.clear();
        self.note = None;
        self.left_out.clear();
        self.asides.clear();
        self.first.clear();
        self.seconds = None;
        self.entry.incidents.clear();
    }
}

/// What is known of sectors that are set aside; `None`: they are so no more.
pub(in crate::imaging) type AsideChange = (SectorRange, Option<Aside>);

/// What has become of what is to be asked for before anything else, in this run or the next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::imaging) enum FirstChange {
    /// It is to be asked for.
    Wanted(SectorRange),
    /// It was, or needs it no more.
    Made(SectorRange),
    /// All spans in which a rule had stopped asking are among what is wanted.
    SpansNamed,
}

/// A read that failed, or that the drive had to work for.
#[derive(Clone, PartialEq, Debug)]
pub(in crate::imaging) struct Note {
    /// What was asked for.
    pub(in crate::imaging) range: SectorRange,
    /// What came of it.
    pub(in crate::imaging) outcome: Outcome,
}
