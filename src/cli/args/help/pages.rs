//! What man pages tell beside the options: exit status, files, other pages. A page has the name of its command, with a dash
//! between its words.

/// Terms, and what they mean.
type Terms = &'static [(&'static str, &'static str)];

/// What each exit code means.
const ALL: Terms = &[
    ("0", "Complete: nothing is missing."),
    ("1", "Failed: input, output or the environment."),
    ("2", "Wrong usage, or something would be written over."),
    ("3", "Done, but data is missing."),
    ("4", "No disc, no drive, not ready or busy."),
    ("5", "Not the disc of this image."),
    ("6", "Protected or region-locked; the film is encrypted."),
    ("7", "The drive stopped answering."),
    ("130", "Stopped by a signal; what was read is saved."),
];

const VERIFY: Terms = &[
    ("0", "What was compared is the same."),
    ("1", "Failed: input, output or the environment."),
    ("2", "Wrong usage."),
    ("3", "What was compared is the same; a part could not be, since it does not read or the image's map lacks it."),
    ("4", "No disc, no drive, not ready or busy."),
    ("5", "Bytes differ, or the image is of another disc."),
    ("6", "Protected or region-locked."),
    ("7", "The drive stopped answering."),
    ("130", "Stopped by a signal."),
];

const INFO: Terms = &[
    ("0", "The disc could be read, damaged or not."),
    ("1", "It holds nothing that is known, or cannot be read at all."),
    ("2", "Wrong usage, or a title that is not there."),
    ("4", "No disc, no drive, not ready or busy."),
    ("6", "Protected or region-locked."),
    ("7", "The drive stopped answering."),
    ("130", "Stopped by a signal."),
];

const WRITTEN: Terms = &[
    ("0", "Written."),
    ("1", "Failed: input, output or the environment."),
    ("2", "Wrong usage, or a file is in the way."),
];

const SHOWN: Terms = &[
    ("0", "Shown."),
    ("1", "A map or the image cannot be read."),
    ("2", "Wrong usage."),
    ("3", "The image has nothing but holes where the map says rescued."),
];

const COMPARED: Terms =
    &[("0", "The maps are equal."), ("1", "A map cannot be read."), ("2", "Wrong usage."), ("3", "They differ.")];

const MERGED: Terms = &[
    ("0", "Nothing is missing."),
    ("1", "Failed: input, output or the environment."),
    ("2", "Wrong usage, or something is in the way."),
    ("3", "Done, but data is missing."),
    ("5", "The images differ, or nothing shows that they are of one disc."),
    ("130", "Stopped by a signal."),
];

/// What a command ends with.
#[must_use]
pub fn exit_status(page: &str) -> Terms {
    match page {
        "freemkv-verify" => VERIFY,
        "freemkv-info" => INFO,
        "freemkv-map-show" => SHOWN,
        "freemkv-map-compare" => COMPARED,
        "freemkv-map-merge" => MERGED,
        "freemkv-completions" | "freemkv-man" => WRITTEN,
        _ if page.starts_with("freemkv-map-") => WRITTEN,
        _ => ALL,
    }
}

/// What else there is to say of what a command ends with; empty for most.
#[must_use]
pub fn exit_note(page: &str) -> &'static str {
    match page {
        "freemkv-rip" => {
            "Of several discs, or steps, the worst counts, in the order 1 7 5 4 6 2 3 0, and 130 when a signal stopped it. A disc \
             that is skipped has the exit code of the run that ripped it."
        }
        _ => "",
    }
}

const IMAGING: Terms = &[
    ("IMAGE.map", "The map, as GNU ddrescue writes it: which bytes are rescued."),
    ("IMAGE.map.state", "What the map cannot say; a cache that may be deleted."),
    ("IMAGE.log.jsonl", "The commands of the drive that failed, were recovered or were slow."),
    ("IMAGE.sha256", "The hash of a complete image (--hash)."),
    ("IMAGE.old, IMAGE.map.old", "What was there before --restart."),
    STATE,
];

const STATE: (&str, &str) = (
    "$XDG_STATE_HOME/freemkv",
    "What is known of each drive, and settings to be given back; by default ~/.local/state/freemkv.",
);

const READING: Terms = &[("IMAGE.map", "The map of an image: what it lacks is not there. --map names another.")];

const RIP: Terms = &[
    ("DIR/LABEL/LABEL.iso, LABEL.iso.map", "The image and its map."),
    ("DIR/LABEL/*.mkv", "The films."),
    ("DIR/LABEL/disc.json", "What makes the folder one of freemkv's: which disc, what was made, what is left to do."),
    ("DIR/LABEL/report.json, report.txt, report.html", "What came of it."),
    ("DIR/LABEL/SHA256SUMS", "Hashes of the image and the films, for sha256sum -c."),
    STATE,
];

const CONVERT: Terms = &[
    ("A.map, B.map", "The map of the image that is there, and its copy."),
    ("B.part", "The new image until all of it is there."),
];

const MAPS: Terms = &[
    ("IMAGE.map", "The map of IMAGE, by freemkv or GNU ddrescue."),
    (
        "IMAGE.map.state",
        "What the map cannot say, such as the drive's speed over the disc; a cache that may be deleted.",
    ),
];

/// The files that a command reads and writes, beside those that it is told; empty for one that has none.
#[must_use]
pub fn files(page: &str) -> Terms {
    match page {
        "freemkv" | "freemkv-sweep" | "freemkv-patch" => IMAGING,
        "freemkv-verify" | "freemkv-info" | "freemkv-mux" => READING,
        "freemkv-rip" => RIP,
        "freemkv-convert" => CONVERT,
        "freemkv-drives" => &[STATE],
        _ if page.starts_with("freemkv-map") => MAPS,
        _ => &[],
    }
}

/// Other pages that belong to one, with their sections.
#[must_use]
pub fn related(page: &str) -> &'static [&'static str] {
    match page {
        "freemkv-sweep" => {
            &["freemkv-patch(1)", "freemkv-verify(1)", "freemkv-map(1)", "freemkv-drives(1)", "ddrescue(1)"]
        }
        "freemkv-patch" => {
            &["freemkv-sweep(1)", "freemkv-map(1)", "freemkv-verify(1)", "freemkv-drives(1)", "ddrescue(1)"]
        }
        "freemkv-info" => &["freemkv-mux(1)", "freemkv-map(1)"],
        "freemkv-mux" => &["freemkv-info(1)", "freemkv-sweep(1)", "freemkv-rip(1)"],
        "freemkv-verify" => &["freemkv-sweep(1)", "freemkv-patch(1)", "freemkv-map(1)"],
        "freemkv-convert" => &["freemkv-sweep(1)", "qemu-img(1)"],
        "freemkv-rip" => &["freemkv-sweep(1)", "freemkv-patch(1)", "freemkv-mux(1)"],
        "freemkv-drives" => &["freemkv-sweep(1)", "freemkv-info(1)", "eject(1)"],
        "freemkv-map" => &["freemkv-sweep(1)", "freemkv-patch(1)", "ddrescuelog(1)"],
        _ if page.starts_with("freemkv-map-") => &["ddrescuelog(1)"],
        _ => &[],
    }
}
