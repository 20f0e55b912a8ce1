//! Signs of copy protection. Nothing is refused for them here; they are told.

use crate::base::outcome::Fault;
use crate::base::sector::SECTOR_SIZE;
use crate::fs::{FileSystem, FsError};

/// Sectors of a DVD's film that are looked at, from its start.
const SECTORS_LOOKED_AT: usize = 256;

/// What speaks for copy protection, in sentences.
pub(super) fn signs(fs: &dyn FileSystem, is_dvd: bool) -> Vec<String> {
    let mut signs = Vec::new();
    if fs.list("AACS").is_ok_and(|entries| !entries.is_empty()) {
        signs.push("the disc has an AACS folder: its films may be encrypted, and freemkv decrypts nothing".to_owned());
    }
    if let Some(name) = is_dvd.then(|| scrambled_file(fs)).flatten() {
        signs.push(format!("{name} is scrambled (CSS), and freemkv decrypts nothing"));
    }
    signs
}

/// The first film of a DVD that has scrambled packs.
fn scrambled_file(fs: &dyn FileSystem) -> Option<String> {
    let names = fs.list("VIDEO_TS").ok()?.into_iter().map(|e| e.name);
    let is_film = |name: &String| {
        let name = name.to_ascii_uppercase();
        name.starts_with("VTS_") && name.ends_with("_1.VOB")
    };
    names.filter(is_film).take(99).map(|name| format!("VIDEO_TS/{name}")).find(|path| is_scrambled(fs, path))
}

fn is_scrambled(fs: &dyn FileSystem, path: &str) -> bool {
    let Ok(file) = fs.open(path) else { return false };
    let mut buffer = vec![0; SECTORS_LOOKED_AT * SECTOR_SIZE];
    let good = match fs.read_at(&file, 0, &mut buffer) {
        Ok(good) => good,
        Err(e) => return is_refused(&e),
    };
    if buffer.get(..good).unwrap_or_default().chunks_exact(SECTOR_SIZE).any(is_scrambled_pack) {
        return true;
    }
    // A drive may hand out what lies in front of the first scrambled sector.
    let ends_early = good < buffer.len() && (good as u64) < file.length();
    ends_early && fs.read_at(&file, good as u64, &mut buffer).is_err_and(|e| is_refused(&e))
}

/// Whether the drive will not hand the sector out; that it cannot read it is no sign.
fn is_refused(error: &FsError) -> bool {
    matches!(error, FsError::Unreadable { fault: Fault::Protected | Fault::Region, .. })
}

/// A pack (ISO/IEC 13818-1, 2.5.3.3) of 14 bytes, then a packet of a stream with scrambling control bits: those in the
/// third byte behind its start code and length.
fn is_scrambled_pack(sector: &[u8]) -> bool {
    match sector {
        [0, 0, 1, 0xba, _, _, _, _, _, _, _, _, _, _, 0, 0, 1, 0xbd | 0xc0..=0xef, _, _, flags, ..] => {
            flags & 0xc0 == 0x80 && flags & 0x30 != 0
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::base::sector::SectorRange;
    use crate::base::testing::test_data;
    use crate::fs::folder::Folder;
    use crate::fs::{MemorySectors, Sectors, open_disc};

    fn pack(stream: u8, flags: u8) -> Vec<u8> {
        let mut sector = vec![0, 0, 1, 0xba, 0x44, 0, 4, 0, 4, 1, 1, 0x89, 0xc3, 0xf8, 0, 0, 1, stream, 7, 0xec, flags];
        sector.resize(SECTOR_SIZE, 0);
        sector
    }

    #[test]
    fn scrambling_bits_count_only_where_packets_have_them() {
        assert!(is_scrambled_pack(&pack(0xe0, 0x94)) && is_scrambled_pack(&pack(0xbd, 0xb0)));
        assert!(!is_scrambled_pack(&pack(0xe0, 0x84)) && !is_scrambled_pack(&pack(0xbf, 0x90)));
        assert!(!is_scrambled_pack(&[0xff; SECTOR_SIZE]) && !is_scrambled_pack(&[]));
    }

    /// A disc from one sector on refused by its drive, with this fault.
    struct Refused(MemorySectors, u64, Fault);

    impl Sectors for Refused {
        fn count(&self) -> u64 {
            self.0.count()
        }

        fn read(&self, range: SectorRange, buffer: &mut [u8]) -> (u64, Option<Fault>) {
            let (head, _) = range.split_at(self.1.saturating_sub(range.start()));
            match self.0.read(range, buffer) {
                (good, None) if good > head.len() => (head.len(), Some(self.2)),
                answer => answer,
            }
        }
    }

    #[test]
    fn a_refusal_is_a_sign_and_damage_is_none() {
        let Some(data) = test_data() else { return };
        let disc = MemorySectors::new(std::fs::read(data.join("discs/dvd-ntsc.iso")).unwrap());
        let film = open_disc(Arc::new(disc.clone())).unwrap().open("VIDEO_TS/VTS_01_1.VOB").unwrap();
        let start = film.extents()[0].sectors().start();
        let count = |from, fault| signs(&*open_disc(Arc::new(Refused(disc.clone(), from, fault))).unwrap(), true).len();
        assert_eq!(count(u64::MAX, Fault::Protected), 0);
        assert_eq!([start, start + 3].map(|from| count(from, Fault::Protected)), [1, 1]);
        assert_eq!([start, start + 3].map(|from| count(from, Fault::Damage)), [0, 0]);
    }

    #[test]
    fn folders_and_films_that_are_protected_are_named() {
        let root = tempfile::tempdir().unwrap();
        let films = root.path().join("VIDEO_TS");
        std::fs::create_dir_all(&films).unwrap();
        std::fs::write(films.join("VTS_01_1.VOB"), pack(0xe0, 0x84)).unwrap();
        let signs_there = || signs(&Folder::open(root.path()).unwrap(), true);
        assert_eq!(signs_there(), Vec::<String>::new());
        std::fs::write(films.join("VTS_02_1.VOB"), [pack(0xe0, 0x84), pack(0xe0, 0x94)].concat()).unwrap();
        std::fs::create_dir(root.path().join("AACS")).unwrap();
        assert_eq!(signs_there().len(), 1);
        assert!(signs_there()[0].starts_with("VIDEO_TS/VTS_02_1.VOB is scrambled"));
        std::fs::write(root.path().join("AACS/Unit_Key_RO.inf"), [0]).unwrap();
        assert_eq!(signs_there().len(), 2);
    }
}
