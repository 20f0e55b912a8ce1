use super::*;
use proptest::prelude::*;

fn segment(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut segment = vec![kind];
    segment.extend((body.len() as u16).to_be_bytes());
    segment.extend(body);
    segment
}

/// A composition with these objects, each with its flags; palette 3.
fn pcs(state: u8, objects: &[(u16, u8)]) -> Vec<u8> {
    let mut body = vec![0x07, 0x80, 0x04, 0x38, 0x10, 0, 9, state, 0, 3, objects.len() as u8];
    for (id, flags) in objects {
        body.extend(id.to_be_bytes());
        body.extend([0, *flags, 0, 10, 0, 10]);
        body.extend(if flags & CROPPED != 0 { vec![7; CROP_BYTES] } else { Vec::new() });
    }
    segment(COMPOSITION, &body)
}

fn ods(id: u16, order: u8, content: u8) -> Vec<u8> {
    let mut body = id.to_be_bytes().to_vec();
    body.extend([0, order, content]);
    segment(OBJECT, &body)
}

fn pds(id: u8, entry: u8) -> Vec<u8> {
    segment(PALETTE, &[id, 0, entry])
}

fn wds() -> Vec<u8> {
    segment(WINDOWS, &[1, 0, 0, 0, 0, 0, 0, 9, 0, 9])
}

fn end() -> Vec<u8> {
    segment(END, &[])
}

#[test]
fn only_forced_objects_come_out_and_what_ends_them() {
    let mut sets = ForcedSets::new();
    let plain = [pcs(0x80, &[(1, 0)]), wds(), pds(3, 1), ods(1, 0xC0, 1), end()].concat();
    let forced = [pcs(0x80, &[(1, FORCED)]), wds(), pds(3, 1), ods(1, 0xC0, 1), end()].concat();
    let clear = [pcs(0, &[]), wds(), end()].concat();
    assert_eq!(sets.take(&clear), None);
    assert_eq!(sets.take(&plain), None);
    assert_eq!(sets.take(&forced), Some(ForcedSet { bytes: forced.clone(), clear: false }));
    let ended = ForcedSet { bytes: clear.clone(), clear: true };
    assert_eq!(sets.take(&plain), Some(ended.clone()), "another subtitle takes its place");
    assert_eq!(sets.take(&clear), None);
    assert!(sets.take(&forced).is_some());
    assert_eq!(sets.take(&clear), Some(ended));
}

#[test]
fn a_forced_set_brings_what_came_with_sets_that_are_taken_out() {
    let mut sets = ForcedSets::new();
    let defining =
        [pcs(0x80, &[(2, 0)]), wds(), pds(3, 1), pds(4, 1), ods(1, 0x80, 1), ods(1, 0x40, 2), ods(2, 0xC0, 3), end()];
    assert_eq!(sets.take(&defining.concat()), None);
    let showing = [pcs(0, &[(1, FORCED | CROPPED), (2, 0)]), wds(), pds(3, 2), end()].concat();
    let expected = [
        pcs(EPOCH_START, &[(1, FORCED | CROPPED)]),
        wds(),
        pds(3, 1),
        pds(3, 2),
        ods(1, 0x80, 1),
        ods(1, 0x40, 2),
        end(),
    ];
    assert_eq!(sets.take(&showing).unwrap().bytes, expected.concat());
}

#[test]
fn an_epoch_forgets_the_one_before_and_an_object_its_earlier_form() {
    let mut sets = ForcedSets::new();
    let first = [pcs(0x80, &[]), ods(1, 0xC0, 1), ods(1, 0xC0, 2), end()].concat();
    assert_eq!(sets.take(&first), None);
    let shown = sets.take(&[pcs(0, &[(1, FORCED)]), end()].concat()).unwrap();
    assert_eq!(shown.bytes, [pcs(EPOCH_START, &[(1, FORCED)]), ods(1, 0xC0, 2), end()].concat());
    let next = sets.take(&[pcs(0x80, &[(1, FORCED)]), end()].concat()).unwrap();
    assert!(next.clear, "object 1 of the epoch before is no object of this one");
}

#[test]
fn definitions_without_end_take_no_more_memory_than_an_epoch_can_have() {
    let mut sets = ForcedSets::new();
    let large = segment(OBJECT, &[vec![0, 1, 0, 0x40], vec![0; 60_000]].concat());
    for _ in 0..300 {
        assert_eq!(sets.take(&[pcs(0, &[]), large.clone(), end()].concat()), None);
        assert!(sets.kept <= KEPT);
    }
}

proptest! {
    #[test]
    fn no_bytes_make_a_panic(sets in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 0..8)) {
        let mut forced = ForcedSets::new();
        sets.iter().for_each(|set| drop(forced.take(set)));
    }

    #[test]
    fn what_comes_out_shows_forced_objects_alone_and_comes_out_again(
        sets in prop::collection::vec((any::<bool>(), prop::collection::vec((0u16..4, prop::sample::select(vec![0, FORCED])), 0..4)), 1..12)
    ) {
        let mut forced = ForcedSets::new();
        let mut again = ForcedSets::new();
        for (is_start, objects) in sets {
            let state = if is_start { 0x80 } else { 0 };
            let set = [pcs(state, &objects), wds(), pds(3, 0), ods(objects.len() as u16, 0xC0, 0), end()].concat();
            let Some(out) = forced.take(&set) else { continue };
            let body = &out.bytes[SEGMENT_HEAD..];
            let shown = read_composition(body).unwrap();
            prop_assert_eq!(shown.forced.len(), usize::from(shown.head[HEAD - 1]));
            prop_assert_eq!(out.clear, shown.forced.is_empty());
            prop_assert_eq!(again.take(&out.bytes), Some(out));
        }
    }
}
