//! The power is cut while a qcow2 image is written onto ext4: what the map says afterwards is in the image, the image is sound
//! but for clusters that nobody uses, and going on ends with the whole disc.

use std::path::Path;
use std::process::Command;
use std::time::Duration;
use std::{env, fs};

use crate::imaging::machine;
use crate::machine::{Output, ext4_disk};
use crate::support::kill::{Lcg, assert_claims, claims};
use crate::support::{disc_bytes, program, run_program};

/// Power cuts: half of them in a sweep, the others in a patch. With `FREEMKV_TEST_LONG` the second number.
const CUTS: [usize; 2] = [2, 10];

/// Sectors of the disc: 256 units of a Blu-ray.
const SECTORS: usize = 8192;

/// A drive that takes about four seconds for its disc, and as long again for what it reads only now and then.
const PLAN: &str = "rate 4\nseek_s 0.01\nstroke_s 0.01\nbad_s 0.1\nweak_s 0.05\nbad 60 24 0.4\nbad 200 6 0.4\n";

/// A drive in real time on a machine that others use, too.
const TIME_LIMIT: Duration = Duration::from_secs(900);

/// Milliseconds between the start of a run and the moment at which the power goes, at most.
const MOMENTS: u64 = 4000;

/// What the script of a machine begins with: what the last one left on the disk gets out as it is.
const BEGIN: &str = "drive=emu:/discs/disc.iso,profile=bd,time=real,faults=/discs/plan\n\
    [ ! -e /disk/disc.qcow2 ] || cp /disk/disc.qcow2* .\n\
    hand_out\n\
    run() { freemkv \"$@\" $drive /disk/disc.qcow2 -q; echo $? >\"/tmp/$1.code\"; }\n";

/// Both, to their end.
const END: &str = "run sweep\nrun patch --passes 50\n\
    cp /disk/disc.qcow2 whole.qcow2\ncp /disk/disc.qcow2.map whole.qcow2.map\n";

/// What is cut off.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Run {
    Sweep,
    Patch,
}

impl Run {
    /// The script of a machine that is cut off after these milliseconds, when it takes so long; else it says how it ended.
    fn script(self, is_fresh: bool, moment: u64) -> String {
        let clear = if is_fresh { "rm -rf /disk/disc*\n" } else { "" };
        let run = match self {
            Self::Sweep => "run sweep &",
            Self::Patch => "run sweep\nrm /tmp/*.code\nrun patch --passes 50 &",
        };
        let moment = moment * 1000;
        format!("{BEGIN}{clear}{run}\nusleep {moment}\n[ -e /tmp/*.code ] || power_cut\nwait\ncp /tmp/*.code .\n")
    }
}

/// What a machine found on its disk, by the name of the image, held against the disc; bytes that are called rescued.
fn look(folder: &Path, image: &str, disc: &[u8]) -> usize {
    let Ok(map) = fs::read_to_string(folder.join(image).with_extension("qcow2.map")) else { return 0 };
    let claimed = claims(&map).into_iter().map(|range| range.len()).sum();
    if claimed == 0 {
        return 0;
    }
    let (image, raw) = (folder.join(image), folder.join("raw"));
    let checked = Command::new("qemu-img").args(["check", "-q"]).arg(&image).status().expect("qemu-img runs").code();
    // 3: clusters were leaked.
    assert!(matches!(checked, Some(0 | 3)), "qemu-img check ends with {checked:?}");
    let convert = ["convert", "-f", "qcow2", "-O", "raw", &image.to_string_lossy(), &raw.to_string_lossy()];
    run_program("qemu-img", &convert).unwrap_or_else(|why| panic!("{why}"));
    assert_claims(&map, &fs::read(raw).expect("it was made"), disc);
    println!("{claimed} bytes are called rescued, and are; qemu-img check: {}", checked.unwrap_or_default());
    claimed
}

/// How a run that was not cut off has ended.
fn assert_ended(output: &Output) {
    for name in ["sweep.code", "patch.code"].into_iter().filter(|name| output.has(name)) {
        let code = output.text(name);
        // 3: something is missing.
        assert!(matches!(code.trim(), "0" | "3"), "{name}: {code}{}", output.console);
    }
}

#[test]
#[ignore = "minutes of a machine without KVM"]
fn power_cuts_leave_a_qcow2_image_sound_and_its_map_true() {
    let Some(machine) = machine().filter(|_| program("qemu-img").is_some()) else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let Some(disk) = ext4_disk(folder.path(), 64 << 20) else { return };
    let disc = disc_bytes(9, SECTORS);
    let machine = machine.folder("discs").file("discs/disc.iso", &disc).disk(&disk).time_limit(TIME_LIMIT);
    // The drive's luck is another one each time.
    let with_luck = |boot| machine.clone().file("discs/plan", format!("{PLAN}seed {boot}\n").as_bytes());
    let wanted = CUTS[usize::from(env::var_os("FREEMKV_TEST_LONG").is_some())];
    let (mut moments, mut cuts, mut boots, mut is_fresh, mut halfway) = (Lcg(19), 0, 0, true, 0);
    while cuts < wanted {
        boots += 1;
        assert!(boots < 4 * wanted, "{cuts} cuts: too few runs last until the power goes");
        let run = if cuts < wanted / 2 { Run::Sweep } else { Run::Patch };
        let moment = 200 + moments.below(MOMENTS);
        let output = with_luck(boots).run(&run.script(is_fresh, moment));
        let claimed = look(&output.folder(), "disc.qcow2", &disc);
        halfway += usize::from(claimed > 0 && claimed < disc.len());
        is_fresh = !output.power_cut;
        if output.power_cut {
            cuts += 1;
            println!("cut {cuts}: {run:?}, {moment} ms after it began");
        } else {
            assert_ended(&output);
        }
    }
    let output = with_luck(boots + 1).run(&format!("{BEGIN}{END}"));
    let claimed = look(&output.folder(), "disc.qcow2", &disc);
    halfway += usize::from(claimed > 0 && claimed < disc.len());
    let whole = look(&output.folder(), "whole.qcow2", &disc);
    assert!(whole == disc.len(), "something is missing:\n{}", output.text("whole.qcow2.map"));
    assert!(halfway > 0, "no power cut left half a disc: they prove nothing");
}
