//! The programs of a disc (`MovieObject.bdmv`).

use super::command::Command;
use crate::bluray::TableError;
use crate::bluray::cursor::{self, Cursor};

const TABLE: &str = "movie objects";

/// Most bytes of the file; the largest of 15 commercial discs has 10,000.
pub const MAX_BYTES: usize = 2 << 20;
/// Bytes in front of the table.
const HEAD: usize = 40;

/// A program.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MovieObject {
    /// Whether it is resumed after a call of a menu (`resume_intention_flag`).
    pub resumes: bool,
    /// Whether the viewer may not call the menu while it runs.
    pub masks_menu: bool,
    /// Whether the viewer may not go to another title while it runs.
    pub masks_titles: bool,
    /// Its commands, counted from 0.
    pub commands: Vec<Command>,
}

/// All programs, counted from 0.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MovieObjects {
    /// The programs.
    pub objects: Vec<MovieObject>,
}

impl MovieObjects {
    /// Reads the file.
    ///
    /// # Errors
    /// [`TableError`] where it is none, or is damaged.
    pub fn parse(file: &[u8]) -> Result<Self, TableError> {
        cursor::version(file, b"MOBJ", MAX_BYTES, TABLE)?;
        let mut c = Cursor::at(file, HEAD, TABLE)?.block_u32(TABLE)?;
        c.skip(4)?;
        let count = c.u16()?;
        let objects = (0..count).map(|_| object(&mut c)).collect::<Result<_, _>>()?;
        Ok(Self { objects })
    }
}

fn object(c: &mut Cursor<'_>) -> Result<MovieObject, TableError> {
    let flags = c.u16()?;
    let flag = |bit: u16| flags >> bit & 1 != 0;
    let (resumes, masks_menu, masks_titles) = (flag(15), flag(14), flag(13));
    Ok(MovieObject { resumes, masks_menu, masks_titles, commands: Command::list(c)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bluray::fixture::movie_objects;
    use crate::bluray::program::command::{From, Operand};
    use proptest::prelude::*;

    const PLAY: [u8; 12] = [0x22, 0x80, 0, 0, 0, 0, 3, 0x20, 0, 0, 0, 0];

    #[test]
    fn objects_have_their_commands() {
        let read = MovieObjects::parse(&movie_objects(&[vec![], vec![PLAY, [0; 12]]])).unwrap();
        let [empty, two] = &read.objects[..] else { panic!("{read:?}") };
        assert!(empty.commands.is_empty() && empty.resumes && !empty.masks_menu);
        assert_eq!(two.commands, [Command::Play(Operand::Number(800), From::Start), Command::Nop]);
    }

    #[test]
    fn every_cut_is_an_error() {
        let file = movie_objects(&[vec![PLAY], vec![PLAY, PLAY]]);
        for cut in 0..file.len() {
            assert!(MovieObjects::parse(&file[..cut]).is_err(), "{cut}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..80), at in 0usize..90) {
            let mut file = movie_objects(&[vec![PLAY], vec![PLAY, PLAY]]);
            let end = (at + bytes.len()).min(file.len());
            file[at.min(end)..end].copy_from_slice(&bytes[..end.saturating_sub(at)]);
            let _ = MovieObjects::parse(&file);
        }
    }
}
