//! Messages of HEVC that tell how bright and colourful pictures are.

use crate::base::bytes::{Bytes, Short};
use crate::codec::MasteringDisplay;

/// Mastering display colour volume, D.2.28: primaries in the order green, blue, red.
pub(super) fn mastering(body: &[u8]) -> Result<MasteringDisplay, Short> {
    let mut bytes = Bytes::new(body);
    let mut point = || Ok::<_, Short>((bytes.u16_be()?, bytes.u16_be()?));
    let (green, blue, red, white) = (point()?, point()?, point()?, point()?);
    let (max_luminance, min_luminance) = (bytes.u32_be()?, bytes.u32_be()?);
    Ok(MasteringDisplay { primaries: [red, green, blue], white, max_luminance, min_luminance })
}

/// Content light level, D.2.35.
pub(super) fn light_level(body: &[u8]) -> Result<(u16, u16), Short> {
    let mut bytes = Bytes::new(body);
    Ok((bytes.u16_be()?, bytes.u16_be()?))
}
