//! The same disc in another drive, which counts some sectors more or fewer of it.

use super::*;

/// Sectors of the disc here.
const SECTORS: usize = 3000;

/// A disc of which three sectors did not come in its first drive.
fn begun() -> Disc {
    let disc = Disc::new(SECTORS, "cd", "bads 500 3 0\n");
    disc.run("sweep", &[]).ends(3);
    disc
}

/// The disc in a drive that has so many sectors of it.
fn elsewhere(disc: &Disc, sectors: usize) -> String {
    let other = disc.bench.path("other.iso");
    let mut content = fs::read(&disc.bench.disc).unwrap();
    content.resize(sectors * SECTOR, 0xE5);
    fs::write(&other, content).unwrap();
    format!("emu:{},profile=cd", other.display())
}

#[test]
fn some_sectors_more_or_fewer_are_the_same_disc() {
    for (difference, force) in
        [(-2, false), (-1, false), (1, false), (2, false), (150, false), (-300, false), (301, true), (-900, true)]
    {
        let disc = begun();
        let sectors = SECTORS.checked_add_signed(difference).unwrap();
        let more: &[&str] = if force { &["--force"] } else { &[] };
        let told = Told::of(disc.bench.run("patch", &elsewhere(&disc, sectors), more)).ends(0);
        assert_eq!(told.report["sectors"], sectors.max(SECTORS), "{difference}");
        let (image, content) = (fs::read(disc.bench.out()).unwrap(), fs::read(&disc.bench.disc).unwrap());
        assert!(image.len() == sectors.max(SECTORS) * SECTOR && image.starts_with(&content), "{difference}");
        // Back in the first drive nothing is amiss either.
        disc.run("patch", more).ends(0);
    }
}

#[test]
fn much_more_or_fewer_is_another_disc_and_so_is_another_content() {
    for difference in [-301, 301] {
        let disc = begun();
        let sectors = SECTORS.checked_add_signed(difference).unwrap();
        Told::of(disc.bench.run("patch", &elsewhere(&disc, sectors), &[])).ends(5);
    }
    let disc = begun();
    fs::write(disc.bench.path("other.iso"), support::disc_bytes(99, SECTORS - 2)).unwrap();
    let other = format!("emu:{},profile=cd", disc.bench.path("other.iso").display());
    for more in [&[][..], &["--force"]] {
        Told::of(disc.bench.run("patch", &other, more)).ends(5);
    }
}

#[test]
fn what_was_not_read_of_a_longer_disc_is_missing_where_something_behind_it_was() {
    // The first drive has brought the last sectors and not those before them; the second one counts two fewer.
    let disc = Disc::new(SECTORS, "cd", "bads 2998 1 0\nbads 500 3 0\n");
    disc.run("sweep", &[]).ends(3);
    disc.run("patch", &[]).ends(3);
    let told = Told::of(disc.bench.run("patch", &elsewhere(&disc, SECTORS - 2), &[])).ends(3);
    assert_eq!(told.report["rescued_bytes"], (SECTORS - 1) * SECTOR, "{told:?}");
    Told::of(disc.bench.run("patch", &elsewhere(&disc, SECTORS), &[])).ends(0);
}

#[test]
fn an_unfinished_tail_of_a_map_is_cut_as_ddrescue_does() {
    let end = SECTORS * SECTOR;
    for tail in [
        format!("{end} 4096 -"),
        format!("{end} {} ?", i64::MAX as usize - end),
        format!("{end} 2048 /\n{} 2048 ?", end + 2048),
    ] {
        let disc = Disc::new(SECTORS, "cd", "");
        fs::copy(&disc.bench.disc, disc.bench.out()).unwrap();
        let rest = end - 1_030_144;
        let map = format!("0x0 ? 1\n0 1024000 +\n1024000 6144 -\n1030144 {rest} +\n{tail}\n");
        fs::write(disc.bench.path("out.iso.map"), map).unwrap();
        let source = disc.bench.disc.display().to_string();
        let told = Told::of(disc.bench.run("patch", &source, &["--media", "cd"])).ends(0);
        assert_eq!(told.report["sectors"], SECTORS, "{tail}");
        assert!(disc.bench.is_whole(), "{tail}");
    }
}
