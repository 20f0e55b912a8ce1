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
mod qcow2_image;
#[cfg(feature = "qcow2")]
mod qcow2_reader;
mod reader;
mod refusal;
#[cfg(feature = "qcow2")]
mod stages;
#[cfg(feature = "qcow2")]
mod tables;
pub mod vmdk_descriptor;

pub use error::ContainerError;
pub use kind::Kind;
#[cfg(feature = "qcow2")]
pub(in crate::image) use qcow2_image::Qcow2Image;
pub use reader::{Container, Place, Run};
pub use refusal::Refusal;
