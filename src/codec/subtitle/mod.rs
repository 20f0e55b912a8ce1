//! Subtitles.

pub mod captions;
pub mod pgs;
pub mod pgs_forced;
pub mod textst;
pub(in crate::codec) mod textst_dialog;
pub mod vobsub;
