use proptest::prelude::*;

use super::*;

const S: u64 = SECTOR_BYTES;

fn range(start: u64, end: u64) -> SectorRange {
    SectorRange::new(start, end)
}

/// The statuses as characters, a sector each.
fn picture(map: &SectorMap) -> String {
    (0..map.sectors()).map(|s| map.status(s).symbol()).collect()
}

/// A plain array that everything is looked up in the slow way.
struct Naive {
    statuses: Vec<Status>,
    size_bytes: u64,
}

impl Naive {
    fn runs(&self) -> Vec<(SectorRange, Status)> {
        let mut runs: Vec<(SectorRange, Status)> = Vec::new();
        for (i, status) in self.statuses.iter().enumerate() {
            let i = i as u64;
            match runs.last_mut() {
                Some((r, s)) if s == status => *r = range(r.start(), i + 1),
                _ => runs.push((range(i, i + 1), *status)),
            }
        }
        runs
    }

    fn check(&self, map: &SectorMap) {
        let runs = self.runs();
        assert_eq!(map.iter().collect::<Vec<_>>(), runs);
        let mut at = 0;
        for block in map.to_blocks() {
            assert_eq!(block.pos, at);
            at = block.end();
        }
        assert_eq!(at, self.size_bytes);
        for status in Status::ALL {
            let of: Vec<SectorRange> = runs.iter().filter(|(_, s)| *s == status).map(|(r, _)| *r).collect();
            assert_eq!(map.runs(status).collect::<Vec<_>>(), of);
            assert_eq!(map.totals().runs(status), of.len() as u64);
            let bytes: u64 = of.iter().map(|r| (r.end() * S).min(self.size_bytes) - r.start() * S).sum();
            assert_eq!(map.totals().bytes(status), bytes);
            for at in 0..self.statuses.len() as u64 + 3 {
                let next = of.iter().find(|r| r.end() > at).map(|r| range(r.start().max(at), r.end()));
                assert_eq!(map.next(status, at), next);
                let prev = of.iter().rfind(|r| r.start() < at).map(|r| range(r.start(), r.end().min(at)));
                assert_eq!(map.prev(status, at), prev);
            }
        }
        for (run, status) in &runs {
            assert_eq!(map.run_at(run.start()), (*run, *status));
            assert_eq!(map.run_at(run.end() - 1), (*run, *status));
        }
    }
}

proptest! {
    #[test]
    fn agrees_with_an_array(
        sectors in 0u64..40,
        missing in 0..S,
        steps in prop::collection::vec((0u64..44, 0u64..12, 0usize..5), 0..40),
    ) {
        let size_bytes = (sectors * S).saturating_sub(missing);
        let mut map = SectorMap::new(sectors, size_bytes);
        let mut naive = Naive { statuses: vec![Status::NonTried; sectors as usize], size_bytes };
        naive.check(&map);
        for (start, len, status) in steps {
            let status = Status::ALL[status];
            map.set(SectorRange::with_len(start, len), status);
            for sector in naive.statuses.iter_mut().skip(start as usize).take(len as usize) {
                *sector = status;
            }
            naive.check(&map);
            let part = range(start / 2, start);
            let within: Vec<_> = map.within(part).flat_map(|(r, s)| (r.start()..r.end()).map(move |i| (i, s))).collect();
            let expected: Vec<_> = (part.start()..part.end().min(sectors)).map(|i| (i, naive.statuses[i as usize])).collect();
            prop_assert_eq!(within, expected);
        }
    }

    /// Each sector takes the least finished of its bytes, however the blocks lie.
    #[test]
    fn reads_blocks_that_do_not_follow_sectors(
        cuts in prop::collection::vec((1u64..3 * S, 0usize..5), 0..30),
        skipped in 0..2 * S,
        size_bytes in 0..40 * S,
    ) {
        let mut blocks = Vec::new();
        let mut pos = skipped;
        for (size, status) in cuts {
            blocks.push(Block { pos, size, status: Status::ALL[status] });
            pos += size;
        }
        let map = SectorMap::from_text(&MapText { blocks: blocks.clone(), ..MapText::default() }, size_bytes);
        let mut statuses = vec![Status::Finished; size_bytes.div_ceil(S) as usize];
        let status_of = |byte: u64| {
            blocks.iter().find(|b| (b.pos..b.end()).contains(&byte)).map_or(Status::NonTried, |b| b.status)
        };
        for byte in 0..size_bytes {
            // Only where something changes.
            if byte % S == 0 || byte == skipped || byte == pos || blocks.iter().any(|b| b.pos == byte) {
                let status = &mut statuses[(byte / S) as usize];
                *status = status_of(byte).min(*status);
            }
        }
        Naive { statuses, size_bytes }.check(&map);
        let unfinished = map.iter().filter(|(_, status)| *status != Status::Finished).map(|(run, _)| run).collect();
        prop_assert_eq!(MapText { blocks, ..MapText::default() }.missing(size_bytes), unfinished);
    }

    #[test]
    fn blocks_and_map_say_the_same(
        sectors in 1u64..60,
        missing in 0..S,
        steps in prop::collection::vec((0u64..60, 1u64..12, 0usize..5), 0..20),
    ) {
        let size_bytes = sectors * S - missing;
        let mut map = SectorMap::new(sectors, size_bytes);
        for (start, len, status) in steps {
            map.set(SectorRange::with_len(start, len), Status::ALL[status]);
        }
        let text = MapText { blocks: map.to_blocks().collect(), ..MapText::default() };
        prop_assert_eq!(SectorMap::from_text(&text, size_bytes), map);
    }
}

#[test]
fn a_mixed_sector_is_the_least_finished() {
    let mut blocks = Vec::new();
    for (i, status) in [Status::Finished, Status::Bad, Status::NonScraped, Status::NonTrimmed, Status::NonTried]
        .into_iter()
        .enumerate()
    {
        blocks.push(Block { pos: i as u64 * 2560, size: 2560, status });
    }
    let map = SectorMap::from_text(&MapText { blocks, ..MapText::default() }, 5 * 2560);
    assert_eq!(picture(&map), "+-/**??");
}

#[test]
fn a_short_last_sector_counts_its_bytes() {
    let mut map = SectorMap::new(3, 2 * S + 5);
    map.set(range(2, 3), Status::Finished);
    assert_eq!(map.totals().bytes(Status::Finished), 5);
    assert_eq!(map.totals().bytes(Status::NonTried), 2 * S);
    map.set(range(0, 99), Status::Finished);
    assert!(map.is_finished());
    assert_eq!(map.to_blocks().collect::<Vec<_>>(), [Block { pos: 0, size: 2 * S + 5, status: Status::Finished }]);
}

#[test]
fn an_impossible_size_is_brought_to_the_nearest_possible_one() {
    assert_eq!(SectorMap::new(3, 99 * S).size_bytes(), 3 * S);
    assert_eq!(SectorMap::new(3, 0).size_bytes(), 2 * S + 1);
    assert_eq!(SectorMap::new(0, 5).size_bytes(), 0);
}

#[test]
fn an_empty_disc_has_nothing_and_is_finished() {
    let mut map = SectorMap::new(0, 0);
    map.set(range(0, 5), Status::Bad);
    assert_eq!(map.iter().count(), 0);
    assert_eq!(map.next(Status::NonTried, 0), None);
    assert_eq!(map.prev(Status::NonTried, 5), None);
    assert_eq!(map.run_at(0), (range(0, 0), Status::NonTried));
    assert!(map.is_finished());
}

#[test]
fn the_largest_disc_does_not_overflow() {
    let map = SectorMap::new(u64::MAX, u64::MAX);
    assert_eq!(map.run_at(7).0, range(0, u64::MAX));
    let text = MapText { blocks: vec![Block { pos: 5, size: u64::MAX, status: Status::Bad }], ..MapText::default() };
    assert_eq!(SectorMap::from_text(&text, u64::MAX).totals().runs(Status::Bad), 1);
}
