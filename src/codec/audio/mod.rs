//! Sound.

pub mod ac3;
pub(in crate::codec) mod clock;
pub(in crate::codec) mod crc16;
pub mod dolby;
pub mod dts;
pub mod dts_asset;
pub mod dts_core;
pub mod dts_extension;
pub(in crate::codec) mod dts_facts;
#[cfg(test)]
pub(crate) mod dts_fixture;
pub(in crate::codec) mod dts_sync;
pub mod lpcm;
pub mod lpcm_dvd;
pub mod mp2;
pub mod truehd;
