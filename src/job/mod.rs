//! What combines the layers below: sources by name.

pub mod distinct;
pub mod open;
pub mod source_name;
