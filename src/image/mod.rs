//! Where sectors are written to: the write-back file and the image store.

pub mod container;
pub mod error;
pub mod format;
pub mod here;
pub mod lies;
#[cfg(feature = "qcow2")]
mod qcow2;
mod raw;
pub mod store;
pub mod writeback;

pub use error::ImageError;
pub use format::Format;
pub use here::Here;
pub use lies::Lies;
pub use store::ImageStore;
pub use writeback::prealloc::Prealloc;
pub use writeback::strategy::{OutputKind, WriteChoice};
