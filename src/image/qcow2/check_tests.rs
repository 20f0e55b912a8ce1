use super::*;

const SIZE: u64 = CLUSTER as u64;

/// An image of 1 GiB, by cluster: header, refcount table, block, L1, L2, data, data.
fn image() -> Vec<u8> {
    let mut bytes = vec![0; 7 * CLUSTER];
    bytes[..4].copy_from_slice(b"QFI\xFB");
    let mut put = |at: usize, value: u64| bytes[at..at + 8].copy_from_slice(&value.to_be_bytes());
    put(4, 3 << 32);
    put(20, 16 << 32);
    put(24, 1 << 30);
    put(36, 2 << 32);
    put(40, 3 * SIZE);
    put(48, SIZE);
    put(56, 1 << 32);
    put(96, 4 << 32 | 104);
    put(CLUSTER, 2 * SIZE);
    put(3 * CLUSTER, ONE_USER | (4 * SIZE));
    put(4 * CLUSTER, ONE_USER | (5 * SIZE));
    // A cluster that is zero by a mark keeps its place.
    put(4 * CLUSTER + 24, ONE_USER | (6 * SIZE) | 1);
    put(4 * CLUSTER + 32, 1);
    (0..7).for_each(|cluster| bytes[2 * CLUSTER + 2 * cluster + 1] = 1);
    bytes
}

fn check(bytes: &[u8]) -> Option<Refusal> {
    let header = Qcow2Header::parse(bytes, bytes.len() as u64).unwrap();
    header.check_writable(1 << 30).unwrap();
    let read = |buffer: &mut [u8], at: u64| -> io::Result<()> {
        let there = bytes.get(at as usize..).unwrap_or_default();
        let (data, rest) = buffer.split_at_mut(there.len().min(buffer.len()));
        data.copy_from_slice(&there[..data.len()]);
        rest.fill(0);
        Ok(())
    };
    tables(&header, bytes.len() as u64, &read).unwrap()
}

fn changed(at: usize, value: u64) -> Option<Refusal> {
    let mut bytes = image();
    bytes[at..at + 8].copy_from_slice(&value.to_be_bytes());
    check(&bytes)
}

#[test]
fn an_image_whose_tables_agree_is_gone_on_with() {
    assert_eq!(check(&image()), None);
    // Counted and not used: leaked, and no harm.
    let mut bytes = image();
    bytes.resize(8 * CLUSTER, 0);
    bytes[2 * CLUSTER + 15] = 1;
    assert_eq!(check(&bytes), None);
}

#[test]
fn what_would_be_lost_by_writing_is_not_written_into() {
    let tables = |what| Some(Refusal::Tables(what));
    let second = 4 * CLUSTER + 8;
    assert_eq!(changed(second, ONE_USER | (5 * SIZE)), tables("a cluster has two users"));
    assert_eq!(changed(second, ONE_USER | (4 * SIZE)), tables("a cluster has two users"));
    assert_eq!(changed(3 * CLUSTER + 8, ONE_USER | SIZE), tables("a cluster has two users"));
    assert_eq!(changed(CLUSTER + 8, 4 * SIZE), tables("a cluster has two users"));
    assert_eq!(changed(second, ONE_USER | (5 * SIZE + 512)), tables("an entry leads into the middle of a cluster"));
    assert_eq!(changed(second, ONE_USER | (7 * SIZE)), Some(Refusal::Cut("content")));
    assert_eq!(changed(second, 6 * SIZE), Some(Refusal::ReadOnly("clusters are shared")));
    assert_eq!(changed(second, COMPRESSED | (6 * SIZE)), Some(Refusal::ReadOnly("clusters are compressed")));
    assert_eq!(changed(CLUSTER, 0), tables("a cluster is in use and counted as free"));
    let mut bytes = image();
    bytes[2 * CLUSTER + 2 * 5 + 1] = 0;
    assert_eq!(check(&bytes), tables("a cluster is in use and counted as free"));
}
