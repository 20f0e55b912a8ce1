//! Where sectors are written to: the write-back file and the image store.

mod background;
pub mod error;
#[cfg(test)]
mod fake_sink;
pub mod format;
mod gather;
mod helper;
pub mod here;
mod outlet;
pub mod prealloc;
mod raw;
pub mod sink;
pub mod store;
pub mod strategy;
pub mod window;
pub mod writeback_file;

pub use error::ImageError;
pub use format::Format;
pub use here::Here;
pub use prealloc::Prealloc;
pub use store::ImageStore;
pub use strategy::{OutputKind, WriteChoice};
