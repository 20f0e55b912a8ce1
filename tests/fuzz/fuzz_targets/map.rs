//! Maps from anywhere: read them, hold them, write them, and read back the same; combine and draw them.
#![no_main]

use freemkv::mapfile::ops::difference::{What, differences};
use freemkv::mapfile::ops::sets::{Operation, combined, inverted};
use freemkv::mapfile::ops::tally::Tally;
use freemkv::mapfile::sector_map::SectorMap;
use freemkv::mapfile::status::Status;
use freemkv::mapfile::summary::Summary;
use freemkv::mapfile::text::{Notes, parse, write};
use freemkv::picture::disc::Disc;
use freemkv::picture::row::cells;
use freemkv::picture::spiral::Spiral;
use libfuzzer_sys::fuzz_target;

/// Sizes of the input; the corpus is plain maps.
const SIZES: [Option<u64>; 4] = [None, Some(1000), Some(65536), Some(i64::MAX as u64)];

fuzz_target!(|bytes: &[u8]| {
    for input_size in SIZES {
        let Ok(map) = parse(bytes, input_size) else { continue };
        let _ = Summary::new("map", &map, 5).to_string();

        let size = input_size.unwrap_or(map.end());
        let sectors = SectorMap::from_text(&map, size);
        assert_eq!(Status::ALL.iter().map(|s| sectors.totals().bytes(*s)).sum::<u64>(), size);

        let all: u64 = map.blocks.iter().map(|block| block.size).sum();
        let opposite: Vec<_> = inverted(&map.blocks).collect();
        let different = differences(What::Finished, &map.blocks, &opposite).map(|pair| pair.size);
        assert_eq!(different.sum::<u64>(), all);
        let nothing = Tally::of(combined(Operation::And, &map.blocks, &opposite));
        assert_eq!(nothing.bytes(Status::Finished), 0);
        let drawn: u64 = cells(&map, 50).iter().map(|cell| cell.total()).sum();
        assert_eq!(drawn, all);
        let _ = Spiral::new(&map, &Disc::new(map.end().div_ceil(2048), None, None), 10, 36);

        // A map that begins at 0 comes back as it was.
        let mut text = Vec::new();
        let blocks = map.blocks.iter().copied();
        write(&mut text, &Notes::default(), map.status, blocks).expect("blocks are contiguous");
        let again = parse(&text, input_size).expect("what is written is read");
        if map.blocks.first().is_none_or(|b| b.pos == 0) {
            assert_eq!(again.blocks, map.blocks);
        }
    }
});
