//! Pictures of H.264 and HEVC: streams of NAL units.

pub(in crate::codec) mod annexb;
pub(in crate::codec) mod early;
pub mod h264;
pub mod hevc;
pub mod layers;
pub(in crate::codec) mod order;
pub(in crate::codec) mod pace;
pub(in crate::codec) mod rbsp;
pub(in crate::codec) mod sets;
pub(in crate::codec) mod syntax;
