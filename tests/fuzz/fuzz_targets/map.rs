//! Maps from anywhere: read them, hold them, write them, and read back the same.
#![no_main]

use freemkv::mapfile::sector_map::SectorMap;
use freemkv::mapfile::status::Status;
use freemkv::mapfile::summary::Summary;
use freemkv::mapfile::text::{Notes, parse, write};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (Option<u64>, &[u8])| {
    let (input_size, bytes) = input;
    let Ok(map) = parse(bytes, input_size) else { return };
    let _ = Summary::new("map", &map, 5).to_string();

    let size = input_size.unwrap_or(map.end());
    let sectors = SectorMap::from_text(&map, size);
    assert_eq!(Status::ALL.iter().map(|s| sectors.totals().bytes(*s)).sum::<u64>(), size);

    // A map that covers its input and whose phase is one that is written comes back as it was.
    let mut text = Vec::new();
    write(&mut text, &Notes::default(), map.status, map.blocks.iter().copied()).expect("blocks are contiguous");
    let again = parse(&text, input_size.filter(|s| *s <= i64::MAX as u64)).expect("what is written is read");
    if map.blocks.first().is_none_or(|b| b.pos == 0) && size <= i64::MAX as u64 {
        assert_eq!(again.blocks, map.blocks);
    }
});
