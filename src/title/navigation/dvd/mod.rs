//! The program chains of a DVD followed: pre, post and cell commands, and the buttons of menus.

mod follow;
mod machine;
mod programs;

pub use follow::follow;
pub use programs::{Chain, Domain, Programs, SetPrograms};
