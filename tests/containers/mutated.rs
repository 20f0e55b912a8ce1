//! Containers that are damaged at random: no panic, no hang, no memory beyond the promise, and what is written into one is in it.

use std::fs;
use std::io::Read as _;
use std::process::{Command, Stdio};

use super::{Bench, qemu_img, quiet};
use crate::support::kill::Lcg;
use crate::support::program;

/// Kilobytes of address space, the program and the stacks of its threads included: less is resident.
const ADDRESS_SPACE_KIB: u32 = 128 << 10;

/// The longest file, in blocks of 512 bytes: 64 MiB.
const FILE_BLOCKS: u32 = 128 << 10;

/// Seconds after which a run that has 3 MiB to read hangs.
const PATIENCE: &str = "60";

/// Changes a few places: of the header, of the tables behind it, anywhere.
fn mutate(bytes: &mut Vec<u8>, tables: usize, random: &mut Lcg) {
    let mut below = |limit: usize| random.below(limit as u64) as usize;
    for _ in 0..=below(6) {
        let end = [112, 4096, tables, bytes.len()][below(4)].min(bytes.len());
        let at = below(end);
        match below(4) {
            0 => bytes[at] ^= 1 << below(8),
            1 => bytes[at] = below(256) as u8,
            2 => {
                let value = [0, u64::MAX, 1 << 62, 1 << 40, 1 << 63 | 65536, (below(1 << 30) as u64) << 9][below(6)]
                    .to_be_bytes();
                let at = at & !7;
                let length = 8.min(bytes.len() - at);
                bytes[at..at + length].copy_from_slice(&value[..length]);
            }
            _ if below(8) == 0 => bytes.truncate(at.max(1)),
            _ => bytes[at] = bytes[below(bytes.len())],
        }
    }
}

#[test]
fn mutated_containers_do_no_harm() {
    if program("qemu-img").is_none() {
        return;
    }
    let bench = Bench::new(61);
    let made = |name: &str, words: &[&str]| {
        qemu_img(&[&["convert", "-f", "raw"][..], words, &[bench.disc(), &bench.text(name)]].concat());
        fs::read(bench.path(name)).unwrap()
    };
    let images = [
        made("a.qcow2", &["-O", "qcow2"]),
        made("b.qcow2", &["-O", "qcow2", "-c", "-o", "cluster_size=4k"]),
        made("c.qcow2", &["-O", "qcow2", "-o", "cluster_size=512,refcount_bits=64"]),
        made("d.qcow2", &["-O", "qcow2", "-c", "-o", "cluster_size=2M"]),
    ];
    // As this program makes them.
    assert_eq!(quiet(&["sweep", bench.disc(), &bench.text("e.qcow2")]).code, Some(0));
    let images = [&images[..], &[fs::read(bench.path("e.qcow2")).unwrap()]].concat();
    let descriptor = made("f.vmdk", &["-O", "vmdk", "-o", "subformat=monolithicFlat"]);
    let count = if std::env::var_os("FREEMKV_TEST_LONG").is_some() { 20_000 } else { 240 };
    let (mut random, mut read, mut written, mut whole) = (Lcg(7), 0, 0, 0);
    for index in 0..count {
        // Which one, and what becomes of it, are two throws: each meets each.
        let which = random.below(images.len() as u64 + 1) as usize;
        let (mut bytes, name) =
            images.get(which).map_or((descriptor.clone(), "m.vmdk"), |image| (image.clone(), "m.qcow2"));
        mutate(&mut bytes, 400 << 10, &mut random);
        fs::write(bench.path(name), &bytes).unwrap();
        let (image, out) = (bench.text(name), bench.text("copy.iso"));
        let words = match random.below(4) {
            0 | 1 if name == "m.qcow2" => vec!["sweep", bench.disc(), &image],
            2 => vec!["sweep", &image, &out],
            _ => vec!["convert", &image, &out],
        };
        if words[1] == bench.disc() {
            fs::write(bench.path("m.qcow2.map"), "0x0 ? 1\n0x0 0x1000 +\n0x1000 0x2FF000 ?\n").unwrap();
            written += 1;
        }
        // A header may say that it holds 500 GiB: nobody waits until all of it is written.
        let limited =
            format!("ulimit -v {ADDRESS_SPACE_KIB}; ulimit -f {FILE_BLOCKS}; exec timeout {PATIENCE} \"$0\" \"$@\"");
        let output = Command::new("sh")
            // Else glibc reserves 64 MiB of addresses, and uses little of them, for each thread.
            .env("MALLOC_ARENA_MAX", "1")
            .args(["-c", &limited, env!("CARGO_BIN_EXE_freemkv")])
            .args(&words)
            .args(["-q", "--no-drive-log"].iter().filter(|word| words[0] != "convert" || **word == "-q"))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let code = output.status.code();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(code, Some(0..=3 | 5)), "container {index}, {words:?}: {code:?}\n{said}");
        let is_done = usize::from(code == Some(0));
        if words[1] != bench.disc() {
            read += is_done;
        } else if is_done > 0 {
            whole += 1;
            // All of it is called rescued; what was there before, and how long it says that it is, somebody else has changed.
            fs::remove_file(bench.path("m.qcow2.map")).unwrap();
            assert_eq!(quiet(&["convert", &image, &out]).code, Some(0), "container {index}");
            let mut back = vec![0; bench.bytes.len()];
            fs::File::open(&out).and_then(|mut file| file.read_exact(&mut back)).unwrap();
            assert!(back[4096..] == bench.bytes[4096..], "container {index}: a false claim");
        }
        for left in ["copy.iso", "copy.iso.map", "copy.iso.map.state", "m.qcow2.map", "m.qcow2.map.state"] {
            let _ = fs::remove_file(bench.path(left));
        }
    }
    println!("{count} containers: {written} gone on with, {whole} of them to the end; {read} others read whole");
    assert!(read > count / 10 && whole > written / 20, "hardly any could be used: nothing was tried");
}
