//! sweep and patch on real device nodes: what comes home, what the map says, and that a stop costs nothing.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::{env, fs};

use serde_json::Value;

use crate::machine::host::is_static;
use crate::machine::{Drive, Machine, Output, ext4_disk};
use crate::support::{SECTOR, disc_bytes, disc_file};

/// Bad sectors: one alone, a run, two neighbours of a good one, and the last of the disc.
const BAD: [u64; 8] = [100, 400, 401, 402, 700, 702, 1000, 1023];
const SECTORS: usize = 1024;

/// The slow drive: its disc takes some eight seconds.
const SLOW: u64 = 512 << 10;
const SLOW_SECTORS: usize = 2048;

#[test]
fn a_damaged_disc_comes_home_but_for_its_bad_sectors() {
    let Some(machine) = machine() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let damaged = disc_file(folder.path(), "damaged.iso", 1, SECTORS);
    let output = machine.drive(Drive::with(&damaged).bad(&BAD)).drive(Drive::with(&damaged).bad(&BAD).usb()).run(
        "step sweep freemkv sweep --json /dev/sr0 /out/sr.iso\n\
         cp sr.iso.map sweep.map\n\
         step patch freemkv patch --json /dev/sr0 /out/sr.iso\n\
         step again freemkv sweep /dev/sr0 /out/sr.iso\n\
         cp /root/.local/state/freemkv/*.cd.json profile.json\n\
         step sg freemkv sweep /dev/sg0 /out/sg.iso\n\
         step sg_patch freemkv patch /dev/sg0 /out/sg.iso\n\
         step usb freemkv sweep /dev/sr1 /out/usb.iso\n\
         step usb_patch freemkv patch /dev/sr1 /out/usb.iso\n",
    );
    for step in ["sweep", "patch", "again", "sg", "sg_patch", "usb", "usb_patch"] {
        output.expect_exit(step, 3);
    }
    let truth = disc_bytes(1, SECTORS);
    for name in ["sr", "sg", "usb"] {
        let map = output.text(&format!("{name}.iso.map"));
        assert_eq!(missing(&map, SECTORS), BAD, "{name}: the map is not exact:\n{map}");
        assert_rescued(&output.file(&format!("{name}.iso")), &map, &truth);
    }
    assert_eq!(output.file("sr.iso").len(), truth.len());
    // What the drive's reads take is kept for the next run.
    assert!(output.text("profile.json").contains("failure_seconds"), "{}", output.text("profile.json"));
    for step in ["sweep", "patch"] {
        let report = report(&output, step);
        assert_eq!(report["exit_code"], 3, "{report}");
        assert_eq!(report["sectors"], SECTORS, "{report}");
        assert_eq!(report["media"], "cd", "{report}");
        assert_eq!(report["complete"], false, "{report}");
    }
    // A sweep leaves the neighbourhood of damage to the patch.
    assert_eq!(report(&output, "patch")["rescued_bytes"], (SECTORS - BAD.len()) * SECTOR);
    // Nothing was asked for that is not on the disc.
    assert!(output.commands(0).iter().all(|command| command.sense != Some((5, 0x21, 0))));
}

#[test]
fn sound_discs_come_home_whole_for_anybody_who_may_use_the_drives() {
    let Some(machine) = machine() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let one = disc_file(folder.path(), "one.iso", 2, SECTORS);
    let two = disc_file(folder.path(), "two.iso", 3, SECTORS);
    let output = machine.drive(Drive::with(&one)).drive(Drive::with(&two)).drive(Drive::empty()).run(
        "step empty freemkv sweep --json /dev/sr2 /out/empty.iso\n\
         step empty_sg freemkv sweep /dev/sg2 /out/empty.iso\n\
         step nothing freemkv sweep /dev/sr9 /out/empty.iso\n\
         (step left freemkv sweep /dev/sr0 /out/left.iso) &\n\
         (step right freemkv sweep /dev/sr1 /out/right.iso) &\n\
         wait\n\
         step user as_user freemkv sweep /dev/sr0 /out/user.iso\n\
         step user_sg as_user freemkv sweep /dev/sg1 /out/user_sg.iso\n\
         step owner stat -c %U user.iso\n\
         step full dd if=/dev/sr0 of=/dev/null bs=2048 count=1\n",
    );
    for step in ["empty", "empty_sg", "nothing"] {
        output.expect_exit(step, 4);
    }
    assert_eq!(report(&output, "empty")["exit_code"], 4);
    assert!(!output.has("empty.iso") && !output.has("empty.iso.map"), "an empty drive left files");
    for (name, seed) in [("left", 2), ("right", 3), ("user", 2), ("user_sg", 3)] {
        output.expect_exit(name, 0);
        let image = output.file(&format!("{name}.iso"));
        assert!(image == disc_bytes(seed, SECTORS), "{name}.iso differs from its disc");
        assert_eq!(missing(&output.text(&format!("{name}.iso.map")), SECTORS), Vec::<u64>::new());
    }
    assert_eq!(output.text("owner.out").trim(), "user");
    output.expect_exit("full", 0);
}

#[test]
fn a_dvd_loses_no_more_than_the_units_that_hold_its_bad_sectors() {
    const UNIT: u64 = 16;
    let Some(machine) = machine() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let disc = disc_file(folder.path(), "disc.iso", 6, SECTORS);
    // QEMU takes it for a DVD by its size. What follows the first sectors is a hole, and is left out.
    fs::File::options().write(true).open(&disc).and_then(|file| file.set_len(800 << 20)).expect("a sparse file");
    let output = machine.drive(Drive::with(&disc).bad(&BAD)).run(
        "step sweep freemkv sweep --json --only 0-1023 /dev/sr0 /tmp/dvd.iso\n\
         step patch freemkv patch --json --only 0-1023 /dev/sr0 /tmp/dvd.iso\n\
         cp /tmp/dvd.iso.map .\n\
         head -c 2097152 /tmp/dvd.iso >start.iso\n",
    );
    output.expect_exit("patch", 3);
    let report = report(&output, "patch");
    assert_eq!((&report["media"], &report["unit_sectors"]), (&"dvd".into(), &UNIT.into()), "{report}");
    let map = output.text("dvd.iso.map");
    let missing = missing(&map, SECTORS);
    assert!(BAD.iter().all(|sector| missing.contains(sector)), "a bad sector is called rescued:\n{map}");
    let excused = |sector: &u64| BAD.iter().any(|bad| bad / UNIT == sector / UNIT);
    assert!(missing.iter().all(excused), "more is missing than the units that are bad:\n{map}");
    let truth = disc_bytes(6, SECTORS);
    let image = output.file("start.iso");
    for sector in (0..SECTORS).filter(|sector| !missing.contains(&u64::try_from(*sector).expect("a small number"))) {
        let range = sector * SECTOR..(sector + 1) * SECTOR;
        assert!(image[range.clone()] == truth[range], "sector {sector} differs from the disc");
    }
}

#[test]
fn a_drive_in_software_gets_no_pauses_between_its_failures() {
    let Some(machine) = machine() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let disc = disc_file(folder.path(), "disc.iso", 7, SECTORS);
    let bad: Vec<u64> = (0..45).map(|number| 7 + number * 22).collect();
    let output = machine.drive(Drive::with(&disc).bad(&bad)).run(
        "step sweep freemkv sweep --json /dev/sr0 /out/disc.iso\n\
         step patch freemkv patch --json /dev/sr0 /out/disc.iso\n",
    );
    assert_eq!(missing(&output.text("disc.iso.map"), SECTORS), bad);
    let (mut failed, mut seconds) = (0.0, 0.0);
    for step in ["sweep", "patch"] {
        output.expect_exit(step, 3);
        let report = report(&output, step);
        failed += report["failed_reads"].as_f64().expect("a number");
        seconds += report["drive_seconds"].as_f64().expect("a number");
        let said = output.text(&format!("{step}.err"));
        assert!(!said.contains("quick succession"), "a known drive was put to the proof: {said}");
    }
    // Six in 6.5 seconds is what other drives are let have. `drive_seconds` has the pauses in it.
    let kept_apart = failed / 6.0 * 6.5;
    assert!(seconds <= 30.0 && kept_apart > 90.0, "{failed} failures, {seconds} s, {kept_apart} s if kept apart");
}

#[test]
fn what_was_found_out_about_failures_is_remembered_of_a_drive_and_its_firmware() {
    let Some(machine) = machine() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let disc = disc_file(folder.path(), "disc.iso", 8, SECTORS);
    let drive = |revision| Drive::with(&disc).bad(&BAD).identity("HL-DT-ST", "BD-RE", revision);
    let output = machine.drive(drive("1.00")).drive(drive("1.01")).run(
        "step sweep freemkv sweep /dev/sr0 /out/first.iso\n\
         for name in again other; do cp first.iso $name.iso; cp first.iso.map $name.iso.map; done\n\
         step first freemkv patch /dev/sr0 /out/first.iso\n\
         step again freemkv patch /dev/sr0 /out/again.iso\n\
         step other freemkv patch /dev/sr1 /out/other.iso\n\
         cat /root/.local/state/freemkv/drive-HL-DT-ST-BD-RE-1.00.cd.json >profile.json\n",
    );
    output.expect_exit("sweep", 3);
    for (step, is_new) in [("first", true), ("again", false), ("other", true)] {
        output.expect_exit(step, 3);
        assert_eq!(missing(&output.text(&format!("{step}.iso.map")), SECTORS), BAD, "{step}");
        let said = output.text(&format!("{step}.err"));
        assert_eq!(said.contains("trying whether the drive stands failures in quick succession"), is_new, "{said}");
    }
    let profile = output.text("profile.json");
    assert!(profile.contains("\"needs_rest\":false"), "{profile}");
}

#[test]
fn a_stopped_run_goes_on_where_it_was() {
    let Some(machine) = machine() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let disc = disc_file(folder.path(), "disc.iso", 4, SLOW_SECTORS);
    let slow = || Drive::with(&disc).bad(&BAD).slow(SLOW);
    let output = machine.drive(slow()).drive(slow()).run(
        "claims() { grep -q '+$' \"$1\"; }\n\
         stopped() {\n\
             freemkv sweep $2 /out/$1.iso >/out/$1.out 2>/out/$1.err &\n\
             wait_for 30 claims /out/$1.iso.map\n\
             kill -$1 $!\n\
             wait $!\n\
             echo $? >/out/$1.code\n\
             cp $1.iso $1.stopped.iso\n\
             cp $1.iso.map $1.stopped.map\n\
             step $1.resumed freemkv sweep $2 /out/$1.iso\n\
             step $1.patched freemkv patch $2 /out/$1.iso\n\
         }\n\
         stopped TERM /dev/sr0\n\
         stopped KILL /dev/sr1\n",
    );
    output.expect_exit("TERM", 130);
    output.expect_exit("KILL", 128 + 9);
    let truth = disc_bytes(4, SLOW_SECTORS);
    for (drive, name) in ["TERM", "KILL"].into_iter().enumerate() {
        let stopped = output.text(&format!("{name}.stopped.map"));
        assert!(missing(&stopped, SLOW_SECTORS).len() > BAD.len(), "{name} came too late to prove anything");
        assert_rescued(&output.file(&format!("{name}.stopped.iso")), &stopped, &truth);

        output.expect_exit(&format!("{name}.resumed"), 3);
        output.expect_exit(&format!("{name}.patched"), 3);
        let map = output.text(&format!("{name}.iso.map"));
        assert_eq!(missing(&map, SLOW_SECTORS), BAD, "{name}: the map is not exact:\n{map}");
        assert_rescued(&output.file(&format!("{name}.iso")), &map, &truth);

        // The sweep did not start over: it and the patch read a little more than the disc.
        let read: u64 = output.commands(drive).iter().filter(|command| command.is_read()).map(|read| read.bytes).sum();
        let disc = u64::try_from(truth.len()).expect("a small disc");
        assert!(read < disc * 3 / 2 + (1 << 20), "{name}: {read} bytes were read of a disc of {disc}");
    }
}

#[test]
fn a_power_cut_leaves_no_false_claim_in_the_map() {
    let Some(machine) = machine() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let Some(disk) = ext4_disk(folder.path(), 64 << 20) else { return };
    let disc = disc_file(folder.path(), "disc.iso", 5, SLOW_SECTORS);
    let machine = machine.disk(&disk).drive(Drive::with(&disc).slow(SLOW / 4));
    // A map that has just got its name may still be lost; once the next one is there, it is kept.
    let first = machine.run(
        "claims() { grep -q '+$' /disk/disc.iso.map; }\n\
         changed() { ! cmp -s /disk/disc.iso.map /tmp/first; }\n\
         freemkv sweep -q /dev/sr0 /disk/disc.iso &\n\
         wait_for 60 claims && cp /disk/disc.iso.map /tmp/first && wait_for 60 changed && power_cut\n",
    );
    assert!(first.power_cut, "the power was not cut; the console says:\n{}", first.console);
    let output = machine.run(
        "cp /disk/disc.iso cut.iso; cp /disk/disc.iso.map cut.map\n\
         step resumed freemkv sweep /dev/sr0 /disk/disc.iso\n\
         cp /disk/disc.iso /disk/disc.iso.map .\n",
    );
    let truth = disc_bytes(5, SLOW_SECTORS);
    let cut = output.text("cut.map");
    let gone = missing(&cut, SLOW_SECTORS).len();
    assert!(gone > 0 && gone < SLOW_SECTORS, "the power went too early or too late to prove anything:\n{cut}");
    assert_rescued(&output.file("cut.iso"), &cut, &truth);
    output.expect_exit("resumed", 0);
    assert!(output.file("disc.iso") == truth, "the image differs from its disc");
    assert_eq!(missing(&output.text("disc.iso.map"), SLOW_SECTORS), Vec::<u64>::new());
}

/// The machine with freemkv in it.
pub(crate) fn machine() -> Option<Machine> {
    Some(Machine::new()?.program("freemkv", static_freemkv()))
}

/// The static freemkv: the one that `FREEMKV_STATIC_BIN` names, else one that is built for this.
pub(crate) fn static_freemkv() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let program = env::var_os("FREEMKV_STATIC_BIN").map_or_else(build_static, PathBuf::from);
        assert_static(&program);
        program
    })
}

/// The static drive for the machine, which is built together with the static freemkv and lies beside it.
pub(crate) fn static_firmware() -> PathBuf {
    let beside = static_freemkv().with_file_name("examples").join("firmware");
    let program = if beside.exists() { beside } else { build_static().with_file_name("examples").join("firmware") };
    assert_static(&program);
    program
}

fn assert_static(program: &Path) {
    let bytes = fs::read(program).unwrap_or_else(|e| panic!("{}: {e}", program.display()));
    assert!(is_static(&bytes), "{} is not linked statically", program.display());
}

fn build_static() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let status = Command::new("bash")
        .args(["-c", ". tests/support/machine.sh && build_static"])
        .current_dir(root)
        .status()
        .expect("bash runs");
    assert!(status.success(), "the static build fails");
    root.join("target/static/x86_64-unknown-linux-gnu/release/freemkv")
}

/// The report that a step printed with `--json`.
fn report(output: &Output, step: &str) -> Value {
    let text = output.text(&format!("{step}.out"));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("the report of {step}: {e}\n{text}"))
}

/// The blocks of a map, in the ddrescue manual's own terms: position, size, status.
fn blocks(map: &str) -> Vec<(usize, usize, char)> {
    let lines = map.lines().filter(|line| !line.starts_with('#')).skip(1);
    let number = |text: &str| usize::from_str_radix(text.trim_start_matches("0x"), 16).expect("a hexadecimal number");
    let block = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        (number(fields[0]), number(fields[1]), fields[2].chars().next().expect("a status"))
    };
    lines.map(block).collect()
}

/// The sectors that a map does not call rescued, those behind its end included.
fn missing(map: &str, sectors: usize) -> Vec<u64> {
    let mut rescued = vec![false; sectors];
    for (position, size, _) in blocks(map).into_iter().filter(|block| block.2 == '+') {
        rescued[position / SECTOR..(position + size) / SECTOR].fill(true);
    }
    (0_u64..).zip(rescued).filter(|(_, rescued)| !rescued).map(|(sector, _)| sector).collect()
}

/// Fails when anything that the map calls rescued differs from the disc.
fn assert_rescued(image: &[u8], map: &str, truth: &[u8]) {
    for (position, size, _) in blocks(map).into_iter().filter(|block| block.2 == '+') {
        let range = position..position + size;
        let same = image.get(range.clone()) == truth.get(range);
        assert!(same, "{size} bytes at {position} are called rescued and differ from the disc:\n{map}");
    }
}
