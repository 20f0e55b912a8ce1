//! A film on its way to bytes: frames go in, whole clusters come out, and the header comes last.
//!
//! Nothing here does I/O, so that a thread of its own can write what comes out.

use super::Error;
use super::ebml::{put_binary, sealed};
use super::element::cluster::{Block, Cluster, ClusterBuilder, MAX_BYTES, OPEN_DURATION_BYTES, Style, closed_duration};
use super::element::compress::Deflater;
use super::element::cues::{Cue, Cues};
use super::element::header::{CuesAt, End, Header};
use super::element::segment::Segment;
use super::element::tags::Statistics;
use super::element::track::{Kind, Scan, Track, layout_name};
use super::ids;
use crate::base::time::Nanoseconds;
use crate::codec::{Piece, TrackFacts};

/// One frame: an access unit of video, a frame of audio, a subtitle.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Index of its track in [`Segment::tracks`].
    pub track: usize,
    /// From the start of the film to when it is shown or heard.
    pub timestamp: Nanoseconds,
    /// How long it lasts, if known. Subtitles keep it in the file; else it serves the statistics,
    /// where the track's default duration stands in for it.
    pub duration: Option<Nanoseconds>,
    /// Decoding can start here.
    pub key: bool,
    /// No other frame needs this one.
    pub discardable: bool,
    /// Decoded for others that need it, and not shown: the film is no longer for it.
    pub invisible: bool,
    /// The bytes, in the pieces they lie in.
    pub data: &'a [Piece<'a>],
}

/// What a track turned out to be when all of it had come: its start need not show that.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Grown {
    /// Most channels of its sound.
    pub channels: u32,
    /// Pictures of it are made of two fields.
    pub is_interlaced: bool,
}

impl Grown {
    /// Takes in what one of its streams says of itself in the end.
    pub fn add(&mut self, facts: &TrackFacts) {
        self.channels = self.channels.max(facts.audio.map_or(0, |audio| audio.channels.into()));
        self.is_interlaced |= facts.video.as_ref().is_some_and(|video| video.interlaced);
    }
}

/// What comes out at the end.
#[derive(Debug)]
pub struct Ending {
    /// To be written behind the clusters: the last one, and the Cues if they did not fit in front. May be empty.
    pub tail: Vec<u8>,
    /// To be written over the start of the file: the same length as [`Builder::head`] gave. Empty for a film that goes out
    /// in order.
    pub head: Vec<u8>,
    /// What was written.
    pub summary: Summary,
}

/// What was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Summary {
    /// Bytes of the file.
    pub bytes: u64,
    /// From the start of the film to the end of its last frame.
    pub duration: Nanoseconds,
    /// Frames, bytes and times of each track.
    pub tracks: Vec<Statistics>,
    /// Whether the Cues, if there are any, lie in front of the clusters.
    pub cues_in_front: bool,
}

/// A subtitle in the file whose end is not known yet; for [`Builder::close`].
#[derive(Debug)]
pub struct OpenBlock {
    track: usize,
    /// Milliseconds.
    start: u64,
    /// Byte in the file at which its cluster starts.
    cluster: u64,
    /// Bytes from there to the end of the block.
    end: usize,
    cue: Option<usize>,
}

impl OpenBlock {
    /// Byte in the file at which its cluster starts.
    #[must_use]
    pub fn cluster(&self) -> u64 {
        self.cluster
    }
}

/// Bytes that are to replace others in what came out before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Patch {
    /// Where in the file.
    pub position: u64,
    /// The bytes.
    pub bytes: [u8; OPEN_DURATION_BYTES],
}

/// What changes of a track while frames come in.
#[derive(Debug, Default)]
struct Progress {
    statistics: Statistics,
    last: u64,
}

impl Progress {
    /// Counts a frame; gives its timestamp in milliseconds, and its end.
    fn count(&mut self, track: &Track, frame: &Frame<'_>) -> (u64, Nanoseconds) {
        let lasts = frame.duration.or(track.default_duration).unwrap_or_default();
        let end = frame.timestamp + lasts;
        let mut time = frame.timestamp.milliseconds();
        if let Kind::Audio(_) = track.kind {
            time = time.max(self.last);
            self.last = time;
        }
        let bytes = frame.data.iter().map(|piece| piece.bytes().len() as u64).sum();
        let shown = if frame.invisible { self.statistics.end } else { end };
        self.statistics.count(bytes, frame.timestamp, shown);
        (time, end)
    }
}

/// Builds the file.
#[derive(Debug)]
pub struct Builder {
    segment: Segment,
    header: Header,
    progress: Vec<Progress>,
    cluster: ClusterBuilder,
    /// Where the cluster under way will start, from the start of the Segment's content.
    position: u64,
    cues: Cues,
    /// Nothing can be written over later.
    in_order: bool,
    /// Tracks that the last header does not have.
    omitted: Vec<bool>,
    deflater: Deflater,
    spares: Vec<Cluster>,
}

impl Builder {
    /// A builder for `segment`.
    ///
    /// # Errors
    /// [`Error::NoTracks`], [`Error::SameStream`], [`Error::BadTrack`]: what Matroska does not allow.
    pub fn new(segment: Segment) -> Result<Self, Error> {
        segment.check()?;
        let header = Header::plan(&segment);
        Ok(Self::with(segment, header, false))
    }

    /// A builder for a film that goes out in order, through a pipe: nothing is written over later, so the size of the
    /// Segment stays unknown (RFC 8794, section 6.2), and there is neither SeekHead nor Cues. `duration` is what the film
    /// is expected to have, for players to show.
    ///
    /// # Errors
    /// As [`Builder::new`].
    pub fn in_order(segment: Segment, duration: Option<Nanoseconds>) -> Result<Self, Error> {
        segment.check()?;
        let header = Header::in_order(&segment, duration);
        Ok(Self::with(segment, header, true))
    }

    fn with(segment: Segment, header: Header, in_order: bool) -> Self {
        Self {
            progress: segment.tracks.iter().map(|_| Progress::default()).collect(),
            cluster: ClusterBuilder::default(),
            position: (header.len() - header.content_start()) as u64,
            cues: Cues::new(&segment.tracks),
            deflater: Deflater::new(),
            spares: Vec::new(),
            in_order,
            omitted: segment.tracks.iter().map(|_| false).collect(),
            segment,
            header,
        }
    }

    /// The tracks, in the order of the file.
    #[must_use]
    pub fn tracks(&self) -> &[Track] {
        &self.segment.tracks
    }

    /// The bytes that start the file. They say that its length is unknown, so that what is there plays
    /// should the rest never come.
    ///
    /// # Errors
    /// [`Error::Space`]: not for a builder just made.
    pub fn head(&self) -> Result<Vec<u8>, Error> {
        self.header.render(&self.segment, None)
    }

    /// Takes the next frame, in the order in which the file is to have them, and hands out the cluster that
    /// ended with the frame before, if one did. It is to be written behind all that came before.
    ///
    /// Timestamps are rounded to the nearest millisecond; those of an audio track never go back.
    ///
    /// # Errors
    /// [`Error::NoSuchTrack`]; [`Error::Compress`].
    pub fn push(&mut self, frame: &Frame<'_>) -> Result<Option<Cluster>, Error> {
        self.take(frame, false).map(|(finished, _)| finished)
    }

    /// As [`Builder::push`], for a subtitle whose end shows later only. It has no duration until it is closed.
    ///
    /// # Errors
    /// As [`Builder::push`].
    pub fn push_open(&mut self, frame: &Frame<'_>) -> Result<(Option<Cluster>, OpenBlock), Error> {
        self.take(frame, true)
    }

    /// Says when a subtitle ends, from the start of the film. `None`: its cluster is still being built and has it; else what is to be changed in the cluster that came out.
    pub fn close(&mut self, block: OpenBlock, end: Nanoseconds) -> Option<Patch> {
        let duration = end.milliseconds().saturating_sub(block.start).max(1);
        if let Some(progress) = self.progress.get_mut(block.track) {
            progress.statistics.end = progress.statistics.end.max(end);
        }
        if let Some(cue) = block.cue {
            self.cues.set_duration(cue, duration);
        }
        let bytes = closed_duration(u32::try_from(duration).unwrap_or(u32::MAX));
        if block.cluster == self.cluster_start() {
            self.cluster.overwrite(block.end, bytes);
            return None;
        }
        Some(Patch { position: block.cluster + (block.end - OPEN_DURATION_BYTES) as u64, bytes })
    }

    /// Byte in the file at which the cluster under way starts.
    #[must_use]
    pub fn cluster_start(&self) -> u64 {
        self.header.content_start() as u64 + self.position
    }

    fn take(&mut self, frame: &Frame<'_>, open: bool) -> Result<(Option<Cluster>, OpenBlock), Error> {
        let none = Error::NoSuchTrack { track: frame.track };
        let (Some(track), Some(progress)) = (self.segment.tracks.get(frame.track), self.progress.get_mut(frame.track))
        else {
            return Err(none);
        };
        let (time, end) = progress.count(track, frame);
        let duration = frame.duration.map(|_| end.milliseconds().saturating_sub(time).max(1));
        let style = match track.kind {
            Kind::Subtitle if open => Style::OpenGroup,
            Kind::Subtitle => Style::Group { duration },
            _ => Style::Simple { key: frame.key, discardable: frame.discardable, invisible: frame.invisible },
        };
        let cued = !frame.invisible && self.cues.takes(frame.track, time, frame.key);
        let cut = cued && matches!(track.kind, Kind::Video(_));
        let number = frame.track as u64 + 1;
        let deflated;
        let data = if track.zlib {
            let failed = |source| Error::Compress { track: frame.track, source };
            deflated = [Piece::Bytes(self.deflater.deflate(frame.data).map_err(failed)?)];
            &deflated[..]
        } else {
            frame.data
        };
        let spares = &mut self.spares;
        let block = Block { track: number, timestamp: time, style, data };
        let placed = self.cluster.push(&block, cut, || spares.pop().unwrap_or_default());
        self.position += placed.finished.as_ref().map_or(0, |cluster| cluster.len() as u64);
        let cue = (cued && !self.in_order).then(|| {
            let duration = if let Style::Group { duration } = style { duration } else { None };
            let (cluster, relative) = (self.position, placed.relative);
            self.cues.add(Cue { time, track: number, cluster, relative, duration })
        });
        let cluster = self.cluster_start();
        Ok((placed.finished, OpenBlock { track: frame.track, start: time, cluster, end: placed.end, cue }))
    }

    /// Gives back a cluster that was written, to build another in its room.
    pub fn recycle(&mut self, mut written: Cluster) {
        written.clear();
        // One giant frame must not keep its memory for the rest of the film.
        if written.room() <= 2 * MAX_BYTES {
            self.spares.push(written);
        }
    }

    /// Sets the forced flag of a track: whether all of its subtitles are forced shows at the end only.
    ///
    /// # Errors
    /// [`Error::NoSuchTrack`].
    pub fn set_forced(&mut self, track: usize, forced: bool) -> Result<(), Error> {
        self.segment.tracks.get_mut(track).ok_or(Error::NoSuchTrack { track })?.flags.forced = forced;
        Ok(())
    }

    /// Takes a track out of the header again, and out of the tags: it turned out that nothing came for it. Its number stays
    /// unused. `false` in a film that goes out in order: the header is gone already, and the track stays.
    ///
    /// # Errors
    /// [`Error::NoSuchTrack`]; [`Error::NoTracks`] for the last one.
    pub fn omit(&mut self, track: usize) -> Result<bool, Error> {
        *self.omitted.get_mut(track).ok_or(Error::NoSuchTrack { track })? = true;
        if self.omitted.iter().all(|omitted| *omitted) { Err(Error::NoTracks) } else { Ok(!self.in_order) }
    }

    /// Says what a track turned out to be, if that is more than was said before. A name that says how many channels it had is
    /// gone; which field of pictures is shown first may differ within them.
    ///
    /// # Errors
    /// [`Error::NoSuchTrack`].
    pub fn grow(&mut self, track: usize, grown: Grown) -> Result<(), Error> {
        let track = self.segment.tracks.get_mut(track).ok_or(Error::NoSuchTrack { track })?;
        match &mut track.kind {
            Kind::Audio(audio) if grown.channels > audio.channels => {
                let said = layout_name(audio.channels);
                audio.channels = grown.channels;
                track.name = track.name.take().filter(|name| said != Some(name));
            }
            Kind::Video(video) if grown.is_interlaced && video.scan == Scan::Progressive => {
                video.scan = Scan::Interlaced(None);
            }
            _ => {}
        }
        Ok(())
    }

    /// Sets how long a frame of a track lasts, or leaves that out: whether all last as long shows at the end only.
    ///
    /// # Errors
    /// [`Error::NoSuchTrack`].
    pub fn set_default_duration(&mut self, track: usize, duration: Option<Nanoseconds>) -> Result<(), Error> {
        self.segment.tracks.get_mut(track).ok_or(Error::NoSuchTrack { track })?.default_duration = duration;
        Ok(())
    }

    /// Ends the film.
    ///
    /// # Errors
    /// [`Error::Space`] when an element of the header outgrew the space planned for it.
    pub fn finish(mut self) -> Result<Ending, Error> {
        let mut tail = self.cluster.take(Cluster::default).unwrap_or_default().to_vec();
        let cues = self.cues.content().map(|content| sealed(&content));
        let front = cues.as_ref().is_none_or(|content| self.header.holds_cues(content));
        let cues_at = match &cues {
            None => CuesAt::Nowhere,
            Some(content) if front => CuesAt::Front(content),
            Some(content) => {
                let position = self.position + tail.len() as u64;
                put_binary(&mut tail, ids::CUES, content);
                CuesAt::Back(position)
            }
        };
        let tracks: Vec<Statistics> = self.progress.iter().map(|p| p.statistics).collect();
        // A subtitle may stay for longer than the film.
        let ends = || self.segment.tracks.iter().zip(&tracks).filter(|(_, t)| t.end > Nanoseconds::ZERO);
        let of_film = ends().filter(|(track, _)| !matches!(track.kind, Kind::Subtitle)).map(|(_, t)| t.end).max();
        let duration = of_film.or_else(|| ends().map(|(_, t)| t.end).max()).unwrap_or_default();
        let size = self.position + tail.len() as u64;
        let end = End { duration, statistics: &tracks, omitted: &self.omitted, cues: cues_at, size };
        let head = if self.in_order { Vec::new() } else { self.header.render(&self.segment, Some(&end))? };
        let bytes = self.header.content_start() as u64 + size;
        Ok(Ending { tail, head, summary: Summary { bytes, duration, tracks, cues_in_front: front } })
    }
}

#[cfg(test)]
pub(crate) mod tests;
