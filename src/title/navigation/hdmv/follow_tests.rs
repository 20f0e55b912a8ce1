use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::base::testing::test_data;
use crate::bluray::playlist::mpls::Playlist;
use crate::bluray::playlist::play_item::{PlayItem, Still};
use crate::bluray::program::bdjo::BdjObject;
use crate::bluray::program::command::{Command, Comparison, From, Operand, Operation, Setting};
use crate::bluray::program::index::{Index, TitleEntry};
use crate::bluray::program::interactive::{Button, Composition, Page};
use crate::bluray::program::movie_object::{MovieObject, MovieObjects};
use crate::title::navigation::hdmv::programs::Menu;

const fn n(number: u32) -> Operand {
    Operand::Number(number)
}

const fn r(register: u16) -> Operand {
    Operand::General(register)
}

const fn p(register: u8) -> Operand {
    Operand::Player(register)
}

const fn play(number: u32) -> Command {
    Command::Play(n(number), From::Start)
}

const fn title(number: u32) -> Command {
    Command::JumpTitle(n(number))
}

const fn set(register: u16, value: u32) -> Command {
    Command::Set(Operation::Move, r(register), n(value))
}

const fn equal(a: Operand, value: u32) -> Command {
    Command::Compare(Comparison::Equal, a, n(value))
}

fn movie(number: u16) -> TitleEntry {
    TitleEntry { object: Object::Movie(number), may_be_searched: true, is_shown: true }
}

/// A disc: object 0 plays first, object 1 is the menu, the others are the titles, from title 1 on.
pub(super) fn disc(objects: &[&[Command]]) -> Programs {
    let titles = (2..objects.len()).map(|number| movie(number as u16)).collect();
    let index = Index { version: *b"0200", first_playback: Object::Movie(0), top_menu: Object::Movie(1), titles };
    let objects = objects.iter().map(|c| MovieObject { commands: c.to_vec(), ..MovieObject::default() }).collect();
    Programs {
        index,
        objects: Some(objects),
        java: BTreeMap::new(),
        menus: BTreeMap::new(),
        endless: BTreeSet::new(),
        lacks_menus: false,
    }
}

/// A menu of one page, its buttons counted from 1.
fn menu(buttons: &[&[Command]]) -> Menu {
    let buttons = (1..).zip(buttons).map(|(id, c)| Button { id, is_automatic: false, commands: c.to_vec() }).collect();
    Menu::new(vec![Arc::new(Composition { is_popup: false, pages: vec![Page { id: 0, buttons }] })])
}

/// A disc whose menu, playlist 0, waits for the viewer.
pub(super) fn with_menu(mut programs: Programs, buttons: &[&[Command]]) -> Programs {
    programs.menus.insert(0, menu(buttons));
    programs.endless.insert(0);
    programs
}

/// `1 direct, 3 button`.
fn ways(answer: &Navigation, playlist: u32) -> String {
    let ways = answer.played_by(&format!("{playlist:05}")).iter();
    ways.map(|way| format!("{} {}", way.under, way.how.word())).collect::<Vec<_>>().join(", ")
}

#[test]
fn what_an_object_names_is_played_and_nothing_else() {
    let answer = follow(&disc(&[&[play(1), title(1)], &[play(0)], &[play(800)], &[play(801)]]));
    assert_eq!(ways(&answer, 1), "first play direct");
    assert_eq!(ways(&answer, 0), "menu button");
    assert_eq!((ways(&answer, 800), ways(&answer, 801)), ("1 direct".to_owned(), "2 number".to_owned()));
    assert_eq!(ways(&answer, 802), "");
    assert!(answer.proves_absence());
    assert_eq!(answer.best("00801"), Some(How::Number));
}

#[test]
fn a_button_sets_the_register_that_the_object_plays_from() {
    let pressed: &[Command] = &[set(7, 803), title(1)];
    let objects: [&[Command]; 3] =
        [&[title(0)], &[play(0), title(0)], &[equal(r(7), 0), set(7, 801), Command::Play(r(7), From::Start)]];
    let answer = follow(&with_menu(disc(&objects), &[pressed]));
    assert_eq!(ways(&answer, 803), "1 button");
    assert_eq!(ways(&answer, 801), "1 number");
    // Without its menu the disc plays the other one alone.
    assert_eq!(ways(&follow(&disc(&objects)), 803), "");
}

#[test]
fn behind_a_menu_that_waits_nothing_comes_by_itself() {
    let menu: &[Command] = &[play(0), equal(r(1), 5), play(805), equal(p(10), 2), play(806), equal(r(1), 0), play(807)];
    let answer =
        follow(&with_menu(disc(&[&[title(0)], menu]), &[&[set(1, 5), Command::Stop], &[set(1, 6), Command::Stop]]));
    assert_eq!([805, 806, 807].map(|number| ways(&answer, number)), ["menu button", "menu button", ""]);
    let mut goes_on = with_menu(disc(&[&[title(0)], menu]), &[]);
    goes_on.endless.clear();
    assert_eq!(ways(&follow(&goes_on), 807), "menu direct");
}

#[test]
fn an_unknown_value_proves_only_what_both_ways_play() {
    let goto = |to| Command::Goto(n(to));
    let first: &[Command] = &[equal(p(16), 0x65_6e_67), goto(4), play(1), goto(5), play(2), play(3)];
    let answer = follow(&disc(&[first, &[], &[Command::Set(Operation::Random, r(1), n(4)), equal(r(1), 2), play(9)]]));
    assert_eq!(
        [1, 2, 3].map(|number| ways(&answer, number)),
        ["first play unknown", "first play unknown", "first play direct"]
    );
    assert_eq!(ways(&answer, 9), "1 unknown");
    assert!(answer.proves_absence());
    let any = follow(&disc(&[&[Command::Play(p(16), From::Start)], &[]]));
    assert_eq!(any.blind(), ["a playlist whose number is not known"]);
}

#[test]
fn a_wrong_region_does_not_hide_the_film() {
    let first: &[Command] = &[equal(p(20), 1), Command::Goto(n(4)), play(99), Command::Break, title(0)];
    let answer = follow(&with_menu(disc(&[first, &[play(0)], &[play(800)]]), &[&[title(1)]]));
    assert_eq!((ways(&answer, 99), ways(&answer, 800)), ("first play unknown".to_owned(), "1 button".to_owned()));
}

#[test]
fn a_title_that_is_asked_for_finds_what_the_disc_has_set() {
    let film: &[Command] = &[equal(r(3), 7), play(800), equal(r(3), 0), play(801)];
    let first: [&[Command]; 2] = [&[set(3, 7)], &[set(3, 7), play(1)]];
    for first in first {
        let answer = follow(&disc(&[first, &[], film]));
        assert_eq!((ways(&answer, 800), ways(&answer, 801)), ("1 number".to_owned(), String::new()));
    }
}

#[test]
fn calls_come_back_behind_themselves_and_into_the_playlist() {
    let call = |number| Command::CallTitle(n(number));
    let objects: [&[Command]; 4] = [
        &[call(1), play(5)],
        &[play(0)],
        &[play(1), Command::Resume, play(9)],
        &[Command::Compare(Comparison::Equal, p(36), n(0)), play(7), Command::Resume],
    ];
    let answer = follow(&with_menu(disc(&objects), &[&[call(2)]]));
    assert_eq!((ways(&answer, 5), ways(&answer, 9)), ("first play direct".to_owned(), String::new()));
    assert_eq!(ways(&answer, 7), "2 button");
}

#[test]
fn a_timer_may_end_what_waits() {
    let timer = Command::Player(Setting::Timer, n(2), n(30));
    let answer = follow(&with_menu(disc(&[&[timer, play(0)], &[], &[play(4)]]), &[&[Command::Nop]]));
    assert_eq!(ways(&answer, 4), "first play direct, 1 number");
}

#[test]
fn tables_of_java_programs_are_told_and_prove_no_absence() {
    let mut programs = disc(&[&[title(1)], &[], &[]]);
    programs.index.titles[0].object = Object::Java("00001".to_owned());
    let table = BdjObject { playlists: vec![802], ..BdjObject::default() };
    programs.java.insert("00001".to_owned(), table.clone());
    let answer = follow(&programs);
    assert_eq!((ways(&answer, 802), answer.best("00801")), ("1 listed".to_owned(), None));
    assert!(!answer.proves_absence());
    programs.java.insert("00001".to_owned(), BdjObject { plays_any: true, ..table });
    assert_eq!(follow(&programs).best("00802"), None);
}

#[test]
fn programs_without_end_are_left_and_told() {
    let count = |by| Command::Set(Operation::Add, r(1), n(by));
    let goto = Command::Goto(n(0));
    let below = Command::Compare(Comparison::Below, r(1), n(u32::MAX));
    for object in [
        vec![count(1), below, goto],
        vec![play(1), count(1), below, goto],
        vec![Command::Play(r(1), From::Start), count(3), goto],
    ] {
        let programs = disc(&[&object, &[]]);
        let answer = run(&programs, Machine::new(&programs), Limits { memory: 1 << 20, commands: 100_000, ..LIMITS });
        assert_eq!(answer.blind().len(), 1, "{object:?}");
    }
    // A circle is an end.
    assert!(follow(&disc(&[&[goto], &[]])).proves_absence());
}

/// The programs of a sample disc. Its stream files are not there; the menu that was taken out of one is put where a
/// playlist has room for it.
fn sample(disc: &Path) -> (Programs, Vec<u32>) {
    let read = |name: &str| std::fs::read(disc.join(name)).unwrap();
    let menu = std::fs::read(disc.join("ics_menu.bin")).ok().map(|bytes| Composition::parse(&bytes[9..]).unwrap());
    let mut programs = Programs {
        index: Index::parse(&read("index.bdmv")).unwrap(),
        objects: Some(MovieObjects::parse(&read("MovieObject.bdmv")).unwrap().objects),
        java: BTreeMap::new(),
        menus: BTreeMap::new(),
        endless: BTreeSet::new(),
        lacks_menus: false,
    };
    let mut playlists = BTreeMap::new();
    for entry in std::fs::read_dir(disc.join("PLAYLIST")).unwrap() {
        let path = entry.unwrap().path();
        let number: u32 = path.file_stem().unwrap().to_str().unwrap().parse().unwrap();
        playlists.insert(number, Playlist::parse(&std::fs::read(path).unwrap()).unwrap());
    }
    let has = |wanted: fn(&PlayItem) -> bool| {
        let found = playlists.iter().filter(|(_, p)| p.items.iter().any(wanted));
        found.map(|(number, _)| *number).collect::<BTreeSet<u32>>()
    };
    programs.endless = has(|item| item.still == Still::Forever);
    let with_menu = has(|item| !item.streams.menus.is_empty());
    // The menu that waits for the viewer; over films lie others.
    let waiting = with_menu.iter().find(|number| programs.endless.contains(number)).or(with_menu.first());
    if let Some((menu, number)) = menu.zip(waiting) {
        programs.menus.insert(*number, Menu::new(vec![Arc::new(menu)]));
    }
    programs.lacks_menus = with_menu.len() > programs.menus.len();
    (programs, playlists.into_keys().collect())
}

#[test]
fn playlists_of_commercial_discs_are_reached_as_they_should_be() {
    let Some(data) = test_data() else { return };
    let disc = |name: &str| data.join("samples/bdmv-metadata").join(name);
    let (programs, playlists) = sample(&disc("disc5"));
    let answer = follow(&programs);
    assert!(playlists.iter().all(|number| answer.best(&format!("{number:05}")).is_some()));
    assert_eq!(playlists.len(), 16);
    for title in 1..=12 {
        let ways = answer.played_by(&format!("{title:05}"));
        assert!(ways.iter().any(|w| w.under == Under::Title(title)) && ways.len() == 1, "{title}: {ways:?}");
    }
    // Which warning is shown is the player's business.
    assert_eq!(answer.best("00100"), Some(How::Unknown));
    // A button adds 1 to its own number and goes to that title.
    let (programs, _) = sample(&disc("disc13"));
    assert_eq!(ways(&follow(&programs), 9), "8 button");
}

#[test]
fn every_playlist_of_commercial_discs_is_reached_within_a_few_states() {
    let Some(data) = test_data() else { return };
    let mut discs = 0;
    for entry in std::fs::read_dir(data.join("samples/bdmv-metadata")).unwrap() {
        let at = entry.unwrap().path();
        if !at.is_dir() {
            continue;
        }
        let (programs, playlists) = sample(&at);
        let answer = follow(&programs);
        for number in playlists {
            assert!(answer.best(&format!("{number:05}")).is_some(), "{} {number}", at.display());
        }
        assert!(answer.blind().iter().all(|why| *why == NO_MENUS), "{}: {:?}", at.display(), answer.blind());
        discs += 1;
    }
    assert_eq!(discs, 15);
}

fn operand() -> impl Strategy<Value = Operand> {
    prop_oneof![3 => (0u32..6).prop_map(n), 3 => (0u16..3).prop_map(r), 1 => prop::sample::select(vec![p(1), p(4), p(10), p(20)])]
}

fn command() -> impl Strategy<Value = Command> {
    let two = || (operand(), operand());
    let operations = prop::sample::select(vec![
        Operation::Move,
        Operation::Swap,
        Operation::Subtract,
        Operation::And,
        Operation::Random,
    ]);
    let comparisons = prop::sample::select(vec![Comparison::Equal, Comparison::AtLeast]);
    prop_oneof![
        Just(Command::Nop),
        Just(Command::Break),
        Just(Command::Stop),
        Just(Command::Resume),
        operand().prop_map(Command::Goto),
        operand().prop_map(Command::JumpObject),
        operand().prop_map(Command::JumpTitle),
        operand().prop_map(Command::CallTitle),
        operand().prop_map(|a| Command::Play(a, From::Start)),
        two().prop_map(|(a, b)| Command::Player(Setting::ButtonPage, a, b)),
        (comparisons, two()).prop_map(|(how, (a, b))| Command::Compare(how, a, b)),
        (operations, two()).prop_map(|(how, (a, b))| Command::Set(how, a, b)),
    ]
}

pub(super) fn program() -> impl Strategy<Value = Vec<Command>> {
    prop::collection::vec(command(), 0..6)
}

proptest! {
    /// Registers that are left out change no answer.
    #[test]
    fn only_registers_that_matter_matter(
        objects in prop::collection::vec(program(), 2..5),
        buttons in prop::collection::vec(program(), 0..3),
        waits: bool,
    ) {
        let objects: Vec<&[Command]> = objects.iter().map(Vec::as_slice).collect();
        let buttons: Vec<&[Command]> = buttons.iter().map(Vec::as_slice).collect();
        let mut programs = with_menu(disc(&objects), &buttons);
        if !waits {
            programs.endless.clear();
        }
        let limits = Limits { memory: 1 << 19, ..LIMITS };
        let all = run(&programs, Machine::with_all_registers(&programs), limits);
        prop_assume!(!all.blind().contains(&UNFINISHED));
        let found = follow(&programs);
        for playlist in 0..6 {
            prop_assert_eq!(ways(&found, playlist), ways(&all, playlist));
        }
        prop_assert_eq!(found.blind(), all.blind());
    }
}
