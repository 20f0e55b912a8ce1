//! Images that sweep and patch write are what QEMU takes them for.

use std::fs;

use serde_json::Value;

use super::{Bench, assert_sound, qemu_img, quiet, sector};
use crate::support::{program, rescued_sectors, run_program};

/// Two ECC units of a DVD that cannot be read, and one elsewhere.
const PLAN: &str = "bad 3 2 0\nbad 90 1 0\n";

#[test]
fn a_sweep_onto_qcow2_is_the_disc_and_what_was_not_read_takes_no_room() {
    if program("qemu-img").is_none() {
        return;
    }
    let bench = Bench::new(41);
    let out = bench.text("out.qcow2");
    assert_eq!(quiet(&["sweep", bench.disc(), &out]).code, Some(0));
    assert_sound(&out);
    qemu_img(&["compare", "-f", "raw", "-F", "qcow2", bench.disc(), &out]);
    assert_eq!(qemu_img(&["check", &out]).lines().next(), Some("No errors were found on the image."));

    fs::write(bench.path("plan"), "bad 64 32 0\n").unwrap();
    let drive = format!("emu:{},profile=dvd,faults={}", bench.disc(), bench.text("plan"));
    let half = bench.text("half.qcow2");
    assert_eq!(quiet(&["sweep", &drive, &half]).code, Some(3));
    assert_sound(&half);
    let map: Value = serde_json::from_str(&qemu_img(&["map", "--output=json", &half])).unwrap();
    let holes: Vec<(u64, u64)> = map
        .as_array()
        .unwrap()
        .iter()
        .filter(|run| run["data"] == false)
        .map(|run| (run["start"].as_u64().unwrap(), run["length"].as_u64().unwrap()))
        .collect();
    assert_eq!(holes, [(64 * 16 * 2048, 32 * 16 * 2048)], "{map}");
}

#[test]
fn every_way_of_writing_makes_the_same_image() {
    if program("qemu-img").is_none() {
        return;
    }
    let bench = Bench::new(47);
    for how in ["dontcache", "window", "direct", "plain"] {
        let out = bench.text(&format!("{how}.qcow2"));
        let done = quiet(&["sweep", bench.disc(), &out, "--write", how, "--prealloc", "zero"]);
        if done.code == Some(2) && done.stderr.contains("--write") {
            crate::support::skip(&format!("--write {how} does not work here"));
            continue;
        }
        assert_eq!(done.code, Some(0), "{how}: {done:?}");
        assert_sound(&out);
        qemu_img(&["compare", "-f", "raw", "-F", "qcow2", bench.disc(), &out]);
    }
}

#[test]
fn patch_fills_the_holes_of_a_qcow2_and_a_disc_of_another_sort_is_refused() {
    if program("qemu-img").is_none() {
        return;
    }
    let bench = Bench::new(42);
    fs::write(bench.path("plan"), PLAN).unwrap();
    let drive = format!("emu:{},profile=dvd,faults={}", bench.disc(), bench.text("plan"));
    let out = bench.text("out.qcow2");
    assert_eq!(quiet(&["sweep", &drive, &out]).code, Some(3));
    let raw = bench.text("raw.iso");
    qemu_img(&["convert", "-f", "qcow2", "-O", "raw", &out, &raw]);
    let half = fs::read(&raw).unwrap();
    let rescued = rescued_sectors(&bench.path("out.qcow2.map"));
    assert!(!rescued.contains(&48) && !rescued.contains(&1440) && rescued.len() > 1300);
    for lba in 0..1536 {
        let expected = if rescued.contains(&lba) { sector(&bench.bytes, lba) } else { &[0; 2048] };
        assert!(sector(&half, lba) == expected, "sector {lba}");
    }
    // What is known of the source lets info and mux tell what is hurt.
    let done = crate::support::run(["map", "show", &bench.text("out.qcow2.map")]);
    assert_eq!(done.code, Some(0), "{done:?}");
    let other = Bench::new(43);
    let before = fs::read(&out).unwrap();
    assert_eq!(quiet(&["patch", other.disc(), &out]).code, Some(5));
    assert!(fs::read(&out).unwrap() == before, "another disc touches nothing");
    assert_eq!(quiet(&["patch", bench.disc(), &out]).code, Some(0));
    assert_sound(&out);
    qemu_img(&["compare", "-f", "raw", "-F", "qcow2", bench.disc(), &out]);
}

#[test]
fn what_qemu_writes_and_freemkv_writes_is_read_by_the_other() {
    if program("qemu-io").is_none() || program("qemu-img").is_none() {
        return;
    }
    let bench = Bench::new(44);
    let out = bench.text("out.qcow2");
    assert_eq!(quiet(&["sweep", bench.disc(), &out, "--only", "0-99"]).code, Some(3));
    let io = |command: &str| run_program("qemu-io", &["-f", "qcow2", "-c", command, &out]);
    // A hole, zeros by the disc's own data, and a pattern that a machine writes into the image.
    io("read -P 0 1M 2M").unwrap();
    io("write -P 0x5A 2M 300k").unwrap();
    let copy = bench.text("copy.iso");
    assert_eq!(quiet(&["convert", &out, &copy]).code, Some(3), "the map says that it lacks something");
    let bytes = fs::read(&copy).unwrap();
    assert!(bytes[2 << 20..(2 << 20) + (300 << 10)].iter().all(|byte| *byte == 0x5A));
    assert!(bytes[..100 * 2048] == bench.bytes[..100 * 2048]);
    // And the sweep goes on with an image that QEMU has written into.
    assert_eq!(quiet(&["sweep", bench.disc(), &out]).code, Some(0));
    assert_sound(&out);
    qemu_img(&["compare", "-f", "raw", "-F", "qcow2", bench.disc(), &out]);
}

#[test]
fn format_makes_a_qcow2_of_any_name_and_restart_and_force_begin_again() {
    if program("qemu-img").is_none() {
        return;
    }
    let bench = Bench::new(45);
    let out = bench.text("out.img");
    let sweep = |more: &[&str]| quiet(&[&["sweep", bench.disc(), &out, "--format", "qcow2"][..], more].concat());
    assert_eq!(sweep(&[]).code, Some(0));
    assert_sound(&out);
    assert_eq!(sweep(&["--restart"]).code, Some(0));
    assert!(bench.path("out.img.old").exists());
    fs::remove_file(bench.path("out.img.map")).unwrap();
    assert_eq!(sweep(&[]).code, Some(2), "an image without a map is not written over");
    assert_eq!(sweep(&["--force"]).code, Some(0));
    qemu_img(&["compare", "-f", "raw", "-F", "qcow2", bench.disc(), &out]);
    let info = crate::support::run(["info", &out, "--format", "qcow2"]);
    assert!(info.code == Some(1) && info.stderr.contains("file system"), "{info:?}");
}

#[test]
fn a_larger_disc_makes_the_image_larger() {
    if program("qemu-img").is_none() {
        return;
    }
    let bench = Bench::new(46);
    let short = bench.path("short.iso");
    fs::write(&short, &bench.bytes[..1 << 20]).unwrap();
    let out = bench.text("out.qcow2");
    assert_eq!(quiet(&["sweep", short.to_str().unwrap(), &out]).code, Some(0));
    // The map is told of a disc that has more, as another drive reads it.
    let map = "0x0 ? 1\n0x0 0x100000 +\n0x100000 0x200000 ?\n";
    fs::write(bench.path("out.qcow2.map"), map).unwrap();
    assert_eq!(quiet(&["sweep", bench.disc(), &out]).code, Some(0));
    assert_sound(&out);
    qemu_img(&["compare", "-f", "raw", "-F", "qcow2", bench.disc(), &out]);
}
