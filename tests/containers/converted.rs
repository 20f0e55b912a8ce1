//! `freemkv convert`.

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use serde_json::Value;

use super::{Bench, assert_sound, qemu_img, quiet};
use crate::support::{program, run};

#[test]
fn raw_and_qcow2_become_each_other_hole_for_hole() {
    let bench = Bench::new(51);
    let (qcow2, back) = (bench.text("a.qcow2"), bench.text("back.iso"));
    let done = run(["convert", bench.disc(), &qcow2, "--json"]);
    assert_eq!(done.code, Some(0), "{done:?}");
    let report: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!((&report["command"], &report["exit_code"]), (&"convert".into(), &0.into()));
    assert_eq!(report["size_bytes"], 3 << 20);
    // A file system that knows no holes has data everywhere.
    let knows_holes = fs::metadata(&bench.disc).unwrap().blocks() * 512 < 3 << 20;
    if knows_holes {
        assert_eq!((&report["data_bytes"], &report["hole_bytes"]), (&(2 << 20).into(), &(1 << 20).into()));
        assert!(fs::metadata(&qcow2).unwrap().len() < (2 << 20) + (512 << 10));
    }
    assert_eq!(quiet(&["convert", &qcow2, &back]).code, Some(0));
    assert!(fs::read(&back).unwrap() == bench.bytes);
    if knows_holes {
        assert_eq!(fs::metadata(&back).unwrap().blocks(), fs::metadata(&bench.disc).unwrap().blocks());
    }
    if program("qemu-img").is_some() {
        assert_sound(&qcow2);
        qemu_img(&["compare", "-f", "raw", "-F", "qcow2", bench.disc(), &qcow2]);
        qemu_img(&[
            "convert",
            "-f",
            "raw",
            "-O",
            "vmdk",
            "-o",
            "subformat=monolithicFlat",
            bench.disc(),
            &bench.text("v.vmdk"),
        ]);
        assert_eq!(quiet(&["convert", &bench.text("v.vmdk"), &bench.text("v.qcow2")]).code, Some(0));
        qemu_img(&["compare", "-f", "raw", "-F", "qcow2", bench.disc(), &bench.text("v.qcow2")]);
    }
}

#[test]
fn what_a_map_calls_missing_goes_along_and_is_told() {
    let bench = Bench::new(52);
    fs::write(bench.path("disc.iso.map"), "0x0 ? 1\n0x0 0x100000 +\n0x100000 0x1000 -\n0x101000 0x1FF000 +\n").unwrap();
    let out = bench.text("out.qcow2");
    let done = run(["convert", bench.disc(), &out, "--json"]);
    assert_eq!(done.code, Some(3), "{done:?}");
    let report: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!((&report["missing_bytes"], &report["complete"]), (&4096.into(), &false.into()));
    let map = fs::read_to_string(bench.path("out.qcow2.map")).unwrap();
    assert!(map.lines().any(|line| line.split_whitespace().eq(["0x00100000", "0x00001000", "-"])), "{map}");
    // And so a patch of the copy brings what is missing.
    assert_eq!(
        quiet(&[
            "patch",
            &{
                fs::copy(&bench.disc, bench.path("whole.iso")).unwrap();
                bench.text("whole.iso")
            },
            &out
        ])
        .code,
        Some(0)
    );
}

#[test]
fn nothing_is_written_over_and_nothing_half_done_is_left() {
    let bench = Bench::new(53);
    fs::write(bench.path("there.qcow2"), b"mine").unwrap();
    assert_eq!(quiet(&["convert", bench.disc(), &bench.text("there.qcow2")]).code, Some(2));
    assert_eq!(fs::read(bench.path("there.qcow2")).unwrap(), b"mine");
    fs::write(bench.path("new.qcow2.map"), b"a map of another").unwrap();
    assert_eq!(quiet(&["convert", bench.disc(), &bench.text("new.qcow2")]).code, Some(2));
    assert_eq!(quiet(&["convert", bench.disc(), bench.disc()]).code, Some(2));
    fs::write(bench.path("killed.qcow2.part"), b"half").unwrap();
    let done = quiet(&["convert", bench.disc(), &bench.text("killed.qcow2")]);
    assert!(done.code == Some(2) && done.stderr.contains("killed.qcow2.part"), "{done:?}");
    assert_eq!(fs::read(bench.path("killed.qcow2.part")).unwrap(), b"half");
    for (source, image, code) in [
        ("emu:disc.iso", "x.qcow2", 2),
        ("none.iso", "x.qcow2", 1),
        ("disc.iso", "x.vmdk", 2),
        ("disc.iso", "no/such/x.qcow2", 1),
        ("disc.iso", "/dev/null", 2),
    ] {
        let name = |name: &str| if name.starts_with(['/', 'e']) { name.to_owned() } else { bench.text(name) };
        let done = quiet(&["convert", &name(source), &name(image)]);
        assert_eq!(done.code, Some(code), "{source} {image}: {done:?}");
    }
    if program("qemu-img").is_none() {
        return;
    }
    // An image whose tables lie: its second half is mapped behind the end of the file.
    let damaged = bench.text("damaged.qcow2");
    qemu_img(&["convert", "-f", "raw", "-O", "qcow2", bench.disc(), &damaged]);
    let length = fs::metadata(&damaged).unwrap().len();
    fs::File::options().write(true).open(&damaged).unwrap().set_len(length - (512 << 10)).unwrap();
    let done = quiet(&["convert", &damaged, &bench.text("x.iso")]);
    assert_eq!(done.code, Some(1), "{done:?}");
    assert!(done.stderr.contains("behind the end"), "{done:?}");
    assert!(["x.iso", "x.iso.part", "x.iso.map"].iter().all(|name| !bench.path(name).exists()));
    // A sweep takes what there is, and says what is not.
    assert_eq!(quiet(&["sweep", &damaged, &bench.text("x.iso")]).code, Some(3));
    let (copy, rescued) =
        (fs::read(bench.path("x.iso")).unwrap(), crate::support::rescued_sectors(&bench.path("x.iso.map")));
    assert!(rescued.len() > 700 && rescued.len() < 1536, "{}", rescued.len());
    for lba in rescued {
        assert!(super::sector(&copy, lba) == super::sector(&bench.bytes, lba), "sector {lba}");
    }
}
