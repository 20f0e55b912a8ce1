use std::sync::Arc;

use super::*;
use crate::base::testing::test_data;
use crate::base::time::Ticks45;
use crate::bluray::fixture::{Item, Mpls, plain_streams};
use crate::fs::folder::Folder;
use crate::fs::{MemorySectors, open_disc};
use crate::title::DiscTitles;
use crate::title::bluray::{self, tests::disc};
use crate::title::navigation::{How, PlayedBy, Under};
use proptest::prelude::*;

/// In ticks of 45 kHz.
const MINUTE: u32 = 60 * Ticks45::SECOND.0;

/// A playlist of clips with their minutes.
fn playlist(parts: &[(&'static str, u32, u32)], chapters: u32, languages: &[&str]) -> Mpls {
    let item = |(clip, from, to): &(&'static str, u32, u32)| {
        let mut item = Item::new(clip, 5, (from * MINUTE, to * MINUTE));
        item.streams = plain_streams(languages);
        item
    };
    let marks = (0..chapters).map(|i| (1, 0, parts[0].1 * MINUTE + i * Ticks45::SECOND.0)).collect();
    Mpls::new(parts.iter().map(item).collect(), marks)
}

fn titles(playlists: &[(&str, Mpls)]) -> Vec<Title> {
    let root = disc(playlists, &[]);
    bluray::read(&Folder::open(root.path()).unwrap(), 1).unwrap().titles
}

fn choice(playlists: &[(&str, Mpls)], wanted: &[&str]) -> Choice {
    let wanted: Vec<String> = wanted.iter().map(|w| (*w).to_owned()).collect();
    choose(&titles(playlists), &Navigation::default(), &wanted).unwrap()
}

#[test]
fn a_film_beats_its_trailers_and_says_why() {
    let choice = choice(
        &[
            ("00001", playlist(&[("00001", 0, 2)], 1, &["eng"])),
            ("00002", playlist(&[("00002", 10, 130)], 24, &["eng", "fra", "deu"])),
        ],
        &[],
    );
    assert_eq!((choice.main, choice.runner_up), (1, Some(0)));
    assert_eq!(
        choice.verdicts[1].line(),
        "the longest +40, as long as a film +20, 24 chapters +10, 1080p +6, 3 audio tracks +6"
    );
}

#[test]
fn duplicates_are_named_and_counted_once() {
    let film = playlist(&[("00001", 0, 90)], 9, &["eng"]);
    let other_tracks = playlist(&[("00001", 0, 90)], 9, &["fra"]);
    let choice = choice(&[("00001", film.clone()), ("00002", film), ("00003", other_tracks)], &["fr"]);
    assert_eq!(choice.verdicts[1].role, Role::DuplicateOf(0));
    assert_eq!(choice.distinct(), [0, 2]);
    // Both versions are films; what is asked for decides.
    assert_eq!((choice.main, choice.runner_up), (2, Some(0)));
    assert!(choice.verdicts[2].line().ends_with("sound in French +10"));
}

#[test]
fn shuffled_twins_are_grouped_around_the_one_in_order() {
    let clips = ["00001", "00002", "00003", "00004"];
    let row = |order: [usize; 4]| playlist(&order.map(|i| (clips[i], 0, 25)), 5, &["eng"]);
    let choice = choice(
        &[
            ("00800", row([2, 0, 3, 1])),
            ("00801", row([3, 2, 1, 0])),
            ("00802", row([0, 1, 2, 3])),
            ("00803", row([1, 0, 2, 3])),
        ],
        &[],
    );
    assert_eq!(choice.main, 2);
    assert_eq!(choice.distinct(), [2]);
    assert_eq!(choice.verdicts[0].role, Role::ShuffleOf(2));
    assert!(choice.verdicts[3].line().contains("the parts of 00802 in another order"));
    assert_eq!(choice.runner_up, None);
}

#[test]
fn a_play_all_steps_back_behind_its_episodes() {
    let episode = |clip| playlist(&[(clip, 0, 45)], 6, &["eng"]);
    let all = playlist(&[("00001", 0, 45), ("00002", 0, 45), ("00003", 0, 45)], 6, &["eng"]);
    let choice = choice(
        &[("00000", all), ("00001", episode("00001")), ("00002", episode("00002")), ("00003", episode("00003"))],
        &[],
    );
    assert_eq!(choice.verdicts[0].role, Role::PlayAll(vec![1, 2, 3]));
    assert_eq!(choice.main, 1);
    assert_eq!(choice.distinct(), [1, 2, 3]);
    assert!(choice.verdicts[0].line().ends_with("plays 00001, 00002, 00003 one after the other -40"));
}

#[test]
fn scenes_of_a_film_do_not_make_it_a_play_all() {
    let scenes: Vec<(&'static str, u32, u32)> = ["00001", "00002"].iter().map(|c| (*c, 0, 60)).collect();
    let mut playlists = vec![("00000", playlist(&scenes, 6, &["eng"]))];
    let names: Vec<String> = (0..30).map(|i| format!("{:05}", i + 1)).collect();
    for (index, name) in names.iter().enumerate() {
        let clip = if index < 15 { "00001" } else { "00002" };
        let from = (index as u32 % 15) * 4;
        playlists.push((name.as_str(), playlist(&[(clip, from, from + 4)], 1, &["eng"])));
    }
    let choice = choice(&playlists, &[]);
    assert_eq!((choice.main, &choice.verdicts[0].role), (0, &Role::Own));
}

#[test]
fn seconds_more_make_no_film() {
    let second = |from: u32, to: u32| {
        let mut item = Item::new("00001", 1, (from * Ticks45::SECOND.0, to * Ticks45::SECOND.0));
        item.streams = plain_streams(&["eng", "fra"]);
        item
    };
    let titles = |length: u32| {
        let rich = Mpls::new(vec![second(0, length)], vec![(1, 0, 0), (1, 0, Ticks45::SECOND.0)]);
        let mut plain = second(100, 100 + 6 * length);
        plain.streams = plain_streams(&["eng"]);
        choice(&[("00001", rich), ("00002", Mpls::new(vec![plain], vec![]))], &[]).main
    };
    // Of a minute and ten seconds, the one with more sound; of two hours and twenty minutes, the longer.
    assert_eq!([titles(10), titles(1200)], [0, 1]);
}

#[test]
fn a_loop_is_no_film_however_long() {
    let film = playlist(&[("00001", 0, 90)], 9, &["eng"]);
    let menu = playlist(&[("00002", 0, 60); 10], 1, &["eng"]);
    let choice = choice(&[("00001", film), ("00002", menu)], &[]);
    assert_eq!((choice.main, &choice.verdicts[1].role), (0, &Role::Repetition));
}

#[test]
fn without_titles_there_is_no_choice() {
    assert_eq!(choose(&[], &Navigation::default(), &[]), None);
}

#[test]
fn test_discs_are_judged_as_their_manifests_say() {
    let Some(data) = test_data() else { return };
    let image = std::fs::read(data.join("discs/bd-multi.iso")).unwrap();
    let fs = open_disc(Arc::new(MemorySectors::new(image))).unwrap();
    let DiscTitles { titles, navigation, .. } = bluray::read(&*fs, 1).unwrap();
    // Without the programs, and with them.
    for navigation in [&Navigation::default(), &navigation] {
        judged_as_the_manifest_says(&titles, navigation);
    }
    let played = |id: &str| navigation.best(id);
    assert!(["00002", "00003", "00004"].iter().all(|id| played(id).is_none()) && navigation.proves_absence());
    assert!(played("00001").is_some());
}

fn judged_as_the_manifest_says(titles: &[Title], navigation: &Navigation) {
    let choice = choose(titles, navigation, &[]).unwrap();
    let role = |id: &str| &choice.verdicts[titles.iter().position(|t| t.id == id).unwrap()].role;
    assert_eq!(titles[choice.main].id, "00001");
    assert_eq!(role("00002"), &Role::DuplicateOf(choice.main));
    assert_eq!(role("00003"), &Role::ShuffleOf(choice.main));
    assert_eq!(role("00004"), &Role::Repetition);
    assert!(matches!(role("00010"), Role::PlayAll(pieces) if pieces.len() == 2));
    let distinct: Vec<&str> = choice.distinct().iter().map(|i| titles[*i].id.as_str()).collect();
    assert_eq!(distinct, ["00000", "00001", "00011", "00012", "00020"]);
}

/// The film of each commercial disc, with its reasons, and the title that comes next where it is near.
const CHOSEN: &str = include_str!("chosen.txt");

#[test]
fn the_films_of_commercial_discs_are_those_of_the_list() {
    let Some(data) = test_data() else { return };
    let mut lines = Vec::new();
    for number in (1..30).step_by(2) {
        let at = data.join(format!("samples/bdmv-metadata/disc{number}"));
        let root = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(&at, root.path().join("BDMV")).unwrap();
        let disc = bluray::read(&Folder::open(root.path()).unwrap(), 1).unwrap();
        assert_eq!(disc.problems, [""; 0], "{}", at.display());
        let choice = choose(&disc.titles, &disc.navigation, &[]).unwrap();
        let line = |index: usize| {
            let (title, verdict) = (&disc.titles[index], &choice.verdicts[index]);
            let minutes = title.duration().whole_seconds() / 60;
            format!("{} of {minutes} minutes: {} = {}", title.id, verdict.line(), verdict.score())
        };
        assert_eq!(choice.verdicts[choice.main].role, Role::Own);
        lines.push(format!("disc{number}: {}", line(choice.main)));
        let score = |index: usize| choice.verdicts[index].score();
        if let Some(next) = choice.runner_up.filter(|next| score(choice.main) - score(*next) <= 30) {
            lines.push(format!("  next {}", line(next)));
        }
    }
    let list: Vec<&str> = CHOSEN.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    assert!(lines == list, "it should be:\n{}", lines.join("\n"));
}

#[test]
fn the_films_of_test_discs_are_chosen() {
    // No title of bd-codecs is a film.
    let films = [
        ("bd-basic", "00000"),
        ("bd-multi", "00001"),
        ("uhd-basic", "00000"),
        ("uhd-dv", "00001"),
        ("bd-seams", "00001"),
    ];
    for (name, id) in films {
        let Some(data) = test_data() else { return };
        let image = std::fs::read(data.join(format!("discs/{name}.iso"))).unwrap();
        let fs = open_disc(Arc::new(MemorySectors::new(image))).unwrap();
        let disc = bluray::read(&*fs, 1).unwrap();
        let choice = choose(&disc.titles, &disc.navigation, &[]).unwrap();
        assert_eq!(disc.titles[choice.main].id, id, "{name}: {}", choice.verdicts[choice.main].line());
        // Every program of theirs is followed to its end.
        assert!(disc.navigation.proves_absence(), "{name}: {:?}", disc.navigation.blind());
    }
}

/// Discs whose programs alone tell which of four orders is the film (tests/discs/make_navigation.py).
#[test]
fn the_order_that_the_disc_plays_is_the_film() {
    for name in ["object", "button", "sub_path", "java"] {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/discs/navigation").join(name);
        let DiscTitles { titles, navigation, problems, .. } = bluray::read(&Folder::open(&root).unwrap(), 1).unwrap();
        assert_eq!(problems, [""; 0], "{name}");
        let film = |navigation: &Navigation| {
            let choice = choose(&titles, navigation, &[]).unwrap();
            assert_eq!(choice.distinct().len(), 2, "{name}");
            (titles[choice.main].id.clone(), choice.verdicts[choice.main].line())
        };
        let (id, line) = film(&navigation);
        assert_eq!(id, "00802", "{name}: {line}");
        // Without them it is the one that looks best.
        assert_eq!(film(&Navigation::default()).0, "00800", "{name}");
        let why = match name {
            "object" => "plays by itself as title 1 +15",
            "button" | "sub_path" => "the menu plays it as title 1 +15",
            _ => "a program of title 1 may play it +10",
        };
        assert!(line.ends_with(why), "{name}: {line}");
    }
}

#[test]
fn of_the_same_parts_the_one_that_plays_is_the_title() {
    let clips = [("00001", 0, 40), ("00002", 0, 40)];
    let repeated = [clips[0], clips[1], clips[0], clips[1]];
    let all = [
        ("00001", playlist(&clips, 9, &["eng"])),
        ("00002", playlist(&clips, 9, &["eng"])),
        ("00003", playlist(&repeated, 9, &["eng"])),
    ];
    let titles = titles(&all);
    let judged = |playing: &str, how| {
        let way = PlayedBy { under: Under::Title(1), how };
        let navigation = Navigation::new([(playing.to_owned(), vec![way])].into(), Vec::new());
        let choice = choose(&titles, &navigation, &[]).unwrap();
        (choice.main, choice.verdicts.into_iter().map(|v| v.role).collect::<Vec<_>>())
    };
    use Role::{DuplicateOf, Own, Repetition, ShuffleOf};
    assert_eq!(judged("00001", How::Direct), (0, vec![Own, DuplicateOf(0), Repetition]));
    assert_eq!(judged("00002", How::Button), (1, vec![DuplicateOf(1), Own, Repetition]));
    assert_eq!(judged("00003", How::Number), (2, vec![ShuffleOf(2), DuplicateOf(0), Own]));
    let twice = [("00001", 0, 40), ("00001", 0, 40)];
    let choice =
        choice(&[("00001", playlist(&twice, 9, &["eng"])), ("00002", playlist(&twice[..1], 1, &["eng"]))], &[]);
    assert_eq!((choice.main, &choice.verdicts[0].role), (1, &ShuffleOf(1)));
    assert!(choice.verdicts[0].line().ends_with("the parts of 00002, some more often -60"), "{choice:?}");
    // What rests on an unknown value weighs nothing.
    assert_eq!(judged("00002", How::Unknown), judged("none", How::Direct));
}

#[test]
fn between_different_films_the_programs_are_one_reason_among_others() {
    let film = playlist(&[("00001", 0, 110)], 20, &["eng", "fra"]);
    let trailer = playlist(&[("00002", 0, 2)], 1, &["eng"]);
    let titles = titles(&[("00001", film), ("00002", trailer)]);
    let way = PlayedBy { under: Under::Title(1), how: How::Direct };
    let navigation = Navigation::new([("00002".to_owned(), vec![way])].into(), Vec::new());
    let choice = choose(&titles, &navigation, &[]).unwrap();
    assert_eq!(choice.main, 0);
    let score = |navigation| choose(&titles, navigation, &[]).unwrap().verdicts[1].score();
    assert_eq!(score(&navigation) - score(&Navigation::default()), 15);
}

proptest! {
    /// Any playlists: a choice, and roles that point at other titles.
    #[test]
    fn roles_point_at_titles_of_their_own(rows in prop::collection::vec(prop::collection::vec((0usize..4, 0u32..3, 1u32..4), 1..5), 1..8)) {
        const CLIPS: [&str; 4] = ["00001", "00002", "00003", "00004"];
        let names: Vec<String> = (0..rows.len()).map(|i| format!("{i:05}")).collect();
        let playlists: Vec<_> = rows
            .iter()
            .zip(&names)
            .map(|(row, name)| {
                let parts: Vec<_> = row.iter().map(|(c, from, length)| (CLIPS[*c], *from, from + length)).collect();
                (name.as_str(), playlist(&parts, 1, &["eng"]))
            })
            .collect();
        let choice = choice(&playlists, &[]);
        for (index, verdict) in choice.verdicts.iter().enumerate() {
            match &verdict.role {
                Role::DuplicateOf(of) | Role::ShuffleOf(of) => prop_assert!(*of != index),
                Role::PlayAll(of) => prop_assert!(of.len() > 1 && !of.contains(&index)),
                Role::Own | Role::Repetition => {}
            }
        }
        prop_assert!(choice.main < rows.len());
    }
}
