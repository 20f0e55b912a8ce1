//! What other programs wrote is read.

use std::fs;

use super::{Bench, qemu_img, quiet};
use crate::support::program;

/// Copies an image with freemkv and compares the copy with the disc.
fn assert_reads(bench: &Bench, image: &str) {
    let out = bench.path("copy.iso");
    let done = quiet(&["sweep", &bench.text(image), out.to_str().unwrap(), "--no-drive-log"]);
    assert_eq!(done.code, Some(0), "{image}: {done:?}");
    assert!(fs::read(&out).unwrap() == bench.bytes, "{image} was read as something else");
    for name in ["copy.iso", "copy.iso.map", "copy.iso.map.state"] {
        let _ = fs::remove_file(bench.path(name));
    }
}

#[test]
fn qcow2_of_every_cluster_size_plain_and_compressed_and_preallocated() {
    if program("qemu-img").is_none() {
        return;
    }
    let bench = Bench::new(21);
    for cluster in ["512", "4k", "64k", "512k", "2M"] {
        for more in [&["-c"][..], &["-o", "preallocation=off"], &["-o", "preallocation=metadata"]] {
            let size = format!("cluster_size={cluster}");
            let (image, from) = (bench.text("made.qcow2"), bench.disc());
            qemu_img(&[&["convert", "-f", "raw", "-O", "qcow2", "-o", &size][..], more, &[from, &image]].concat());
            assert_reads(&bench, "made.qcow2");
        }
    }
    for option in ["compat=0.10", "preallocation=falloc", "preallocation=full", "lazy_refcounts=on", "refcount_bits=1"]
    {
        qemu_img(&["convert", "-f", "raw", "-O", "qcow2", "-o", option, bench.disc(), &bench.text("made.qcow2")]);
        assert_reads(&bench, "made.qcow2");
    }
}

#[test]
fn a_qcow2_with_snapshots_reads_as_it_is_now() {
    if program("qemu-img").is_none() || program("qemu-io").is_none() {
        return;
    }
    let mut bench = Bench::new(22);
    let image = bench.text("made.qcow2");
    qemu_img(&["convert", "-f", "raw", "-O", "qcow2", bench.disc(), &image]);
    qemu_img(&["snapshot", "-c", "before", &image]);
    let written = crate::support::run_program("qemu-io", &["-f", "qcow2", "-c", "write -P 0xA5 600k 100k", &image]);
    written.unwrap();
    bench.bytes[600 << 10..700 << 10].fill(0xA5);
    assert_reads(&bench, "made.qcow2");
}

#[test]
fn flat_vmdk_in_one_file_and_in_many() {
    if program("qemu-img").is_none() {
        return;
    }
    let bench = Bench::new(23);
    for kind in ["monolithicFlat", "twoGbMaxExtentFlat"] {
        let option = format!("subformat={kind}");
        qemu_img(&["convert", "-f", "raw", "-O", "vmdk", "-o", &option, bench.disc(), &bench.text("made.vmdk")]);
        assert_reads(&bench, "made.vmdk");
    }
    // Two extents and zeros between them, as other programs cut a disc into pieces.
    fs::write(bench.path("a.vmdk"), &bench.bytes[..1 << 20]).unwrap();
    fs::write(bench.path("b.vmdk"), [&[9; 512][..], &bench.bytes[2 << 20..]].concat()).unwrap();
    let descriptor = "# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\ncreateType=\"twoGbMaxExtentFlat\"\n\
                      RW 2048 FLAT \"a.vmdk\" 0\nRW 2048 ZERO\nRW 2048 FLAT \"b.vmdk\" 1\n";
    fs::write(bench.path("made.vmdk"), descriptor).unwrap();
    assert_reads(&bench, "made.vmdk");
}

#[test]
fn info_and_mux_take_a_container_for_the_disc_in_it() {
    let Some(data) = crate::support::test_data() else { return };
    if program("qemu-img").is_none() {
        return;
    }
    let bench = Bench::new(24);
    let disc = data.join("discs/dvd-subs.iso");
    let disc = disc.to_str().unwrap();
    qemu_img(&["convert", "-f", "raw", "-O", "qcow2", "-c", disc, &bench.text("d.qcow2")]);
    qemu_img(&["convert", "-f", "raw", "-O", "vmdk", "-o", "subformat=monolithicFlat", disc, &bench.text("d.vmdk")]);
    let told = |image: &str| crate::support::run(["info", image, "--files"]);
    let raw = told(disc);
    assert_eq!(raw.code, Some(0));
    let film = |image: &str, out: &str| {
        let out = bench.path(out);
        let done = quiet(&["mux", image, out.to_str().unwrap()]);
        assert_eq!(done.code, Some(0), "{done:?}");
        fs::read(out).unwrap()
    };
    let expected = film(disc, "raw.mkv");
    for image in ["d.qcow2", "d.vmdk"] {
        assert_eq!(told(&bench.text(image)).stdout, raw.stdout);
        assert!(film(&bench.text(image), &format!("{image}.mkv")) == expected, "{image} makes another film");
    }
}
