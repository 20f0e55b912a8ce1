//! Discs whose structures were changed: byte by byte, and field by field with lengths, offsets and checksums made right again.
//! Whatever they say, the program tells something, in its time and memory, and does not panic.

mod disc;
mod look;
mod tables;
mod udf;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use super::random::Random;
use crate::support::test_data;
use disc::Disc;

/// Discs in CI and in the long campaign, and the longest that one may take.
const FEW: u64 = 240;
const MANY: u64 = 5000;
const LONGEST: Duration = Duration::from_secs(60);

/// One in so many is muxed, and handed to the program itself.
const MUXED: u64 = 12;

/// What is changed of a disc.
const WAYS: [fn(&mut Disc, &mut Random); 5] = [bytes, bytes, udf::field, tables::field, tables::shift];

/// Some bytes of what is read of it before any film.
fn bytes(disc: &mut Disc, random: &mut Random) {
    for _ in 0..=random.below(8) {
        let sector = *random.one_of(&disc.read);
        let at = sector * disc::SECTOR + usize::try_from(random.below(disc::SECTOR as u64)).unwrap();
        let value = random.next().to_le_bytes()[0];
        if let Some(byte) = disc.image.get_mut(at) {
            *byte = value;
        }
    }
}

/// A value that is likely to hurt, of `width` bytes.
fn hurting(random: &mut Random, now: u64, width: u32) -> u64 {
    let most = u64::MAX >> (64 - 8 * width);
    let choice = match random.below(10) {
        0 => 0,
        1 => 1,
        2 => most,
        3 => most / 2,
        4 => most / 2 + 1,
        5 => now.wrapping_add(1),
        6 => now.wrapping_sub(1),
        7 => now ^ (1 << random.below(u64::from(8 * width))),
        8 => now.wrapping_mul(2),
        _ => random.next(),
    };
    choice & most
}

fn discs() -> Vec<PathBuf> {
    let mut found = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/discs/film.iso")];
    if let Some(data) = test_data() {
        let small = ["uhd-dv", "dvd-angles", "dvd-chain", "dvd-subs", "bd-seams", "bd-codecs", "data-cd", "data-udf"];
        found.extend(
            small.iter().map(|name| data.join("discs").join(format!("{name}.iso"))).filter(|path| path.exists()),
        );
    }
    found
}

/// Changes a disc as the numbers say, and looks at all of it. What went wrong.
fn try_one(whole: &Disc, seed: u64) -> Result<(), String> {
    let mut random = Random::new(seed);
    let mut disc = whole.clone();
    for _ in 0..=random.below(3) {
        random.one_of(&WAYS)(&mut disc, &mut random);
    }
    let is_muxed = random.below(MUXED) == 0;
    if is_muxed {
        look::with_the_program(&disc.image)?;
    }
    let (tell, told) = channel();
    let looks = std::thread::spawn(move || {
        let done = catch_unwind(AssertUnwindSafe(|| look::at(disc.image, is_muxed)));
        let _ = tell.send(done.is_ok());
    });
    match told.recv_timeout(LONGEST) {
        Ok(true) => looks.join().map_err(|_| "it panicked at its end".into()),
        Ok(false) => Err("it panicked".into()),
        Err(RecvTimeoutError::Timeout) => Err(format!("it takes longer than {LONGEST:?}")),
        Err(RecvTimeoutError::Disconnected) => Err("its thread is gone".into()),
    }
}

#[test]
fn discs_with_changed_structures_bring_nothing_down() {
    let number = |name: &str, default| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default);
    let usual = if std::env::var_os("FREEMKV_TEST_LONG").is_some() { MANY } else { FEW };
    let (cases, first) = (number("FREEMKV_MUTATED", usual), number("FREEMKV_MUTATED_SEED", 1_u64));
    let discs: Vec<(PathBuf, Disc)> = discs().into_iter().map(|path| (path.clone(), Disc::read(&path))).collect();
    let failed: Vec<String> = (first..first + cases)
        .filter_map(|seed| {
            let (path, disc) = &discs[usize::try_from(seed).unwrap() % discs.len()];
            let why = try_one(disc, seed).err()?;
            Some(format!("{} changed from seed {seed}: {why}", path.file_name().unwrap().display()))
        })
        .collect();
    println!("figures: {cases} changed discs from seed {first} on, {} with a finding", failed.len());
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// The changes are made: a mutator that changes nothing finds nothing.
#[test]
fn each_way_changes_a_disc_and_seals_what_it_changed() {
    let whole = Disc::read(&discs()[0]);
    for (number, way) in WAYS.iter().enumerate() {
        let changed = (0..40).filter(|seed| {
            let mut disc = whole.clone();
            way(&mut disc, &mut Random::new(*seed));
            disc.image != whole.image
        });
        assert!(changed.count() > 20, "way {number} leaves most discs as they were");
    }
    // A descriptor with a changed field is still one.
    let mut still = 0;
    for seed in 0..40 {
        let mut disc = whole.clone();
        udf::field(&mut disc, &mut Random::new(seed));
        let tags = |disc: &Disc| udf::descriptors(disc).len();
        still += usize::from(tags(&disc) == tags(&whole));
    }
    assert!(still > 30, "{still} of 40");
}
