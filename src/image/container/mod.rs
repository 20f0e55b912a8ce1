//! Images in the containers of virtual machines: qcow2, and vmdk where it is flat. What a file says of itself is looked at
//! before anything is done with it, and no image can pull in a file that was not named, but for the extents that lie beside a
//! flat vmdk's descriptor.

mod error;
mod flat;
#[cfg(feature = "qcow2")]
mod host;
mod kind;
pub mod qcow2_header;
#[cfg(feature = "qcow2")]
mod qcow2_reader;
mod reader;
mod refusal;
mod run;
pub mod vmdk_descriptor;

/// Bytes of which a content is a whole number: what a virtual machine calls a sector.
pub const UNIT: u64 = 512;

pub use error::ContainerError;
pub use kind::Kind;
pub use reader::Container;
pub use refusal::Refusal;
pub use run::{Place, Run};
