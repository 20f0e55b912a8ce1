use super::*;
use crate::matroska::reading::{Element, ReadBlock, cluster_blocks, elements};

fn block<'a>(timestamp: u64, data: &'a [Piece<'a>]) -> Block<'a> {
    Block { track: 1, timestamp, style: Style::Simple { key: true, discardable: false, invisible: false }, data }
}

fn blocks(cluster: &[u8]) -> Vec<ReadBlock> {
    let segment = Element { id: ids::SEGMENT, start: 0, content_start: 0, data: cluster, children: Vec::new() };
    cluster_blocks(&segment, &elements(cluster, 0)[0])
}

#[test]
fn gathers_the_pieces_of_a_frame() {
    let mut builder = ClusterBuilder::default();
    let placed = builder.push(&block(70_000, &[&b"ab"[..], b"", b"cde"].map(Piece::Bytes)), false, Cluster::default);
    assert!(placed.finished.is_none());
    let group =
        Block { track: 200, style: Style::Group { duration: Some(300) }, ..block(69_990, &[Piece::Bytes(b"x")]) };
    let second = builder.push(&group, false, Cluster::default);
    let read = blocks(&builder.take(Cluster::default).unwrap().to_vec());
    assert_eq!((read[0].track, read[0].timestamp, read[0].flags, &read[0].data[..]), (1, 70_000, 0x80, &b"abcde"[..]));
    assert_eq!((read[1].track, read[1].timestamp, read[1].duration), (200, 69_990, Some(300)));
    assert_eq!([read[0].relative, read[1].relative], [placed.relative, second.relative]);
    assert!(builder.take(Cluster::default).is_none());
}

#[test]
fn flags_say_key_discardable_and_invisible() {
    let cases =
        [(true, false, false, 0x80), (false, true, false, 0x01), (false, false, false, 0), (true, false, true, 0x88)];
    for (key, discardable, invisible, flags) in cases {
        let mut builder = ClusterBuilder::default();
        builder.push(
            &Block { style: Style::Simple { key, discardable, invisible }, ..block(0, &[Piece::Bytes(b"x")]) },
            false,
            Cluster::default,
        );
        assert_eq!(blocks(&builder.take(Cluster::default).unwrap().to_vec())[0].flags, flags);
    }
}

#[test]
fn a_new_cluster_starts_when_the_span_grows_too_long_either_way() {
    let mut builder = ClusterBuilder::default();
    let starts = [10_000, 12_000, 8_000, 12_999, 13_001, 8_001, 8_000, 100_000, 0];
    let cut = [false, false, false, false, true, false, true, true, true];
    for (timestamp, expected) in starts.into_iter().zip(cut) {
        assert_eq!(
            builder.push(&block(timestamp, &[]), false, Cluster::default).finished.is_some(),
            expected,
            "{timestamp}"
        );
    }
}

#[test]
fn a_cluster_stays_within_its_bytes_and_a_giant_has_one_for_itself() {
    let mut builder = ClusterBuilder::default();
    let (small, giant) = (vec![1; 2_000_000], vec![2; 6_000_000]);
    let mut sizes = Vec::new();
    for data in [&small, &small, &small, &giant, &small] {
        sizes.extend(builder.push(&block(0, &[Piece::Bytes(data)]), false, Cluster::default).finished.map(|c| c.len()));
    }
    assert_eq!(sizes.iter().map(|s| s / 1_000_000).collect::<Vec<_>>(), [4, 2, 6]);
}

#[test]
fn a_cut_ends_the_cluster_and_takes_the_spare_buffer() {
    let mut builder = ClusterBuilder::default();
    builder.push(&block(0, &[Piece::Bytes(b"a")]), true, Cluster::default);
    let spare = Cluster::from(Vec::with_capacity(1234));
    let address = spare.own.as_ptr();
    assert!(builder.push(&block(1, &[Piece::Bytes(b"b")]), true, || spare).finished.is_some());
    let second = builder.take(Cluster::default).unwrap();
    assert_eq!(second.own.as_ptr(), address);
    assert_eq!(blocks(&second.to_vec())[0].data, b"b");
}

#[test]
fn long_shared_pieces_stay_where_they_are() {
    let all = Bytes::from((0..10_000_u32).map(|n| n as u8).collect::<Vec<u8>>());
    let mut builder = ClusterBuilder::default();
    let pieces = [Piece::Bytes(b"in front"), Piece::Shared(&all, 1000, 9000), Piece::Shared(&all, 0, 10)];
    builder.push(&block(0, &pieces), false, Cluster::default);
    let group = Block { style: Style::OpenGroup, ..block(1, &[Piece::Bytes(b"subtitle")]) };
    let open = builder.push(&group, false, Cluster::default);
    builder.push(&block(2, &pieces), false, Cluster::default);
    let mut cluster = builder.take(Cluster::default).unwrap();
    assert!(cluster.slices().any(|slice| std::ptr::eq(slice, &raw const all[1000..9000])));
    assert_eq!(cluster.slices().map(<[u8]>::len).sum::<usize>(), cluster.len());
    let expected = [b"in front", &all[1000..9000], &all[..10]].concat();
    let before = blocks(&cluster.to_vec());
    assert_eq!([&before[0].data, &before[2].data], [&expected, &expected]);
    assert_eq!(before[1].duration, None);
    cluster.overwrite(open.end, &closed_duration(77));
    assert_eq!(blocks(&cluster.to_vec())[1].duration, Some(77));
    // What is not its own stays, and so does what it does not have.
    let whole = cluster.to_vec();
    cluster.overwrite(cluster.len() + 1, b"x");
    cluster.overwrite(2, b"xyz");
    assert_eq!(cluster.to_vec(), whole);
}
