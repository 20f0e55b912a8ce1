//! Pictures, in streams of start codes; those of NAL units are in [`nal`].

pub(in crate::codec) mod aspect;
pub(in crate::codec) mod mpeg_headers;
pub mod mpeg_video;
pub mod nal;
pub(in crate::codec) mod pictures;
pub(in crate::codec) mod timeline;
pub mod vc1;
pub(in crate::codec) mod vc1_headers;
