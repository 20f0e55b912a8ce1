//! What every command is handed.

use std::sync::Arc;

use crate::base::cancel::Cancel;

use super::args::Everywhere;
use super::terminal::progress::Display;

/// Where a command tells things, how it learns that it should stop, and the options that every command has.
pub(super) struct Context {
    pub display: Arc<Display>,
    pub cancel: Cancel,
    pub json: bool,
    pub quiet: bool,
    pub verbose: u8,
}

impl Context {
    /// As the person asked for it.
    pub(super) fn new(options: &Everywhere) -> Self {
        Self {
            display: Arc::new(Display::new(options.progress, options.quiet)),
            cancel: Cancel::new(),
            json: options.json,
            quiet: options.quiet,
            verbose: options.verbose,
        }
    }
}
