//! 64 KiB that are zeroed, inverted or missing, anywhere on a Blu-ray or a DVD: nothing panics, every loss is told, what is
//! left comes at its time, and little more is lost than what lay in the hole. Where tables are hit, their second copies are
//! used. And single packets that are lost, marked as scrambled or as wrong, or numbered out of turn.
//!
//! A seeded few places here; every place of every disc with `tests/holes`. Needs `FREEMKV_TEST_DATA`.

mod judge;
mod packets;
mod samples;
mod whole;

use std::fmt::Write as _;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use freemkv::base::sector::set::SectorSet;
use freemkv::base::sector::{SECTOR_BYTES, SectorRange};
use freemkv::fs::{Holed, MemorySectors, Sectors};

use super::support::test_data;
use crate::fixtures::disc::Disc;
use judge::judge;
use whole::Whole;

const BLU_RAYS: [&str; 6] = ["bd-basic", "bd-multi", "bd-codecs", "bd-seams", "uhd-basic", "uhd-dv"];
const DVDS: [&str; 6] = ["dvd-ntsc", "dvd-pal-multi", "dvd-angles", "dvd-chain", "dvd-lpcm", "dvd-subs"];

/// Films that are not right without a hole either.
const NOT_YET: [(&str, &str); 1] = [("bd-seams", "00005")];

/// Bytes of a hole: an ECC block of a Blu-ray.
const HOLE: u64 = 64 << 10;

/// Places that are tried when nobody asks for all: of all Blu-rays together, of all DVDs together, and packets of either.
const PLACES: [u64; 3] = [50, 12, 8];

/// Places of subtitles alone, of each disc.
const SUBTITLES: u64 = 12;

/// Single packets of each disc when many are asked for, as many sectors, and half as many subtitles.
const MANY: u64 = 200;

/// Films of one hurt disc that are muxed then.
const FILMS: usize = 1;

/// How a stretch of the image is hurt.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Hurt {
    /// Zeros, and nobody knows.
    Zeroed,
    /// Wrong bytes, and nobody knows.
    Inverted,
    /// A map says that it is missing.
    Missing,
    /// Its packet says that it is scrambled.
    Scrambled,
    /// Its packet says that it is wrong, or has a head that cannot be read.
    Marked,
    /// Its packet has another number than its turn, or says that it is longer than it is.
    OutOfTurn,
}

const HURTS: [Hurt; 3] = [Hurt::Zeroed, Hurt::Inverted, Hurt::Missing];
/// Of single packets.
const PACKET_HURTS: [Hurt; 5] = [Hurt::Zeroed, Hurt::Inverted, Hurt::Scrambled, Hurt::Marked, Hurt::OutOfTurn];

/// The disc with a hole in its image.
fn hurt(image: &[u8], hole: &Range<u64>, how: Hurt) -> (Disc, Arc<dyn Sectors>) {
    let mut image = image.to_vec();
    let count = (image.len() as u64).div_ceil(SECTOR_BYTES);
    let bytes = &mut image[hole.start as usize..hole.end as usize];
    let is_transport = bytes.len() == packets::PACKET;
    match how {
        Hurt::Zeroed | Hurt::Missing => bytes.fill(0),
        Hurt::Inverted => bytes.iter_mut().for_each(|b| *b = !*b),
        Hurt::Scrambled if is_transport => bytes[7] |= 0x80,
        Hurt::Scrambled => bytes[0x14] |= 0x10,
        Hurt::Marked if is_transport => bytes[5] |= 0x80,
        Hurt::Marked => bytes[0x14] = 0x3F,
        Hurt::OutOfTurn if is_transport => bytes[7] ^= 5,
        Hurt::OutOfTurn => bytes[0x12] ^= 8,
    }
    let mut sectors: Arc<dyn Sectors> = Arc::new(MemorySectors::new(image));
    let mut missing = SectorSet::new();
    if how == Hurt::Missing {
        missing.insert(SectorRange::new(hole.start / SECTOR_BYTES, hole.end.div_ceil(SECTOR_BYTES)));
        sectors = Arc::new(Holed::new(sectors, missing.clone(), count));
    }
    (Disc { missing, force: true, ..Disc::sectors(Arc::clone(&sectors)) }, sectors)
}

/// What came of the films of hurt discs.
#[derive(Default)]
struct Tally {
    right: usize,
    told: usize,
    refused: Vec<String>,
    wrong: Vec<String>,
}

impl Tally {
    /// Muxes the films of a disc with a hole and judges each of them.
    fn try_place(&mut self, whole: &mut Whole, hole: &Range<u64>, how: Hurt, films: &mut dyn FnMut(&mut Vec<String>)) {
        let (disc, sectors) = hurt(&whole.image, hole, how);
        let must_be_there = whole.has_a_copy_of_everything(hole, &sectors);
        let mut ids = whole.films_at(hole);
        films(&mut ids);
        let folder = tempfile::tempdir().unwrap();
        for id in ids {
            let what = format!("{} {id}, {how:?} at {:#x}", whole.name, hole.start);
            let path = folder.path().join("out.mkv");
            let one = || self.try_film(whole, &disc, &id, hole, must_be_there, &path);
            match catch_unwind(AssertUnwindSafe(one)) {
                Ok(Ok(())) => {}
                Ok(Err(why)) => self.wrong.push(format!("{what}: {why}")),
                Err(_) => self.wrong.push(format!("{what}: panics")),
            }
            let _ = std::fs::remove_file(&path);
        }
    }

    fn try_film(
        &mut self,
        whole: &mut Whole,
        disc: &Disc,
        id: &str,
        hole: &Range<u64>,
        must_be_there: bool,
        path: &Path,
    ) -> Result<(), String> {
        let (name, at) = (whole.name, hole.start);
        if !disc.titles.iter().any(|t| t.id == id) {
            self.refused.push(format!("{name} {id} at {at:#x}: no such title"));
            return if must_be_there { Err("the title is gone".to_owned()) } else { Ok(()) };
        }
        let hits = whole.hits(id, hole);
        let report = match disc.mux(id, path) {
            Ok(report) => report,
            Err(why) => {
                self.refused.push(format!("{name} {id} at {at:#x}: {why}"));
                // All its pictures may be gone: where decoding can begin in one place only, with that.
                let may_be_gone = judge::may_lose_the_picture(whole.film(id), &hits);
                return if must_be_there && !may_be_gone { Err(why.to_string()) } else { Ok(()) };
            }
        };
        let film = whole.film(id);
        let left_out = disc.plan(id).map(|plan| plan.summary().left_out).unwrap_or_default();
        judge(film, path, &report, &hits, left_out.get(film.left_out..).unwrap_or_default())?;
        if report.is_complete() {
            self.right += 1
        } else {
            self.told += 1
        }
        Ok(())
    }

    fn finish(self, what: &str) {
        let mut text =
            format!("{what}: {} right, {} with losses told, {} refused", self.right, self.told, self.refused.len());
        for line in &self.refused {
            let _ = write!(text, "\n  refused: {line}");
        }
        println!("{text}");
        assert!(self.wrong.is_empty(), "{what}: {} wrong\n{}", self.wrong.len(), self.wrong.join("\n"));
        assert!(self.right + self.told > 0, "{what}: nothing was muxed");
    }
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit.max(1)
    }

    /// Leaves only so many of the films.
    fn choose(&mut self, ids: &mut Vec<String>) {
        while ids.len() > FILMS {
            ids.swap_remove(self.below(ids.len() as u64) as usize);
        }
    }
}

/// The hole that begins at a byte of an image.
fn hole(whole: &Whole, at: u64) -> Range<u64> {
    at..(at + HOLE).min(whole.image.len() as u64)
}

fn some_holes(names: &[&'static str], places: u64, seed: u64) {
    let Some(data) = test_data() else { return };
    let mut wholes: Vec<Whole> = names.iter().map(|name| Whole::read(&data, name)).collect();
    let all: u64 = wholes.iter().map(Whole::holes).sum();
    let (mut dice, mut tally) = (Dice(seed), Tally::default());
    for place in 0..places {
        let mut at = dice.below(all);
        let is_here = |whole: &&mut Whole| {
            at < whole.holes() || {
                at -= whole.holes();
                false
            }
        };
        let whole = wholes.iter_mut().find(is_here).unwrap();
        let hole = hole(whole, at * HOLE);
        tally.try_place(whole, &hole, HURTS[place as usize % HURTS.len()], &mut |ids| dice.choose(ids));
    }
    tally.finish("some holes");
}

#[test]
fn fifty_holes_anywhere_on_blu_rays_are_told_and_cost_little_more_than_what_lay_in_them() {
    some_holes(&BLU_RAYS, PLACES[0], 2026);
}

#[test]
fn holes_anywhere_on_dvds_are_told_and_cost_little_more_than_what_lay_in_them() {
    some_holes(&DVDS, PLACES[1], 2027);
}

#[test]
fn single_packets_that_are_lost_or_lie_are_told_and_cost_little_more_than_themselves() {
    let Some(data) = test_data() else { return };
    let (mut dice, mut tally) = (Dice(2028), Tally::default());
    for name in ["bd-basic", "dvd-ntsc"] {
        let mut whole = Whole::read(&data, name);
        let packets = whole.packets();
        some_of(&mut whole, &packets, PLACES[2], &PACKET_HURTS, &mut dice, &mut tally);
    }
    tally.finish("single packets");
}

#[test]
fn subtitles_that_are_lost_alone_are_told() {
    let Some(data) = test_data() else { return };
    let (mut dice, mut tally) = (Dice(2029), Tally::default());
    for name in ["bd-basic", "bd-seams", "dvd-subs"] {
        let mut whole = Whole::read(&data, name);
        let runs = whole.subtitles();
        some_of(&mut whole, &runs, SUBTITLES, &PACKET_HURTS[..2], &mut dice, &mut tally);
    }
    tally.finish("subtitles");
}

/// Hurts some of these stretches of a disc.
fn some_of(whole: &mut Whole, all: &[Range<u64>], places: u64, hurts: &[Hurt], dice: &mut Dice, tally: &mut Tally) {
    for place in 0..places {
        let stretch = &all[dice.below(all.len() as u64) as usize];
        tally.try_place(whole, stretch, hurts[place as usize % hurts.len()], &mut |ids| dice.choose(ids));
    }
}

fn many_packets(name: &'static str) {
    let Some(data) = test_data() else { return };
    let (mut dice, mut tally) = (Dice(2030), Tally::default());
    let mut whole = Whole::read(&data, name);
    let (packets, sectors, runs) = (whole.packets(), whole.sectors(), whole.subtitles());
    some_of(&mut whole, &packets, MANY, &PACKET_HURTS, &mut dice, &mut tally);
    some_of(&mut whole, &sectors, MANY, &HURTS, &mut dice, &mut tally);
    if !runs.is_empty() {
        some_of(&mut whole, &runs, MANY / 2, &PACKET_HURTS[..2], &mut dice, &mut tally);
    }
    tally.finish(name);
}

fn every_hole(name: &'static str) {
    let Some(data) = test_data() else { return };
    let mut whole = Whole::read(&data, name);
    let mut tally = Tally::default();
    for at in (0..whole.image.len() as u64).step_by(HOLE as usize) {
        for how in HURTS {
            let hole = hole(&whole, at);
            tally.try_place(&mut whole, &hole, how, &mut |_| ());
        }
    }
    tally.finish(name);
}

macro_rules! long {
    ($($holes:ident $packets:ident $name:literal)*) => {$(
        #[test]
        #[ignore = "long: tests/holes runs it"]
        fn $holes() {
            every_hole($name);
        }

        #[test]
        #[ignore = "long: tests/holes runs it"]
        fn $packets() {
            many_packets($name);
        }
    )*};
}

long! {
    every_hole_of_a_film many_packets_of_a_film "bd-basic"
    every_hole_of_many_titles many_packets_of_many_titles "bd-multi"
    every_hole_of_every_codec many_packets_of_every_codec "bd-codecs"
    every_hole_of_seams many_packets_of_seams "bd-seams"
    every_hole_of_an_ultra_hd_film many_packets_of_an_ultra_hd_film "uhd-basic"
    every_hole_of_dolby_vision many_packets_of_dolby_vision "uhd-dv"
    every_hole_of_a_dvd many_packets_of_a_dvd "dvd-ntsc"
    every_hole_of_shared_cells many_packets_of_shared_cells "dvd-pal-multi"
    every_hole_of_angles many_packets_of_angles "dvd-angles"
    every_hole_of_chains many_packets_of_chains "dvd-chain"
    every_hole_of_samples_and_clocks many_packets_of_samples_and_clocks "dvd-lpcm"
    every_hole_of_dvd_subtitles many_packets_of_dvd_subtitles "dvd-subs"
}
