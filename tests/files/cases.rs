//! The commands, and the places where they read and write files.

use super::place::Kind;

/// What may become of a file that was there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Change {
    No,
    Append,
    Any,
}

/// Who asked for what at a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Given {
    /// Read only.
    Read,
    /// A name that a person gives, to be kept when something lies there.
    Output,
    /// The same with `--force`.
    Forced,
    /// A file that is made whole or not at all, and only where there is none.
    Product,
    /// The same with `--force`: a file may be replaced, nothing else.
    ForcedProduct,
    /// The same for a log, which is added to.
    Log,
    /// A map, or what belongs to it, in a regular file of freemkv's own.
    Own,
    /// A name that freemkv derives, and can do without.
    Spare,
}

#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) words: &'static [&'static str],
    pub(crate) place: &'static str,
    given: Given,
    pub(crate) may_wait_for_a_reader: bool,
}

const fn case(given: Given, place: &'static str, words: &'static [&'static str]) -> Case {
    Case { words, place, given, may_wait_for_a_reader: false }
}

/// A pipe takes an image or a log as it comes.
const fn streamed(given: Given, place: &'static str, words: &'static [&'static str]) -> Case {
    Case { words, place, given, may_wait_for_a_reader: true }
}

const SWEEP: &[&str] = &["sweep", "disc.iso", "out.iso"];
const SWEEP_DAMAGED: &[&str] = &["sweep", "emu:disc.iso,profile=dvd,faults=plan", "out.iso"];
const PATCH: &[&str] = &["patch", "disc.iso", "old.iso"];
const MERGE: &[&str] = &["map", "merge", "old.iso", "old.iso.map", "-o", "out.iso"];
const MUX: &[&str] = &["mux", "film.iso", "film.mkv"];
const RIP: &[&str] = &["rip", "film.iso", "rips"];

pub(crate) const CASES: &[Case] = &[
    case(Given::Read, "disc.iso", SWEEP),
    case(Given::Read, "disc.iso", &["sweep", "emu:disc.iso", "out.iso"]),
    case(Given::Read, "plan", SWEEP_DAMAGED),
    streamed(Given::Output, "out.iso", SWEEP),
    streamed(Given::Forced, "out.iso", &["sweep", "disc.iso", "out.iso", "--force"]),
    case(Given::Own, "out.iso.map", SWEEP),
    case(Given::Own, "m", &["sweep", "disc.iso", "out.iso", "--map", "m"]),
    case(Given::Own, "out.iso.map.state", SWEEP),
    case(Given::Spare, "out.iso.map.lock", SWEEP),
    case(Given::Spare, "out.iso.map.tmp", SWEEP),
    case(Given::Spare, "out.iso.map.state.tmp", SWEEP),
    case(Given::Spare, "out.iso.log.jsonl", &["sweep", "emu:disc.iso,profile=dvd", "out.iso"]),
    case(Given::Own, "out.iso.sha256", &["sweep", "disc.iso", "out.iso", "--hash"]),
    case(Given::Spare, "out.iso.sha256", SWEEP),
    streamed(Given::Log, "log", &["sweep", "disc.iso", "out.iso", "-v", "--log-file", "log"]),
    case(Given::Spare, "out.iso.old", &["sweep", "disc.iso", "out.iso", "--restart"]),
    case(Given::Spare, "old.iso.map.old", &["sweep", "disc.iso", "old.iso", "--restart"]),
    case(Given::Read, "disc.iso", PATCH),
    case(Given::Own, "old.iso", PATCH),
    case(Given::Own, "m", &["patch", "disc.iso", "old.iso", "--map", "m"]),
    case(Given::Own, "old.iso.map.state", PATCH),
    case(Given::Spare, "old.iso.map.lock", PATCH),
    case(Given::Spare, "old.iso.log.jsonl", &["patch", "emu:disc.iso,profile=dvd", "old.iso"]),
    case(Given::Own, "old.iso.sha256", &["patch", "disc.iso", "old.iso", "--hash"]),
    streamed(Given::Log, "log", &["patch", "disc.iso", "old.iso", "-v", "--log-file", "log"]),
    case(Given::Read, "film.iso", MUX),
    case(Given::Read, "film.iso.map", MUX),
    case(Given::Read, "m", &["mux", "film.iso", "film.mkv", "--map", "m"]),
    case(Given::Output, "film.mkv", MUX),
    case(Given::Forced, "film.mkv", &["mux", "film.iso", "film.mkv", "--force"]),
    case(Given::Spare, "film.mkv.part", MUX),
    case(Given::Spare, "film.mkv.part", &["mux", "film.iso", "film.mkv", "--force"]),
    case(Given::Output, "films", &["mux", "film.iso", "films/"]),
    case(Given::Output, "films/SCRATCHED_FILM-t01.mkv", &["mux", "film.iso", "films/", "--min-length", "30s"]),
    case(Given::Forced, "films/SCRATCHED_FILM-t01.mkv", &["mux", "film.iso", "films/", "--force"]),
    streamed(Given::Log, "log", &["mux", "film.iso", "film.mkv", "-v", "--log-file", "log"]),
    case(Given::Read, "film.iso", RIP),
    case(Given::Read, "film.iso.map", RIP),
    case(Given::Output, "rips", RIP),
    case(Given::Spare, "rips/SCRATCHED_FILM", RIP),
    case(Given::Read, "film.iso", &["info", "film.iso"]),
    case(Given::Read, "m", &["info", "film.iso", "--map", "m"]),
    streamed(Given::Log, "log", &["info", "film.iso", "-v", "--log-file", "log"]),
    streamed(Given::Log, "log", &["map", "show", "old.iso.map", "--log-file", "log"]),
    case(Given::Read, "old.iso", &["map", "show", "old.iso.map"]),
    case(Given::Product, "new.map", &["map", "invert", "old.iso.map", "-o", "new.map"]),
    case(Given::ForcedProduct, "new.map", &["map", "invert", "old.iso.map", "-o", "new.map", "--force"]),
    case(Given::Product, "list", &["map", "convert", "old.iso.map", "--to", "blocks", "-o", "list"]),
    case(Given::ForcedProduct, "a.png", &["map", "picture", "old.iso.map", "--png", "a.png", "--force"]),
    case(Given::Product, "a.svg", &["map", "picture", "old.iso.map", "--svg", "a.svg"]),
    case(Given::Read, "old.iso", MERGE),
    case(Given::Product, "out.iso", MERGE),
    case(Given::Product, "out.iso.map", MERGE),
    case(Given::Spare, "out.iso.map.lock", MERGE),
    case(Given::Output, "pages", &["man", "pages"]),
    case(Given::Forced, "pages/freemkv.1", &["man", "pages"]),
    streamed(Given::Log, "log", &["drives", "--log-file", "log"]),
    streamed(Given::Log, "log", &["completions", "bash", "--log-file", "log"]),
];

impl Case {
    /// The file that the command reads, if any.
    pub(crate) fn source(&self) -> Option<&'static str> {
        match self.words.first() {
            Some(&("mux" | "info" | "rip")) => Some("film.iso"),
            Some(&"map") => Some("old.iso.map"),
            Some(&("sweep" | "patch")) => Some("disc.iso"),
            _ => None,
        }
    }

    /// What may become of the file `name` when `kind` lies at the place.
    pub(crate) fn may_change(&self, name: &str, kind: Kind) -> Change {
        // A rescue goes on with its own files, and moves them aside when it is told to.
        if ["patch", "--restart"].iter().any(|word| self.words.contains(word))
            && ["old.iso", "old.iso.map"].contains(&name)
            && name != self.place
        {
            return Change::Any;
        }
        let linked = kind == Kind::LinkToFile && name == "mine";
        let itself = kind == Kind::SomebodyElsesFile && name == self.place;
        match self.given {
            Given::Forced | Given::ForcedProduct if linked || itself => Change::Any,
            Given::Log if linked || itself => Change::Append,
            _ => Change::No,
        }
    }

    /// Whether the command is wrong when `kind` lies at the place, and not only unlucky.
    pub(crate) fn refused(&self, kind: Kind) -> bool {
        match (self.given, kind) {
            (
                Given::Output | Given::Forced | Given::Product | Given::ForcedProduct | Given::Log | Given::Own,
                Kind::HardLinkToSource,
            ) => self.place != "films",
            (
                Given::Product | Given::ForcedProduct,
                Kind::Device | Kind::Pipe | Kind::Socket | Kind::LinkToDevice | Kind::Folder,
            ) => true,
            (Given::Own, Kind::Device | Kind::Pipe | Kind::Socket | Kind::LinkToDevice | Kind::Folder) => {
                self.place != "old.iso"
            }
            (Given::Log, Kind::Socket | Kind::Folder) => true,
            _ => false,
        }
    }
}
