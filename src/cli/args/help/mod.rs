//! What `--help` and the man pages tell beside the options: examples, sources, exit codes, files.

pub mod map;
pub mod pages;

use clap::Command;

/// Examples stand in front of the options, since they are what most people look for.
const TEMPLATE: &str = "{about-with-newline}\n{usage-heading} {usage}\n\n{before-help}{all-args}{after-help}";

/// Of the program as a whole.
pub const PROGRAM: &str = "\
Examples:
  freemkv sweep /dev/sr0 disc.iso     image a disc; run it again to resume
  freemkv patch /dev/sr0 disc.iso     go back for what is missing
  freemkv info disc.iso               what it holds, and which minutes are hurt
  freemkv mux disc.iso film.mkv       the film, as Matroska
  freemkv verify /dev/sr0 disc.iso    is the image what the disc holds?
  freemkv rip /dev/sr0 rips           all of it, for scripts and cron";

/// Of `sweep`.
pub const SWEEP: &str = "\
Examples:
  freemkv sweep /dev/sr0 disc.iso
  freemkv sweep /dev/sr0 disc.iso --only title:main
  freemkv sweep /dev/sr0 disc.iso --budget 2h --eject --hash";

/// Of `patch`.
pub const PATCH: &str = "\
Examples:
  freemkv patch /dev/sr0 disc.iso
  freemkv patch /dev/sr1 disc.iso --passes 9        in another drive
  freemkv patch /dev/sr0 disc.iso --fresh           when the disc was cleaned
  freemkv patch /dev/sr0 disc.iso --only file:/BDMV/STREAM/00800.m2ts";

/// Of `info`.
pub const INFO: &str = "\
Examples:
  freemkv info disc.iso
  freemkv info /dev/sr0 --title main
  freemkv info disc.iso --files --hash --json";

/// Of `mux`.
pub const MUX: &str = "\
Examples:
  freemkv mux disc.iso film.mkv
  freemkv mux disc.iso films/ --title all --audio eng,fre
  freemkv mux disc.iso film.mkv --dry-run
  freemkv mux disc.iso - | mpv -";

/// Of `verify`.
pub const VERIFY: &str = "\
Examples:
  freemkv verify /dev/sr0 disc.iso
  freemkv verify /dev/sr0 disc.iso --sample 5       five per cent, spread evenly
  freemkv verify disc.iso /mnt/copy/disc.iso --json";

/// Of `convert`.
pub const CONVERT: &str = "\
Examples:
  freemkv convert disc.iso disc.qcow2
  freemkv convert disc.qcow2 disc.iso";

/// Of `rip`.
pub const RIP: &str = "\
Examples:
  freemkv rip /dev/sr0 rips --eject
  freemkv rip --all rips --keep-going --budget 2h --on-done 'logger \"$FREEMKV_LABEL: $FREEMKV_EXIT_CODE\"'";

/// Of `drives`.
pub const DRIVES: &str = "\
Examples:
  freemkv drives
  freemkv drives --json
  freemkv drives /dev/sr0 --eject";

/// Of `completions`.
pub const COMPLETIONS: &str = "\
Examples:
  freemkv completions bash > ~/.local/share/bash-completion/completions/freemkv
  freemkv completions zsh > ~/.zfunc/_freemkv
  freemkv completions fish > ~/.config/fish/completions/freemkv.fish";

/// Of `man`.
pub const MAN: &str = "\
Examples:
  freemkv man ~/.local/share/man/man1";

macro_rules! exit_codes {
    () => {
        "Exit codes: 0 complete, 1 failed (input/output, environment), 2 wrong usage or it would overwrite, 3 done but data is \
missing, 4 no disc, no drive, not ready or busy, 5 wrong disc for this image, or bytes differ (verify), 6 protected or \
region-locked, 7 drive stopped answering, 130 stopped by a signal, state saved."
    };
}

macro_rules! emulated {
    () => {
        "  emu:IMAGE[,profile=cd|dvd|bd|uhd][,faults=FILE][,time=virtual|real]\n"
    };
}

/// All exit codes.
pub const EXIT_CODES: &str = exit_codes!();

/// Exit codes and the words that have a meaning of their own.
pub const WORDS: &str = concat!(
    exit_codes!(),
    "

Words:
missing: on the disc and not in the image, not tried and failed together. What was never written is not missing.
not tried: missing, and no read has asked for it.
failed: missing, and a read that asked for it did not bring it. It may come another time.
damaged: a disc or a drive's reading of it, where reads fail. A file or an image is never damaged; data is missing in it.
hurt: a title, or seconds of a film, of which data is missing."
);

/// What a source may be, and the exit codes.
pub const SOURCES: &str = concat!(
    "SOURCE is a drive (/dev/sr0, /dev/sg1), an image file (raw, qcow2, flat vmdk) or another block device, or the emulated \
drive, which serves IMAGE with the damage that FILE plans (a comma in a path is written \\,):\n",
    emulated!(),
    "\n",
    exit_codes!()
);

/// The same of `mux`, which also takes what is no disc.
pub const MUX_SOURCES: &str = concat!(
    "SOURCE is an image file (raw, qcow2, flat vmdk), a drive (/dev/sr0, /dev/sg1) or another block device, a folder that \
holds BDMV or VIDEO_TS, a stream file (.m2ts, .ts, .vob, .mpg, .ps), or the emulated drive:\n",
    emulated!(),
    "\n",
    exit_codes!()
);

/// How `rip` is used.
pub const RIP_USAGE: &str = "\
freemkv rip [OPTIONS] <SOURCE>... <DIR>
       freemkv rip [OPTIONS] --all <DIR>";

/// What `rip` makes, tells its commands, and ends with.
pub const RIP_SOURCES: &str = "\
Below DIR each disc gets a folder with its image and map, a film for each title, report.json, report.txt, \
report.html and SHA256SUMS. A disc is known again by its fingerprint; another one of the same name gets \" \
(2)\".
SOURCE is as for freemkv sweep. The commands are told FREEMKV_SOURCE, FREEMKV_FOLDER, FREEMKV_LABEL, \
FREEMKV_NAME, FREEMKV_MEDIA, FREEMKV_FINGERPRINT, FREEMKV_IMAGE, FREEMKV_MAP, FREEMKV_MISSING_BYTES, \
FREEMKV_FILMS (a line each), FREEMKV_REPORT, FREEMKV_SKIPPED (1), FREEMKV_MESSAGE and FREEMKV_EXIT_CODE.

Exit codes: those of every command; of several discs, or steps, the worst in the order 1 7 5 4 6 2 3 0, and 130 \
when a signal stopped it. A disc that is skipped has the exit code of the run that ripped it.";

/// The same of `info`.
pub const INFO_SOURCES: &str = concat!(
    "SOURCE is a drive (/dev/sr0, /dev/sg1; its disc may be mounted), an image file (raw, qcow2, flat vmdk) or another block \
device, a folder that holds BDMV or VIDEO_TS, or the emulated drive:\n",
    emulated!(),
    "\nThe exit code is 0 whenever the disc could be read, damaged or not."
);

/// The command with its examples in front, and so all commands in it.
#[must_use]
pub fn examples_first(command: Command) -> Command {
    command.help_template(TEMPLATE).mut_subcommands(examples_first)
}
