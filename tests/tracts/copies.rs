//! Images with a map of their own as sources.

use super::made::Maker;
use super::*;

#[test]
fn what_the_map_of_a_source_lacks_is_copied_as_missing() {
    let disc = Disc::new(6400, "dvd", "bad 100 4 0\nbad 300 1 0\n");
    disc.run("sweep", &[]).ends(3);
    disc.run("patch", &["--passes", "1"]).ends(3);
    let source = disc.bench.out().display().to_string();
    let copy = disc.bench.path("copy.iso");
    for (command, of) in [("sweep", "all"), ("patch", "the rest")] {
        let done = run([command, &source, copy.to_str().unwrap(), "--json"]);
        let told = Told::of(done).ends(3).says("lacks");
        assert_eq!(told.report["rescued_bytes"], (6400 - 5 * 16) * SECTOR, "{of}");
        assert_eq!(told.report["failed_reads"], 0, "nothing is asked for that is not there");
    }
    let statuses = support::bench::statuses(&disc.bench.path("copy.iso.map"));
    let wrong = statuses.chars().enumerate().find(|(sector, status)| {
        let is_missing = matches!(sector / 16, 100..104 | 300);
        *status != if is_missing { '?' } else { '+' }
    });
    assert_eq!(wrong, None);
    // Once the source has them, the copy gets them.
    Told::of(disc.bench.run("patch", &format!("emu:{},profile=dvd", disc.bench.disc.display()), &[])).ends(0);
    let done = run(["patch", &source, copy.to_str().unwrap(), "--json"]);
    Told::of(done).ends(0);
    assert!(fs::read(copy).unwrap() == fs::read(&disc.bench.disc).unwrap());
}

#[test]
fn tracts_of_a_source_are_left_out_of_its_copy() {
    let disc = Disc::new(13_000, "cd", "track 0 data 1000\nsession\ntrack 12400 data 600\n");
    disc.run("sweep", &[]).ends(0);
    let copy = disc.bench.path("copy.iso");
    let done = run(["sweep", disc.bench.out().to_str().unwrap(), copy.to_str().unwrap(), "--json"]);
    Told::of(done).ends(0).leaves_out(&[(1000, 11_400, "session_gap")]);
    let text = fs::read_to_string(disc.bench.path("copy.iso.map")).unwrap();
    assert!(text.contains("# Left out: sectors 1000-12399, session_gap"));
    let shown = run(["map", "show", disc.bench.path("copy.iso.map").to_str().unwrap()]);
    assert!(
        shown.stdout.contains("left out: sectors 1000-12399") && shown.stdout.contains("Nothing is missing."),
        "{shown:?}"
    );
}

#[test]
fn an_image_that_is_shorter_than_its_map_lacks_the_rest() {
    let Some(maker) = Maker::new() else { return };
    let content = maker.iso("WHOLE", &[("A.BIN", 500_000)], &[]);
    let disc = Disc::of(&content, "cd", "");
    disc.run("sweep", &[]).ends(0);
    fs::File::options().write(true).open(disc.bench.out()).unwrap().set_len(100 * SECTOR as u64 + 5).unwrap();
    let copy = disc.bench.path("copy.iso");
    let done = run(["sweep", disc.bench.out().to_str().unwrap(), copy.to_str().unwrap(), "--json"]);
    let told = Told::of(done).ends(3);
    assert_eq!(
        (told.report["rescued_bytes"].as_u64(), told.report["sectors"].as_u64()),
        (Some(100 * SECTOR as u64), Some((content.len() / SECTOR) as u64))
    );
    // Another disc's map beside an image is told, and nothing is read.
    fs::write(disc.bench.path("out.iso.map"), "0 + 1\n0 2048 +\n").unwrap();
    let done =
        run(["sweep", disc.bench.out().to_str().unwrap(), disc.bench.path("new.iso").to_str().unwrap(), "--json"]);
    Told::of(done).ends(2).says("is a map of 2048 bytes");
}
