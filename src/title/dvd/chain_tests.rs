use super::*;
use crate::dvd::fixture::{TestCell, chain, vts_of};
use proptest::prelude::*;

const LINK_3: [u8; 8] = [0x20, 4, 0, 0, 0, 0, 0, 3];
const LINK_3_IF: [u8; 8] = [0x71, 0xA0, 3, 4, 0, 0, 0, 3];
const CALL_MENU: [u8; 8] = [0x30, 8, 0, 0, 1, 0x42, 0, 0];

fn cell(number: u8) -> TestCell {
    (0, u32::from(number) * 10, u32::from(number) * 10, u32::from(number) * 10 + 9, 1, number)
}

/// The numbers of the cells that are played, and where chapters begin.
fn played(titles: &[Vec<(u16, u16)>], chains: &[(u8, u8, Vec<u8>)], title: u8, angle: usize) -> (Vec<u8>, Vec<usize>) {
    let set = Vts::parse(&vts_of(titles, chains)).unwrap();
    let list = follow(&set, title, angle).unwrap();
    (list.cells.iter().map(|played| played.cell.id.cell).collect(), list.chapters)
}

#[test]
fn chains_follow_each_other_by_field_and_by_command() {
    let chains = [
        (0x81, 0, chain(&[cell(1), cell(2)], 2, [&[]; 3])),
        (0x01, 0, chain(&[cell(3)], 1, [&[], &[LINK_3_IF, LINK_3], &[]])),
        (0x01, 0, chain(&[cell(4)], 1, [&[], &[CALL_MENU], &[]])),
    ];
    assert_eq!(played(&[vec![(1, 1), (1, 2), (3, 1)]], &chains, 1, 1), (vec![1, 2, 3, 4], vec![0, 1, 3]));
}

#[test]
fn a_title_ends_where_another_begins_and_begins_at_its_own_program() {
    let chains =
        [(0x81, 0, chain(&[cell(1), cell(2), cell(3)], 2, [&[]; 3])), (0x82, 0, chain(&[cell(4)], 0, [&[]; 3]))];
    let titles = [vec![(1, 2)], vec![(2, 1)]];
    assert_eq!(played(&titles, &chains, 1, 1), (vec![2, 3], vec![0]));
    assert_eq!(played(&titles, &chains, 2, 1), (vec![4], vec![0]));
    let set = Vts::parse(&vts_of(&titles, &chains)).unwrap();
    assert_eq!(follow(&set, 3, 1), None);
}

#[test]
fn parts_in_chains_that_nothing_leads_to_are_played_too() {
    let chains = [(0x81, 0, chain(&[cell(1)], 0, [&[]; 3])), (0x01, 0, chain(&[cell(2)], 0, [&[]; 3]))];
    assert_eq!(played(&[vec![(1, 1), (2, 1)]], &chains, 1, 1), (vec![1, 2], vec![0, 1]));
}

#[test]
fn of_angles_one_is_played() {
    let angle = |block: u8, number: u8| (block << 6 | 0x10, 0, 0, 9, number.into(), number);
    let cells = [cell(1), angle(1, 2), angle(2, 3), angle(3, 4), cell(5)];
    let chains = [(0x81, 0, chain(&cells, 0, [&[]; 3]))];
    let titles = [vec![(1, 1), (1, 3), (1, 5)]];
    assert_eq!(played(&titles, &chains, 1, 1), (vec![1, 2, 5], vec![0, 1, 2]));
    assert_eq!(played(&titles, &chains, 1, 3), (vec![1, 4, 5], vec![0, 1, 2]));
    assert_eq!(played(&titles, &chains, 1, 4).0, [1, 2, 5]);
    let set = Vts::parse(&vts_of(&titles, &chains)).unwrap();
    assert_eq!(follow(&set, 1, 1).unwrap().angles, 3);
}

#[test]
fn of_a_parental_block_the_longest_is_played() {
    let mut short = chain(&[cell(1)], 0, [&[]; 3]);
    short[6] = 1;
    let chains = [(0x81, 0x50, short), (0x01, 0xD0, chain(&[cell(2)], 0, [&[]; 3]))];
    assert_eq!(played(&[vec![(1, 1)]], &chains, 1, 1), (vec![2], vec![0]));
}

#[test]
fn cell_commands_end_a_chain() {
    let mut first = chain(&[cell(1), cell(2)], 0, [&[], &[], &[LINK_3]]);
    // The first cell names command 1.
    let at = first.windows(4).position(|w| w == [0, 0, 5, 0xC0]).unwrap() - 1;
    first[at] = 1;
    let chains = [(0x81, 0, first), (0x82, 0, chain(&[], 0, [&[]; 3])), (0x01, 0, chain(&[cell(3)], 0, [&[]; 3]))];
    assert_eq!(played(&[vec![(1, 1)], vec![(2, 1)]], &chains, 1, 1).0, [1, 3]);
}

proptest! {
    #[test]
    fn no_row_of_chains_is_endless(next in prop::collection::vec(0u16..6, 5), commands in prop::collection::vec(any::<[u8; 8]>(), 5)) {
        let chains: Vec<_> = next.iter().zip(&commands).map(|(next, command)| {
            (0x01, 0, chain(&[cell(1), cell(2)], *next, [&[*command], &[*command], &[*command]]))
        }).collect();
        let set = Vts::parse(&vts_of(&[vec![(1, 1), (2, 2), (9, 9)]], &chains)).unwrap();
        let list = follow(&set, 1, 1).unwrap();
        prop_assert!(list.cells.len() <= 10 && list.chapters.iter().all(|cell| *cell < list.cells.len()));
    }
}
