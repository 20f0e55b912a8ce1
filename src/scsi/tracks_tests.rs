use super::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn no_answer_makes_a_decoder_panic(answer in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = (full_toc(&answer), last_session(&answer), disc_information(&answer), track_information(&answer));
    }
}

fn entry(session: u8, control: u8, point: u8, lba: u32) -> [u8; 11] {
    let frames = lba + 150;
    let time = [frames / 4500, frames / 75 % 60, frames % 75].map(|part| u8::try_from(part).unwrap());
    [session, control, 0, point, 0, 0, 0, 0, time[0], time[1], time[2]]
}

fn answer(entries: &[[u8; 11]]) -> Vec<u8> {
    let length = u16::try_from(entries.len() * 11 + 2).unwrap().to_be_bytes();
    [&length[..], &[1, 9], &entries.concat()].concat()
}

#[test]
fn a_full_table_of_contents_has_sessions_with_their_ends() {
    let mut kind = entry(1, 0x14, 0xA0, 0);
    kind[9] = 0x20;
    let sessions = full_toc(&answer(&[
        entry(2, 0x14, 3, 16_400),
        entry(2, 0x14, 0xA2, 20_000),
        kind,
        entry(1, 0x10, 2, 3000),
        entry(1, 0x14, 1, 0),
        entry(1, 0x14, 0xA2, 5000),
        // Not of a track: the pointer to the next session.
        entry(1, 0x54, 0xB0, 100),
    ]))
    .unwrap();
    let track = |number, data, start| Track { number, data, start };
    let [first, second] = &sessions[..] else { panic!("{sessions:?}") };
    assert_eq!((first.number, first.lead_out, first.may_hold_form_2()), (1, Some(5000), true));
    assert_eq!(first.tracks, [track(1, true, 0), track(2, false, 3000)]);
    assert_eq!((second.lead_out, &second.tracks[..]), (Some(20_000), &[track(3, true, 16_400)][..]));
    assert!(!second.may_hold_form_2());
    assert_eq!(full_toc(&answer(&[entry(1, 0x14, 0xA2, 5000)])), None, "no track");
    let mut cut = answer(&[entry(1, 0x14, 1, 0), entry(1, 0x14, 2, 9)]);
    cut[1] = 13;
    assert_eq!(full_toc(&cut).unwrap()[0].tracks.len(), 1, "cut where it declares its end");
}

#[test]
fn the_last_session_is_told_by_its_first_track() {
    let expected = LastSession { sessions: 2, track: 5 };
    assert_eq!(last_session(&[0, 10, 1, 2, 0, 0x14, 5, 0, 0, 0, 0x40, 0x10]), Some(expected));
    assert_eq!(last_session(&[0, 10, 1, 2, 0, 0x14, 5, 0, 0, 0]), None);
}

#[test]
fn a_disc_tells_how_far_it_was_written() {
    let of = |state: u8| disc_information(&[0, 32, state, 1, 2, 3, 4, 0, 0x20, 0, 0, 1]);
    let expected = DiscInformation { status: DiscStatus::Complete, last_track: 0x104, disc_type: 0x20 };
    assert_eq!(of(0x0E), Some(expected));
    assert_eq!(of(0).map(|told| told.status), Some(DiscStatus::Blank));
    assert_eq!(of(0x1D).map(|told| told.status), Some(DiscStatus::Open));
    assert_eq!(of(0x2E), None, "track resources");
    assert_eq!(disc_information(&[0; 11]), None);
}

#[test]
fn a_track_tells_where_it_lies_and_what_of_it_was_written() {
    let track = |modes: u8, valid: u8| {
        let mut answer = vec![0, 34, 1, 2, 0, 4, modes, valid];
        [100u32, 300, 700, 0, 900, 0, 0].iter().for_each(|word| answer.extend(word.to_be_bytes()));
        answer
    };
    let expected = TrackInformation { session: 2, start: 100, size: 900, data: true, unwritten_from: None };
    assert_eq!(track_information(&track(1, 0)), Some(expected));
    assert_eq!(track_information(&track(1, 1)).unwrap().unwritten_from, Some(300));
    assert_eq!(track_information(&track(0x41, 0)).unwrap().unwritten_from, Some(100));
    assert_eq!(track_information(&track(1, 0)[..20]), None);
}
