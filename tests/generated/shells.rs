//! What bash, zsh and fish offer, each by its own machinery, in a folder with an image and beside two drives.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::support::{finish, program};

/// A folder with what can be offered.
struct Room {
    folder: TempDir,
}

impl Room {
    fn new() -> Self {
        let room = Self { folder: tempfile::tempdir().unwrap() };
        for folder in ["dev", "work/films", "home"] {
            fs::create_dir_all(room.path(folder)).unwrap();
        }
        // The film in the tree has two titles.
        let film = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/discs/film.iso");
        for name in ["work/disc.iso", "work/my disc.iso"] {
            fs::copy(&film, room.path(name)).unwrap();
        }
        for drive in ["dev/sr0", "dev/sr1"] {
            fs::write(room.path(drive), "").unwrap();
        }
        room
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A shell that finds freemkv, and nothing of the person who runs the tests.
    fn shell(&self, shell: &Path) -> Command {
        let bin = Path::new(env!("CARGO_BIN_EXE_freemkv")).parent().unwrap();
        let mut command = Command::new(shell);
        command.current_dir(self.path("work")).stdin(Stdio::null()).env("HOME", self.path("home"));
        command.env("PATH", format!("{}:{}", bin.display(), std::env::var("PATH").unwrap())).env("LC_ALL", "C.UTF-8");
        command.env_remove("ZDOTDIR").env_remove("BASH_ENV").env_remove("XDG_CONFIG_HOME").env("TERM", "dumb");
        command
    }

    /// The answers without the names of drives' folder and without quotes, sorted.
    fn answers(&self, said: &str) -> Vec<String> {
        let dev = format!("{}/", self.path("dev").display());
        let plain = |line: &str| line.replace(&dev, "DEV/").replace('\\', "").trim_end_matches('/').to_owned();
        let mut answers: Vec<String> = said.lines().filter(|line| !line.is_empty()).map(plain).collect();
        answers.sort();
        answers.dedup();
        answers
    }

    fn bash(&self, words: &[&str]) -> Option<Vec<String>> {
        let bash = program("bash")?;
        let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        let ask = format!(
            "source '{}'; _freemkv_dev='{}'; COMP_WORDS=(freemkv {}); COMP_CWORD={}; \
             f=$(complete -p freemkv | sed 's/.*-F \\([^ ]*\\).*/\\1/'); $f freemkv '{}' '{}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            completions("freemkv.bash").display(),
            self.path("dev").display(),
            quoted.join(" "),
            words.len(),
            words.last()?,
            words.iter().rev().nth(1).unwrap_or(&"freemkv"),
        );
        let done = finish(self.shell(&bash).args(["--norc", "-c", &ask]));
        assert_eq!(done.code, Some(0), "{done:?}");
        Some(self.answers(&done.stdout))
    }

    fn zsh(&self, line: &str) -> Option<Vec<String>> {
        let zsh = program("zsh")?;
        let out = self.path("offered");
        let _ = fs::remove_file(&out);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/generated/offered.zsh");
        let mut shell = self.shell(&zsh);
        shell.arg("-f").arg(script).arg(completions("")).arg(&out).arg(line).arg(self.path("dev"));
        let done = finish(&mut shell);
        assert_eq!(done.code, Some(0), "{done:?}");
        Some(self.answers(&fs::read_to_string(&out).unwrap_or_default()))
    }

    /// What fish offers, and what it says of each.
    fn fish(&self, line: &str) -> Option<Vec<String>> {
        let fish = program("fish")?;
        let ask = format!(
            "set -g _freemkv_dev '{}'; source '{}'; complete -C '{line}'",
            self.path("dev").display(),
            completions("freemkv.fish").display()
        );
        let done = finish(self.shell(&fish).args(["--no-config", "-c", &ask]));
        assert_eq!(done.code, Some(0), "{done:?}");
        let names: String =
            done.stdout.lines().map(|line| line.split('\t').next().unwrap().to_owned() + "\n").collect();
        Some(self.answers(&names))
    }
}

fn completions(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("completions").join(name)
}

const SOURCES: [&str; 5] = ["DEV/sr0", "DEV/sr1", "disc.iso", "films", "my disc.iso"];
const FILES: [&str; 3] = ["disc.iso", "films", "my disc.iso"];
const TITLES: [&str; 4] = ["1", "2", "all", "main"];

#[test]
fn bash_offers_drives_files_and_titles_before_options() {
    let room = Room::new();
    let Some(commands) = room.bash(&[""]) else { return };
    assert!(["sweep", "info", "verify"].iter().all(|name| commands.iter().any(|word| word == name)), "{commands:?}");
    assert!(commands.iter().all(|word| !word.starts_with('-')), "{commands:?}");
    for words in [&["sweep", ""][..], &["-q", "info", ""], &["mux", "--audio", "eng", ""], &["rip", "a", ""]] {
        assert_eq!(room.bash(words).unwrap(), SOURCES, "{words:?}");
    }
    // Without an answer bash offers files itself.
    for words in
        [&["sweep", "a", ""][..], &["verify", "disc"], &["mux", "emu", ":", "disc.iso", ""], &["map", "show", ""]]
    {
        assert_eq!(room.bash(words).unwrap(), [""; 0], "{words:?}");
    }
    for words in [&["mux", "my disc.iso", "--title", ""][..], &["info", "disc.iso", "--title", "=", ""]] {
        assert_eq!(room.bash(words).unwrap(), TITLES, "{words:?}");
    }
    assert_eq!(room.bash(&["drives", ""]).unwrap(), ["DEV/sr0", "DEV/sr1"]);
    assert_eq!(room.bash(&["sweep", "--o"]).unwrap(), ["--only"]);
    assert!(room.bash(&["sweep", "a", "b", "--media", ""]).unwrap().contains(&"uhd".to_owned()));
    assert!(room.bash(&["completions", ""]).unwrap().contains(&"fish".to_owned()));
}

#[test]
fn zsh_offers_drives_files_and_titles_before_options() {
    let room = Room::new();
    let Some(commands) = room.zsh("freemkv ") else { return };
    assert!(
        commands.contains(&"sweep".to_owned()) && commands.iter().all(|word| !word.starts_with('-')),
        "{commands:?}"
    );
    for line in ["freemkv sweep ", "freemkv mux --audio eng ", "freemkv rip "] {
        assert_eq!(room.zsh(line).unwrap(), SOURCES, "{line}");
    }
    for line in ["freemkv sweep /dev/sr0 ", "freemkv map show "] {
        assert_eq!(room.zsh(line).unwrap(), FILES, "{line}");
    }
    for line in ["freemkv mux my\\ disc.iso --title ", "freemkv info disc.iso --title="] {
        assert_eq!(room.zsh(line).unwrap(), TITLES, "{line}");
    }
    assert_eq!(room.zsh("freemkv drives ").unwrap(), ["DEV/sr0", "DEV/sr1"]);
}

#[test]
fn fish_offers_drives_files_and_titles_before_options() {
    let room = Room::new();
    let Some(commands) = room.fish("freemkv ") else { return };
    assert!(
        commands.contains(&"sweep".to_owned()) && commands.iter().all(|word| !word.starts_with('-')),
        "{commands:?}"
    );
    for line in ["freemkv sweep ", "freemkv mux --audio eng ", "freemkv rip "] {
        assert_eq!(room.fish(line).unwrap(), SOURCES, "{line}");
    }
    for line in ["freemkv sweep /dev/sr0 ", "freemkv map show "] {
        assert!(FILES.iter().all(|name| room.fish(line).unwrap().contains(&(*name).to_owned())), "{line}");
        assert!(!room.fish(line).unwrap().contains(&"DEV/sr0".to_owned()), "{line}");
    }
    assert_eq!(room.fish("freemkv mux \"my disc.iso\" --title ").unwrap(), TITLES);
    let equals = TITLES.map(|title| format!("--title={title}"));
    assert_eq!(room.fish("freemkv info disc.iso --title=").unwrap(), equals);
    assert_eq!(room.fish("freemkv drives ").unwrap(), ["DEV/sr0", "DEV/sr1"]);
}
