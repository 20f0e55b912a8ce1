//! Playlists (MPLS): play items, their streams, sub-paths.

pub mod mpls;
pub mod play_item;
pub mod stn;
pub mod sub_path;
