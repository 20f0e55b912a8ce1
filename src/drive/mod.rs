//! An optical drive as a source of sectors: who it is, what is in it, and reads that tell damage from everything else.

mod controls;
mod disc;
pub mod emulated;
mod error;
pub mod find;
mod finder;
mod identity;
mod length;
mod link;
mod memory;
mod pace;
mod reading;
mod settings;
mod source;
pub mod tray;
mod user;

use std::fs::File;
use std::path::PathBuf;

use tracing::info;

use crate::base::cancel::Cancel;
use crate::base::sector::SECTOR_BYTES;
use crate::base::sector::set::SectorSet;
use crate::scsi::{Transport, answers, cdb};
use crate::source::Facts;
use crate::source::drive::Incident;

use controls::error_page::{self, ErrorPage};
use controls::speed;
use disc::layout::Layout;
use disc::{Disc, Told, media};
use finder::Finder;
use identity::identify;
use length::Length;
use link::{COMMAND_LIMIT, Link};
use memory::Memory;

pub use error::DriveError;
pub use identity::Identity;
pub use user::User;

/// What the opener of a drive decides.
#[derive(Clone, Debug, Default)]
pub struct DriveOptions {
    /// What a person calls the drive: the path of its node.
    pub name: String,
    /// Folder that keeps the drive's settings while they are changed; without it a killed run leaves them changed.
    pub state_folder: Option<PathBuf>,
    /// Others use the drive too: its settings are neither changed nor restored.
    pub leave_settings: bool,
    /// The tray stays shut while the drive is open.
    pub lock: bool,
    /// Ends every wait soon after it is raised.
    pub cancel: Cancel,
}

/// An optical drive with a disc in it.
///
/// One command is in flight at a time; nothing is ever reset. The settings that it changes are given back when it is
/// dropped.
pub struct Drive {
    link: Link,
    name: String,
    identity: Identity,
    facts: Facts,
    /// Sectors of the disc as the drive told them at first.
    disc_sectors: u64,
    /// What it told of the disc.
    told: Told,
    layout: Layout,
    unwritten: SectorSet,
    error_page: Option<ErrorPage>,
    /// What the drive says of its speeds.
    speeds: Option<answers::Speeds>,
    /// Speed that was asked for, when one was.
    speed: Option<Option<u16>>,
    /// After a reset the settings are looked at and sent again.
    keep_settings: bool,
    /// The settings were given back, or that was tried.
    given_back: bool,
    /// Whether the tray is to be locked, and whether it is.
    locks: bool,
    locked: bool,
    notes: Vec<String>,
    size_note: Option<String>,
    /// The port or the bridge that the drive hangs on, where the system tells.
    way: Option<String>,
    memory: Memory,
    length: Length,
    pace: pace::Pace,
    incidents: Vec<Incident>,
    /// Keeps others from mounting or polling the drive, when its transport alone does not.
    guard: Option<File>,
    /// Looks for the drive elsewhere when it is gone; emulated drives have no elsewhere.
    finder: Option<Finder>,
    /// A word that is another one after the disc was taken out, where the system counts that.
    inserted: Option<String>,
}

impl Drive {
    /// Identifies the drive behind `transport`, waits until it is ready, finds out what disc is in it, and makes it
    /// report recovered errors.
    ///
    /// # Errors
    /// [`DriveError`]: each state of a drive that cannot be read from has its own.
    pub fn open(transport: Box<dyn Transport>, options: DriveOptions) -> Result<Self, DriveError> {
        let name = options.name;
        let mut link = Link::new(transport, options.cancel);
        let identity = identify(&mut link, &name)?;
        if let Err(unready) = link.wait_ready() {
            let stopped = link.is_cancelled();
            return Err(if stopped { DriveError::Stopped { name } } else { DriveError::unready(&name, unready) });
        }
        let mut notes = Vec::new();
        let disc = Disc::examine(&mut link, &name, &mut notes)?;
        // Whoever opens a drive knows nothing that could be lost.
        link.take_reports();
        let kept = options.state_folder.map(|folder| folder.join(kept_name(&identity, &name)));
        let error_page = if options.leave_settings { None } else { ErrorPage::take(&mut link, kept, &mut notes) };
        let facts = Facts {
            name: format!("{name} ({identity})"),
            size_bytes: disc.sectors * SECTOR_BYTES,
            sectors: disc.sectors,
            media: disc.media,
            max_sectors: media::command_sectors(disc.media, link.max_transfer()),
        };
        let locked = options.lock && link.tell(&cdb::prevent_removal(true), COMMAND_LIMIT);
        let speeds = speed::ask(&mut link);
        info!("{}: profile {:04X}h, {} sectors", facts.name, disc.told.profile, facts.sectors);
        let Disc { sectors, size_note, layout, unwritten, told, .. } = disc;
        let pace = pace::Pace::new(&identity);
        Ok(Self {
            link,
            name,
            identity,
            facts,
            disc_sectors: sectors,
            told,
            layout,
            unwritten,
            error_page,
            speeds,
            speed: None,
            keep_settings: true,
            given_back: false,
            locks: options.lock,
            locked,
            notes,
            size_note,
            way: None,
            memory: Memory::default(),
            length: Length::default(),
            pace,
            incidents: Vec::new(),
            guard: None,
            finder: None,
            inserted: None,
        })
    }

    /// Who the drive is.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The current profile (MMC-6, GET CONFIGURATION); 0 when the drive has none.
    #[must_use]
    pub fn profile(&self) -> u16 {
        self.told.profile
    }

    /// The sectors that are data: all of them, but for CDs with audio tracks or several sessions.
    #[must_use]
    pub fn data(&self) -> &SectorSet {
        &self.layout.data
    }

    /// What the drive says of its speeds (mode page 2Ah), now.
    pub fn speeds(&mut self) -> Option<answers::Speeds> {
        speed::ask(&mut self.link)
    }

    /// The port or the bridge that the drive hangs on, where the system tells: what commands it takes may be its doing.
    #[must_use]
    pub fn way(&self) -> Option<&str> {
        self.way.as_deref()
    }

    /// Sentences for the person about what was odd when the drive was opened.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }
}

/// The name of the file that keeps the drive's page. Drives without a serial number are told apart by their nodes.
fn kept_name(identity: &Identity, name: &str) -> String {
    error_page::file_name(&format!("{identity} {}", identity.serial.as_deref().unwrap_or(name)))
}

#[cfg(test)]
mod tests;
