//! The write-back file: how written bytes get onto the disk without filling the page cache.

mod background;
#[cfg(test)]
#[path = "tests/fake_sink.rs"]
mod fake_sink;
pub mod file;
mod gather;
mod helper;
mod outlet;
pub mod prealloc;
pub mod sink;
pub mod strategy;
pub mod window;
