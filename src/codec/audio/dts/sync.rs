//! Where DTS frames begin. Pure.
//!
//! Inside an extension substream any bytes may stand, sync words too: as long as sizes lead from one frame to the next,
//! nothing else is looked at, and a sync word that was searched for is believed only when a checksum or the next frame
//! agrees.

use crate::codec::audio::dts::core_frame::{self, Core};
use crate::codec::audio::dts::extension;

/// Sync words of DTS-UHD (ETSI TS 103 491), which is told apart and not split.
const UHD: [[u8; 4]; 2] = [[0x40, 0x41, 0x1B, 0xF2], [0x71, 0xC4, 0x42, 0xE8]];
/// Zeros that may fill up what is in front of a substream: it begins at a multiple of four bytes.
const PADDING: usize = 3;

/// What begins somewhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    /// More bytes are needed.
    Wait,
    /// So many zeros in front of a frame.
    Padding(usize),
    /// A core frame, whole.
    Core(Core),
    /// An extension substream, whole.
    Extension {
        /// Its number among those of a frame.
        index: u8,
        /// Its bytes.
        size: usize,
    },
    /// Nothing that is known.
    Unknown,
}

/// What begins at the start of `data`. `sure`: the frame in front of it was whole, so a sync word suffices.
/// `over`: nothing comes behind `data`.
pub(crate) fn step(data: &[u8], sure: bool, over: bool) -> Step {
    if data.len() < core_frame::HEAD_BYTES {
        return Step::Wait;
    }
    if let Some(core) = core_frame::parse(data) {
        return whole(data, core.size, sure, over, Step::Core(core));
    }
    if let Some(sizes) = extension::sizes(data) {
        if data.len() < sizes.head {
            return Step::Wait;
        }
        let sure = sure || extension::checks(data, &sizes);
        return whole(data, sizes.total, sure, over, Step::Extension { index: sizes.index, size: sizes.total });
    }
    let zeros = padding(data);
    if sure && zeros > 0 && data.get(zeros..).is_some_and(is_sync) { Step::Padding(zeros) } else { Step::Unknown }
}

/// `found` once its `size` bytes are here, and, unless it is `sure`, a frame behind it.
fn whole(data: &[u8], size: usize, sure: bool, over: bool, found: Step) -> Step {
    let Some(behind) = data.get(size..) else { return Step::Wait };
    if sure || (over && behind.is_empty()) {
        return found;
    }
    match behind.get(padding(behind)..).filter(|next| next.len() >= 4) {
        Some(next) if is_sync(next) => found,
        None if !over => Step::Wait,
        _ => Step::Unknown,
    }
}

fn padding(data: &[u8]) -> usize {
    data.iter().take(PADDING).take_while(|byte| **byte == 0).count()
}

fn is_sync(data: &[u8]) -> bool {
    data.starts_with(&core_frame::SYNC) || data.starts_with(&extension::SYNC)
}

/// Whether DTS-UHD begins at the start of `data`.
pub(crate) fn is_uhd(data: &[u8]) -> bool {
    UHD.iter().any(|sync| data.starts_with(sync))
}

/// Bytes in front of the next thing that may be a frame. The last bytes, which may be half a sync word, are kept.
pub(crate) fn next(data: &[u8]) -> usize {
    let kept = data.len().saturating_sub(3);
    let firsts = [core_frame::SYNC[0], extension::SYNC[0]];
    let at = |at: usize| data.get(at..).is_some_and(|rest| is_sync(rest) || is_uhd(rest));
    let known = memchr::memchr2_iter(firsts[0], firsts[1], data).find(|found| *found < kept && at(*found));
    let uhd = || memchr::memchr2_iter(UHD[0][0], UHD[1][0], data).find(|found| *found < kept && at(*found));
    match known {
        Some(known) => known,
        None => uhd().unwrap_or(kept),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::audio::dts::fixture;

    #[test]
    fn a_frame_proves_itself_by_the_next_one_or_by_a_checksum() {
        let core = fixture::Core::default().build();
        let two = [&core[..], &core].concat();
        assert!(matches!(step(&two, false, false), Step::Core(_)));
        assert_eq!(step(&core, false, false), Step::Wait);
        assert!(matches!(step(&core, true, false), Step::Core(_)));
        assert!(matches!(step(&core, false, true), Step::Core(_)));
        assert_eq!(step(&[&core[..], &[9; 50]].concat(), false, false), Step::Unknown);
        let mut extension = fixture::Extension::default().build();
        assert!(matches!(step(&extension, false, false), Step::Extension { index: 0, size: 300 }));
        extension[12] ^= 1;
        assert_eq!(step(&[&extension[..], &[9; 50]].concat(), false, false), Step::Unknown);
    }

    #[test]
    fn zeros_may_fill_up_to_four_bytes() {
        let data = [&[0, 0][..], &fixture::Extension::default().build()].concat();
        assert_eq!(step(&data, true, false), Step::Padding(2));
        assert_eq!(step(&data, false, false), Step::Unknown);
        assert_eq!(next(&data), 2);
        assert_eq!(next(&[1, 2, 3, 4, 0x7F, 0xFE]), 3);
    }
}
