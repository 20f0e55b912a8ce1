use super::*;
use proptest::prelude::*;

fn unescaped(nal: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    unescape(nal, usize::MAX, &mut out);
    out
}

#[test]
fn emulation_prevention_bytes_go() {
    assert_eq!(unescaped(&[1, 0, 0, 3, 1, 0, 0, 3]), [1, 0, 0, 1, 0, 0]);
    assert_eq!(unescaped(&[0, 0, 3, 0, 0, 3, 0]), [0, 0, 0, 0, 0]);
    assert_eq!(unescaped(&[0, 3, 0, 0, 4]), [0, 3, 0, 0, 4]);
}

#[test]
fn messages_with_long_numbers_are_read() {
    let mut rbsp = vec![0xFF, 5, 0xFF, 1];
    rbsp.extend([7; 256]);
    rbsp.extend([6, 1, 0xC4, 0x80]);
    let messages: Vec<_> = sei_messages(&rbsp).map(|(kind, body)| (kind, body.len())).collect();
    assert_eq!(messages, [(260, 256), (6, 1)]);
}

proptest! {
    #[test]
    fn messages_of_any_bytes_end(rbsp in prop::collection::vec(any::<u8>(), 0..200)) {
        let total: usize = sei_messages(&rbsp).map(|(_, body)| body.len() + 2).sum();
        prop_assert!(total <= rbsp.len());
    }
}
