//! Where a track is: for each part of a title one stream or none.

use std::sync::Arc;

/// Which of the paths of a title a stream belongs to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Origin {
    /// The parts of the title.
    Main,
    /// Clips that play beside them, by the number of their sub-path.
    SubPath(u8),
}

/// One stream of a multiplex.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct StreamId {
    /// The path whose multiplex it is in.
    pub origin: Origin,
    /// PID in a transport stream, stream id in a program stream.
    pub id: u16,
    /// Number inside a private stream of a program stream.
    pub sub_id: Option<u8>,
}

impl StreamId {
    /// The stream of a transport stream's PID.
    #[must_use]
    pub fn pid(origin: Origin, pid: u16) -> Self {
        Self { origin, id: pid, sub_id: None }
    }

    /// The number that reports give it: the PID, the stream id, or that with the number in the private stream behind
    /// it (`0xBD80`).
    #[must_use]
    pub fn number(self) -> u16 {
        self.sub_id.map_or(self.id, |sub_id| self.id << 8 | u16::from(sub_id))
    }
}

/// Parts that follow each other, with the same stream.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Run {
    first: u32,
    /// The part behind its last.
    end: u32,
    stream: StreamId,
}

/// For each part of a title one stream or none. Most tracks are the same stream from the first part to the last, which
/// takes one entry, however many parts there are; copies share it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Streams {
    runs: Arc<[Run]>,
}

impl Streams {
    /// The stream of a title that has one part.
    #[must_use]
    pub fn of_one_part(stream: StreamId) -> Self {
        std::iter::once((0, stream)).collect()
    }

    /// The stream in a part; `None` where it has none.
    #[must_use]
    pub fn at(&self, part: usize) -> Option<StreamId> {
        let part = u32::try_from(part).ok()?;
        let ahead = self.runs.partition_point(|run| run.end <= part);
        self.runs.get(ahead).filter(|run| run.first <= part).map(|run| run.stream)
    }

    /// The first stream.
    #[must_use]
    pub fn first(&self) -> Option<StreamId> {
        self.runs.first().map(|run| run.stream)
    }

    /// The parts that have a stream, with it, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (usize, StreamId)> {
        self.runs.iter().flat_map(|run| (run.first..run.end).map(|part| (part as usize, run.stream)))
    }

    /// Tells lists apart that are kept apart in memory.
    pub(super) fn place(&self) -> *const u8 {
        self.runs.as_ptr().cast()
    }

    /// Bytes of memory that the list takes.
    pub(super) fn memory(&self) -> usize {
        size_of_val(&*self.runs)
    }
}

/// Parts in ascending order; one that is not behind those before is left out.
impl FromIterator<(usize, StreamId)> for Streams {
    fn from_iter<I: IntoIterator<Item = (usize, StreamId)>>(parts: I) -> Self {
        let mut gathered = Gathered::default();
        parts.into_iter().for_each(|(part, stream)| gathered.add(part, stream));
        gathered.finish()
    }
}

/// Streams of parts while a title is read.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    runs: Vec<Run>,
}

impl Gathered {
    /// Adds the stream of a part behind those before; one that is not is left out.
    pub(super) fn add(&mut self, part: usize, stream: StreamId) {
        let Ok(part) = u32::try_from(part) else { return };
        match self.runs.last_mut() {
            Some(last) if last.end > part => {}
            Some(last) if last.end == part && last.stream == stream => last.end = part.saturating_add(1),
            _ => self.runs.push(Run { first: part, end: part.saturating_add(1), stream }),
        }
    }

    /// Whether a part has a stream already.
    pub(super) fn has(&self, part: usize) -> bool {
        self.runs.last().is_some_and(|run| run.end as usize > part)
    }

    /// Whether a part has a stream, be it in front of the last one.
    pub(super) fn is_in(&self, part: usize) -> bool {
        let ahead = self.runs.partition_point(|run| run.end as usize <= part);
        self.runs.get(ahead).is_some_and(|run| run.first as usize <= part)
    }

    /// The last stream that was added.
    pub(super) fn last(&self) -> Option<StreamId> {
        self.runs.last().map(|run| run.stream)
    }

    pub(super) fn finish(self) -> Streams {
        Streams { runs: self.runs.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STREAM: StreamId = StreamId { origin: Origin::Main, id: 0x1100, sub_id: None };

    #[test]
    fn parts_with_the_same_stream_take_one_entry() {
        let all: Streams = (0..1000).map(|part| (part, STREAM)).collect();
        assert_eq!(all.memory(), size_of::<Run>());
        assert_eq!((all.at(0), all.at(999), all.at(1000)), (Some(STREAM), Some(STREAM), None));
        assert_eq!(all.iter().count(), 1000);
        assert_eq!(Streams::default().first(), None);
    }

    proptest! {
        #[test]
        fn each_part_gives_the_stream_that_was_put_there(parts in prop::collection::btree_map(0usize..50, 0u16..3, 0..30)) {
            let stream = |id: &u16| StreamId { id: *id, ..STREAM };
            let streams: Streams = parts.iter().map(|(part, id)| (*part, stream(id))).collect();
            for part in 0..60 {
                prop_assert_eq!(streams.at(part), parts.get(&part).map(stream));
            }
            prop_assert!(streams.iter().eq(parts.iter().map(|(part, id)| (*part, stream(id)))));
            prop_assert_eq!(streams.first(), parts.values().next().map(stream));
        }
    }
}
