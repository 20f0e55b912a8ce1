//! What there is to set about retries: how many the drive makes by itself, and the modes of asking again.

pub(super) mod count;
pub(super) mod mode;
