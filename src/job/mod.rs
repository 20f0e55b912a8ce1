//! What combines the layers below: sources by name, discs with their maps, what a disc holds, whether an image is
//! what the disc has.

pub mod convert;
pub mod disc;
pub mod files;
pub mod imaging;
pub mod info;
pub mod map;
pub mod mux;
pub mod open;
pub mod profile;
pub mod rip;
pub mod source_map;
pub mod source_name;
pub mod titles;
pub mod verify;
pub mod wanted;

use crate::base::pace;
