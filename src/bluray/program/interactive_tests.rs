use super::*;
use crate::base::testing::test_data;
use crate::bluray::fixture::{menu, menu_segments};
use crate::bluray::program::command::Operand;
use proptest::prelude::*;

const JUMP: [u8; 12] = [0x21, 0x81, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0];

fn stream() -> Vec<u8> {
    // A picture before it, in as many fragments as it takes.
    [
        vec![0x15, 0, 2, 1, 2],
        menu_segments(&menu(&[vec![(7, vec![JUMP])], vec![(8, vec![]), (9, vec![JUMP, JUMP])]]), 20),
    ]
    .concat()
}

#[test]
fn fragments_are_joined_and_buttons_have_their_commands() {
    let found = Finder::default().push(&stream());
    let [Ok(menu)] = &found[..] else { panic!("{found:?}") };
    let buttons: Vec<Vec<(u16, usize)>> =
        menu.pages.iter().map(|p| p.buttons.iter().map(|b| (b.id, b.commands.len())).collect()).collect();
    assert_eq!(buttons, [vec![(7, 1)], vec![(8, 0), (9, 2)]]);
    assert_eq!(menu.pages[1].buttons[1].commands[1], Command::JumpTitle(Operand::Number(5)));
    assert!(!menu.is_popup && menu.pages[1].id == 1);
}

#[test]
fn a_loss_voids_what_is_open_and_the_next_menu_is_found() {
    let stream = stream();
    let mut finder = Finder::default();
    assert!(finder.push(&stream[..stream.len() / 2]).is_empty());
    finder.lost();
    // The fragments that follow the loss belong to nothing.
    assert_eq!(finder.push(&stream).len(), 1);
}

#[test]
fn menus_of_commercial_discs_are_read_to_their_last_byte() {
    let Some(data) = test_data() else { return };
    let mut read = 0;
    for entry in std::fs::read_dir(data.join("samples/bdmv-metadata")).unwrap() {
        let Ok(file) = std::fs::read(entry.unwrap().path().join("ics_menu.bin")) else { continue };
        // The repeated bytes of a fragment, then the composition.
        let menu = Composition::parse(&file[FRAGMENT_HEAD..]).unwrap();
        assert_eq!(
            length(&mut Cursor::at(&file, FRAGMENT_HEAD, TABLE).unwrap()).unwrap() + 3,
            file.len() - FRAGMENT_HEAD
        );
        let commands = menu.pages.iter().flat_map(|p| &p.buttons).flat_map(|b| &b.commands);
        assert!(commands.clone().count() > 0 && !commands.clone().any(|c| *c == Command::Unknown));
        read += 1;
    }
    assert!(read >= 10);
}

proptest! {
    #[test]
    fn however_a_stream_is_cut_its_menus_are_the_same(cuts in prop::collection::vec(1usize..40, 1..30)) {
        let stream = stream();
        let mut finder = Finder::default();
        let (mut at, mut found) = (0, Vec::new());
        for cut in cuts.into_iter().cycle() {
            let end = (at + cut).min(stream.len());
            found.extend(finder.push(&stream[at..end]));
            at = end;
            if at == stream.len() {
                break;
            }
        }
        prop_assert_eq!(found, Finder::default().push(&stream));
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..60), at in 0usize..300) {
        let mut stream = stream();
        let end = (at + bytes.len()).min(stream.len());
        stream[at.min(end)..end].copy_from_slice(&bytes[..end.saturating_sub(at)]);
        let _ = Finder::default().push(&stream);
        let _ = Composition::parse(&stream[at.min(end)..]);
    }
}
