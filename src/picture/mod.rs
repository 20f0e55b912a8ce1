//! Pictures of maps: for the terminal, as PNG and as SVG, in rows or as the disc lies. Pure: a map goes in, bytes come out.

mod canvas;
mod colour;
pub mod disc;
pub mod pieces;
pub mod png;
pub mod row;
pub mod share;
pub mod spiral;
pub mod svg;
pub mod terminal;
