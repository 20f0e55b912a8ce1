use super::super::cell::{BlockPlace, CellId};
use super::super::fixture;
use super::*;
use proptest::prelude::*;

const NOP: [u8; 8] = [0; 8];
const LINK: [u8; 8] = [0x20, 4, 0, 0, 0, 0, 0, 2];

#[test]
fn a_chain_has_streams_colours_programs_cells_and_commands() {
    let cells = [(0x50, 0, 0, 9, 1, 1), (0xD0, 10, 10, 19, 2, 1)];
    let bytes = fixture::chain(&cells, 7, [&[NOP], &[LINK, NOP], &[LINK]]);
    let pgc = Pgc::read(&bytes, 0).unwrap();
    assert_eq!((pgc.next, pgc.time), (7, Ticks90(300 * 3003)));
    assert_eq!(pgc.audio[..3], [Some(0), Some(2), None]);
    let streams = SubpictureStreams { normal: 1, wide: 2, letterbox: 3, pan_scan: 4 };
    assert_eq!((pgc.subpictures[0], pgc.subpictures[1]), (Some(streams), None));
    assert_eq!(pgc.palette[3], [0, 19, 128, 128]);
    assert_eq!((pgc.cell_of_program(2), pgc.cell_of_program(3), pgc.cell_of_program(0)), (Some(1), None, None));
    let [first, second] = pgc.cells[..] else { panic!() };
    assert_eq!((first.block, first.is_angle, second.block), (BlockPlace::First, true, BlockPlace::Last));
    assert_eq!(second.id, CellId { vob: 2, cell: 1 });
    let Commands { pre, post, cell } = pgc.commands;
    assert_eq!((pre.len(), post.len(), cell.len()), (1, 2, 1));
}

#[test]
fn every_cut_is_an_error_or_has_fewer_commands() {
    let bytes = fixture::chain(&[(0, 0, 0, 9, 1, 1)], 0, [&[NOP], &[], &[]]);
    for cut in 0..bytes.len() {
        assert!(Pgc::read(&bytes[..cut], 0).is_err(), "{cut}");
    }
}

#[test]
fn tables_give_chains_by_their_numbers() {
    let chain = fixture::chain(&[], 3, [&[]; 3]);
    let file: Arc<[u8]> = fixture::chains(&[(0x81, 0x50, chain.clone()), (0x01, 0xD0, chain)]).into();
    let chains = Chains::read(&file, 0).unwrap();
    let first = chains.entry(1).unwrap();
    assert_eq!((first.is_entry, first.number, first.block), (true, 1, BlockPlace::First));
    assert_eq!(chains.chain(2).unwrap().unwrap().next, 3);
    assert!(chains.chain(0).is_none() && chains.chain(3).is_none());
}

#[test]
fn menus_are_found_by_language() {
    let table = fixture::chains(&[(0x83, 0, fixture::chain(&[], 0, [&[]; 3]))]);
    let mut file = vec![0, 1, 0, 0, 0, 0, 0, 0, b'e', b'n', 0, 0x80, 0, 0, 0, 16];
    file.extend(table);
    let file: Arc<[u8]> = file.into();
    let read = menus(&file, 0).unwrap();
    assert_eq!((read.len(), read[0].language), (1, *b"en"));
    assert_eq!(read[0].chains.entry(1).unwrap().number, 3);
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..40), at in 0usize..400) {
        let mut file = fixture::chain(&[(0, 0, 0, 9, 1, 1); 3], 0, [&[NOP; 2]; 3]);
        let at = at.min(file.len() - bytes.len());
        file[at..at + bytes.len()].copy_from_slice(&bytes);
        if let Ok(pgc) = Pgc::read(&file, 0) {
            prop_assert!((0..=u8::MAX).all(|n| pgc.cell_of_program(n).is_none_or(|cell| cell < pgc.cells.len())));
        }
        let _ = menus(&file.into(), 0);
    }
}
