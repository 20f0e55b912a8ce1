//! A drive in software. It sits where the hardware sits, so everything above it is what runs on real drives.

mod commands;
mod disc_plan;
mod drive;
mod ending;
pub mod faults;
mod firmware;
mod inform;
pub mod latency;
pub mod medium;
mod plan_text;
mod reading;
mod tracks;

pub use drive::EmulatedDrive;
pub use faults::{DamagePlan, Happening, PlanError};
pub use medium::{Medium, MemoryMedium, NumberedMedium, TrackLayout};
