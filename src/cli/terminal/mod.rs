//! The terminal: progress and log on standard error, what is printed on standard output.

mod json_lines;
mod lane;
mod line;
pub(super) mod logging;
pub(super) mod look;
pub(super) mod print;
pub(super) mod progress;
mod screen;
pub(super) mod waiting;
