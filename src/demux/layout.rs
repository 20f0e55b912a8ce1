//! How transport packets lie in a file.

pub(super) const TS_BYTES: usize = 188;
pub(super) const SYNC: u8 = 0x47;

/// How packets lie in the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Layout {
    /// 192 bytes: two bits of copy permission, 30 bits of arrival time, the packet.
    M2ts,
    /// 188 bytes.
    Ts,
    /// 204 bytes: the packet, 16 bytes of error correction.
    Ts204,
}

impl Layout {
    /// Bytes from packet to packet.
    #[must_use]
    pub fn stride(self) -> usize {
        match self {
            Self::M2ts => 192,
            Self::Ts => TS_BYTES,
            Self::Ts204 => 204,
        }
    }

    /// Where in a packet with what stands around it the sync byte is.
    #[must_use]
    pub fn sync_at(self) -> usize {
        match self {
            Self::M2ts => 4,
            Self::Ts | Self::Ts204 => 0,
        }
    }

    /// Which layout the first bytes of a file have; `None` when they are no transport stream.
    /// Damage at the start is stepped over as long as some packets in a row are whole.
    #[must_use]
    pub fn detect(data: &[u8]) -> Option<Self> {
        let run = |x: usize, stride: usize| (0..8).all(|k| data.get(x + k * stride).is_none_or(|b| *b == SYNC));
        memchr::memchr_iter(SYNC, data).find_map(|x| {
            [Self::M2ts, Self::Ts, Self::Ts204].into_iter().find(|layout| {
                let stride = layout.stride();
                x >= layout.sync_at() && x + 2 * stride < data.len() && run(x, stride)
            })
        })
    }
}
