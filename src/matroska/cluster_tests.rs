use super::*;
use crate::matroska::reading::{Element, ReadBlock, cluster_blocks, elements};

fn block<'a>(timestamp: u64, data: &'a [&'a [u8]]) -> Block<'a> {
    Block { track: 1, timestamp, style: Style::Simple { key: true, discardable: false }, data }
}

fn blocks(cluster: &[u8]) -> Vec<ReadBlock> {
    let segment = Element { id: ids::SEGMENT, start: 0, content_start: 0, data: cluster, children: Vec::new() };
    cluster_blocks(&segment, &elements(cluster, 0)[0])
}

#[test]
fn gathers_the_pieces_of_a_frame() {
    let mut builder = ClusterBuilder::default();
    let placed = builder.push(&block(70_000, &[b"ab", b"", b"cde"]), false, Vec::new);
    assert!(placed.finished.is_none());
    let group = Block { track: 200, style: Style::Group { duration: Some(300) }, ..block(69_990, &[b"x"]) };
    let second = builder.push(&group, false, Vec::new);
    let read = blocks(&builder.take(Vec::new).unwrap());
    assert_eq!((read[0].track, read[0].timestamp, read[0].flags, &read[0].data[..]), (1, 70_000, 0x80, &b"abcde"[..]));
    assert_eq!((read[1].track, read[1].timestamp, read[1].duration), (200, 69_990, Some(300)));
    assert_eq!([read[0].relative, read[1].relative], [placed.relative, second.relative]);
    assert!(builder.take(Vec::new).is_none());
}

#[test]
fn flags_say_key_and_discardable() {
    for (key, discardable, flags) in [(true, false, 0x80), (false, true, 0x01), (false, false, 0)] {
        let mut builder = ClusterBuilder::default();
        builder.push(&Block { style: Style::Simple { key, discardable }, ..block(0, &[b"x"]) }, false, Vec::new);
        assert_eq!(blocks(&builder.take(Vec::new).unwrap())[0].flags, flags);
    }
}

#[test]
fn a_new_cluster_starts_when_the_span_grows_too_long_either_way() {
    let mut builder = ClusterBuilder::default();
    let starts = [10_000, 12_000, 8_000, 12_999, 13_001, 8_001, 8_000, 100_000, 0];
    let cut = [false, false, false, false, true, false, true, true, true];
    for (timestamp, expected) in starts.into_iter().zip(cut) {
        assert_eq!(builder.push(&block(timestamp, &[]), false, Vec::new).finished.is_some(), expected, "{timestamp}");
    }
}

#[test]
fn a_cluster_stays_within_its_bytes_and_a_giant_has_one_for_itself() {
    let mut builder = ClusterBuilder::default();
    let (small, giant) = (vec![1; 2_000_000], vec![2; 6_000_000]);
    let mut sizes = Vec::new();
    for data in [&small, &small, &small, &giant, &small] {
        sizes.extend(builder.push(&block(0, &[data]), false, Vec::new).finished.map(|c| c.len()));
    }
    assert_eq!(sizes.iter().map(|s| s / 1_000_000).collect::<Vec<_>>(), [4, 2, 6]);
}

#[test]
fn a_cut_ends_the_cluster_and_takes_the_spare_buffer() {
    let mut builder = ClusterBuilder::default();
    builder.push(&block(0, &[b"a"]), true, Vec::new);
    let spare = Vec::with_capacity(MAX_BYTES + 1234);
    let address = spare.as_ptr();
    assert!(builder.push(&block(1, &[b"b"]), true, || spare).finished.is_some());
    let second = builder.take(Vec::new).unwrap();
    assert_eq!(second.as_ptr(), address);
    assert_eq!(blocks(&second)[0].data, b"b");
}
