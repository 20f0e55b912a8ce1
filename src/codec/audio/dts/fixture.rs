//! DTS frames for tests: true heads, any sound.

/// Writes bits, the highest first.
#[derive(Default)]
pub(crate) struct Writer {
    bytes: Vec<u8>,
    bits: usize,
}

impl Writer {
    pub(crate) fn put(&mut self, value: u32, width: usize) {
        for bit in (0..width).rev() {
            if self.bits.is_multiple_of(8) {
                self.bytes.push(0);
            }
            let last = self.bytes.len() - 1;
            self.bytes[last] |= ((value >> bit & 1) as u8) << (7 - self.bits % 8);
            self.bits += 1;
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Core {
    pub(crate) blocks: u32,
    pub(crate) size: usize,
    pub(crate) mode: u32,
    pub(crate) rate_code: u32,
    pub(crate) low_frequency: u32,
    /// `EXT_AUDIO_ID`, if there is such sound in the frame.
    pub(crate) extension: Option<u32>,
    pub(crate) seed: u8,
}

impl Default for Core {
    /// 48 kHz 5.1 of 24 bits.
    fn default() -> Self {
        Self { blocks: 15, size: 200, mode: 9, rate_code: 13, low_frequency: 1, extension: None, seed: 1 }
    }
}

impl Core {
    pub(crate) fn build(&self) -> Vec<u8> {
        let mut w = Writer::default();
        w.put(0x7FFE_8001, 32);
        w.put(1, 1);
        w.put(31, 5);
        w.put(0, 1);
        w.put(self.blocks, 7);
        w.put(self.size as u32 - 1, 14);
        w.put(self.mode, 6);
        w.put(self.rate_code, 4);
        w.put(24, 5);
        w.put(0, 5);
        w.put(self.extension.unwrap_or(0), 3);
        w.put(self.extension.is_some().into(), 1);
        w.put(0, 1);
        w.put(self.low_frequency, 2);
        w.put(0, 1);
        w.put(0, 7);
        w.put(6, 3);
        w.bytes.resize(self.size.max(w.bytes.len()), self.seed);
        w.bytes
    }
}

/// Coding mode and mask: DTS-HD Master Audio with a core.
pub(crate) const MASTER: (u32, u32) = (0, 0x201);
/// Without one.
pub(crate) const LOSSLESS: (u32, u32) = (1, 0);
/// DTS-HD High Resolution: `XBR`.
pub(crate) const HIGH_RESOLUTION: (u32, u32) = (0, 0x021);
/// DTS Express.
pub(crate) const EXPRESS: (u32, u32) = (2, 0);

#[derive(Clone, Copy, Debug)]
pub(crate) struct Extension {
    pub(crate) index: u32,
    pub(crate) is_long: bool,
    pub(crate) size: usize,
    pub(crate) coding: (u32, u32),
    pub(crate) channels: u32,
    /// `nuMaxSampleRate`: 12 is 48 kHz, 13 is 96 kHz.
    pub(crate) rate_code: u32,
    /// `nuExSSFrameDurationCode`.
    pub(crate) duration_code: u32,
    /// Every optional field is there.
    pub(crate) full: bool,
    pub(crate) seed: u8,
}

impl Default for Extension {
    /// DTS-HD Master Audio, 96 kHz 7.1 of 24 bits.
    fn default() -> Self {
        Self {
            index: 0,
            is_long: false,
            size: 300,
            coding: MASTER,
            channels: 8,
            rate_code: 13,
            duration_code: 0,
            full: false,
            seed: 2,
        }
    }
}

impl Extension {
    pub(crate) fn build(&self) -> Vec<u8> {
        // Its length is part of the head: the second time it is right.
        let head = self.head(64).len();
        let mut data = self.head(head);
        let checksum = crate::codec::audio::dts::extension::checksum(&data[5..head - 2]);
        data[head - 2..].copy_from_slice(&checksum.to_be_bytes());
        data.resize(self.size.max(head), self.seed);
        data
    }

    fn head(&self, length: usize) -> Vec<u8> {
        let mut w = Writer::default();
        w.put(0x6458_2025, 32);
        w.put(0, 8);
        w.put(self.index, 2);
        w.put(self.is_long.into(), 1);
        let size_bits = if self.is_long { 20 } else { 16 };
        w.put(length as u32 - 1, if self.is_long { 12 } else { 8 });
        w.put(self.size.max(length) as u32 - 1, size_bits);
        w.put(1, 1);
        w.put(2, 2);
        w.put(self.duration_code, 3);
        self.optional(&mut w, 36);
        w.put(if self.full { 1 } else { 0 }, 3);
        w.put(0, 3);
        for _ in 0..if self.full { 2 } else { 1 } {
            w.put((1 << (self.index + 1)) - 1, self.index as usize + 1);
        }
        for _ in 0..if self.full { 2 } else { 1 } * (self.index + 1) {
            w.put(1, 8);
        }
        w.put(self.full.into(), 1);
        if self.full {
            // One mixture of left and right.
            w.put(0, 2);
            w.put(0, 2);
            w.put(0, 2);
            w.put(2, 4);
        }
        w.put(100, size_bits);
        self.asset(&mut w);
        w.bytes.extend([0; 2]);
        w.bytes
    }

    /// A field of `width` bits that may be left out.
    fn optional(&self, w: &mut Writer, width: usize) {
        w.put(self.full.into(), 1);
        for _ in 0..if self.full { width } else { 0 } {
            w.put(1, 1);
        }
    }

    fn asset(&self, w: &mut Writer) {
        w.put(40, 9);
        w.put(0, 3);
        self.optional(w, 4);
        self.optional(w, 24);
        w.put(self.full.into(), 1);
        if self.full {
            w.put(1, 10);
            w.put(0x4142, 16);
        }
        w.put(23, 5);
        w.put(self.rate_code, 4);
        w.put(self.channels - 1, 8);
        w.put(1, 1);
        if self.channels > 2 {
            w.put(self.full.into(), 1);
        }
        if self.channels > 6 {
            w.put(self.full.into(), 1);
        }
        // C, L R, Ls Rs, LFE, Lsr Rsr.
        w.put(1, 1);
        w.put(1, 2);
        w.put(0x4F, 8);
        w.put(self.full.into(), 3);
        if self.full {
            // One other set: left and right, each of two channels.
            w.put(2, 8);
            w.put(1, 5);
            for _ in 0..2 {
                w.put(3, 2);
                w.put(0x155, 10);
            }
        }
        self.optional(w, 8);
        self.optional(w, 5);
        if self.full && self.channels > 2 {
            w.put(9, 8);
        }
        if self.full {
            self.mixing(w);
        }
        w.put(self.coding.0, 2);
        if self.coding.0 == 0 {
            w.put(self.coding.1, 12);
        }
        w.put(0, 8);
    }

    fn mixing(&self, w: &mut Writer) {
        w.put(1, 1);
        w.put(0, 1 + 6);
        w.put(3, 2);
        w.put(7, 8);
        w.put(1, 1);
        // Two channels of the mixture.
        w.put(0xFFF, 12);
        let inputs = self.channels + if self.channels > 6 { 6 } else { 0 } + if self.channels > 2 { 2 } else { 0 };
        for _ in 0..inputs {
            w.put(1, 2);
            w.put(0x2A, 6);
        }
    }
}
