//! Where sectors are written to: the write-back file and the image store.

pub mod error;
#[cfg(test)]
mod fake_sink;
mod gather;
mod helper;
mod outlet;
pub mod prealloc;
pub mod raw;
pub mod sink;
pub mod store;
pub mod strategy;
pub mod window;
pub mod writeback_file;

pub use error::ImageError;
pub use prealloc::Prealloc;
pub use store::{Here, ImageStore};
pub use strategy::{OutputKind, WriteChoice};
