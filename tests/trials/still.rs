//! What is printed once, on terminals of all widths and kinds.

use crate::pty::{Shown, run};
use crate::room::Room;

fn shown(room: &Room, line: &str, term: &str, width: usize) -> Shown {
    let shown = run(room.command(line.split(' ')), term, &[width], 1);
    assert!(!shown.bytes.contains("panicked"), "{line}: {}", shown.bytes);
    shown
}

#[test]
fn tables_and_pictures_fit_into_the_terminal() {
    let room = Room::new();
    for width in [20, 40, 80, 200] {
        for (line, least) in [
            ("info film.iso", 40),
            ("info film.iso -v", 40),
            ("info film.iso --title 1", 40),
            // Words of the legend are longer than 20 columns, and stay whole.
            ("map picture m", 40),
            ("map picture m --spiral", 40),
            ("map show m", 80),
        ] {
            let shown = shown(&room, line, "xterm", width);
            assert_eq!(shown.code, Some(0), "{line}: {}", shown.bytes);
            assert!(width < least || shown.model.overlong == 0, "{line} at {width} columns:\n{}", shown.bytes);
        }
    }
}

#[test]
fn colours_are_for_terminals_that_have_them_and_people_who_want_them() {
    let room = Room::new();
    for (number, (term, unwanted, coloured)) in
        [("xterm", false, true), ("dumb", false, false), ("xterm", true, false)].into_iter().enumerate()
    {
        let rips = format!("rip film.iso rips{number}");
        for line in ["map picture m", rips.as_str()] {
            let mut command = room.command(line.split(' '));
            if unwanted {
                command.env("NO_COLOR", "1");
            }
            let shown = run(command, term, &[80], 1);
            assert_eq!(shown.code, Some(0), "{line}: {}", shown.bytes);
            assert_eq!(shown.model.has_colour, coloured, "{line} on {term}: {}", shown.bytes);
            if term == "dumb" {
                assert!(!shown.bytes.contains('\x1b'), "{line}: {}", shown.bytes);
            }
        }
    }
}

/// Help, and what is wrong with a command line, at the width of a telephone.
#[test]
fn help_and_refusals_are_read_at_any_width() {
    let room = Room::new();
    for width in [20, 40, 80, 200] {
        assert_eq!(shown(&room, "sweep --help", "xterm", width).code, Some(0));
        let wrong = shown(&room, "sweep film.iso", "xterm", width);
        assert!(wrong.code == Some(2) && wrong.bytes.contains("freemkv"), "{}", wrong.bytes);
    }
}
