//! A drive in software. It sits where the hardware sits, so everything above it is what runs on real drives.

mod commands;
mod drive;
mod ending;
mod firmware;
mod inform;
pub mod latency;
pub mod medium;
pub mod plan;
mod reading;
mod tracks;

pub use drive::EmulatedDrive;
pub use medium::{Medium, MemoryMedium, NumberedMedium, TrackLayout};
pub use plan::faults::{DamagePlan, Happening, PlanError};
