//! Which drives there are, opening one, and finding it again when it is gone.

mod ask;
mod attribute;
mod bridge;
mod enumerate;
mod lying;
mod open;
mod reattach;

pub use ask::ask;
pub use enumerate::{DriveEntry, drives};
pub use lying::Lying;
pub(super) use open::open_transport;
pub use open::{drive_node, open_node};
