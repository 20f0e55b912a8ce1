//! How an output is written: what a person may choose, and what is chosen for him. Pure.

/// What `--write` says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum WriteChoice {
    /// Whatever suits the output.
    #[default]
    Auto,
    /// [`WriteStrategy::Window`], or nothing.
    Window,
    /// [`WriteStrategy::Plain`].
    Plain,
}

/// How an output is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WriteStrategy {
    /// Buffered writes; each window is written out, waited for and dropped from the cache.
    Window,
    /// Buffered writes; where there is something to sync, a sync once a window's amount.
    Plain,
}

/// What an output is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OutputKind {
    /// A regular file.
    File,
    /// A block device.
    BlockDevice,
    /// A pipe, a terminal, `/dev/null`: it takes bytes in order and keeps none that could be synced.
    Stream,
}

impl WriteStrategy {
    /// Its name in `--write` and in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Window => "window",
            Self::Plain => "plain",
        }
    }

    /// Picks a strategy. `can_write_out`: write-out of parts of the output can be started and waited for.
    /// `None` when the choice does not fit the output.
    #[must_use]
    pub fn pick(choice: WriteChoice, kind: OutputKind, can_write_out: bool) -> Option<Self> {
        let window_works = can_write_out && kind != OutputKind::Stream;
        match choice {
            WriteChoice::Plain => Some(Self::Plain),
            WriteChoice::Window => window_works.then_some(Self::Window),
            WriteChoice::Auto if window_works && kind == OutputKind::File => Some(Self::Window),
            WriteChoice::Auto => Some(Self::Plain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auto_takes_windows_for_regular_files_only() {
        use OutputKind::{BlockDevice, File, Stream};
        let auto = |kind, can| WriteStrategy::pick(WriteChoice::Auto, kind, can).unwrap().name();
        assert_eq!(auto(File, true), "window");
        assert_eq!(auto(File, false), "plain");
        assert_eq!(auto(BlockDevice, true), "plain");
        assert_eq!(auto(Stream, false), "plain");
    }

    #[test]
    fn a_choice_that_does_not_fit_is_refused() {
        let window = |kind, can| WriteStrategy::pick(WriteChoice::Window, kind, can);
        assert_eq!(window(OutputKind::BlockDevice, true), Some(WriteStrategy::Window));
        assert_eq!(window(OutputKind::File, false), None);
        assert_eq!(window(OutputKind::Stream, true), None);
    }
}
