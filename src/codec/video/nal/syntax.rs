//! What a codec of NAL units says of them.

use crate::base::time::Ticks90;
use crate::codec::arena::Stamp;
use crate::codec::video::nal::order::Order;
use crate::codec::{Frame, MAIN, Payload, TrackFacts};

/// What a picture's slices say of it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Picture {
    /// Decoding can begin here, and nothing behind it refers to what was before.
    pub(crate) closed: bool,
    /// Decoding can begin here if all slices are intra coded.
    pub(crate) recovery: bool,
    /// All slices so far are intra coded.
    pub(crate) intra: bool,
    /// The parameter sets that it needs came with it.
    pub(crate) has_sets: bool,
    /// Other pictures may refer to it.
    pub(crate) reference: bool,
    /// Refers to pictures before the key frame it belongs to.
    pub(crate) skipped_leading: bool,
    /// Its place in the order of showing, where that could be read.
    pub(crate) order: Option<Order>,
}

impl Picture {
    /// The frame that is given out of it.
    pub(crate) fn frame<'a>(
        &self,
        key: bool,
        leading: bool,
        (pts, stamp): (Ticks90, Stamp),
        payload: Payload<'a>,
    ) -> Frame<'a> {
        Frame {
            track: MAIN,
            payload,
            pts,
            dts: stamp.dts.or(stamp.pts),
            duration: None,
            key,
            discardable: !self.reference,
            leading,
            forced: false,
        }
    }
}

/// What one NAL unit means for the division into frames.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Look {
    /// Behind a slice it begins a new access unit.
    Prefix,
    /// First slice of a picture; `joins`: the picture is the second field of the frame under way.
    First { picture: Picture, joins: bool },
    /// A further slice.
    More { intra: bool, reference: bool },
    /// Belongs to the access unit under way.
    Other,
}

/// A codec's reading of its NAL units.
pub(crate) trait Syntax: Send {
    /// Leading pictures are known by their time only.
    const LEADING_BY_TIME: bool;
    /// By how much the order count grows from one frame to the next.
    const COUNTS_PER_FRAME: u32;

    /// Looks at one unit, without its start code. One that is not `whole` only shows what kind it is.
    fn look(&mut self, nal: &[u8], whole: bool) -> Look;

    /// Whether a unit must stay the first of its access unit.
    fn is_delimiter(nal: &[u8]) -> bool;

    /// Appends the parameter sets that the slice looked at last needs and its picture lacks, each with its length in
    /// front. Only of pictures at which decoding may begin.
    fn take_missing(&mut self, into: &mut Vec<u8>);

    /// Facts from the parameter sets that pictures use, as soon as they are whole.
    fn facts(&self) -> Option<TrackFacts>;

    /// Whether anything was read since the last call that [`Syntax::facts`] tells of.
    fn changed(&mut self) -> bool;

    /// Bytes are missing: the next slice belongs to no picture before.
    fn discontinuity(&mut self);
}
