//! Threads that hand buffers on.

pub mod bounded;
pub mod buffers;
