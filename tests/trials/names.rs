//! Names that are no UTF-8, in every place where a name may stand.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use crate::room::Room;

/// Words of a command line, in which `~` is a byte that is no UTF-8.
fn words(line: &str) -> Vec<OsString> {
    let odd = |word: &str| OsString::from_vec(word.bytes().map(|b| if b == b'~' { 0xFF } else { b }).collect());
    line.split(' ').map(odd).collect()
}

#[test]
fn names_may_be_any_bytes_in_every_place() {
    let room = Room::new();
    let film = &words("d~.iso")[0];
    fs::copy(room.path("film.iso"), room.path(film)).unwrap();
    fs::write(room.path(&words("p~")[0]), "# no damage\n").unwrap();
    for (line, code) in [
        ("sweep emu:d~.iso,profile=bd,faults=p~ s~.iso --map m~ --log-file l~ --hash", 0),
        ("patch d~.iso s~.iso --map m~", 0),
        ("sweep d~.iso t~.iso", 0),
        ("info d~.iso --log-file l~", 0),
        ("info d~.iso --map m~ --files", 0),
        ("mux d~.iso f~.mkv --map m~", 0),
        ("mux d~.iso f~.mkv", 2),
        ("mux d~.iso g~.mkv --dry-run", 0),
        ("mux d~.iso films~/", 0),
        ("rip d~.iso rips~", 0),
        ("verify d~.iso s~.iso --map m~", 0),
        ("convert d~.iso c~.qcow2", 0),
        ("convert c~.qcow2 c~.iso", 0),
        ("map show m~ --image s~.iso", 0),
        ("map picture m~ --png p~.png --svg p~.svg", 0),
        ("map convert m~ --to json -o j~", 0),
        ("map and m~ m~ -o a~", 0),
        ("map or m~ m~ -o o~", 0),
        ("map xor m~ m~ -o x~", 0),
        ("map invert m~ -o i~", 0),
        ("map compare m~ a~", 0),
        ("map merge t~.iso t~.iso -o merged~.iso", 0),
        ("man pages~", 0),
        ("drives /dev/d~", 4),
        ("info nowhere~.iso", 1),
        ("map show nowhere~", 1),
    ] {
        for json in [false, true] {
            if json && ([" -o ", "--png"].iter().any(|option| line.contains(option)) || line.starts_with("convert")) {
                continue;
            }
            let mut command = room.command(words(line));
            if json {
                command.args(["--json", "--force"].iter().take(if line.starts_with("mux") { 2 } else { 1 }));
            }
            let output = command.output().unwrap();
            let told = format!("{line} json {json}: {output:?}");
            let code = if json && code == 2 { 0 } else { code };
            assert_eq!(output.status.code(), Some(code), "{told}");
            let said = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8(bytes.clone()));
            let [Ok(out), Ok(err)] = said else { panic!("bytes that are no text reach the terminal: {told}") };
            assert!(!err.contains("panicked") && !out.contains('\x1b') && !err.contains('\x1b'), "{told}");
            if json {
                let report: serde_json::Value =
                    serde_json::from_str(out.trim()).unwrap_or_else(|e| panic!("{e}: {told}"));
                assert_eq!(report["exit_code"].as_i64(), Some(i64::from(code)), "{told}");
            }
        }
    }
    let made = |name: &str| fs::read(room.path(&words(name)[0])).unwrap();
    for image in ["s~.iso", "t~.iso", "c~.iso", "merged~.iso"] {
        assert_eq!(made(image), made("d~.iso"), "{image}");
    }
    assert!(made("s~.iso.sha256").ends_with(words("s~.iso\n")[0].as_bytes()));
}
