//! Which disc lies in the drive, and where what is made of it goes.

pub mod fingerprint;
pub mod known;
pub mod lock;
pub mod look;
pub mod place;
pub mod record;
