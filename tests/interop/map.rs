//! ddrescuelog and ddrescue 1.27 as judges of what is a map, what it says, and of the maps we write.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use freemkv::mapfile::status::Status;
use freemkv::mapfile::text::{Block, MapText, Notes, parse, write};
use proptest::prelude::*;
use tempfile::TempDir;

/// Maps that both sides must judge alike.
const MAPS: &[&str] = &[
    // Status lines.
    "0 + 1\n0 5 +\n",
    "0 +\n0 5 +\n",
    "0x10+3\n0 5 +\n",
    "0X1F * 2\n0 5 +\n",
    "017 / 2\n0 5 +\n",
    "+5 - 4\n0 5 +\n",
    "-0 F 1\n0 5 +\n",
    "0x G 1\n0 5 +\n",
    "0 + 1.5\n0 5 +\n",
    "0 + abc\n0 5 +\n",
    "0 + 99\n0 5 +\n",
    "0 + 1 7 8\n0 5 +\n",
    "0 + 08\n0 5 +\n",
    "0 + - 3\n0 5 +\n",
    "0 + 99999999999\n0 5 +\n",
    "0 + 2147483648\n0 5 +\n",
    "0 + 99999999999999999999\n0 5 +\n",
    "0 + 0\n0 5 +\n",
    "0 + -1\n0 5 +\n",
    "0 + 0x2\n0 5 +\n",
    "-5 + 1\n0 5 +\n",
    "08 + 1\n0 5 +\n",
    "0xg + 1\n0 5 +\n",
    "00x5 + 1\n0 5 +\n",
    "0 x 1\n0 5 +\n",
    "0\n0 5 +\n",
    "5 # + 1\n0 5 +\n",
    "5 +#1\n0 5 +\n",
    "0 5 +\n",
    // Block lines.
    "0 + 1\n0 0x800+\n",
    "0 + 1\n0+5+\n",
    "0 + 1\n0 010 -junk\n",
    "0 + 1\n0 5 +#c\n5 5 - # c\n",
    "0 + 1\n0 5 +\n5 5 +\n10 5 -\n",
    "0 + 1\n512 512 +\n",
    "0 + 1\n512 512 +\n1024 5 -\n",
    "0 + 1\n0 0 +\n",
    "0 + 1\n0 5 +\r\n\x0b\x0c\t 5 5 -\r\n\r\n",
    "0 + 1\r0 5 +\r",
    "0 + 1",
    "0 + 1\n0 5 +",
    "# only a comment",
    "0 + 1\n0 5# +\n",
    "0 + 1\n0 5 #+\n",
    "0 + 1\n0 5 %\n",
    "0 + 1\n0 5\n",
    "0 + 1\n0\n",
    "0 + 1\nx\n",
    "0 + 1\n0 -1 +\n",
    "0 + 1\n-1 5 +\n",
    "0 + 1\n0 08 +\n",
    "0 + 1\n0 64Ki +\n",
    "0 + 1\n0 65_536 +\n",
    "0 + 1\n0,5,+\n",
    "0 + 1\n512 0 +\n",
    "0 + 1\n0 5 +\n5 0 +\n",
    "0 + 1\n0 5 +\n6 5 +\n",
    "0 + 1\n0 5 +\n4 5 +\n",
    "0 + 1\n5 5 +\n0 5 +\n",
    "0 + 1\n0 5\0 +\n",
    "0 + 1\n0 5 +\0 x\n",
    "0 + 1\n\0\n0 5 +\n",
    "\u{feff}0 + 1\n0 5 +\n",
    "0 + 1\n0\u{a0}5 +\n",
    "0 + 1\n0 0x7fffffffffffffff ?\n",
    "0 + 1\n0 5 +\n5 0x7fffffffffffffff -\n",
    "0 + 1\n0x7ffffffffffffff0 16 +\n",
];

/// Maps for an input of 65,536 bytes, whose first 512 are read when they are not tried.
const SIZED: &[&str] = &[
    "",
    "#\n",
    "0 ? 1\n",
    "0x100 ? 9\n0 60000 +\n",
    "0 ? 1\n0 65536 +\n65536 512 ?\n",
    "0 ? 1\n0 65536 +\n65536 512 -\n",
    "0 ? 1\n0 65536 +\n65536 512 +\n",
    "0 ? 1\n0 65536 +\n65536 512 ?\n66048 512 ?\n",
    "0 ? 1\n0 65536 +\n65536 512 ?\n66048 512 *\n",
    "0 ? 1\n0 65536 +\n65536 0x7fffffffffffffff ?\n",
    "0 ? 1\n0 60000 +\n60000 6000 +\n",
    "0 ? 1\n0 60000 +\n60000 6000 ?\n",
    "0 ? 1\n0 60000 +\n60000 6000 /\n",
    "0 ? 1\n0 60000 +\n60000 10 -\n",
    "0 ? 1\n0 60000 +\n60000 6000 ?\n66000 5 ?\n",
    "0 ? 1\n0 60000 +\n60000 5536 *\n65536 10 ?\n",
    "0 ? 1\n0 60000 +\n60000 5536 *\n65536 10 ?\n65546 10 ?\n",
    "0 ? 1\n0 60000 +\n60000 5500 ?\n65500 50 ?\n65550 50 ?\n",
    "0 ? 1\n0 60000 +\n60000 5500 ?\n65500 50 +\n65550 50 ?\n",
    "0 ? 1\n512 512 +\n",
    "0 ? 1\n0 512 ?\n512 512 ?\n1024 5 +\n",
    "0 ? 1\n65536 5 ?\n",
    "0 ? 1\n65536 5 +\n",
    "0 ? 1\n70000 5 ?\n",
    "0 ? 1\n70000 5 +\n",
    "0 ? 1\n0 60000 +\n60001 5 -\n",
    // The same in whole sectors.
    "0 ? 1\n0 0xEA00 +\n",
    "0 ? 1\n0 0xEA00 +\n0xEA00 0x2000 ?\n",
    "0 ? 1\n0 0xEA00 +\n0xEA00 0x2000 /\n",
    "0 ? 1\n0 0xEA00 +\n0xEA00 0x200 -\n",
    "0 ? 1\n0 0xEA00 +\n0xEA00 0x1600 *\n0x10000 0x200 ?\n",
    "0 ? 1\n0 0xEA00 +\n0xEA00 0x1600 *\n0x10000 0x200 +\n",
    "0 ? 1\n0x200 0x200 -\n0x400 0x200 /\n0x600 0x200 *\n",
];

const INPUT_SIZE: u64 = 65536;

struct Judge {
    folder: TempDir,
}

impl Judge {
    /// `None`, and a word about it, where ddrescue is not installed.
    fn new() -> Option<Self> {
        crate::support::program("ddrescue")?;
        crate::support::program("ddrescuelog")?;
        Some(Self { folder: tempfile::tempdir().unwrap() })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path
    }

    fn run(&self, program: &str, arguments: &[&str], files: &[&Path]) -> Output {
        let mut command = Command::new(program);
        command.current_dir(self.folder.path()).env("LC_ALL", "C").stdin(Stdio::null());
        command.args(arguments).args(files).output().unwrap()
    }

    /// Bytes (in the unit printed) and areas of each status, or `None` for a map that is refused.
    fn verdict(&self, map: &Path) -> Option<Totals> {
        let output = self.run("ddrescuelog", &["-t"], &[map]);
        let text = String::from_utf8(output.stdout).unwrap();
        match output.status.code() {
            Some(0) => Some(Totals::parse(&text)),
            Some(2) => None,
            code => panic!("ddrescuelog ended with {code:?}: {}", String::from_utf8_lossy(&output.stderr)),
        }
    }

    /// The whole agreement on one text: verdict, totals, and our rewriting of it.
    fn agree(&self, name: &str, content: &[u8]) {
        let original = self.put("map", content);
        let theirs = self.verdict(&original);
        let ours = parse(content, None);
        assert_eq!(theirs.is_some(), ours.is_ok(), "{name}: they {theirs:?}, we {ours:?}");
        let (Some(theirs), Ok(map)) = (theirs, ours) else { return };
        // An empty block is nothing to us; they count it as an area.
        let exact = !String::from_utf8_lossy(content).contains(" 0 ");
        theirs.check(name, &map, exact);

        let written = self.path("written");
        let mut text = Vec::new();
        write(&mut text, &Notes::default(), map.status, map.blocks.iter().copied()).unwrap();
        fs::write(&written, &text).unwrap();
        let again = parse(&text, None).unwrap();
        let verdict = self.verdict(&written).unwrap_or_else(|| panic!("{name}: what we write is refused"));
        verdict.check(name, &again, true);
        // With a gap before the first block the domains differ, and only rescued blocks can be compared.
        let compare = if map.blocks.first().is_some_and(|b| b.pos > 0) { "-P" } else { "-p" };
        if !map.blocks.is_empty() {
            let output = self.run("ddrescuelog", &[compare, "written"], &[&original]);
            assert_eq!(output.status.code(), Some(0), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
}

/// What `ddrescuelog -t` prints: number, unit and areas, in the order of [`ORDER`].
#[derive(Debug)]
struct Totals(Vec<(u64, u64, u64)>);

const ORDER: [(&str, Status); 5] = [
    ("non-tried:", Status::NonTried),
    ("rescued:", Status::Finished),
    ("non-trimmed:", Status::NonTrimmed),
    ("non-scraped:", Status::NonScraped),
    ("bad-sector:", Status::Bad),
];

impl Totals {
    /// `     non-tried:    16384 B,  in      1 area(s)  ( 25%)`; nothing at all for an empty map.
    fn parse(text: &str) -> Self {
        let of = |title: &str| {
            let line = text.lines().find_map(|l| l.trim_start().strip_prefix(title));
            let words: Vec<&str> = line.unwrap_or(" 0 B, in 0 area(s)").split_whitespace().collect();
            let power = ["B,", "kB,", "MB,", "GB,", "TB,", "PB,", "EB,"].iter().position(|u| *u == words[1]).unwrap();
            (words[0].parse().unwrap(), 1000u64.pow(power as u32), words[3].parse().unwrap())
        };
        Self(ORDER.iter().map(|(title, _)| of(title)).collect())
    }

    fn check(&self, name: &str, map: &MapText, areas: bool) {
        for ((number, unit, count), (title, status)) in self.0.iter().zip(ORDER) {
            let blocks = || map.blocks.iter().filter(|b| b.status == status);
            let bytes: u64 = blocks().map(|b| b.size).sum();
            assert!(bytes.abs_diff(number * unit) < *unit, "{name}: {title} {number} x {unit}, we have {bytes}");
            assert!(!areas || blocks().count() as u64 == *count, "{name}: {title} {count} areas, we {:?}", map.blocks);
        }
    }
}

#[test]
fn ddrescuelog_agrees_on_every_case() {
    let Some(judge) = Judge::new() else { return };
    for map in MAPS.iter().chain(SIZED) {
        judge.agree(&format!("{map:?}"), map.as_bytes());
    }
}

#[test]
fn ddrescuelog_agrees_on_every_file() {
    let Some(judge) = Judge::new() else { return };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/maps");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        judge.agree(&path.display().to_string(), &fs::read(&path).unwrap());
        count += 1;
    }
    assert!(count >= 11, "{count}");
}

#[test]
fn ddrescuelog_agrees_on_line_lengths() {
    let Some(judge) = Judge::new() else { return };
    for blanks in 120..130 {
        for (before, after) in [("0 5", "+"), ("", "0 5 +"), ("0 5 + # ", "x"), ("0 5 +", "\n5 5 -"), ("0 5", " +#")] {
            let line = format!("0 + 1\n{before}{}{after}\n", " ".repeat(blanks));
            judge.agree(&line, line.as_bytes());
        }
        let zeros = format!("0 + 1\n{}0 5 +\n", "0".repeat(blanks));
        judge.agree(&zeros, zeros.as_bytes());
    }
}

/// The two cases in which we differ from 1.27 on purpose.
#[test]
fn the_exceptions_are_these_two() {
    let Some(judge) = Judge::new() else { return };
    // 1.30 writes it.
    let sweeping = judge.put("map", b"0 % 1\n0 5 +\n");
    assert!(judge.verdict(&sweeping).is_none());
    assert!(parse(&fs::read(&sweeping).unwrap(), None).is_ok());
    for text in ["0 + 1\n0 9223372036854775808 ?\n", "9223372036854775808 + 1\n0 5 ?\n"] {
        let large = judge.put("map", text.as_bytes());
        assert!(judge.verdict(&large).is_some());
        assert!(parse(text.as_bytes(), None).is_err());
    }
}

/// ddrescue itself reads each map with an input of known size. It is told to read no more than
/// the first 512 bytes, and what it saves shows what it made of the rest.
#[test]
fn ddrescue_agrees_where_the_size_is_known() {
    let Some(judge) = Judge::new() else { return };
    let input = judge.put("input", &vec![7; INPUT_SIZE as usize]);
    let domain = format!("0 + 1\n0 512 +\n512 {} ?\n", INPUT_SIZE - 512);
    judge.put("domain", domain.as_bytes());
    let mut compared = 0;
    for text in SIZED {
        let map = judge.put("map", text.as_bytes());
        let output = judge.put("output", &vec![7; INPUT_SIZE as usize]);
        let run = judge.run("ddrescue", &["-q", "-m", "domain"], &[&input, &output, &map]);
        let ours = parse(text.as_bytes(), Some(INPUT_SIZE));
        let code = run.status.code().unwrap();
        assert_eq!(code == 0, ours.is_ok(), "{text:?}: ddrescue ended with {code}, we {ours:?}");
        let Ok(ours) = ours else { continue };
        let saved = fs::read_to_string(&map).unwrap();
        let theirs = parse(saved.as_bytes(), Some(INPUT_SIZE)).unwrap();
        // A status that holds for a part of a sector is ddrescue's to change.
        if ours.blocks.iter().all(|b| b.pos % 512 == 0) {
            assert_eq!(theirs.blocks, first_read(&ours.blocks), "{text:?}");
            compared += 1;
        }
        assert_eq!(theirs.end(), INPUT_SIZE);
        // From the column titles on, what they write and what we write is the same to the byte.
        let mut rewritten = Vec::new();
        write(&mut rewritten, &Notes::default(), theirs.status, theirs.blocks).unwrap();
        let rewritten = String::from_utf8(rewritten).unwrap();
        let columns = |text: &str| text[text.find("# current_pos").unwrap()..].to_owned();
        assert_eq!(columns(&rewritten), columns(&saved), "{text:?}");
    }
    assert!(compared >= 12, "{compared}");
}

/// The blocks after the first 512 bytes were read well.
fn first_read(blocks: &[Block]) -> Vec<Block> {
    let mut read = vec![Block { pos: 0, size: 512, status: Status::Finished }];
    for block in blocks {
        let pos = block.pos.max(512);
        let size = block.end().saturating_sub(pos);
        match read.last_mut() {
            _ if size == 0 => {}
            Some(last) if last.status == block.status => last.size += size,
            _ => read.push(Block { pos, size, ..*block }),
        }
    }
    read
}

/// Texts that are nearly maps: pieces of maps, put together at random.
fn nearly_map() -> impl Strategy<Value = String> {
    let number =
        prop::sample::select(vec!["0", "5", "10", "0x5", "05", "+5", "-5", "0x", "512", "15", "08", "5.", "0X0A"]);
    let glue = prop::sample::select(vec![" ", " ", " ", "\t", "", "  ", "#", " #", "\0", "\r"]);
    let symbol = prop::sample::select(vec!["+", "-", "?", "*", "/", "F", "G", "x", "1", ""]);
    let end = prop::sample::select(vec!["\n", "\n", "\n", "\r\n", " # c\n", "#\n", " x\n", "\n\n", ""]);
    let head = (number.clone(), glue.clone(), symbol.clone(), glue.clone(), number.clone(), end.clone())
        .prop_map(|(a, g, s, h, n, e)| format!("{a}{g}{s}{h}{n}{e}"));
    let line = (number.clone(), glue.clone(), number, glue, symbol, end)
        .prop_map(|(a, g, b, h, s, e)| format!("{a}{g}{b}{h}{s}{e}"));
    let head = prop_oneof![3 => Just("0 + 1\n".to_owned()), 1 => head];
    (head, prop::collection::vec(line, 0..4)).prop_map(|(head, lines)| head + &lines.concat())
}

#[test]
fn ddrescuelog_agrees_on_random_texts() {
    let Some(judge) = Judge::new() else { return };
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    runner
        .run(&nearly_map(), |text| {
            let original = judge.put("map", text.as_bytes());
            let (theirs, ours) = (judge.verdict(&original), parse(text.as_bytes(), None));
            prop_assert_eq!(theirs.is_some(), ours.is_ok(), "{:?}: they {:?}, we {:?}", text, theirs, ours);
            if let (Some(theirs), Ok(ours)) = (theirs, ours) {
                theirs.check(&text, &ours, false);
            }
            Ok(())
        })
        .unwrap();
}

/// Whole sectors from the start, so many that the end of the input falls anywhere among the last blocks.
fn near_the_end() -> impl Strategy<Value = String> {
    let status = prop::sample::select(vec!['?', '?', '*', '/', '-', '+']);
    prop::collection::vec((1u64..20, status), 1..10).prop_map(|blocks| {
        let mut text = "0 ? 1\n0 60416 +\n".to_owned();
        let mut pos = 60416;
        for (sectors, status) in blocks {
            text += &format!("{pos} {} {status}\n", sectors * 512);
            pos += sectors * 512;
        }
        text
    })
}

#[test]
fn ddrescue_agrees_on_random_ends() {
    let Some(judge) = Judge::new() else { return };
    let config = ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() };
    let input = judge.put("input", &vec![7; INPUT_SIZE as usize]);
    let output = judge.put("output", &vec![7; INPUT_SIZE as usize]);
    judge.put("domain", format!("0 + 1\n0 512 +\n512 {} ?\n", INPUT_SIZE - 512).as_bytes());
    let run = |text: String| {
        let map = judge.put("map", text.as_bytes());
        let run = judge.run("ddrescue", &["-q", "-m", "domain"], &[&input, &output, &map]);
        let ours = parse(text.as_bytes(), Some(INPUT_SIZE));
        prop_assert_eq!(run.status.success(), ours.is_ok(), "{:?}: they {:?}, we {:?}", text, run.status, ours);
        if let Ok(ours) = ours {
            prop_assert_eq!(parse(&fs::read(&map).unwrap(), None).unwrap().blocks, ours.blocks, "{:?}", text);
        }
        Ok(())
    };
    proptest::test_runner::TestRunner::new(config).run(&near_the_end(), run).unwrap();
}
