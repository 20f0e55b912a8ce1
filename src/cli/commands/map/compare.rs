//! `freemkv map compare`.

use serde::{Serialize, Serializer};

use crate::base::human::bytes;
use crate::base::sector::{SECTOR_BYTES, SectorRange};
use crate::job::map as job;
use crate::mapfile::ops::difference::{What, differences};
use crate::mapfile::ops::pairs::Pair;
use crate::mapfile::status::Status;
use crate::mapfile::summary::LISTED;
use crate::mapfile::text::Block;

use super::super::super::args::map::MapCompare;
use super::super::super::context::Context;
use super::super::super::exit::{Exit, Failure, maps};
use super::super::super::json;
use super::super::super::terminal::print;
use super::deliver::shown;

/// Says where two maps differ.
///
/// # Errors
/// A map cannot be read.
pub(super) fn compare(compare: &MapCompare, context: &Context) -> Result<Exit, Failure> {
    let read = |path| job::read(path).map_err(|e| maps::failed(&e));
    let (one, other) = (read(&compare.map)?, read(&compare.other)?);
    let all = || Differences { what: compare.what(), one: &one.blocks, other: &other.blocks };
    let (mut count, mut different_bytes) = (0, 0);
    for pair in all().iter() {
        count += 1;
        different_bytes += pair.size;
    }
    let exit = Exit::of_maps(count == 0);
    let names = [shown(&compare.map), shown(&compare.other)];
    if context.json {
        let report = Report {
            command: "map compare",
            source: &names[0],
            maps: &names,
            equal: count == 0,
            different_bytes,
            differences: all(),
        };
        print::print_json(&json::ended(&report, exit, None));
    } else if !context.quiet {
        let listed = if context.verbose > 0 { usize::MAX } else { LISTED };
        tell(&all(), &names, count, different_bytes, listed);
    }
    Ok(exit)
}

/// The JSON object, but for how it ended.
#[derive(Serialize)]
struct Report<'a> {
    command: &'static str,
    source: &'a str,
    maps: &'a [String; 2],
    equal: bool,
    different_bytes: u64,
    differences: Differences<'a>,
}

/// Where two maps differ, found as it is written.
struct Differences<'a> {
    what: What,
    one: &'a [Block],
    other: &'a [Block],
}

impl<'a> Differences<'a> {
    fn iter(&self) -> impl Iterator<Item = Pair> + use<'a> {
        differences(self.what, self.one, self.other)
    }
}

/// One stretch in JSON; a status is null where the map does not speak of it.
#[derive(Serialize)]
struct Listed {
    position_bytes: u64,
    size_bytes: u64,
    first_sector: u64,
    last_sector: u64,
    statuses: [Option<char>; 2],
}

impl Serialize for Differences<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(|pair| Listed {
            position_bytes: pair.pos,
            size_bytes: pair.size,
            first_sector: sectors(&pair).start(),
            last_sector: sectors(&pair).end().saturating_sub(1),
            statuses: [pair.one, pair.other].map(|status| status.map(Status::symbol)),
        }))
    }
}

fn sectors(pair: &Pair) -> SectorRange {
    SectorRange::new(pair.pos / SECTOR_BYTES, pair.pos.saturating_add(pair.size).div_ceil(SECTOR_BYTES))
}

/// Tells a person.
fn tell(all: &Differences<'_>, names: &[String; 2], count: u64, different_bytes: u64, listed: usize) {
    let [one, other] = names;
    if count == 0 {
        return print::print(&format!("{one} and {other} say the same."));
    }
    let places = if count == 1 { "place" } else { "places" };
    print::print(&format!("{one} and {other} differ in {} in {count} {places}:", bytes(different_bytes)));
    for pair in all.iter().take(listed) {
        let noun = if sectors(&pair).len() == 1 { "sector" } else { "sectors" };
        // Not spoken of.
        let [was, is] = [pair.one, pair.other].map(|status| status.map_or(' ', Status::symbol));
        let Pair { pos, size, .. } = pair;
        print::print(&format!("  0x{pos:08X}  0x{size:08X}  {was}  {is}  {noun} {} ({})", sectors(&pair), bytes(size)));
    }
    match count.saturating_sub(listed as u64) {
        0 => {}
        more => print::print(&format!("  … and {more} more; -v shows all")),
    }
}
