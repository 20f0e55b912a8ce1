//! Images in the containers of virtual machines: qcow2, and vmdk where it is flat. What a file says of itself is looked at
//! before anything is done with it, and no image can pull in a file that was not named, but for the extents that lie beside a
//! flat vmdk's descriptor.

mod error;
mod kind;
pub mod qcow2_header;
mod refusal;
pub mod vmdk_descriptor;

pub use error::ContainerError;
pub use kind::Kind;
pub use refusal::Refusal;
