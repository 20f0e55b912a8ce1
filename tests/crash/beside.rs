//! ddrescue, with its default options, through the same: how much of its reading a kill costs, and what its map says after power
//! cuts. Prints numbers for docs/reliability.md.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::claims::{is_torn, tally};
use crate::disk::{CutDisk, LoggedDisk};
use crate::kill::{Ground, ended_within, start};
use crate::replay::cut_in_log;
use crate::stage::memory_folder;
use crate::support::{disc_bytes, program};
use crate::write_log::{Luck, WriteLog};

/// Sectors of the disc: 16 MiB, and how many bytes a second are read of it. 80 s: ddrescue saves its map every 30 s.
const SECTORS: usize = 8192;
const RATE: usize = 204_800;

const KILLS: usize = 8;

const CUTS: usize = 40;

/// Whose run it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Who {
    Freemkv,
    Ddrescue,
}

/// A run that images the disc slowly.
fn run(who: Who, folder: &Path, image: &Path) -> Command {
    let disc = folder.join("disc.iso");
    if who == Who::Ddrescue {
        let mut command = Command::new("ddrescue");
        command.args(["--quiet", &format!("--max-read-rate={RATE}"), "--cluster-size=32"]).arg(disc).arg(image);
        command.arg(format!("{}.map", image.display()));
        return command;
    }
    let built = PathBuf::from(env!("CARGO_BIN_EXE_freemkv"));
    let mut command = Command::new(std::env::var_os("FREEMKV_STATIC_BIN").map_or(built, PathBuf::from));
    let plan = folder.join("plan").display().to_string();
    command.args(["sweep", &format!("emu:{},profile=bd,time=real,faults={plan}", disc.display())]).arg(image).arg("-q");
    command.env("XDG_STATE_HOME", folder.join("state"));
    command
}

fn make_disc(folder: &Path) -> Vec<u8> {
    let disc = disc_bytes(4, SECTORS);
    fs::write(folder.join("disc.iso"), &disc).unwrap();
    fs::write(folder.join("plan"), "rate 0.2048\ninner 1\nseek_s 0.0025\nstroke_s 0.0025\n").unwrap();
    disc
}

/// Seconds of reading that a kill after `moment` costs.
fn kill_costs(who: Who, folder: &Path, image: &Path, disc: &[u8], moment: Duration) -> f64 {
    let mut child = start(&mut run(who, folder, image));
    assert!(ended_within(&mut child, moment).is_none(), "{who:?} is quicker than it should be");
    child.kill().unwrap();
    child.wait().unwrap();
    let (rescued, wrong) = tally(disc, image);
    assert_eq!(wrong, 0, "{who:?}");
    #[expect(clippy::cast_precision_loss, reason = "a small disc")]
    let had = rescued as f64 / RATE as f64;
    moment.as_secs_f64() - had
}

#[test]
#[ignore = "prints numbers, proves nothing"]
fn what_a_kill_costs() {
    if program("ddrescue").is_none() {
        return;
    }
    let mut ground = Ground::new();
    let (folder, mut luck) = (memory_folder(), Luck(8));
    let disc = make_disc(folder.path());
    let place = ground.fresh();
    let moments: Vec<Duration> = (0..KILLS).map(|_| Duration::from_millis(3000 + luck.below(70_000))).collect();
    for who in [Who::Freemkv, Who::Ddrescue] {
        let mut lost: Vec<f64> = thread::scope(|scope| {
            let runs: Vec<_> = moments
                .iter()
                .enumerate()
                .map(|(number, moment)| {
                    let image = place.join(format!("{who:?}{number}.iso"));
                    let (folder, disc) = (folder.path(), &disc);
                    scope.spawn(move || kill_costs(who, folder, &image, disc, *moment))
                })
                .collect();
            runs.into_iter().map(|run| run.join().unwrap()).collect()
        });
        lost.sort_by(f64::total_cmp);
        println!(
            "figures: {who:?}: {KILLS} kills cost {:.1} s of reading at least, {:.1} at most",
            lost[0],
            lost[KILLS - 1]
        );
    }
}

#[test]
#[ignore = "prints numbers, proves nothing of freemkv"]
fn what_a_power_cut_leaves() {
    if program("ddrescue").is_none() {
        return;
    }
    for who in [Who::Freemkv, Who::Ddrescue] {
        let (folder, mut luck) = (memory_folder(), Luck(9));
        let disc = make_disc(folder.path());
        let Some(disk) = LoggedDisk::new(folder.path(), "ext4") else { return };
        let begun = disk.sync();
        let status = start(&mut run(who, folder.path(), &disk.mount().join("disc.iso"))).wait().unwrap();
        assert!(status.success(), "{who:?}: {status}");
        let (base, log) = disk.cut();
        let (mount, mut torn, mut lies, mut most) = (folder.path().join("mount"), 0, 0, 0);
        let sum = cut_in_log(&base, &WriteLog::read(&log), begun, CUTS, &mut luck, |cut| {
            let _mounted = CutDisk::mount(cut, "ext4", &mount);
            let image = mount.join("disc.iso");
            if is_torn(&image) {
                torn += 1;
                return 0;
            }
            let (rescued, wrong) = tally(&disc, &image);
            lies += usize::from(wrong > 0);
            most = most.max(wrong);
            rescued
        });
        let wrong =
            format!("wrong after {lies} of them, for {} KiB at most, and empty or cut short after {torn}", most / 1024);
        println!("figures: {who:?}: {sum}; the map is {wrong}");
        assert!(who == Who::Ddrescue || lies + torn == 0);
    }
}
