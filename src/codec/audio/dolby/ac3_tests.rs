use super::*;
use proptest::prelude::*;

#[test]
fn sizes_follow_the_table() {
    // 48 kHz 448 kbit/s; 44.1 kHz 32 kbit/s with and without padding; 32 kHz 640 kbit/s.
    assert_eq!(size(&[0x0B, 0x77, 0, 0, 0x1E, 0x40]), Some(1792));
    assert_eq!(size(&[0x0B, 0x77, 0, 0, 0x40, 0x40]), Some(138));
    assert_eq!(size(&[0x0B, 0x77, 0, 0, 0x41, 0x40]), Some(140));
    assert_eq!(size(&[0x0B, 0x77, 0, 0, 0xA4, 0x40]), Some(3840));
    assert_eq!(size(&[0x0B, 0x77, 0, 0, 0xC0, 0x40]), None);
    assert_eq!(size(&[0x0B, 0x77, 0, 0, 0x26, 0x40]), None);
    // E-AC-3: frmsiz 0x37F, 1792 bytes.
    assert_eq!(size(&[0x0B, 0x77, 0x03, 0x7F, 0, 0x80]), Some(1792));
}

#[test]
fn channels_are_counted_over_pairs() {
    assert_eq!(channels(PLACES[7] | LFE), 6);
    assert_eq!(channels(PLACES[2]), 2);
    assert_eq!(channels(PLACES[1]), 1);
    // 5.1 with the two rear channels of a dependent substream.
    assert_eq!(channels(PLACES[7] | LFE | 0x0200), 8);
}

#[test]
fn a_basic_head_gives_rate_channels_and_samples() {
    // acmod 7, two levels of two bits, LFE.
    let head = [0x0B, 0x77, 0, 0, 0x1E, 0x40, 0b1110_0001, 0, 0, 0];
    let header = parse(&head).unwrap();
    assert_eq!((header.size, header.rate, header.samples), (1792, 48_000, 1536));
    assert_eq!((channels(header.places), header.kind, header.enhanced), (6, Kind::Main, false));
}

#[test]
fn a_dependent_substream_tells_its_places() {
    // strmtyp 1, id 0, frmsiz 255; 48 kHz, 6 blocks, stereo; bsid 16, dialnorm, no compr, chanmap Lrs/Rrs.
    let head = [0x0B, 0x77, 0x40, 0xFF, 0x34, 0x80, 0b0000_0100, 0x80, 0x00, 0, 0, 0];
    let mut bits: Vec<u8> = head.to_vec();
    // bsid(5)=16 at bit 40: 1000 0 | dialnorm 00000 | compre 0 | chanmape 1 | chanmap 0x0200
    bits[5] = 0b1000_0000;
    bits[6] = 0b0001_0000;
    bits[7] = 0b0010_0000;
    bits[8] = 0;
    let header = parse(&bits).unwrap();
    assert_eq!(header.kind, Kind::Dependent);
    assert_eq!(header.size, 512);
    assert_eq!(header.places, 0x0200);
}

proptest! {
    #[test]
    fn any_bytes_are_taken(mut data in prop::collection::vec(any::<u8>(), 0..80), sync in any::<bool>()) {
        if sync {
            for (byte, value) in data.iter_mut().zip([0x0B, 0x77]) { *byte = value; }
        }
        if let Some(header) = parse(&data) {
            prop_assert_eq!(size(&data), Some(header.size));
            prop_assert!(header.size >= 8 && header.rate >= 8000 && header.samples >= 256);
        }
    }
}
