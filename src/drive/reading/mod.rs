//! One read, with everything that the answer asks for: waits, second tries, shorter commands, and a name for what cannot be
//! helped.

mod absent;
mod command;
mod pieces;
mod read;
mod remedy;
mod shorter;
mod tries;
