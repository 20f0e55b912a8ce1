//! Which disc it is: its size and the hashes of a few sectors, so that it is known again although some no longer read.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::base::outcome::Fault;
use crate::base::sector::SECTOR_SIZE;

/// Sectors that are enough. Two pressings of one title differ in their volume descriptors at the latest.
const ENOUGH: usize = 6;

/// Sectors that damage may cost before no more are asked for: a drive works for seconds on each.
const LOST_MAX: usize = 4;

/// Sectors of which both have the hash that are enough to call two discs the same.
const SHARED: usize = 2;

/// Sectors that another drive may count more or fewer (run-out blocks of recordable discs).
const SIZE_DIFFERENCE: u64 = 512;

/// Where the descriptors of ISO 9660 (ECMA-119, from sector 16 on) and UDF (ECMA-167: from 256 on; the main sequence
/// commonly from 32 or 257 on) lie, and the first file structures behind them.
const PLACES: [u64; 12] = [16, 17, 18, 256, 32, 33, 257, 258, 288, 320, 512, 1024];

/// What a disc is known by.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Fingerprint {
    /// Its sectors.
    pub sectors: u64,
    /// Single sectors, by address.
    pub samples: Vec<Sample>,
}

/// The hash of a sector.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Sample {
    /// Its address.
    pub lba: u64,
    /// SHA-256 of its 2048 bytes, hexadecimal.
    pub sha256: String,
}

impl Fingerprint {
    /// Of a disc whose sectors `read` brings: `None` where one is damaged. What is all zeros tells nothing.
    ///
    /// # Errors
    /// What the source says that is no damage.
    pub fn take(
        sectors: u64,
        mut read: impl FnMut(u64) -> Result<Option<Box<[u8; SECTOR_SIZE]>>, Fault>,
    ) -> Result<Self, Fault> {
        let (mut samples, mut lost) = (Vec::new(), 0);
        let spread = [sectors / 2, sectors / 4, sectors / 4 * 3];
        for lba in PLACES.into_iter().chain(spread).filter(|lba| *lba < sectors) {
            if samples.len() == ENOUGH || lost == LOST_MAX {
                break;
            }
            match read(lba)? {
                None => lost += 1,
                Some(bytes) if bytes.iter().all(|byte| *byte == 0) => {}
                Some(bytes) => samples.push(Sample { lba, sha256: hex(&Sha256::digest(&bytes[..])) }),
            }
        }
        samples.sort_by_key(|sample| sample.lba);
        samples.dedup();
        Ok(Self { sectors, samples })
    }

    /// Whether it is one disc: the sizes agree, no sector differs that both know, and they know enough of the same.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let theirs = |lba| other.samples.iter().find(|sample| sample.lba == lba);
        let both = self.samples.iter().filter_map(|sample| Some((sample, theirs(sample.lba)?)));
        let (shared, equal) = both.fold((0, 0), |(shared, equal), (ours, theirs)| {
            (shared + 1, equal + usize::from(ours.sha256 == theirs.sha256))
        });
        let least = SHARED.min(self.samples.len()).min(other.samples.len()).max(1);
        self.sectors.abs_diff(other.sectors) <= SIZE_DIFFERENCE && shared >= least && shared == equal
    }

    /// A short name for it, 16 hexadecimal digits; another one where other sectors were readable.
    #[must_use]
    pub fn id(&self) -> String {
        let mut hasher = Sha256::new();
        hasher.update(self.sectors.to_be_bytes());
        for sample in &self.samples {
            hasher.update(sample.lba.to_be_bytes());
            hasher.update(sample.sha256.as_bytes());
        }
        let mut id = hex(&hasher.finalize());
        id.truncate(16);
        id
    }
}

/// Bytes in hexadecimal.
pub(in crate::job::rip) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(seed: u8, sectors: u64, damaged: &[u64]) -> Fingerprint {
        let read = |lba: u64| {
            let content = Box::new([seed ^ u8::try_from(lba % 251).unwrap_or(1) ^ 0x55; SECTOR_SIZE]);
            Ok((!damaged.contains(&lba)).then_some(content))
        };
        Fingerprint::take(sectors, read).unwrap()
    }

    #[test]
    fn a_disc_is_known_again_although_some_sectors_no_longer_read() {
        let disc = taken(1, 100_000, &[]);
        assert_eq!(disc.samples.len(), ENOUGH);
        assert!(disc.is_same(&taken(1, 100_000, &[])) && disc.is_same(&taken(1, 100_000, &[16, 256, 17])));
        assert!(disc.is_same(&taken(1, 100_002, &[])), "another drive counts otherwise");
        assert!(!disc.is_same(&taken(2, 100_000, &[])) && !disc.is_same(&taken(1, 200_000, &[])));
        assert!(!disc.is_same(&Fingerprint { sectors: 100_000, samples: Vec::new() }), "nothing is no proof");
        assert_eq!(disc.id().len(), 16);
    }

    #[test]
    fn a_disc_of_a_few_sectors_has_a_fingerprint_too() {
        let small = taken(1, 18, &[]);
        assert!(!small.samples.is_empty() && small.is_same(&small.clone()));
        assert!(!small.is_same(&taken(3, 18, &[])));
    }

    #[test]
    fn not_much_time_is_spent_on_damage_and_what_is_no_damage_ends_it() {
        let mut asked = 0;
        let none = Fingerprint::take(100_000, |_| {
            asked += 1;
            Ok(None)
        });
        assert_eq!((none.unwrap().samples.len(), asked), (0, LOST_MAX));
        assert_eq!(Fingerprint::take(100_000, |_| Err(Fault::NoMedium)), Err(Fault::NoMedium));
        let zeros = Fingerprint::take(100_000, |_| Ok(Some(Box::new([0; SECTOR_SIZE])))).unwrap();
        assert!(zeros.samples.is_empty());
    }
}
