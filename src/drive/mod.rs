//! An optical drive as a source of sectors: who it is, what is in it, and reads that tell damage from everything else.

mod again;
mod bridge;
mod disc;
pub mod emulated;
mod end;
pub mod enumerate;
mod error;
mod error_page;
mod link;
pub mod media;
pub mod open;
mod pace;
mod read;
mod speed;
pub mod tray;

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tracing::{debug, info, warn};

use crate::base::cancel::Cancel;
use crate::base::clock::Clock;
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::{SECTOR_BYTES, SECTOR_SIZE};
use crate::base::set::SectorSet;
use crate::scsi::{Data, Transport, answers, cdb};
use crate::source::drive::{Control, DriveSource, Incident, Pacing, Supported};
use crate::source::{Facts, ReadRequest, SectorSource};

use disc::Disc;
use error::refused;
use error_page::ErrorPage;
use link::{COMMAND_LIMIT, Link, READY_LIMIT};

pub use error::DriveError;

/// Times that settings are looked at and sent again before the drive counts as one that does not keep them.
const SETTLE_TRIES: u32 = 3;

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

/// Who a drive says it is. Texts are safe to show.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, serde::Serialize)]
pub struct Identity {
    /// Vendor.
    pub vendor: String,
    /// Model.
    pub model: String,
    /// Firmware revision.
    pub revision: String,
    /// Serial number; many drives give none.
    pub serial: Option<String>,
}

/// Vendor, model and revision.
impl std::fmt::Display for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = [&self.vendor, &self.model, &self.revision].map(String::as_str);
        f.write_str(&parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" "))
    }
}

/// An optical drive with a disc in it.
///
/// One command is in flight at a time; nothing is ever reset. The settings that it changes are given back when it is
/// dropped.
pub struct Drive {
    link: Link,
    name: String,
    identity: Identity,
    profile: u16,
    facts: Facts,
    /// Sectors of the disc as the drive told them at first.
    disc_sectors: u64,
    data: SectorSet,
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
    /// Whether the tray was locked by us.
    locked: bool,
    notes: Vec<String>,
    memory: read::Memory,
    pace: pace::Pace,
    incidents: Vec<Incident>,
    /// Keeps others from mounting or polling the drive, when its transport alone does not.
    guard: Option<File>,
    /// Looks for the drive elsewhere when it is gone; emulated drives have no elsewhere.
    finder: Option<again::Finder>,
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
        info!("{}: profile {:04X}h, {} sectors", facts.name, disc.profile, facts.sectors);
        let Disc { profile, sectors, data, unwritten, .. } = disc;
        let pace = pace::Pace::new(&identity);
        Ok(Self {
            link,
            name,
            identity,
            profile,
            facts,
            disc_sectors: sectors,
            data,
            unwritten,
            error_page,
            speeds,
            speed: None,
            keep_settings: true,
            given_back: false,
            locked,
            notes,
            memory: read::Memory::default(),
            pace,
            incidents: Vec::new(),
            guard: None,
            finder: None,
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
        self.profile
    }

    /// The sectors that are data: all of them, but for CDs with audio tracks or several sessions.
    #[must_use]
    pub fn data(&self) -> &SectorSet {
        &self.data
    }

    /// What the drive says of its speeds (mode page 2Ah), now.
    pub fn speeds(&mut self) -> Option<answers::Speeds> {
        speed::ask(&mut self.link)
    }

    /// Sentences for the person about what was odd when the drive was opened.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Sees to it that the settings are as they were set. After anything behind which the drive may have been reset they are
    /// read back, and sent again: without PER in mode page 01h a drive says nothing of the bytes that it had to guess.
    fn settle_settings(&mut self) -> Result<(), Fault> {
        for _ in 0..SETTLE_TRIES {
            if !self.link.take_unsettled() || !self.keep_settings {
                return Ok(());
            }
            debug!("{}: the drive may have been reset; looking at its settings", self.name);
            let stands = self.error_page.as_ref().is_none_or(|page| page.stands(&mut self.link));
            if let Some(speed) = self.speed {
                let last = self.last_sector();
                speed::set(&mut self.link, speed, last);
            }
            if self.locked {
                self.link.tell(&cdb::prevent_removal(true), COMMAND_LIMIT);
            }
            if !stands {
                // A drive that is gone takes nothing either.
                let ready = self.link.send(&cdb::test_unit_ready(), Data::None, COMMAND_LIMIT).map(|_| ());
                self.link.leave_unsettled();
                ready?;
            }
        }
        if self.link.is_unsettled() { Err(Fault::SettingsLost) } else { Ok(()) }
    }

    fn last_sector(&self) -> u32 {
        u32::try_from(self.disc_sectors.saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// Whether the disc that is in now is of the kind and size of the first one.
    fn has_same_medium(&mut self) -> bool {
        if self.link.wait_ready().is_err() {
            return false;
        }
        let disc = Disc::examine(&mut self.link, &self.name, &mut Vec::new());
        self.link.take_reports();
        disc.is_ok_and(|disc| (disc.profile, disc.sectors) == (self.profile, self.disc_sectors))
            && self.settle_settings().is_ok()
    }

    fn unlock(&mut self) {
        if std::mem::take(&mut self.locked) {
            self.link.tell(&cdb::prevent_removal(false), COMMAND_LIMIT);
        }
    }

    fn open_tray(&mut self) -> bool {
        self.unlock();
        self.link.tell(&cdb::start_stop_unit(false, true), READY_LIMIT)
    }
}

fn supported(yes: bool) -> Supported {
    if yes { Supported::Yes } else { Supported::No }
}

impl SectorSource for Drive {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn read(&mut self, request: &ReadRequest, buffer: &mut [u8]) -> Outcome {
        let wanted = usize::try_from(request.range.len()).ok().and_then(|n| n.checked_mul(SECTOR_SIZE));
        match wanted.and_then(|wanted| buffer.get_mut(..wanted)) {
            Some([]) => Outcome::complete(0, 0.0),
            Some(buffer) if request.range.len() <= self.facts.max_sectors => {
                let before = self.link.take_reports();
                if before.medium_changed {
                    return Outcome::failed(0, Fault::MediumChanged, 0.0);
                }
                let outcome = self.read_sectors(request, buffer);
                let outcome = self.judge_run_out(request, buffer, outcome);
                // Told once, perhaps to a command in between: what was read since may be another disc's.
                match self.link.take_reports().medium_changed {
                    true => Outcome { sectors: 0, fault: Some(Fault::MediumChanged), ..outcome },
                    false => outcome,
                }
            }
            _ => Outcome::failed(0, Fault::Unknown, 0.0),
        }
    }

    fn clock(&self) -> Arc<dyn Clock> {
        self.link.clock()
    }
}

impl DriveSource for Drive {
    fn data(&self) -> &SectorSet {
        &self.data
    }

    fn unwritten(&self) -> &SectorSet {
        &self.unwritten
    }

    fn top_speed(&self) -> Option<u64> {
        self.speeds.map(|speeds| u64::from(speeds.top) * 1000)
    }

    fn set(&mut self, control: Control) -> Supported {
        supported(match control {
            Control::Speed(speed) => {
                let last = self.last_sector();
                let set = speed::set(&mut self.link, speed, last);
                if set {
                    self.speed = Some(speed);
                }
                set
            }
            Control::Retries(count) => {
                self.error_page.as_mut().is_some_and(|page| page.set_retries(&mut self.link, count))
            }
        })
    }

    fn keep_settings(&mut self, keep: bool) {
        self.keep_settings = keep;
    }

    fn give_back(&mut self) -> Vec<String> {
        if std::mem::replace(&mut self.given_back, true) {
            return Vec::new();
        }
        let mut refused = Vec::new();
        if let Some(page) = &mut self.error_page
            && !page.restore(&mut self.link)
        {
            refused.push(format!(
                "{} does not take its error settings (mode page 01h) back; the next run will try again.",
                self.name
            ));
        }
        if let Some(Some(_)) = self.speed {
            // What was the fastest is the fastest again, whatever the number for it is.
            let found = self.speeds.filter(|speeds| (1..speeds.top).contains(&speeds.current)).map(|s| s.current);
            let last = self.last_sector();
            if speed::set(&mut self.link, found, last) {
                self.speed = None;
            } else {
                refused.push(format!("{} does not take the speed back that it had.", self.name));
            }
        }
        refused
    }

    fn spin(&mut self) -> Supported {
        supported(self.stop_and_start().is_ok())
    }

    fn find_again(&mut self) -> Supported {
        supported(self.find_elsewhere())
    }

    fn is_same_medium(&mut self) -> bool {
        self.has_same_medium()
    }

    fn is_well(&mut self) -> bool {
        self.link.wait_ready().is_ok() && identify(&mut self.link, &self.name).is_ok_and(|now| now == self.identity)
    }

    fn eject(&mut self) -> Supported {
        supported(self.open_tray())
    }

    fn restarts(&self) -> u64 {
        self.link.restarts()
    }

    fn take_incidents(&mut self) -> Vec<Incident> {
        std::mem::take(&mut self.incidents)
    }

    fn rest(&self) -> Duration {
        self.pace.rest(self.link.clock().now())
    }

    fn pacing(&self) -> Pacing {
        self.pace.pacing()
    }

    fn set_pacing(&mut self, pacing: Pacing) {
        self.pace.set(pacing);
    }

    fn has_outdone_pace(&self) -> bool {
        self.pace.is_outdone()
    }
}

impl Drop for Drive {
    fn drop(&mut self) {
        // The settings go back before anybody else gets at the drive.
        let _guard = self.guard.take();
        for refused in self.give_back() {
            warn!("{refused}");
        }
        self.unlock();
    }
}

/// The name of the file that keeps the drive's page. Drives without a serial number are told apart by their nodes.
fn kept_name(identity: &Identity, name: &str) -> String {
    error_page::file_name(&format!("{identity} {}", identity.serial.as_deref().unwrap_or(name)))
}

fn identify(link: &mut Link, name: &str) -> Result<Identity, DriveError> {
    let answer = link.ask_patiently(&cdb::inquiry(36), 36).map_err(|refusal| refused(name, "INQUIRY", &refusal))?;
    let inquiry = answers::inquiry(&answer).unwrap_or_default();
    if inquiry.device_type != answers::TYPE_OPTICAL {
        return Err(DriveError::NotOptical { name: name.to_owned(), device_type: inquiry.device_type });
    }
    // Many drives refuse the page or have it empty.
    let serial = link.ask(&cdb::inquiry_page(0x80, 252), 252).ok().and_then(|answer| answers::serial(&answer));
    Ok(Identity { vendor: inquiry.vendor, model: inquiry.product, revision: inquiry.revision, serial })
}

#[cfg(test)]
mod tests;
