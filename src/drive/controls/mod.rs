//! What can be set of a drive: how it treats errors, and its speed.

pub(super) mod error_page;
pub(super) mod speed;
