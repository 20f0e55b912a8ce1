//! The map of what was read, in ddrescue's own format.

pub mod aside;
pub mod error;
pub mod ops;
pub mod sector_map;
pub mod speed;
pub mod state;
pub mod status;
pub mod store;
pub mod summary;
pub mod text;
