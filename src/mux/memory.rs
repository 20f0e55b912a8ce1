//! Most that a run keeps in memory beside its buffers, in one place: `docs/ARCHITECTURE.md` names them.

/// Most bytes that the streams of a part may keep in memory before they are frames. A picture of the largest kind takes
/// six, and sound and subtitles little beside it.
pub(super) const UNFINISHED_FRAMES: usize = 32 << 20;

/// The same of a part of a sub-path, which holds sound or subtitles.
pub(super) const UNFINISHED_FRAMES_BESIDE: usize = 1 << 20;

/// Most bytes of enhancement layers from clips of their own that may wait for their pictures: some seconds.
pub(super) const LAYERS_AHEAD: usize = 12 << 20;

/// Sub-paths that are read beside the parts of a title; a disc has a handful.
pub(super) const SUB_PATHS: usize = 16;

/// Frames that may be held where parts meet, bytes: sixteen pictures of the largest kind.
pub(super) const HELD_FRAMES: usize = 24 << 20;

/// Frames of tracks that wait for other tracks, bytes.
pub(super) const INTERLEAVED: usize = 24 << 20;

/// Clusters that may wait for the end of a subtitle in them, bytes.
pub(super) const WAITING_CLUSTERS: usize = 36 << 20;
