//! Which titles a disc plays by itself: its programs followed from the start, through its menus, from every title.

pub mod answer;
pub mod dvd;
mod graph;
pub mod hdmv;

pub use answer::{How, Navigation, PlayedBy, Under};
