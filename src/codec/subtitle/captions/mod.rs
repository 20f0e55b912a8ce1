//! Captions of line 21 (ANSI/CTA-608-E), which lie among the coded pictures: the first channel as text, and the names of
//! all channels that a stream has.

pub mod channels;
mod characters;
mod decoder;
#[cfg(test)]
mod fixture;
mod screen;
pub mod splitter;
mod timing;
pub mod user_data;
