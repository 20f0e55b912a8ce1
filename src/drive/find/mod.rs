//! Which drives there are, opening one, and finding it again when it is gone.

mod bridge;
mod enumerate;
mod open;
mod reattach;

pub use enumerate::{DriveEntry, drives};
pub(super) use open::open_transport;
pub use open::{drive_node, open_node};
