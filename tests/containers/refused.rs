//! Kinds that are not read or written are named, and nothing is touched.

use std::fs;
use std::os::unix::fs::symlink;

use super::{Bench, qemu_img, quiet};
use crate::support::{program, run};

/// What freemkv says of an image as a source, and its exit code.
fn told(bench: &Bench, image: &str) -> (Option<i32>, String) {
    let out = bench.path("never.iso");
    let done = run(["sweep", &bench.text(image), out.to_str().unwrap()]);
    assert!(!out.exists(), "{image}: {done:?}");
    (done.code, done.stderr)
}

fn assert_refused(bench: &Bench, image: &str, code: i32, word: &str) {
    let before = fs::read(bench.path(image)).unwrap();
    let (exit, text) = told(bench, image);
    assert_eq!(exit, Some(code), "{image}: {text}");
    assert!(text.contains(word) && text.contains(image), "{image}: {text}");
    assert!(fs::read(bench.path(image)).unwrap() == before);
}

#[test]
fn kinds_that_are_not_read_are_named() {
    if program("qemu-img").is_none() {
        return;
    }
    let bench = Bench::new(31);
    let make = |name: &str, words: &[&str]| {
        let path = bench.text(name);
        qemu_img(&[&["convert", "-f", "raw"][..], words, &[bench.disc(), &path]].concat());
    };
    make("zstd.qcow2", &["-O", "qcow2", "-c", "-o", "compression_type=zstd"]);
    make("l2.qcow2", &["-O", "qcow2", "-o", "extended_l2=on"]);
    make("sparse.vmdk", &["-O", "vmdk"]);
    make("stream.vmdk", &["-O", "vmdk", "-o", "subformat=streamOptimized"]);
    make("two.vmdk", &["-O", "vmdk", "-o", "subformat=twoGbMaxExtentSparse"]);
    let data = format!("data_file={}", bench.text("elsewhere"));
    make("data.qcow2", &["-O", "qcow2", "-o", &data]);
    make("base.qcow2", &["-O", "qcow2"]);
    qemu_img(&["create", "-f", "qcow2", "-F", "qcow2", "-b", &bench.text("base.qcow2"), &bench.text("over.qcow2")]);
    let secret = ["--object", "secret,id=s,data=x", "-f", "qcow2", "-o", "encrypt.format=luks,encrypt.key-secret=s"];
    let path = bench.text("luks.qcow2");
    let luks = [&["create"][..], &secret, &[&path, "1M"]].concat();
    let has_luks = crate::support::run_program("qemu-img", &luks).is_ok();
    for (image, word) in [
        ("zstd.qcow2", "zstd"),
        ("l2.qcow2", "extended L2"),
        ("sparse.vmdk", "sparse"),
        ("stream.vmdk", "sparse"),
        ("two.vmdk", "twoGbMaxExtentSparse"),
        ("data.qcow2", "external data file"),
        ("over.qcow2", "backing file"),
    ] {
        assert_refused(&bench, image, 2, word);
    }
    if has_luks {
        assert_refused(&bench, "luks.qcow2", 2, "encrypted");
    }
    for (bit, word) in [(1, "dirty bit"), (2, "corrupt bit")] {
        let mut bytes = fs::read(bench.path("base.qcow2")).unwrap();
        bytes[79] = bit;
        fs::write(bench.path("marked.qcow2"), bytes).unwrap();
        assert_refused(&bench, "marked.qcow2", 1, word);
    }
    let whole = fs::read(bench.path("base.qcow2")).unwrap();
    fs::write(bench.path("cut.qcow2"), &whole[..70_000]).unwrap();
    assert_refused(&bench, "cut.qcow2", 1, "ends before");
}

#[test]
fn what_its_name_says_and_its_content_does_not() {
    let bench = Bench::new(32);
    for name in ["raw.qcow2", "raw.vmdk"] {
        fs::copy(&bench.disc, bench.path(name)).unwrap();
        assert_refused(&bench, name, 2, "first bytes");
        let (image, out) = (bench.text(name), bench.text("copy.iso"));
        assert_eq!(quiet(&["sweep", &image, &out, "--format", "raw", "--force"]).code, Some(0));
        assert!(fs::read(&out).unwrap() == bench.bytes);
        // Nor is it written over as an image.
        assert_eq!(quiet(&["sweep", bench.disc(), &image, "--force"]).code, Some(2));
        assert!(fs::read(&image).unwrap() == bench.bytes);
    }
    // A raw image whose author wrote another head.
    let mut head = bench.bytes.clone();
    head[..8].copy_from_slice(b"QFI\xFB\0\0\0\x03");
    fs::write(bench.path("odd.iso"), &head).unwrap();
    let out = bench.text("odd.copy");
    assert_eq!(quiet(&["sweep", &bench.text("odd.iso"), &out]).code, Some(0));
    assert!(fs::read(out).unwrap() == head);
    let as_qcow2 = quiet(&["info", &bench.text("odd.iso"), "--format", "qcow2"]);
    assert!(matches!(as_qcow2.code, Some(1 | 2)), "{as_qcow2:?}");
}

#[test]
fn a_flat_vmdk_pulls_in_nothing_but_files_beside_it() {
    let bench = Bench::new(33);
    let descriptor = |name: &str| {
        format!("# Disk DescriptorFile\nparentCID=ffffffff\ncreateType=\"monolithicFlat\"\nRW 6144 FLAT \"{name}\" 0\n")
    };
    let refused = |name: &str| {
        fs::write(bench.path("d.vmdk"), descriptor(name)).unwrap();
        told(&bench, "d.vmdk")
    };
    for name in ["/etc/passwd", "../disc.iso", "sub/disc.iso", ".."] {
        let (code, text) = refused(name);
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains("does not lie beside it"), "{text}");
    }
    symlink(&bench.disc, bench.path("link")).unwrap();
    nix::unistd::mkfifo(&bench.path("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    fs::create_dir(bench.path("sub")).unwrap();
    for name in ["link", "pipe", "sub", "nothing"] {
        assert_eq!(refused(name).0, Some(1), "{name}");
    }
    fs::write(bench.path("short"), [0; 512]).unwrap();
    assert!(refused("short").1.contains("ends before"));
}

#[test]
fn images_that_others_made_are_written_only_where_it_is_safe() {
    if program("qemu-img").is_none() {
        return;
    }
    let bench = Bench::new(34);
    let out = bench.text("out.qcow2");
    for (words, word) in [
        (&["-o", "cluster_size=4k"][..], "64 KiB"),
        (&["-o", "compat=0.10"], "version 2"),
        (&["-o", "refcount_bits=8"], "16 bits"),
        (&["-c"], "compressed"),
    ] {
        qemu_img(&[&["convert", "-f", "raw", "-O", "qcow2"][..], words, &[bench.disc(), &out]].concat());
        fs::write(bench.path("out.qcow2.map"), "0x0 ? 1\n0x0 0x100000 +\n0x100000 0x200000 ?\n").unwrap();
        let before = fs::read(&out).unwrap();
        let done = run(["sweep", bench.disc(), &out]);
        assert_eq!(done.code, Some(2), "{words:?}: {done:?}");
        assert!(done.stderr.contains(word), "{done:?}");
        assert!(fs::read(&out).unwrap() == before);
    }
    qemu_img(&["convert", "-f", "raw", "-O", "qcow2", bench.disc(), &out]);
    qemu_img(&["snapshot", "-c", "x", &out]);
    let done = run(["sweep", bench.disc(), &out]);
    assert!(done.code == Some(2) && done.stderr.contains("snapshots"), "{done:?}");
    for (image, word) in [("new.vmdk", "not written"), ("/dev/stdout", "regular file")] {
        let image = if image.starts_with('/') { image.to_owned() } else { bench.text(image) };
        let format = if image.starts_with("/dev") { &["--format", "qcow2"][..] } else { &[] };
        let done = run([&["sweep", bench.disc(), &image][..], format].concat());
        assert_eq!(done.code, Some(2), "{done:?}");
        assert!(done.stderr.contains(word), "{done:?}");
    }
    for option in [["--prealloc", "allocate"], ["--prealloc", "write"]] {
        let new = bench.text("new.qcow2");
        assert_eq!(quiet(&[&["sweep", bench.disc(), &new][..], &option].concat()).code, Some(2), "{option:?}");
        assert!(!bench.path("new.qcow2").exists() && !bench.path("new.qcow2.map").exists());
    }
}
