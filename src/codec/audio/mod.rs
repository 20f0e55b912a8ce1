//! Sound.

pub(in crate::codec) mod clock;
pub mod dolby;
pub mod dts;
pub mod lpcm;
pub mod lpcm_dvd;
pub mod mp2;
