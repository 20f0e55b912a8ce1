//! BD-J objects (`BDJO/nnnnn.bdjo`): which playlists a Java program may play.

use crate::bluray::TableError;
use crate::bluray::cursor::{self, Cursor};

const TABLE: &str = "BD-J object";

/// Most bytes of the file; its lists have at most some thousand entries.
pub const MAX_BYTES: usize = 1 << 20;
/// Bytes in front of the first section: name, version, six addresses, 16 reserved.
const HEAD: usize = 48;

/// What a Java program may play.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BdjObject {
    /// The playlists of its table, by their numbers. An entry that is no number is left out.
    pub playlists: Vec<u32>,
    /// Whether it may play every playlist of the disc: then the table proves nothing.
    pub plays_any: bool,
    /// Whether the first of the table starts by itself.
    pub starts_first: bool,
}

impl BdjObject {
    /// Reads the file up to its table of playlists.
    ///
    /// # Errors
    /// [`TableError`] where it is none, or is damaged before the table's end.
    pub fn parse(file: &[u8]) -> Result<Self, TableError> {
        cursor::version(file, b"BDJO", MAX_BYTES, TABLE)?;
        let mut c = Cursor::at(file, HEAD, TABLE)?;
        c.block_u32("terminal of a BD-J object")?;
        c.block_u32("application cache of a BD-J object")?;
        let mut table = c.block_u32("playlists of a BD-J object")?;
        let flags = table.u32()?;
        let mut playlists = Vec::new();
        for _ in 0..flags >> 21 {
            let name: [u8; 5] = table.array()?;
            table.skip(1)?;
            playlists.extend(number(name));
        }
        Ok(Self { playlists, plays_any: flags >> 20 & 1 != 0, starts_first: flags >> 19 & 1 != 0 })
    }
}

/// The number in five digits.
fn number(digits: [u8; 5]) -> Option<u32> {
    digits.iter().try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bluray::fixture::bdj_object;
    use proptest::prelude::*;

    #[test]
    fn the_table_of_playlists_is_read() {
        let read = BdjObject::parse(&bdj_object(&["00800", "xxxxx", "00007"], false)).unwrap();
        assert_eq!(read, BdjObject { playlists: vec![800, 7], plays_any: false, starts_first: false });
        assert!(BdjObject::parse(&bdj_object(&[], true)).unwrap().plays_any);
    }

    #[test]
    fn every_cut_before_the_end_of_the_table_is_an_error() {
        let file = bdj_object(&["00800"], false);
        for cut in 0..file.len() {
            assert!(BdjObject::parse(&file[..cut]).is_err(), "{cut}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..60), at in 0usize..100) {
            let mut file = bdj_object(&["00800", "00801"], false);
            let end = (at + bytes.len()).min(file.len());
            file[at.min(end)..end].copy_from_slice(&bytes[..end.saturating_sub(at)]);
            let _ = BdjObject::parse(&file);
        }
    }
}
