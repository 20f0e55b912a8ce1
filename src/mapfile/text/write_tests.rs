use super::super::{MapText, parse};
use super::*;
use crate::base::sector::SectorRange;
use crate::base::sector::tract::TractKind;

fn text(notes: &Notes<'_>, status: StatusLine, blocks: &[Block]) -> String {
    let mut out = Vec::new();
    write(&mut out, notes, status, blocks.iter().copied()).unwrap();
    String::from_utf8(out).unwrap()
}

fn block(pos: u64, size: u64, status: Status) -> Block {
    Block { pos, size, status }
}

#[test]
fn has_the_layout_of_ddrescue() {
    let status = StatusLine { position: 0xABC, phase: Phase::Retrying, pass: 2 };
    let tract = |start, end, kind| Tract { range: SectorRange::new(start, end), kind };
    let left_out = [tract(5, 9, TractKind::SessionGap), tract(20, 21, TractKind::Audio)];
    let notes = Notes {
        command: Some("sweep a\nb"),
        start_time: Some("then"),
        current_time: Some("now"),
        size: Some("the drive says 4 sectors; taking 5"),
        left_out: &left_out,
    };
    let blocks = [
        block(0, 0x800, Status::Finished),
        block(0x800, 0x800, Status::Finished),
        block(0x1000, 0, Status::Bad),
        block(0x1000, 0x1_2345_6789, Status::NonScraped),
    ];
    let version = env!("CARGO_PKG_VERSION");
    let expected = format!(
        "# Mapfile. Created by freemkv version {version}\n\
         # Command line: sweep a?b\n\
         # Start time:   then\n\
         # Current time: now\n\
         # Size: the drive says 4 sectors; taking 5\n\
         # Left out: sectors 5-8, session_gap\n\
         # Left out: sectors 20-20, audio\n\
         # retrying, pass 2\n\
         # current_pos  current_status  current_pass\n\
         0x00000ABC     -               2\n\
         #      pos        size  status\n\
         0x00000000  0x00001000  +\n\
         0x00001000  0x123456789  /\n"
    );
    assert_eq!(text(&notes, status, &blocks), expected);
    assert_eq!(parse(expected.as_bytes(), None).unwrap().left_out.tracts(), left_out);
}

#[test]
fn a_first_block_above_zero_gets_one_before_it() {
    let map = text(&Notes::default(), StatusLine::default(), &[block(512, 512, Status::Bad)]);
    assert!(map.ends_with("\n0x00000000  0x00000200  ?\n0x00000200  0x00000200  -\n"), "{map}");
}

#[test]
fn an_empty_map_has_no_block() {
    let map = text(&Notes::default(), StatusLine::default(), &[]);
    assert!(map.ends_with("  status\n"), "{map}");
    assert_eq!(parse(map.as_bytes(), None).unwrap(), MapText::default());
}

#[test]
fn only_phases_that_every_ddrescue_knows_are_written() {
    for phase in Phase::ALL {
        let status = StatusLine { position: 7, phase, pass: 0 };
        let read = parse(text(&Notes::default(), status, &[]).as_bytes(), None).unwrap().status;
        match phase {
            Phase::Filling | Phase::Generating | Phase::Sweeping => assert_eq!(read, StatusLine::default()),
            _ => assert_eq!(read, StatusLine { pass: 1, ..status }),
        }
    }
}

#[test]
fn gaps_and_overlaps_are_not_written() {
    for pos in [511, 513] {
        let blocks = [block(0, 512, Status::Bad), block(pos, 512, Status::Finished)];
        let error = write(&mut io::sink(), &Notes::default(), StatusLine::default(), blocks).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
}

#[test]
fn the_largest_numbers_fit_a_line() {
    let map = text(&Notes::default(), StatusLine::default(), &[block(u64::MAX - 1, 1, Status::Bad)]);
    assert!(map.ends_with("\n0x00000000  0xFFFFFFFFFFFFFFFE  ?\n0xFFFFFFFFFFFFFFFE  0x00000001  -\n"), "{map}");
}
