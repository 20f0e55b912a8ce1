//! The same drive under another name: when its bus is reset, or its plug slips, Linux may give it a new node.

use std::time::Duration;

use tracing::warn;

use crate::drive::Drive;
use crate::drive::disc::media;
use crate::drive::finder::Found;

/// How long a drive that is gone is looked for; spinning up comes after that.
const PATIENCE: Duration = Duration::from_secs(30);

/// Between two searches.
const EVERY: Duration = Duration::from_secs(1);

impl Drive {
    /// Looks for the drive after it was gone, and goes on with it where it is now. Whether it was found. The disc in it
    /// may be another one: the next read says so.
    pub(in crate::drive) fn find_elsewhere(&mut self) -> bool {
        let Some(mut finder) = self.finder.take() else { return false };
        warn!("{}: the drive is gone; looking for half a minute whether it comes back", self.name);
        let clock = self.link.clock();
        let end = clock.now().saturating_add(PATIENCE);
        let identity = self.identity.clone();
        let found = loop {
            let found = finder(&identity);
            if found.is_some() || clock.now() >= end || !self.link.pause(EVERY) {
                break found;
            }
        };
        self.finder = Some(finder);
        let Some(Found { transport, guard, name, way }) = found else { return false };
        warn!("{}: the drive is back as {name}", self.name);
        self.link.replace(transport);
        self.way = way;
        self.length.forget();
        // Where it hangs now may take less at a time.
        let most = media::command_sectors(self.facts.media, self.link.max_transfer());
        if most < self.facts.max_sectors {
            self.length.shorten(most);
        }
        self.guard = guard;
        self.facts.name = format!("{name} ({identity})");
        self.name = name;
        true
    }
}
