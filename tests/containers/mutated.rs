//! Containers that are damaged at random: no panic, no hang, no memory beyond the promise.

use std::fs;
use std::process::{Command, Stdio};

use super::{Bench, qemu_img};
use crate::support::program;

/// Kilobytes of address space: the program itself, its threads, and 128 MiB.
const ADDRESS_SPACE_KIB: u32 = 400 << 10;

/// The longest file, in blocks of 512 bytes: 64 MiB.
const FILE_BLOCKS: u32 = 128 << 10;

/// Seconds after which a run that has 3 MiB to read hangs.
const PATIENCE: &str = "60";

/// A small generator.
struct Lcg(u64);

impl Lcg {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.0 >> 33) % limit as u64) as usize
    }
}

/// Changes a few places: of the header, of the tables behind it, anywhere.
fn mutate(bytes: &mut Vec<u8>, tables: usize, random: &mut Lcg) {
    for _ in 0..=random.below(6) {
        let end = [112, 4096, tables, bytes.len()][random.below(4)].min(bytes.len());
        let at = random.below(end);
        match random.below(4) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = random.below(256) as u8,
            2 => {
                let value = [0, u64::MAX, 1 << 62, 1 << 40, 1 << 63 | 65536, random.0][random.below(6)].to_be_bytes();
                let at = at & !7;
                let length = 8.min(bytes.len() - at);
                bytes[at..at + length].copy_from_slice(&value[..length]);
            }
            _ if random.below(8) == 0 => bytes.truncate(at.max(1)),
            _ => bytes[at] = bytes[random.below(bytes.len())],
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
    let descriptor = made("f.vmdk", &["-O", "vmdk", "-o", "subformat=monolithicFlat"]);
    let count = if std::env::var_os("FREEMKV_TEST_LONG").is_some() { 20_000 } else { 240 };
    let (mut random, mut read) = (Lcg(7), 0);
    for index in 0..count {
        let (mut bytes, name) = match index % 6 {
            5 => (descriptor.clone(), "m.vmdk"),
            which => (images[which % images.len()].clone(), "m.qcow2"),
        };
        mutate(&mut bytes, 400 << 10, &mut random);
        fs::write(bench.path(name), &bytes).unwrap();
        // Half of them as a source, half as an image to go on with.
        let (image, out) = (bench.text(name), bench.text("copy.iso"));
        let words = match index % 4 {
            3 if name == "m.qcow2" => vec!["sweep", bench.disc(), &image],
            2 => vec!["sweep", &image, &out],
            _ => vec!["convert", &image, &out],
        };
        if words[1] == bench.disc() {
            fs::write(bench.path("m.qcow2.map"), "0x0 ? 1\n0x0 0x1000 +\n0x1000 0x2FF000 ?\n").unwrap();
        }
        // A header may say that it holds 500 GiB: nobody waits until all of it is written.
        let limited =
            format!("ulimit -v {ADDRESS_SPACE_KIB}; ulimit -f {FILE_BLOCKS}; exec timeout {PATIENCE} \"$0\" \"$@\"");
        let output = Command::new("sh")
            .args(["-c", &limited, env!("CARGO_BIN_EXE_freemkv")])
            .args(&words)
            .args(["-q", "--no-drive-log"].iter().filter(|word| words[0] != "convert" || **word == "-q"))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let code = output.status.code();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(code, Some(0..=3 | 5)), "container {index}, {words:?}: {code:?}\n{said}");
        read += usize::from(code == Some(0));
        for left in ["copy.iso", "copy.iso.map", "copy.iso.map.state", "m.qcow2.map", "m.qcow2.map.state"] {
            let _ = fs::remove_file(bench.path(left));
        }
    }
    println!("{count} containers, {read} of them read whole");
    assert!(read > count / 10, "hardly any could be read: nothing was tried");
}
