//! How an output is written: what a person may choose, and what is chosen for him. Pure.

/// What `--write` says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum WriteChoice {
    /// Whatever suits the output.
    #[default]
    Auto,
    /// [`WriteStrategy::DontCache`], or nothing.
    DontCache,
    /// [`WriteStrategy::Window`], or nothing.
    Window,
    /// [`WriteStrategy::Direct`], or nothing.
    Direct,
    /// [`WriteStrategy::Plain`].
    Plain,
}

/// How an output is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WriteStrategy {
    /// Buffered writes that the kernel begins to write out at once and then drops (`RWF_DONTCACHE`); each
    /// window is waited for.
    DontCache,
    /// Buffered writes; each window is written out, waited for and dropped from the cache.
    Window,
    /// Writes past the cache (`O_DIRECT`); what is not aligned goes as in [`WriteStrategy::Window`].
    Direct,
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

/// Whether writes that leave nothing in the cache work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DontCache {
    /// They do not.
    No,
    /// They do, on a kernel of which it is known that they race with others: only when asked for.
    Raced,
    /// They do.
    Yes,
}

/// What an output is and can do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SinkFacts {
    /// The kind of output.
    pub kind: OutputKind,
    /// Its file system's server is another machine: waiting for it may never end.
    pub network: bool,
    /// Write-out of parts of it can be started and waited for.
    pub can_write_out: bool,
    /// Whether it takes writes that leave nothing in the cache.
    pub dont_cache: DontCache,
}

impl WriteStrategy {
    /// Its name in `--write` and in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::DontCache => "dontcache",
            Self::Window => "window",
            Self::Direct => "direct",
            Self::Plain => "plain",
        }
    }

    /// Picks a strategy; `None` when the choice does not fit the output. Whether [`WriteStrategy::Direct`]
    /// works shows only when the output is opened for it.
    #[must_use]
    pub fn pick(choice: WriteChoice, facts: SinkFacts) -> Option<Self> {
        let window_works = facts.can_write_out && facts.kind != OutputKind::Stream;
        match choice {
            WriteChoice::Plain => Some(Self::Plain),
            WriteChoice::Window => window_works.then_some(Self::Window),
            WriteChoice::DontCache => (window_works && facts.dont_cache != DontCache::No).then_some(Self::DontCache),
            WriteChoice::Direct => window_works.then_some(Self::Direct),
            WriteChoice::Auto if window_works && facts.kind == OutputKind::File => Some(match facts.dont_cache {
                DontCache::Yes => Self::DontCache,
                DontCache::No | DontCache::Raced => Self::Window,
            }),
            WriteChoice::Auto => Some(Self::Plain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn facts(kind: OutputKind, can_write_out: bool, dont_cache: DontCache) -> SinkFacts {
        SinkFacts { kind, network: false, can_write_out, dont_cache }
    }

    #[test]
    fn auto_bounds_the_cache_of_regular_files_only() {
        use OutputKind::{BlockDevice, File, Stream};
        let auto = |kind, can, dont_cache| {
            WriteStrategy::pick(WriteChoice::Auto, facts(kind, can, dont_cache)).unwrap().name()
        };
        assert_eq!(auto(File, true, DontCache::Yes), "dontcache");
        assert_eq!(auto(File, true, DontCache::Raced), "window");
        assert_eq!(auto(File, true, DontCache::No), "window");
        assert_eq!(auto(File, false, DontCache::Yes), "plain");
        assert_eq!(auto(BlockDevice, true, DontCache::Yes), "plain");
        assert_eq!(auto(Stream, false, DontCache::No), "plain");
    }

    #[test]
    fn a_choice_that_does_not_fit_is_refused() {
        let pick = |choice, kind, can, dont_cache| WriteStrategy::pick(choice, facts(kind, can, dont_cache));
        use OutputKind::{BlockDevice, File, Stream};
        assert_eq!(pick(WriteChoice::Window, BlockDevice, true, DontCache::No), Some(WriteStrategy::Window));
        assert_eq!(pick(WriteChoice::DontCache, File, true, DontCache::Raced), Some(WriteStrategy::DontCache));
        assert_eq!(pick(WriteChoice::Direct, BlockDevice, true, DontCache::No), Some(WriteStrategy::Direct));
        assert_eq!(pick(WriteChoice::DontCache, File, true, DontCache::No), None);
        for choice in [WriteChoice::Window, WriteChoice::DontCache, WriteChoice::Direct] {
            assert_eq!(pick(choice, File, false, DontCache::Yes), None);
            assert_eq!(pick(choice, Stream, true, DontCache::Yes), None);
        }
    }
}
