//! Made-up discs: what is on them, and a medium that tells which of them was read.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use freemkv::base::media::Media;
use freemkv::scsi::emulated::Medium;

use crate::case::rng::Rng;

pub(crate) const SECTOR: usize = 2048;

/// What lies on a disc.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Content {
    /// Other bytes in each sector.
    Full,
    /// Tracts of zeros as wide as those of data.
    Tracts,
    /// Zeros but for a sector here and there.
    Sparse,
    /// Zeros in the first half.
    LateStart,
}

/// A disc as the seed has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct DiscSpec {
    pub(crate) sectors: u64,
    pub(crate) content: Content,
    /// Discs with another number here have other bytes.
    pub(crate) variant: u64,
}

/// Its bytes.
pub(crate) type Bytes = Arc<Vec<u8>>;

impl DiscSpec {
    pub(crate) fn bytes(&self) -> Bytes {
        let from = usize::try_from(self.variant).unwrap() * SECTOR;
        let length = usize::try_from(self.sectors).unwrap() * SECTOR;
        let mut bytes = noise()[from..from + length].to_vec();
        let mut luck = Rng::new(self.variant ^ self.sectors);
        let wide = luck.pick(&[1, 7, 48, 200]);
        for (lba, sector) in (0u64..).zip(bytes.chunks_mut(SECTOR)) {
            let zero = match self.content {
                Content::Full => false,
                Content::Tracts => lba / wide % 2 == 1,
                Content::Sparse => lba % 41 != 7,
                Content::LateStart => lba < self.sectors / 2,
            };
            if zero {
                sector.fill(0);
            }
        }
        Arc::new(bytes)
    }
}

/// Most sectors of a disc here, and of the shift between two discs.
pub(crate) const SECTORS_MAX: u64 = 12_000;

fn noise() -> &'static [u8] {
    static NOISE: OnceLock<Vec<u8>> = OnceLock::new();
    NOISE.get_or_init(|| {
        let mut rng = Rng::new(7);
        let mut bytes = Vec::new();
        while bytes.len() < (usize::try_from(SECTORS_MAX).unwrap() + 16) * SECTOR {
            bytes.extend_from_slice(&rng.next().to_le_bytes());
        }
        bytes
    })
}

/// A disc in the drive.
pub(crate) struct WatchedDisc {
    pub(crate) bytes: Bytes,
    /// 0 for the first disc, 1 for the one that takes its place.
    pub(crate) number: usize,
    /// The number of the disc that was read last.
    pub(crate) last_read: Arc<AtomicUsize>,
}

impl Medium for WatchedDisc {
    fn sectors(&self) -> u64 {
        (self.bytes.len() / SECTOR) as u64
    }

    fn read_at(&mut self, lba: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.last_read.store(self.number, Ordering::SeqCst);
        let start = usize::try_from(lba).unwrap() * SECTOR;
        let source = self.bytes.get(start..start + buffer.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(source);
        Ok(())
    }
}

/// The word of the command line for a kind of disc.
pub(crate) fn profile(media: Media) -> &'static str {
    match media {
        Media::Cd => "cd",
        Media::Dvd => "dvd",
        Media::Bd => "bd",
        Media::Uhd => "uhd",
    }
}
