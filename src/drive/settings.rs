//! The settings of a drive: kept while it is read, given back when that ends.

use tracing::{debug, warn};

use super::Drive;
use super::controls::speed;
use super::link::{COMMAND_LIMIT, READY_LIMIT};
use crate::base::outcome::Fault;
use crate::scsi::{Data, cdb};

/// Times that settings are looked at and sent again before the drive counts as one that does not keep them.
const SETTLE_TRIES: u32 = 3;

impl Drive {
    /// Sees to it that the settings are as they were set. After anything behind which the drive may have been reset they are
    /// read back, and sent again: without PER in mode page 01h a drive says nothing of the bytes that it had to guess.
    pub(super) fn settle_settings(&mut self) -> Result<(), Fault> {
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

    /// Sets the reading speed, in kB/s; `None` is the fastest. Whether the drive took it.
    pub(super) fn set_speed(&mut self, speed: Option<u16>) -> bool {
        let last = self.last_sector();
        let set = speed::set(&mut self.link, speed, last);
        if set {
            self.speed = Some(speed);
        }
        set
    }

    /// Gives back what was changed, once. Sentences about what the drive did not take.
    pub(super) fn restore_settings(&mut self) -> Vec<String> {
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

    /// Takes again what was given back, as another run begins.
    pub(super) fn take_settings_again(&mut self) {
        if !std::mem::take(&mut self.given_back) {
            return;
        }
        if let Some(page) = &mut self.error_page
            && let Some(problem) = page.report_recovered(&mut self.link)
        {
            warn!("{problem}");
        }
        if self.locks && !self.locked {
            self.locked = self.link.tell(&cdb::prevent_removal(true), COMMAND_LIMIT);
        }
    }

    pub(super) fn last_sector(&self) -> u32 {
        u32::try_from(self.disc_sectors.saturating_sub(1)).unwrap_or(u32::MAX)
    }

    pub(super) fn unlock(&mut self) {
        if std::mem::take(&mut self.locked) {
            self.link.tell(&cdb::prevent_removal(false), COMMAND_LIMIT);
        }
    }

    pub(super) fn open_tray(&mut self) -> bool {
        self.unlock();
        self.link.tell(&cdb::start_stop_unit(false, true), READY_LIMIT)
    }
}

impl Drop for Drive {
    fn drop(&mut self) {
        // The settings go back before anybody else gets at the drive.
        let _guard = self.guard.take();
        for refused in self.restore_settings() {
            warn!("{refused}");
        }
        self.unlock();
    }
}
