//! The programs of a Blu-ray followed: movie objects and the buttons of menus.
//!
//! A player runs one command after the other; where a playlist plays, the object waits. `machine` does the same with
//! registers of which some are unknown, and [`follow()`] takes every way that a viewer's choice or an unknown value can
//! lead. The number of states is bounded: what a bound cuts off is told.

mod follow;
mod live;
mod machine;
pub mod programs;
mod registers;

pub use follow::follow;
pub use programs::{Menu, Programs};
