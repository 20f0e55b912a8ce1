//! What the device says it is (USB 2.0, chapter 9), and its control pipe.

/// USB 2.0, packets of 64 bytes on the control pipe, a vendor and product that no list has, three texts.
const DEVICE: [u8; 18] = [18, 1, 0, 2, 0, 0, 0, 64, 0x34, 0x12, 0x78, 0x56, 0, 1, 1, 2, 3, 1];

/// The texts, in the order of their numbers.
const TEXTS: [&str; 3] = ["FREEMKV", "EMULATED DRIVE", "EMULATED"];

/// English.
const LANGUAGES: [u8; 4] = [4, 3, 9, 4];

/// Kinds of descriptors.
const OF_DEVICE: u8 = 1;
const OF_CONFIGURATION: u8 = 2;
const OF_TEXT: u8 = 3;

/// What a control transfer comes to.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Control {
    /// These bytes go back.
    Bytes(Vec<u8>),
    /// Nothing is to be done.
    Done,
    /// SET CONFIGURATION: as after a reset.
    Configured,
    /// The reset of Bulk-Only Transport (3.1).
    BulkReset,
    /// A pipe moves again.
    HaltCleared(u32),
    /// The device does not know it.
    Refused,
}

/// Carries out a control request: type, request, value, index, length.
pub(super) fn answer(setup: &[u8; 8], configuration: &[u8]) -> Control {
    let [kind, request, value, value_kind, index, ..] = *setup;
    match (kind, request, value_kind) {
        // GET DESCRIPTOR
        (0x80, 6, OF_DEVICE) => Control::Bytes(DEVICE.to_vec()),
        (0x80, 6, OF_CONFIGURATION) => Control::Bytes(configuration.to_vec()),
        (0x80, 6, OF_TEXT) if value == 0 => Control::Bytes(LANGUAGES.to_vec()),
        (0x80, 6, OF_TEXT) => text(value),
        // GET STATUS
        (0x80..=0x82, 0, _) => Control::Bytes(vec![0, 0]),
        // SET CONFIGURATION
        (0x00, 9, _) => Control::Configured,
        // CLEAR FEATURE of a pipe; the highest bit of its number is the direction.
        (0x02, 1, _) => Control::HaltCleared(u32::from(index & 0x0F)),
        // GET MAX LUN and the reset of Bulk-Only Transport.
        (0xA1, 0xFE, _) => Control::Bytes(vec![0]),
        (0x21, 0xFF, _) => Control::BulkReset,
        // SET FEATURE, SET ADDRESS, SET INTERFACE
        (0x00..=0x02, 3 | 5 | 11, _) => Control::Done,
        _ => Control::Refused,
    }
}

fn text(number: u8) -> Control {
    let Some(text) = usize::from(number).checked_sub(1).and_then(|index| TEXTS.get(index)) else {
        return Control::Refused;
    };
    let letters: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let length = u8::try_from(letters.len() + 2).unwrap_or(u8::MAX);
    Control::Bytes([vec![length, OF_TEXT], letters].concat())
}

#[test]
fn a_host_learns_what_it_asks_for() {
    let ask = |setup| answer(&setup, &[9, 2]);
    assert_eq!(ask([0x80, 6, 0, 1, 0, 0, 18, 0]), Control::Bytes(DEVICE.to_vec()));
    assert_eq!(ask([0x80, 6, 0, 2, 0, 0, 9, 0]), Control::Bytes(vec![9, 2]));
    assert_eq!(ask([0x80, 6, 4, 3, 9, 4, 255, 0]), Control::Refused);
    let Control::Bytes(text) = ask([0x80, 6, 1, 3, 9, 4, 255, 0]) else { unreachable!("a text") };
    assert_eq!((text.len(), &text[..6]), (16, &[16, 3, b'F', 0, b'R', 0][..]));
    assert_eq!(ask([0x02, 1, 0, 0, 0x81, 0, 0, 0]), Control::HaltCleared(1));
    assert_eq!(ask([0xC0, 51, 0, 0, 0, 0, 2, 0]), Control::Refused);
}
