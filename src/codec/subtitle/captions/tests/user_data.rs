use super::*;
use bytes::Bytes;
use proptest::prelude::*;

fn unit(body: &[u8]) -> Vec<u8> {
    [&[0, 0, 1, USER_DATA], body].concat()
}

fn first(a: u8, b: u8) -> Pair {
    Pair { field: Field::First, bytes: [a, b] }
}

fn second(a: u8, b: u8) -> Pair {
    Pair { field: Field::Second, bytes: [a, b] }
}

#[test]
fn pairs_of_a_group_are_told_by_their_marks() {
    // The count says one; two frames are there, in the other order of fields, and padding.
    let body = [b'C', b'C', 1, 0xF8, 0x82, 0xFE, 1, 2, 0xFF, 3, 4, 0xFE, 5, 6, 0xFF, 7, 8, 0, 0, 0];
    let data = [vec![0, 0, 1, 0xB8, 1, 2, 3, 4], unit(&body), vec![0, 0, 1, 0, 9]].concat();
    let pairs = vec![second(1, 2), first(3, 4), second(5, 6), first(7, 8)];
    assert_eq!(of_units(&data), Some((Scope::Group, pairs)));
    assert_eq!(of_units(&unit(b"something else")), None);
    assert_eq!(of_units(&unit(b"CC\x01\xF8")), None);
}

fn atsc(count: u8, triples: &[u8]) -> Vec<u8> {
    [&ATSC[..], &[0x40 | count, 0xFF], triples, &[0xFF]].concat()
}

#[test]
fn pairs_of_a_picture_are_told_by_type_and_validity() {
    // The third is that of digital captions, the fourth is not valid.
    let triples = [0xFC, 1, 2, 0xFD, 3, 4, 0xFE, 5, 6, 0xF8, 7, 8, 0xFC, 9, 9];
    let pairs = vec![first(1, 2), second(3, 4)];
    assert_eq!(of_units(&unit(&atsc(4, &triples))), Some((Scope::Picture, pairs.clone())));
    // Each field of a frame has its own.
    let both = [unit(&atsc(1, &triples)), vec![0, 0, 1, 1, 7, 7], unit(&atsc(1, &[0xFD, 3, 4]))].concat();
    assert_eq!(of_units(&both), Some((Scope::Picture, pairs)));
    let off = [&ATSC[..], &[0x04, 0xFF], &triples[..]].concat();
    assert_eq!(of_units(&unit(&off)), None);
}

#[test]
fn messages_of_h264_and_hevc_carry_the_same() {
    let mut message = T35_ATSC.to_vec();
    message.extend(atsc(2, &[0xFC, 0, 0, 0xFC, 0, 1]));
    // Zeros are escaped.
    let escaped: Vec<u8> = [vec![4, message.len() as u8], message, vec![0x80]].concat();
    let escaped = escaped.iter().fold((Vec::new(), 0), |(mut out, zeros): (Vec<u8>, u32), byte| {
        let zeros = if zeros == 2 && *byte <= 3 {
            out.push(3);
            0
        } else {
            zeros
        };
        out.push(*byte);
        (out, if *byte == 0 { zeros + 1 } else { 0 })
    });
    let pairs = Some((Scope::Picture, vec![first(0, 0), first(0, 1)]));
    for (carrier, head) in [(Carrier::Avc, &[0x06][..]), (Carrier::Hevc, &[39 << 1, 1])] {
        let unit = Bytes::from([head, &escaped.0].concat());
        let nals = [(0, unit.len() as u32)];
        let payload = Payload::Nals { data: &unit, nals: &nals, sets: &[], sets_at: 0 };
        assert_eq!(of_picture(carrier, &payload), pairs);
        assert_eq!(of_picture(Carrier::Mpeg, &payload), None);
        let cut = Payload::Nals { data: &unit, nals: &[(0, 9)], sets: &[], sets_at: 0 };
        assert_eq!(of_picture(carrier, &cut), None);
    }
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for head in [&DVD[..], &ATSC] {
            if let Some((_, pairs)) = of_units(&unit(&[head, &bytes].concat())) {
                prop_assert!(pairs.len() * 3 <= bytes.len());
            }
        }
    }
}
