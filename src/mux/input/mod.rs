//! The needed bytes of each part of a title, with the holes in them.

mod course;
pub(super) mod reader;
pub(super) mod scout;
pub(super) mod streams;
pub(super) mod sync_filter;
pub(super) mod walk;
