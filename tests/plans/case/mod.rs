//! A case: a disc, plans, and the runs that are made one after the other.

pub(crate) mod disc;
pub(crate) mod generate;
pub(crate) mod grammar;
pub(crate) mod lines;
pub(crate) mod places;
pub(crate) mod rng;

use std::fmt::Write as _;

use freemkv::base::media::Media;

use crate::case::disc::{DiscSpec, profile};

/// The lines of a damage plan.
pub(crate) type Plan = Vec<String>;

/// What a person does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Command {
    Sweep,
    Patch { passes: u32, thorough: bool, finish: bool },
}

/// What ends a run before its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stop {
    None,
    /// Seconds of the drive's time.
    Budget(u64),
    MaxErrors(u64),
    /// Seconds without a sector.
    GiveUpAfter(u64),
    /// A signal with this command of the drive.
    Cancel(u64),
    /// The map is saved with this command, and this many commands later the program is killed.
    Kill {
        saved: u64,
        later: u64,
    },
}

/// One run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Step {
    pub(crate) command: Command,
    /// Which of the plans.
    pub(crate) plan: usize,
    pub(crate) stop: Stop,
    /// Tries of the drive's own, where the person says it.
    pub(crate) retries: Option<u8>,
    /// kB/s, where the person says it.
    pub(crate) speed: Option<u16>,
    /// What was given up is tried once more before anything else.
    pub(crate) fresh: bool,
}

/// All that a seed stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Case {
    pub(crate) media: Media,
    pub(crate) disc: DiscSpec,
    /// What plans swap in as `other.iso`.
    pub(crate) other: DiscSpec,
    pub(crate) plans: Vec<Plan>,
    pub(crate) steps: Vec<Step>,
}

impl Case {
    /// What READ CAPACITY says where it lies, and in all plans alike.
    pub(crate) fn capacity(&self, plan: usize) -> Option<&String> {
        self.plans.get(plan)?.iter().rev().find(|line| line.starts_with("capacity "))
    }

    /// The runs as commands of a shell, in a folder with `disc.iso`, `other.iso` and the plans.
    pub(crate) fn commands(&self) -> String {
        let mut text = String::new();
        for step in &self.steps {
            let name = if step.command == Command::Sweep { "sweep" } else { "patch" };
            let source = format!("emu:disc.iso,profile={},faults={}.plan", profile(self.media), step.plan);
            let _ = write!(text, "freemkv {name} {source} out.iso -q");
            if let Command::Patch { passes, thorough, finish } = step.command {
                let _ = write!(text, " --passes {passes}");
                text.push_str(if thorough { " --thorough" } else { "" });
                text.push_str(if finish { " --finish" } else { "" });
            }
            text.push_str(if step.fresh { " --fresh" } else { "" });
            if let Some(count) = step.retries {
                let _ = write!(text, " --drive-retries {count}");
            }
            if let Some(speed) = step.speed {
                let _ = write!(text, " --speed {speed}");
            }
            let _ = match step.stop {
                Stop::None => Ok(()),
                Stop::Budget(seconds) => write!(text, " --budget {seconds}s"),
                Stop::MaxErrors(errors) => write!(text, " --max-errors {errors}"),
                Stop::GiveUpAfter(seconds) => write!(text, " --give-up-after {seconds}s"),
                Stop::Cancel(at) => write!(text, " # stopped with SCSI command {at}"),
                Stop::Kill { saved, later } => {
                    write!(text, " # map saved with SCSI command {saved}, killed {later} later")
                }
            };
            text.push('\n');
        }
        text
    }
}
