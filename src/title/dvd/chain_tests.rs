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
    let list = follow(&set, title, angle, &[]).unwrap();
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
    assert_eq!(follow(&set, 3, 1, &[]), None);
}

#[test]
fn a_title_ends_where_another_begins_whatever_leads_there_and_that_is_told() {
    const TITLE_2: [u8; 8] = [0x30, 3, 0, 0, 0, 2, 0, 0];
    const LINK_2: [u8; 8] = [0x20, 4, 0, 0, 0, 0, 0, 2];
    let titles = [vec![(1, 1)], vec![(2, 1)]];
    let leads = |next: u16, post: &[[u8; 8]]| {
        let chains = [(0x81, 0, chain(&[cell(1)], next, [&[], post, &[]])), (0x82, 0, chain(&[cell(2)], 0, [&[]; 3]))];
        let set = Vts::parse(&vts_of(&titles, &chains)).unwrap();
        let list = follow(&set, 1, 1, &[]).unwrap();
        assert_eq!((list.cells.len(), follow(&set, 2, 1, &[]).unwrap().leads_to), (1, None));
        (list.leads_to, list.problems)
    };
    for (next, post) in [(2, &[][..]), (0, &[LINK_2]), (0, &[TITLE_2])] {
        assert_eq!(leads(next, post), (Some(2), vec![]), "{next} {post:?}");
    }
    assert_eq!(leads(0, &[]), (None, vec![]));
    let (to, problems) = leads(7, &[]);
    assert!(to.is_none() && problems[0].contains("chain 7, which is not there"), "{problems:?}");
}

#[test]
fn a_title_goes_on_with_a_chain_that_no_title_begins_with_whosesoever_it_is() {
    // Two openings of one film: the table counts its body to the first, or to a title that is not there.
    for owner in [1, 9] {
        let chains = [
            (0x81, 0, chain(&[cell(1)], 3, [&[]; 3])),
            (0x82, 0, chain(&[cell(2)], 3, [&[]; 3])),
            (owner, 0, chain(&[cell(3)], 0, [&[]; 3])),
        ];
        let titles = [vec![(1, 1), (3, 1)], vec![(2, 1)]];
        assert_eq!(played(&titles, &chains, 1, 1), (vec![1, 3], vec![0, 1]));
        assert_eq!(played(&titles, &chains, 2, 1), (vec![2, 3], vec![0]));
        let set = Vts::parse(&vts_of(&titles, &chains)).unwrap();
        assert!(follow(&set, 1, 1, &[]).unwrap().problems.is_empty());
        let told = follow(&set, 2, 1, &[]).unwrap().problems.concat();
        assert!(told.contains(&format!("chain 3, which the table counts to title {owner}")), "{told}");
    }
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
    assert_eq!(follow(&set, 1, 1, &[]).unwrap().angles, 3);
}

#[test]
fn of_angles_in_a_later_chain_one_is_played_too() {
    let angle = |block: u8, number: u8| (block << 6 | 0x10, 0, 0, 9, number.into(), number);
    let chains = [
        (0x81, 0, chain(&[cell(1), angle(1, 2), angle(3, 3)], 2, [&[]; 3])),
        (0x01, 0, chain(&[angle(1, 4), angle(2, 5), angle(3, 6), cell(7)], 0, [&[]; 3])),
    ];
    let titles = [vec![(1, 1), (2, 1), (2, 4)]];
    assert_eq!(played(&titles, &chains, 1, 2), (vec![1, 3, 5, 7], vec![0, 2, 3]));
    // The first block has no third one.
    assert_eq!(played(&titles, &chains, 1, 3), (vec![1, 2, 6, 7], vec![0, 2, 3]));
    assert_eq!(follow(&Vts::parse(&vts_of(&titles, &chains)).unwrap(), 1, 1, &[]).unwrap().angles, 3);
}

#[test]
fn of_a_parental_block_the_highest_level_is_played() {
    // The longest is in the middle.
    let timed = |number: u8, seconds: u8| {
        let mut chain = chain(&[cell(number)], 0, [&[]; 3]);
        chain[6] = seconds;
        chain
    };
    let chains = [
        (0x02, 0, timed(9, 9)),
        (0x81, 0x50, timed(1, 1)),
        (0x01, 0x90, timed(2, 5)),
        (0x01, 0xD0, timed(3, 3)),
        (0x01, 0, timed(4, 9)),
    ];
    let mut file = vts_of(&[vec![(2, 1)], vec![(1, 1)], vec![(4, 1)]], &chains);
    let table = usize::try_from(u32::from_be_bytes(file[0xCC..0xD0].try_into().unwrap())).unwrap() * 2048;
    for (n, mask) in [0u16, 0x3000, 0x0C00, 0x8000, 0].into_iter().enumerate() {
        file[table + 8 + n * 8 + 2..][..2].copy_from_slice(&mask.to_be_bytes());
    }
    let set = Vts::parse(&file).unwrap();
    let of = |title: u8, masks: &[u16]| {
        let list = follow(&set, title, 1, masks).unwrap();
        (list.cells.iter().map(|played| played.cell.id.cell).collect::<Vec<_>>(), list.chapters)
    };
    assert_eq!(of(1, &[0x8000]), (vec![3], vec![0]));
    assert_eq!(of(1, &[0x1000]), (vec![1], vec![0]));
    // The title may begin with any chain of the block.
    assert_eq!(of(3, &[0x1000]), (vec![1], vec![0]));
    // Several may be meant, or none: the longest of them.
    assert_eq!(of(1, &[0xF000, 0]).0, [3]);
    for nothing in [&[][..], &[0x0001]] {
        assert_eq!(of(1, nothing).0, [2]);
    }
    assert_eq!(of(2, &[0x8000]).0, [9], "outside of the block");
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

/// A chain of these cells, the first of which has the command.
fn chain_with_command(cells: &[TestCell], command: [u8; 8], pre: &[[u8; 8]]) -> Vec<u8> {
    let mut chain = chain(cells, 0, [pre, &[], &[command]]);
    let at = chain.windows(4).position(|w| w == [0, 0, 5, 0xC0]).unwrap() - 1;
    chain[at] = 1;
    chain
}

#[test]
fn registers_that_the_title_sets_itself_decide_and_others_are_told() {
    // g2 = 7; a link to cell 3 where g2 is 7, where it is 8, where g5 is 0.
    const SET: [u8; 8] = [0x71, 0, 0, 2, 0, 7, 0, 0];
    let link = |register: u8, value: u8, to: u8| [0x20, 0xA7, 0, register, 0, value, 0, to];
    let cells = [cell(1), cell(2), cell(3)];
    let run = |command: [u8; 8], pre: &[[u8; 8]]| {
        let chains = [(0x81, 0, chain_with_command(&cells, command, pre))];
        let set = Vts::parse(&vts_of(&[vec![(1, 1)]], &chains)).unwrap();
        let list = follow(&set, 1, 1, &[]).unwrap();
        (list.cells.iter().map(|played| played.cell.id.cell).collect::<Vec<_>>(), list.problems.len())
    };
    assert_eq!(run(link(2, 7, 3), &[SET]), (vec![1, 3], 0));
    assert_eq!(run(link(2, 8, 3), &[SET]), (vec![1, 2, 3], 0));
    assert_eq!(run(link(5, 0, 3), &[SET]), (vec![1, 2, 3], 1));
    assert_eq!(run(link(2, 7, 3), &[]), (vec![1, 2, 3], 1));
    // What a jump or the end of the list may skip is not known, nor is anything behind a menu, which may set any.
    let (certain, open) = ((vec![1, 3], 0), (vec![1, 2, 3], 1));
    for skip in [[1, 3], [2, 0]] {
        let skip = [0x00, 0xA0 | skip[0], 0, 5, 0, 1, 0, skip[1]];
        assert_eq!(run(link(2, 7, 3), &[skip, SET]), open, "{skip:?}");
        assert_eq!(run(link(2, 7, 3), &[SET, skip]), certain, "{skip:?}");
    }
    const CALL: [u8; 8] = [0x30, 0x08, 0, 0, 0, 0x83, 0, 0];
    assert_eq!(run(link(2, 7, 3), &[CALL, SET]), certain);
    assert_eq!(run(link(2, 7, 3), &[SET, CALL]), open);
    // A cell that is played some times is played once.
    assert_eq!(run(link(2, 7, 1), &[SET]).0, [1, 2, 3]);
}

proptest! {
    #[test]
    fn no_row_of_chains_is_endless(next in prop::collection::vec(0u16..6, 5), commands in prop::collection::vec(any::<[u8; 8]>(), 5)) {
        let chains: Vec<_> = next.iter().zip(&commands).map(|(next, command)| {
            (0x01, 0, chain(&[cell(1), cell(2)], *next, [&[*command], &[*command], &[*command]]))
        }).collect();
        let set = Vts::parse(&vts_of(&[vec![(1, 1), (2, 2), (9, 9)]], &chains)).unwrap();
        let list = follow(&set, 1, 1, &[]).unwrap();
        prop_assert!(list.cells.len() <= 10 && list.chapters.iter().all(|cell| *cell < list.cells.len()));
    }
}
