use proptest::prelude::*;

use super::*;

/// Bytes of the file that the header of the tests belongs to.
const FILE: u64 = 5 << 16;

/// A sound header: 1 GiB in clusters of 64 KiB.
fn sound() -> Vec<u8> {
    let mut head = vec![0; HEADER_BYTES];
    let mut put = |at: usize, bytes: &[u8]| head[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &MAGIC);
    put(4, &3_u32.to_be_bytes());
    put(20, &16_u32.to_be_bytes());
    put(24, &(1_u64 << 30).to_be_bytes());
    put(36, &2_u32.to_be_bytes());
    put(40, &(3_u64 << 16).to_be_bytes());
    put(48, &(1_u64 << 16).to_be_bytes());
    put(56, &1_u32.to_be_bytes());
    put(96, &4_u32.to_be_bytes());
    put(100, &104_u32.to_be_bytes());
    head
}

fn with(at: usize, bytes: &[u8]) -> Result<Qcow2Header, Refusal> {
    let mut head = sound();
    head[at..at + bytes.len()].copy_from_slice(bytes);
    Qcow2Header::parse(&head, FILE)
}

#[test]
fn a_sound_header_is_read_in_both_versions() {
    let header = Qcow2Header::parse(&sound(), FILE).unwrap();
    assert_eq!((header.version, header.cluster_bytes(), header.size), (3, 65536, 1 << 30));
    assert_eq!((header.l1_offset, header.l1_entries, header.refcount_order), (3 << 16, 2, 4));
    assert_eq!(header.check_writable(1 << 30), Ok(()));
    let old = with(4, &2_u32.to_be_bytes()).unwrap();
    assert_eq!(old.version, 2);
    assert!(matches!(old.check_writable(1 << 30), Err(Refusal::ReadOnly(_))));
    assert!(matches!(header.check_writable(2 << 30), Err(Refusal::ReadOnly(_))), "two L2 tables map 1 GiB");
}

#[test]
fn kinds_that_are_not_read_are_named() {
    assert_eq!(with(0, b"RAW!"), Err(Refusal::OtherContent("qcow2")));
    assert_eq!(with(4, &1_u32.to_be_bytes()), Err(Refusal::Version(1)));
    assert_eq!(with(8, &200_u64.to_be_bytes()), Err(Refusal::BackingFile));
    assert_eq!(with(32, &2_u32.to_be_bytes()), Err(Refusal::Encrypted));
    let feature = |bit: u32| with(72, &(1_u64 << bit).to_be_bytes());
    assert_eq!(feature(0), Err(Refusal::Dirty));
    assert_eq!(feature(1), Err(Refusal::Corrupt));
    assert_eq!(feature(2), Err(Refusal::ExternalData));
    assert_eq!(feature(4), Err(Refusal::ExtendedL2));
    assert_eq!(feature(9), Err(Refusal::UnknownFeatures(512)));
    let mut zstd = sound();
    zstd[79] = 8;
    zstd[103] = 112;
    zstd[104] = 1;
    assert_eq!(Qcow2Header::parse(&zstd, FILE), Err(Refusal::Compression("zstd")));
}

#[test]
fn tables_must_lie_in_the_file_and_be_large_enough() {
    assert_eq!(with(24, &0_u64.to_be_bytes()), Err(Refusal::Empty));
    assert_eq!(with(24, &(1_u64 << 50).to_be_bytes()), Err(Refusal::TooLarge(1 << 50)));
    assert!(matches!(with(20, &8_u32.to_be_bytes()), Err(Refusal::Field(_, 8))));
    assert!(matches!(with(20, &31_u32.to_be_bytes()), Err(Refusal::Field(_, 31))));
    assert!(matches!(with(36, &1_u32.to_be_bytes()), Err(Refusal::Field("the size of the L1 table", 1))));
    assert!(matches!(with(36, &u32::MAX.to_be_bytes()), Err(Refusal::Field("the size of the L1 table", _))));
    assert!(matches!(with(40, &1_u64.to_be_bytes()), Err(Refusal::Field("the offset of the L1 table", 1))));
    assert_eq!(with(40, &(1_u64 << 40).to_be_bytes()), Err(Refusal::Cut("L1 table")));
    assert!(matches!(with(40, &0xFFFF_FFFF_FFFF_0000_u64.to_be_bytes()), Err(Refusal::Cut(_) | Refusal::Field(..))));
    assert!(matches!(with(56, &u32::MAX.to_be_bytes()), Err(Refusal::Field(..))));
    assert_eq!(with(48, &(9_u64 << 16).to_be_bytes()), Err(Refusal::Cut("refcount table")));
    assert!(matches!(with(96, &7_u32.to_be_bytes()), Err(Refusal::Field(..))));
    assert!(matches!(with(100, &80_u32.to_be_bytes()), Err(Refusal::Field(..))));
    for end in [3, 10, 71, 103] {
        assert!(Qcow2Header::parse(&sound()[..end], FILE).is_err(), "{end}");
    }
}

proptest! {
    #[test]
    fn what_is_believed_fits_file_and_memory(
        changes in proptest::collection::vec((0..HEADER_BYTES, any::<u8>()), 0..6), file in 0..1_u64 << 41,
    ) {
        let mut head = sound();
        changes.iter().for_each(|(at, byte)| head[*at] = *byte);
        if let Ok(header) = Qcow2Header::parse(&head, file) {
            let cluster = header.cluster_bytes();
            prop_assert!((512..=2 << 20).contains(&cluster) && header.size <= CONTENT_MAX);
            let l1 = u64::from(header.l1_entries) * 8;
            prop_assert!(l1 <= L1_BYTES_MAX && header.l1_offset + l1 <= file.next_multiple_of(cluster));
            prop_assert!(l1 / 8 * (cluster * cluster / 8) >= header.size);
        }
    }

    #[test]
    fn bytes_of_no_kind_do_no_harm(head in proptest::collection::vec(any::<u8>(), 0..200), file in any::<u64>()) {
        let _ = Qcow2Header::parse(&head, file);
        let _ = Qcow2Header::parse(&[&MAGIC[..], &[0, 0, 0, 3], &head].concat(), file);
    }
}
