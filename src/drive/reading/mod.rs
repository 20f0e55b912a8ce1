//! One read, with everything that the answer asks for: waits, second tries, shorter commands, and a name for what cannot be
//! helped.

mod absent;
mod command;
mod length;
mod memory;
mod pieces;
mod read;
mod remedy;
mod shorter;
mod tries;

pub(super) use length::Length;
pub(super) use memory::Memory;
