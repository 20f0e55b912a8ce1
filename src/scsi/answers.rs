//! What drives answer, decoded. The lengths that an answer declares are believed only as far as bytes arrived;
//! whoever calls hands in what was transferred and no more.

use crate::base::bytes::Bytes;
use crate::base::human::printable;

/// Peripheral device type of CD, DVD and Blu-ray drives (SPC-4, INQUIRY).
pub const TYPE_OPTICAL: u8 = 0x05;

/// Most tracks a CD has, the lead-out counted in (ECMA-130: 99).
const TRACKS_MAX: usize = 100;

/// Track number of the lead-out (MMC-6, READ TOC/PMA/ATIP).
const LEAD_OUT: u8 = 0xAA;

/// Standard INQUIRY data (SPC-4). Texts are trimmed and safe to show.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Inquiry {
    /// Peripheral device type, [`TYPE_OPTICAL`] for the drives that concern us.
    pub device_type: u8,
    /// T10 vendor identification.
    pub vendor: String,
    /// Product identification.
    pub product: String,
    /// Product revision level.
    pub revision: String,
}

/// Decodes standard INQUIRY data; `None` when not even the header of 5 bytes is there. Missing texts are empty.
#[must_use]
pub fn inquiry(answer: &[u8]) -> Option<Inquiry> {
    let device_type = answer.first()? & 0x1F;
    // Byte 4 says how many bytes follow it.
    let said = usize::from(*answer.get(4)?) + 5;
    let answer = answer.get(..said).unwrap_or(answer);
    Some(Inquiry {
        device_type,
        vendor: text(answer, 8, 16),
        product: text(answer, 16, 32),
        revision: text(answer, 32, 36),
    })
}

/// Decodes the unit serial number page 80h of INQUIRY (SPC-4); `None` when it is not that page or says nothing.
#[must_use]
pub fn serial(answer: &[u8]) -> Option<String> {
    let mut bytes = Bytes::at(answer, 1).ok()?;
    if bytes.u8().ok()? != 0x80 {
        return None;
    }
    let length = usize::from(bytes.u16_be().ok()?);
    let serial = text(answer, 4, 4 + length);
    (!serial.is_empty()).then_some(serial)
}

fn text(answer: &[u8], from: usize, to: usize) -> String {
    let field = answer.get(from..to.min(answer.len())).unwrap_or_default();
    printable(String::from_utf8_lossy(field).trim_matches(|c| c == ' ' || c == '\0'))
}

/// READ CAPACITY (10) data (MMC-6).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Capacity {
    /// Address of the last block.
    pub last: u32,
    /// Bytes in a block.
    pub block_bytes: u32,
}

/// Decodes READ CAPACITY (10) data; `None` when fewer than its 8 bytes arrived.
#[must_use]
pub fn capacity(answer: &[u8]) -> Option<Capacity> {
    let mut bytes = Bytes::new(answer);
    Some(Capacity { last: bytes.u32_be().ok()?, block_bytes: bytes.u32_be().ok()? })
}

/// The current profile in a GET CONFIGURATION header (MMC-6); `None` when fewer than its 8 bytes arrived.
/// 0 means that no profile is current: as a rule, that no disc is in.
#[must_use]
pub fn current_profile(answer: &[u8]) -> Option<u16> {
    Bytes::at(answer, 6).ok()?.u16_be().ok()
}

/// One track of a table of contents.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Track {
    /// Its number, 1 to 99.
    pub number: u8,
    /// Whether it holds data, not sound (bit 2 of CONTROL).
    pub data: bool,
    /// Its first sector.
    pub start: u32,
}

/// A table of contents: READ TOC/PMA/ATIP, format 0000b (MMC-6).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Toc {
    /// The tracks in the order of their starts.
    pub tracks: Vec<Track>,
    /// Where the lead-out starts, which is one past the last sector.
    pub lead_out: Option<u32>,
}

/// Decodes a table of contents; `None` when no whole descriptor arrived.
#[must_use]
pub fn toc(answer: &[u8]) -> Option<Toc> {
    let mut toc = Toc::default();
    let mut bytes = toc_body(answer)?;
    while let Ok(mut descriptor) = bytes.sub(8) {
        let [_, control, number, _] = descriptor.array().ok()?;
        let start = descriptor.u32_be().ok()?;
        if number == LEAD_OUT {
            toc.lead_out = Some(start);
        } else if (1..=99).contains(&number) && toc.tracks.len() < TRACKS_MAX {
            toc.tracks.push(Track { number, data: control & 0b100 != 0, start });
        }
    }
    toc.tracks.sort_by_key(|t| t.start);
    (!toc.tracks.is_empty() || toc.lead_out.is_some()).then_some(toc)
}

/// The descriptors behind the header of 4 bytes, cut at what the header declares.
fn toc_body(answer: &[u8]) -> Option<Bytes<'_>> {
    let declared = usize::from(Bytes::new(answer).u16_be().ok()?) + 2;
    Bytes::at(answer.get(..declared).unwrap_or(answer), 4).ok()
}

/// Takes the page `code` out of MODE SENSE (10) data (SPC-4): its header of two bytes and its parameters.
/// `None` when the answer is cut before the page's end or holds another page.
#[must_use]
pub fn mode_page(answer: &[u8], code: u8) -> Option<Vec<u8>> {
    let mut header = Bytes::at(answer, 6).ok()?;
    let descriptors = usize::from(header.u16_be().ok()?);
    header.skip(descriptors).ok()?;
    let start = header.position();
    let found = header.u8().ok()?;
    let length = usize::from(header.u8().ok()?);
    // Bit 6 marks a sub-page, whose length is kept elsewhere.
    if found & 0x7F != code || length == 0 {
        return None;
    }
    Some(answer.get(start..start + 2 + length)?.to_vec())
}

/// The parameter list for MODE SELECT (10) that sets `page` (SPC-4): an empty header, no block descriptors, the page
/// with its PS bit cleared, as MODE SELECT wants it.
#[must_use]
pub fn mode_parameters(page: &[u8]) -> Vec<u8> {
    let mut list = vec![0; 8];
    list.extend_from_slice(page);
    if let Some(code) = list.get_mut(8) {
        *code &= 0x7F;
    }
    list
}

/// Reading speeds of mode page 2Ah, kB/s (1000 bytes).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Speeds {
    /// The fastest there is.
    pub top: u16,
    /// The present one; 0 when the drive does not tell.
    pub current: u16,
}

/// Takes the speeds out of mode page 2Ah (MMC-3); `None` when the page ends before them or tells none.
#[must_use]
pub fn speeds(page: &[u8]) -> Option<Speeds> {
    let top = Bytes::at(page, 8).ok()?.u16_be().ok()?;
    let current = Bytes::at(page, 14).and_then(|mut b| b.u16_be()).unwrap_or(0);
    (top > 0).then_some(Speeds { top, current })
}

/// The performance descriptor of SET STREAMING (MMC-6) for reading sectors 0 to `last` at that many kB/s; `None` gives
/// the drive its defaults back. The speed of writing is left at the fastest.
#[must_use]
pub fn streaming_descriptor(last: u32, kilobytes: Option<u32>) -> [u8; 28] {
    let words: [u32; 7] = match kilobytes {
        // RDD in byte 0.
        None => [0x0400_0000, 0, 0, 0, 0, 0, 0],
        Some(speed) => [0, 0, last, speed, 1000, 0xFFFF, 1000],
    };
    let mut descriptor = [0; 28];
    for (bytes, word) in descriptor.chunks_exact_mut(4).zip(words) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    descriptor
}

/// Sectors of a DVD by its physical format information: READ DISC STRUCTURE, format 00h (MMC-6, ECMA-267). `None` for
/// discs whose two layers both count from the inside (parallel track path), of which the answer tells one only.
#[must_use]
pub fn dvd_sectors(answer: &[u8]) -> Option<u32> {
    let mut body = Bytes::at(answer, 4).ok()?;
    let [_, _, layers, _] = body.array().ok()?;
    let (start, end, layer_end) = (body.u32_be().ok()?, body.u32_be().ok()?, body.u32_be().ok()?);
    let two_layers = layers & 0b0110_0000 != 0;
    let opposite = layers & 0b0001_0000 != 0;
    let sectors = match (two_layers, opposite) {
        (false, _) => end.checked_sub(start)?.checked_add(1)?,
        (true, false) => return None,
        // The second layer counts from the complement of the first one's last address.
        (true, true) => {
            let first = layer_end.checked_sub(start)?.checked_add(1)?;
            let second = end.checked_sub(!layer_end & 0x00FF_FFFF)?.checked_add(1)?;
            first.checked_add(second)?
        }
    };
    // More than a DVD holds is no answer.
    (1..=4_500_000).contains(&sectors).then_some(sectors)
}

/// From which sector on a track was never written: READ TRACK INFORMATION (MMC-6). `None` when all of it was, or when
/// the answer does not say so clearly.
#[must_use]
pub fn unwritten_from(answer: &[u8]) -> Option<u32> {
    let declared = usize::from(Bytes::new(answer).u16_be().ok()?) + 2;
    let answer = answer.get(..declared).unwrap_or(answer);
    let [modes, valid] = Bytes::at(answer, 6).ok()?.array().ok()?;
    let mut words = Bytes::at(answer, 8).ok()?;
    let (start, next, free) = (words.u32_be().ok()?, words.u32_be().ok()?, words.u32_be().ok()?);
    if modes & 0x40 != 0 {
        return Some(start);
    }
    // NWA_V: the next writable address is valid.
    (valid & 1 != 0 && free > 0 && next >= start).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What QEMU's `scsi-cd` answers, byte for byte.
    const QEMU_TOC: [u8; 20] = [0, 18, 1, 1, 0, 0x14, 1, 0, 0, 0, 0, 0, 0, 0x16, 0xAA, 0, 0, 0, 0x0A, 0x56];

    proptest! {
        #[test]
        fn no_answer_makes_a_decoder_panic(answer in prop::collection::vec(any::<u8>(), 0..300), code: u8) {
            let _ = (inquiry(&answer), serial(&answer), capacity(&answer), current_profile(&answer));
            let _ = (toc(&answer), speeds(&answer), dvd_sectors(&answer), unwritten_from(&answer));
            if let Some(page) = mode_page(&answer, code) {
                prop_assert!(page.len() >= 3);
                prop_assert_eq!(mode_parameters(&page).len(), page.len() + 8);
            }
        }
    }

    #[test]
    fn identity_is_trimmed_and_cannot_steer_the_terminal() {
        let mut answer = [b' '; 36];
        answer[..5].copy_from_slice(&[5, 0x80, 5, 2, 31]);
        answer[8..12].copy_from_slice(b"\x1bEVI");
        answer[16..21].copy_from_slice(b"DRIVE");
        let inquiry = inquiry(&answer).unwrap();
        assert_eq!((inquiry.device_type, inquiry.vendor.as_str()), (TYPE_OPTICAL, "?EVI"));
        assert_eq!((inquiry.product.as_str(), inquiry.revision.as_str()), ("DRIVE", ""));
    }

    #[test]
    fn a_serial_number_is_taken_from_its_own_page_only() {
        assert_eq!(serial(b"\x05\x80\0\x04 K1 rest"), Some("K1".into()));
        assert_eq!(serial(b"\x05\x80\0\x04    "), None);
        assert_eq!(serial(b"\x05\x83\0\x02K1"), None);
    }

    #[test]
    fn a_table_of_contents_is_cut_where_it_declares_its_end() {
        let toc_found = toc(&QEMU_TOC).unwrap();
        assert_eq!(toc_found.tracks, [Track { number: 1, data: true, start: 0 }]);
        assert_eq!(toc_found.lead_out, Some(0xA56));
        let mut shorter = QEMU_TOC;
        shorter[1] = 10;
        assert_eq!(toc(&shorter).unwrap().lead_out, None);
        assert_eq!(toc(&QEMU_TOC[..11]), None);
    }

    #[test]
    fn the_size_of_a_dvd_is_told_by_its_layers() {
        let structure = |layers: u8, words: [u32; 3]| {
            let mut answer = vec![8, 2, 0, 0, 1, 2, layers, 16];
            words.iter().for_each(|word| answer.extend(word.to_be_bytes()));
            answer
        };
        assert_eq!(dvd_sectors(&structure(1, [0x3_0000, 0x3_00FF, 0])), Some(256));
        // Two layers of 2,000,000 sectors each.
        let layer_end = 0x3_0000 + 2_000_000 - 1;
        let end = (!layer_end & 0xFF_FFFF) + 2_000_000 - 1;
        assert_eq!(dvd_sectors(&structure(0x31, [0x3_0000, end, layer_end])), Some(4_000_000));
        assert_eq!(dvd_sectors(&structure(0x21, [0x3_0000, 0x3_00FF, 0])), None);
        assert_eq!(dvd_sectors(&structure(1, [0x3_0000, 0, 0])), None);
    }

    #[test]
    fn what_was_never_written_is_told_by_the_track() {
        let track = |modes: u8, valid: u8| {
            let mut answer = vec![0, 34, 1, 1, 0, 4, modes, valid];
            [100u32, 300, 700, 0, 900, 0, 0].iter().for_each(|word| answer.extend(word.to_be_bytes()));
            answer
        };
        assert_eq!(unwritten_from(&track(1, 0)), None);
        assert_eq!(unwritten_from(&track(1, 1)), Some(300));
        assert_eq!(unwritten_from(&track(0x41, 0)), Some(100));
        assert_eq!(unwritten_from(&track(1, 1)[..12]), None);
    }

    #[test]
    fn speeds_are_told_by_page_2a() {
        let mut page = vec![0; 26];
        page[8..10].copy_from_slice(&[0x56, 0x22]);
        page[14..16].copy_from_slice(&[0x05, 0x69]);
        assert_eq!(speeds(&page), Some(Speeds { top: 22050, current: 1385 }));
        assert_eq!(speeds(&page[..12]), Some(Speeds { top: 22050, current: 0 }));
        assert_eq!(speeds(&[0; 26]), None);
        assert_eq!(streaming_descriptor(99, None)[..4], [4, 0, 0, 0]);
        assert_eq!(streaming_descriptor(99, Some(5540))[8..20], [0, 0, 0, 99, 0, 0, 0x15, 0xA4, 0, 0, 3, 0xE8]);
    }

    #[test]
    fn a_mode_page_is_found_behind_block_descriptors() {
        let page = [0x81, 3, 7, 8, 9];
        let mut answer = vec![0, 18, 0, 0, 0, 0, 0, 8];
        answer.extend([0xEE; 8]);
        answer.extend(page);
        assert_eq!(mode_page(&answer, 1), Some(page.to_vec()));
        assert_eq!(mode_page(&answer, 2), None);
        assert_eq!(mode_page(&answer[..20], 1), None);
        assert_eq!(mode_parameters(&page)[8..], [0x01, 3, 7, 8, 9]);
    }
}
