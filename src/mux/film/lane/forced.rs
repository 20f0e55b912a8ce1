//! Subtitle tracks that hold only what is forced: beside the track that they are taken from, or in its stead.

use std::collections::BTreeMap;

use crate::codec::subtitle::pgs_forced::{ForcedSet, ForcedSets};

/// The tracks that hold only what is forced.
#[derive(Debug, Default)]
pub(in crate::mux::film) struct ForcedTracks {
    /// By the track that the sets come for: the track that what is forced of them goes to.
    by_source: BTreeMap<usize, (usize, ForcedSets)>,
}

impl ForcedTracks {
    /// `sources` has for each such track the one that it is taken from.
    pub(in crate::mux::film) fn new(sources: &[Option<usize>]) -> Self {
        let pairs = sources.iter().enumerate().filter_map(|(track, source)| Some(((*source)?, track)));
        Self { by_source: pairs.map(|(source, track)| (source, (track, ForcedSets::new()))).collect() }
    }

    /// Whether something of a track goes to another one, or only something of it stays.
    pub(in crate::mux::film) fn takes_from(&self, track: usize) -> bool {
        self.by_source.contains_key(&track)
    }

    /// Whether a track holds only what is forced.
    pub(in crate::mux::film) fn has(&self, track: usize) -> bool {
        self.source(track).is_some()
    }

    /// The track that one of these is taken from.
    pub(in crate::mux::film) fn source(&self, track: usize) -> Option<usize> {
        self.by_source.iter().find(|(_, (target, _))| *target == track).map(|(source, _)| *source)
    }

    /// What is forced of the next set of a track, and the track that it goes to.
    pub(in crate::mux::film) fn take(&mut self, track: usize, set: &[u8]) -> Option<(usize, ForcedSet)> {
        let (target, sets) = self.by_source.get_mut(&track)?;
        sets.take(set).map(|forced| (*target, forced))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_track_of_forced_subtitles_stands_beside_its_source_or_in_its_stead() {
        let beside = ForcedTracks::new(&[None, None, None, Some(1)]);
        assert!(beside.takes_from(1) && !beside.takes_from(3) && !beside.takes_from(2));
        assert!(beside.has(3) && !beside.has(1));
        assert_eq!((beside.source(3), beside.source(1)), (Some(1), None));
        let alone = ForcedTracks::new(&[None, Some(1)]);
        assert!(alone.takes_from(1) && alone.has(1));
    }
}
