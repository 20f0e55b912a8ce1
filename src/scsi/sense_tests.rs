use super::*;
use proptest::prelude::*;

fn fixed_bytes(key: u8, asc: u8, ascq: u8) -> Vec<u8> {
    encode_fixed(Sense::new(key, asc, ascq), None)
}

fn check(key: u8, asc: u8, ascq: u8) -> Reply {
    Reply { status: 2, driver_status: 8, sense: fixed_bytes(key, asc, ascq), ..Reply::default() }
}

#[test]
fn every_sense_has_its_row() {
    use Fault::*;
    use Verdict as V;
    let table: &[(&[u8], std::ops::RangeInclusive<u8>, V)] = &[
        (&[0x1, 0x17], 0..=9, V::Recovered),
        (&[0x1, 0x18], 0..=9, V::Recovered),
        (&[0x1, 0x5D], 0..=0, V::Recovered),
        (&[0x2, 0x04], 0..=1, V::BecomingReady),
        (&[0x2, 0x04], 2..=2, V::StartUnit),
        (&[0x2, 0x04], 3..=9, V::NotReady),
        (&[0x2, 0x3A], 0..=3, V::Fault(NoMedium)),
        (&[0x2, 0x30], 0..=9, V::Fault(Incompatible)),
        (&[0x2, 0x06], 0..=0, V::NotReady),
        (&[0x3, 0x02], 0..=0, V::Fault(Damage)),
        (&[0x4, 0x02], 0..=0, V::Fault(Damage)),
        (&[0x3, 0x11], 0..=6, V::Fault(Damage)),
        (&[0x3, 0x10], 0..=0, V::Fault(Damage)),
        (&[0x3, 0x14], 0..=0, V::Fault(Damage)),
        (&[0x3, 0x15], 0..=2, V::Fault(Damage)),
        (&[0x3, 0x57], 0..=0, V::CannotReadToc),
        (&[0x3, 0xFF], 0..=0, V::Fault(Damage)),
        (&[0x4, 0x08], 0..=3, V::SoftHardware),
        (&[0x4, 0x15], 0..=1, V::SoftHardware),
        (&[0x4, 0x3E], 0..=2, V::SoftHardware),
        (&[0x4, 0x44], 0..=0, V::SoftHardware),
        (&[0x4, 0x99], 0..=0, V::SoftHardware),
        (&[0x4, 0x09], 0..=4, V::Servo),
        (&[0x5, 0x20], 0..=0, V::Refused),
        (&[0x5, 0x24], 0..=0, V::Refused),
        (&[0x5, 0x26], 0..=2, V::Refused),
        (&[0x5, 0x99], 0..=0, V::Refused),
        (&[0x5, 0x21], 0..=2, V::Fault(OutOfRange)),
        (&[0x5, 0x63], 0..=0, V::Fault(OutOfRange)),
        (&[0x5, 0x64], 0..=0, V::Fault(WrongTrack)),
        (&[0x5, 0x6F], 0..=3, V::Fault(Protected)),
        (&[0x5, 0x6F], 4..=5, V::Fault(Region)),
        (&[0x6, 0x28], 0..=1, V::Fault(MediumChanged)),
        (&[0x6, 0x29], 0..=4, V::SettingsLost),
        (&[0x6, 0x2A], 0..=1, V::SettingsLost),
        (&[0x6, 0x3F], 0..=1, V::SettingsLost),
        (&[0x7, 0x27], 0..=0, V::Fault(Unknown)),
        (&[0x8, 0x00], 0..=5, V::Fault(Blank)),
        (&[0x9, 0x00], 0..=0, V::Fault(Unknown)),
        (&[0xB, 0x00], 0..=9, V::Aborted),
        (&[0xE, 0x1D], 0..=0, V::Fault(Unknown)),
        (&[0x0, 0x00], 0..=0, V::Transport),
        (&[0x0, 0x16], 0..=0, V::Fault(Unknown)),
    ];
    for (code, qualifiers, expected) in table {
        for ascq in qualifiers.clone() {
            assert_eq!(classify(&check(code[0], code[1], ascq)), *expected, "{code:02X?}/{ascq:02X}");
        }
    }
}

#[test]
fn status_host_and_driver_come_before_sense() {
    let with = |status, host_status, driver_status| Reply { status, host_status, driver_status, ..check(3, 0x11, 0) };
    assert_eq!(classify(&with(2, 7, 8)), Verdict::Transport);
    assert_eq!(classify(&with(2, 1, 0)), Verdict::Transport);
    assert_eq!(classify(&with(2, 3, 0)), Verdict::TimedOut);
    assert_eq!(classify(&with(2, 0, 6)), Verdict::TimedOut);
    assert_eq!(classify(&with(2, 0, 7)), Verdict::Transport);
    assert_eq!(classify(&with(0x08, 0, 0)), Verdict::Busy);
    assert_eq!(classify(&with(0x18, 0, 0)), Verdict::Busy);
    assert_eq!(classify(&with(0x28, 0, 0)), Verdict::Busy);
    assert_eq!(classify(&with(0x40, 0, 0)), Verdict::Aborted);
    assert_eq!(classify(&with(0x30, 0, 0)), Verdict::Fault(Fault::Unknown));
}

#[test]
fn good_is_good_only_without_a_residual() {
    assert_eq!(classify(&Reply::default()), Verdict::Good);
    assert_eq!(classify(&Reply { residual: 1, ..Reply::default() }), Verdict::Short);
    assert_eq!(classify(&Reply { sense: fixed_bytes(1, 0x17, 0), ..Reply::default() }), Verdict::Recovered);
}

#[test]
fn a_complaint_without_a_reason_is_the_bridge_s() {
    assert_eq!(classify(&Reply { status: 2, ..Reply::default() }), Verdict::Transport);
    assert_eq!(classify(&Reply { status: 2, sense: vec![0; 18], ..Reply::default() }), Verdict::Transport);
}

#[test]
fn an_error_of_an_earlier_command_is_not_laid_at_this_one_s_door() {
    let mut reply = check(3, 0x11, 0);
    reply.sense[0] = 0x71;
    assert_eq!(classify(&reply), Verdict::Aborted);
}

#[test]
fn the_information_field_counts_only_when_valid() {
    let mut data = fixed_bytes(3, 0x11, 5);
    data[3..7].copy_from_slice(&0x0012_3456u32.to_be_bytes());
    assert_eq!(decode(&data).unwrap().information, None);
    data[0] |= 0x80;
    let decoded = decode(&data).unwrap();
    assert_eq!((decoded.sense, decoded.information), (Sense::new(3, 0x11, 5), Some(0x12_3456)));
}

#[test]
fn fixed_data_ends_where_it_says() {
    let mut data = fixed_bytes(3, 0x11, 5);
    data[7] = 4;
    assert_eq!(decode(&data).unwrap().sense, Sense::new(3, 0, 0));
    assert_eq!(decode(&data[..3]).unwrap().sense, Sense::new(3, 0, 0));
    assert_eq!(decode(&data[..2]), None);
}

#[test]
fn descriptors_are_walked_to_the_information() {
    let mut data = vec![0x72, 0x03, 0x11, 0x02, 0, 0, 0, 20];
    data.extend([3, 6, 0, 0, 0, 0, 0, 0]);
    data.extend([0, 10, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
    let decoded = decode(&data).unwrap();
    assert_eq!((decoded.sense, decoded.information), (Sense::new(3, 0x11, 2), Some(256)));
    data[7] = 8;
    assert_eq!(decode(&data).unwrap().information, None);
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded(key in 0u8..16, asc: u8, ascq: u8, information: Option<u32>) {
        let sense = Sense::new(key, asc, ascq);
        let expected = SenseData { sense, information: information.map(u64::from), deferred: false };
        prop_assert_eq!(decode(&encode_fixed(sense, information)), Some(expected));
    }

    #[test]
    fn no_sense_data_panics(data in prop::collection::vec(any::<u8>(), 0..260), status: u8, residual: usize) {
        if let Some(decoded) = decode(&data) {
            prop_assert!(decoded.sense.key < 16);
        }
        let _ = classify(&Reply { status, residual, sense: data, ..Reply::default() });
    }

    #[test]
    fn both_formats_say_the_same(key in 0u8..16, asc: u8, ascq: u8, deferred: bool) {
        let mut data = fixed_bytes(key, asc, ascq);
        data[0] |= u8::from(deferred);
        let fixed = decode(&data).unwrap();
        prop_assert_eq!(fixed, decode(&[0x72 | u8::from(deferred), key, asc, ascq]).unwrap());
        prop_assert_eq!(fixed.deferred, deferred);
    }
}
