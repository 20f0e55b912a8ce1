//! 64 KiB that are zeroed, inverted or missing, anywhere on a disc: nothing panics, every loss is told, what is left comes
//! at its time, and little more is lost than what lay in the hole. Where tables are hit, their second copies are used.
//!
//! A seeded few places here; every place of every disc with `tests/holes`. Needs `FREEMKV_TEST_DATA`.

mod judge;
mod packets;
mod whole;

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use freemkv::base::sector::{SECTOR_BYTES, SectorRange};
use freemkv::base::set::SectorSet;
use freemkv::fs::{Holed, MemorySectors, Sectors};

use super::disc::Disc;
use super::mkv;
use super::support::test_data;
use judge::judge;
use whole::Whole;

const DISCS: [&str; 6] = ["bd-basic", "bd-multi", "bd-codecs", "bd-seams", "uhd-basic", "uhd-dv"];

/// Films that are not right without a hole either.
const NOT_YET: [(&str, &str); 1] = [("bd-seams", "00005")];

/// Bytes of a hole: an ECC block of a Blu-ray.
const HOLE: u64 = 64 << 10;

/// Places that are tried when nobody asks for all.
const PLACES: u64 = 50;

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
}

const HURTS: [Hurt; 3] = [Hurt::Zeroed, Hurt::Inverted, Hurt::Missing];

/// The disc with a hole at byte `at` of its image.
fn hurt(image: &[u8], at: u64, how: Hurt) -> Disc {
    let mut image = image.to_vec();
    let count = (image.len() as u64).div_ceil(SECTOR_BYTES);
    let (from, to) = (at as usize, ((at + HOLE) as usize).min(image.len()));
    match how {
        Hurt::Zeroed | Hurt::Missing => image[from..to].fill(0),
        Hurt::Inverted => image[from..to].iter_mut().for_each(|b| *b = !*b),
    }
    let mut sectors: Arc<dyn Sectors> = Arc::new(MemorySectors::new(image));
    let mut missing = SectorSet::new();
    if how == Hurt::Missing {
        missing.insert(SectorRange::new(at / SECTOR_BYTES, (to as u64).div_ceil(SECTOR_BYTES)));
        sectors = Arc::new(Holed::new(sectors, missing.clone(), count));
    }
    Disc { missing, force: true, ..Disc::sectors(sectors) }
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
    fn try_place(&mut self, whole: &mut Whole, at: u64, how: Hurt, films: &mut dyn FnMut(&mut Vec<String>)) {
        let disc = hurt(&whole.image, at, how);
        let mut ids = whole.films_at(at, HOLE);
        films(&mut ids);
        let folder = tempfile::tempdir().unwrap();
        for id in ids {
            let what = format!("{} {id}, {how:?} at {at:#x}", whole.name);
            let path = folder.path().join("out.mkv");
            let done = catch_unwind(AssertUnwindSafe(|| self.try_film(whole, &disc, &id, at, &path)));
            match done {
                Ok(Ok(())) => {}
                Ok(Err(why)) => self.wrong.push(format!("{what}: {why}")),
                Err(_) => self.wrong.push(format!("{what}: panics")),
            }
            let _ = std::fs::remove_file(&path);
        }
    }

    fn try_film(&mut self, whole: &mut Whole, disc: &Disc, id: &str, at: u64, path: &Path) -> Result<(), String> {
        let must_be_there = whole.has_a_copy_of_everything(at, HOLE);
        let name = whole.name;
        if !disc.titles.iter().any(|t| t.id == id) {
            self.refused.push(format!("{name} {id} at {at:#x}: no such title"));
            return if must_be_there { Err("the title is gone".to_owned()) } else { Ok(()) };
        }
        let report = match disc.mux(id, path) {
            Ok(report) => report,
            Err(why) => {
                self.refused.push(format!("{name} {id} at {at:#x}: {why}"));
                // Where decoding can begin in one place only, that may be gone.
                let has_start =
                    whole.film(id).groups > 1 || whole.hits(id, at, HOLE).iter().all(|(_, hit)| hit.packets == 0);
                return if must_be_there && has_start { Err(why.to_string()) } else { Ok(()) };
            }
        };
        let got = mkv::blocks(path);
        let hits = whole.hits(id, at, HOLE);
        let film = whole.film(id);
        let left_out = disc.plan(id).map(|plan| plan.summary().left_out).unwrap_or_default();
        judge(film, &got, &report, &hits, left_out.get(film.left_out..).unwrap_or_default())?;
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
}

#[test]
fn fifty_holes_anywhere_are_told_and_cost_little_more_than_what_lay_in_them() {
    let Some(data) = test_data() else { return };
    let mut wholes: Vec<Whole> = DISCS.iter().map(|name| Whole::read(&data, name)).collect();
    let all: u64 = wholes.iter().map(Whole::holes).sum();
    let (mut dice, mut tally) = (Dice(2026), Tally::default());
    for place in 0..PLACES {
        let mut at = dice.below(all);
        let disc = wholes
            .iter_mut()
            .find(|whole| {
                at < whole.holes() || {
                    at -= whole.holes();
                    false
                }
            })
            .unwrap();
        tally.try_place(disc, at * HOLE, HURTS[place as usize % HURTS.len()], &mut |ids| {
            while ids.len() > FILMS {
                ids.swap_remove(dice.below(ids.len() as u64) as usize);
            }
        });
    }
    tally.finish("fifty holes");
}

fn every_hole(name: &'static str) {
    let Some(data) = test_data() else { return };
    let mut whole = Whole::read(&data, name);
    let mut tally = Tally::default();
    for at in (0..whole.image.len() as u64).step_by(HOLE as usize) {
        for how in HURTS {
            tally.try_place(&mut whole, at, how, &mut |_| ());
        }
    }
    tally.finish(name);
}

macro_rules! every_hole {
    ($($test:ident $name:literal)*) => {$(
        #[test]
        #[ignore = "long: tests/holes runs it"]
        fn $test() {
            every_hole($name);
        }
    )*};
}

every_hole! {
    every_hole_of_a_film "bd-basic"
    every_hole_of_many_titles "bd-multi"
    every_hole_of_every_codec "bd-codecs"
    every_hole_of_seams "bd-seams"
    every_hole_of_an_ultra_hd_film "uhd-basic"
    every_hole_of_dolby_vision "uhd-dv"
}
