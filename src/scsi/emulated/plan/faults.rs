//! Damage plans: what is wrong with an emulated disc and drive, as a value. `plan_text.rs` reads them.

use std::time::Duration;

use rangemap::RangeMap;
use thiserror::Error;

use super::disc::DiscPlan;
use crate::base::media::Media;
use crate::base::outcome::Sense;
use crate::base::sector::set::SectorSet;
use crate::scsi::emulated::latency::Settings;

/// What is wrong with a line of a plan.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("damage plan, line {line}: {what}")]
pub struct PlanError {
    /// Its number, from 1.
    pub line: usize,
    /// A sentence.
    pub what: String,
}

/// Something that happens to the drive at a moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Happening {
    /// It becomes ready only after the time given, or never.
    NotReady(Option<Duration>),
    /// The disc is taken out.
    Eject,
    /// The disc of this name takes its place; whoever builds the drive hands it in.
    Swap(String),
    /// The drive is unplugged.
    Unplug,
    /// It is reset and says so.
    Reset,
    /// It takes no settings any more.
    RefuseSettings,
    /// The next command is told this, as a unit attention.
    Attention(Sense),
    /// The disc stops turning: START STOP UNIT is wanted.
    Stop,
}

/// How the drive behaves at a unit, beside failing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::scsi::emulated) enum Manner {
    /// It has to work for the unit, and is wrong the first times: always alike, or in another way each time.
    Recovered { wrong: u64, same: bool },
    /// It hands over that many sectors and says that all is well.
    Short { sectors: u64 },
    /// The unit was never written.
    Blank,
    /// It says something else, always or that many times.
    Answer { response: Response, times: Option<u64> },
}

/// How a command ends in place of being carried out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::scsi::emulated) struct Response {
    pub(in crate::scsi::emulated) what: Answered,
    /// What a read hands over all the same.
    pub(in crate::scsi::emulated) data: Handed,
    /// How much longer than usual it takes.
    pub(in crate::scsi::emulated) after: Duration,
}

/// What comes of the data of a read that ends with a planned answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::scsi::emulated) enum Handed {
    /// The sectors before the unit.
    Head,
    /// Everything.
    All,
    /// That many sectors.
    First(u64),
}

/// What a command is answered whenever it comes, or that many times.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::scsi::emulated) struct Refrain {
    /// Operation code; all of them without one.
    pub(in crate::scsi::emulated) opcode: Option<u8>,
    pub(in crate::scsi::emulated) response: Response,
    pub(in crate::scsi::emulated) times: Option<u64>,
}

/// What is said in a planned answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::scsi::emulated) enum Answered {
    /// CHECK CONDITION.
    Sense(Sense),
    /// Another status, without sense data.
    Status(u8),
    /// The way to the drive fails.
    Host(u16),
    /// Nothing, for ever.
    Hang,
}

/// After how many failures in what time the firmware gives up, and how that shows.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(in crate::scsi::emulated) struct Wedge {
    pub(in crate::scsi::emulated) errors: u64,
    pub(in crate::scsi::emulated) seconds: f64,
    pub(in crate::scsi::emulated) sense: Sense,
    /// Stopping and starting the disc does not help.
    pub(in crate::scsi::emulated) stuck: bool,
}

/// Commands that went wrong reset the drive; this is who hears of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::scsi::emulated) enum Resets {
    /// The next command is told (06/29/00).
    Told,
    /// The unit attention went to somebody else: the error handler of the kernel.
    Silent,
}

/// What is wrong with a disc and its drive. The default is nothing.
#[derive(Clone, Debug, Default)]
pub struct DamagePlan {
    /// What kind of disc is in.
    pub(in crate::scsi::emulated) disc: DiscPlan,
    /// The time model as far as the plan sets it.
    pub(in crate::scsi::emulated) settings: Vec<(Setting, f64)>,
    /// Chance that an attempt at a unit works, as the bits of an `f32`; units that are not named are sound.
    pub(in crate::scsi::emulated) units: RangeMap<u64, u32>,
    /// The same for single sectors.
    pub(in crate::scsi::emulated) sectors: RangeMap<u64, u32>,
    /// What happens when, counted from the drive's first moment.
    pub(in crate::scsi::emulated) happenings: Vec<(Duration, Happening)>,
    /// Index into `manners` by unit.
    pub(in crate::scsi::emulated) manner_of: RangeMap<u64, usize>,
    pub(in crate::scsi::emulated) manners: Vec<Manner>,
    pub(in crate::scsi::emulated) zero_after: Option<u64>,
    pub(in crate::scsi::emulated) wedge: Option<Wedge>,
    /// Answers to whole commands.
    pub(in crate::scsi::emulated) refrains: Vec<Refrain>,
    /// Sectors that the drive says there are.
    pub(in crate::scsi::emulated) capacity: Option<u64>,
    pub(in crate::scsi::emulated) resets: Option<Resets>,
}

/// Names one field of [`Settings`].
pub(in crate::scsi::emulated) type Setting = fn(&mut Settings) -> &mut f64;

impl DamagePlan {
    /// A plan in which nothing is wrong.
    #[must_use]
    pub fn sound() -> Self {
        Self::default()
    }

    /// A plan in which these sectors, and only they, never read.
    #[must_use]
    pub fn dead(sectors: &SectorSet) -> Self {
        let mut plan = Self::default();
        for range in sectors.ranges() {
            plan.sectors.insert(range.start()..range.end(), 0);
        }
        plan
    }

    /// The plan, with something that happens `after` the drive's first moment.
    #[must_use]
    pub fn with(mut self, after: Duration, happening: Happening) -> Self {
        self.happenings.push((after, happening));
        self
    }

    /// Names of the discs that come in later.
    pub fn discs(&self) -> impl Iterator<Item = &str> {
        self.happenings.iter().filter_map(|(_, happening)| match happening {
            Happening::Swap(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// The time model: what a drive for `media` does, as far as the plan says nothing else.
    pub(in crate::scsi::emulated) fn settings_for(&self, media: Media) -> Settings {
        let mut settings = Settings::for_media(media);
        for (setting, value) in &self.settings {
            *setting(&mut settings) = *value;
        }
        // A unit is a whole number of sectors.
        settings.ecc = settings.ecc.floor().max(1.0);
        settings
    }
}
