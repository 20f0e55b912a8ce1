//! What a disc runs: its index, movie objects, BD-J objects, and the buttons of its menus.

pub mod bdjo;
pub mod command;
pub mod index;
pub mod interactive;
pub mod movie_object;
