use super::super::programs::{Chain, Domain, SetPrograms};
use super::*;
use crate::dvd::command::Command;
use crate::dvd::pgc::Commands;
use crate::dvd::vts::PartStart;
use proptest::prelude::*;

const TO_MENU: [u8; 8] = [0x30, 6, 0, 0, 0, 0x42, 0, 0];
const TO_TITLE_1: [u8; 8] = [0x30, 2, 0, 0, 0, 1, 0, 0];
const TO_TITLE_2: [u8; 8] = [0x30, 2, 0, 0, 0, 2, 0, 0];
/// General register 3 becomes 7.
const SET: [u8; 8] = [0x71, 0, 0, 3, 0, 7, 0, 0];

fn list(commands: &[[u8; 8]]) -> Vec<Command> {
    commands.iter().map(|bytes| Command::new(*bytes)).collect()
}

fn chain(number: u8, cells: usize, pre: &[[u8; 8]], post: &[[u8; 8]]) -> Chain {
    Chain {
        is_entry: true,
        number,
        commands: Commands { pre: list(pre), post: list(post), cell: Vec::new() },
        cells: vec![(0, false); cells],
        programs: (1..=cells).map(|n| n as u8).collect(),
        ..Chain::default()
    }
}

/// A disc with two titles in one set, a menu with these buttons, and what its first program does.
fn disc(first: &[[u8; 8]], buttons: &[[u8; 8]]) -> Programs {
    let part = |chain| vec![PartStart { chain, program: 1 }];
    let menu = Chain { cells: vec![(0, true)], buttons: vec![list(buttons)], ..chain(2, 1, &[], &[]) };
    let titles = Domain { chains: vec![Some(chain(1, 2, &[], &[TO_MENU])), Some(chain(2, 1, &[], &[]))] };
    let set = SetPrograms { menus: Domain::default(), titles, parts: vec![part(1), part(2)] };
    Programs {
        first_play: Some(chain(0, 0, first, &[])),
        menus: Domain { chains: vec![Some(menu)] },
        sets: BTreeMap::from([(1, set)]),
        titles: vec![(1, 1), (1, 2)],
        lacks_menus: false,
    }
}

fn how(programs: &Programs) -> [Option<How>; 2] {
    let navigation = follow(programs);
    ["1", "2"].map(|id| navigation.best(id))
}

#[test]
fn what_plays_by_itself_and_what_the_menu_plays_are_told_apart() {
    assert_eq!(how(&disc(&[TO_TITLE_1], &[TO_TITLE_2])), [Some(How::Direct), Some(How::Button)]);
    assert_eq!(how(&disc(&[TO_MENU], &[TO_TITLE_2])), [Some(How::Number), Some(How::Button)]);
}

#[test]
fn registers_that_the_disc_sets_decide() {
    // Goto 4 where register 3 is 7; else title 1.
    let goto = [0, 0xA1, 0, 3, 0, 7, 0, 4];
    assert_eq!(how(&disc(&[SET, goto, TO_TITLE_1, TO_TITLE_2], &[]))[1], Some(How::Direct));
    assert_eq!(how(&disc(&[goto, TO_TITLE_1, TO_TITLE_2], &[]))[0], Some(How::Direct));
}

#[test]
fn what_the_player_decides_proves_nothing() {
    // Goto 3 where the region is 1.
    let goto = [0, 0xA1, 0, 0x94, 0, 1, 0, 3];
    assert_eq!(how(&disc(&[goto, TO_TITLE_1, TO_TITLE_2], &[])), [Some(How::Number); 2]);
}

proptest! {
    #[test]
    fn any_commands_come_to_an_end(commands in prop::collection::vec(any::<[u8; 8]>(), 1..12), buttons in prop::collection::vec(any::<[u8; 8]>(), 0..4)) {
        let _ = follow(&disc(&commands, &buttons));
    }

    #[test]
    fn sets_and_links_come_to_an_end(commands in prop::collection::vec((0x60u8..0x7F, 0u8..8, 0u8..4, 0u8..4), 1..12)) {
        let commands: Vec<_> = commands.iter().map(|(a, b, c, d)| [*a, *b, 0, *c, 0, *d, 0, *d]).collect();
        let _ = follow(&disc(&[&commands[..], &[TO_TITLE_1]].concat(), &commands));
    }
}
