//! The rules, out of the table of layers in `docs/ARCHITECTURE.md`.

use std::collections::{BTreeMap, BTreeSet};

/// What the document allows.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    layers: BTreeMap<String, Layer>,
    /// Folders that reach for nothing outside.
    pub(crate) pure: Vec<String>,
    /// Folders and files, below `src`, that may hold `unsafe`.
    pub(crate) unsafe_places: Vec<String>,
}

#[derive(Clone, Debug, Default)]
struct Layer {
    level: u32,
    /// The cell as it stands, for messages.
    cell: String,
    folders: BTreeSet<String>,
    /// Of these folders, only the modules named.
    parts: BTreeMap<String, BTreeSet<String>>,
    /// What single files may import on top.
    files: BTreeMap<String, BTreeSet<String>>,
}

impl Rules {
    /// Reads the document. Anything in the table that is not understood is an error, so that no rule is lost.
    pub(crate) fn read(document: &str) -> Result<Self, String> {
        let mut rules = Self::default();
        for line in document.lines() {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            if let [_, level, folders, cell, notes, _] = cells[..]
                && let Ok(level) = level.parse()
            {
                rules.add_row(level, folders, cell, notes).map_err(|why| format!("{why}, in: {line}"))?;
            }
            if line.starts_with("`unsafe_code") {
                let sentence = line.split(" only").next().unwrap_or_default();
                rules.unsafe_places = quoted(sentence).into_iter().skip(1).map(str::to_owned).collect();
            }
        }
        if rules.layers.is_empty() {
            return Err("no table of layers".to_owned());
        }
        if rules.unsafe_places.is_empty() {
            return Err("no sentence that starts with `unsafe_code` and says where it is allowed".to_owned());
        }
        Ok(rules)
    }

    fn add_row(&mut self, level: u32, folders: &str, cell: &str, notes: &str) -> Result<(), String> {
        let mut layer = Layer { level, cell: cell.to_owned(), ..Layer::default() };
        let names: Vec<String> = quoted(folders).into_iter().map(str::to_owned).collect();
        match cell {
            "–" => {}
            "all" | "all of the above" => layer.folders = self.layers.keys().cloned().collect(),
            _ => layer.read_cell(cell)?,
        }
        for name in &names {
            if notes.contains("no I/O, no clock") {
                self.pure.push(name.clone());
            }
            self.layers.insert(name.clone(), layer.clone());
        }
        if names.is_empty() { Err("no folder named".to_owned()) } else { Ok(()) }
    }

    /// Whether the folder has a row.
    pub(crate) fn knows(&self, folder: &str) -> bool {
        self.layers.contains_key(folder)
    }

    /// What a folder's row says.
    pub(crate) fn row(&self, folder: &str) -> &str {
        self.layers.get(folder).map_or("nothing: it has no row", |layer| &layer.cell)
    }

    /// The row that holds for a file (its path below `src`): that of the innermost folder around it that has one.
    pub(crate) fn row_of<'a>(&self, file: &'a str) -> Option<&'a str> {
        let mut around = file.match_indices('/').map(|(end, _)| &file[..end]);
        around.rfind(|folder| self.layers.contains_key(*folder))
    }

    /// Whether a file (its path below `src`) may name a path below the crate. What its own folder holds it may always name.
    pub(crate) fn allows(&self, file: &str, path: &[String]) -> bool {
        let row = self.row_of(file).unwrap_or_default();
        let (Some(layer), Some(target)) = (self.layers.get(row), path.first()) else { return false };
        let folder = file.split('/').next().unwrap_or_default();
        let for_file =
            layer.files.iter().any(|(name, folders)| file == format!("{row}/{name}") && folders.contains(target));
        let for_part = || {
            let parts = layer.parts.get(target)?;
            Some(parts.contains(path.get(1)?))
        };
        target == folder || layer.folders.contains(target) || for_file || for_part() == Some(true)
    }

    /// Rows that import a folder of their own level or above; a single file may import one of its own level.
    pub(crate) fn upward(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for (name, layer) in &self.layers {
            let level_of = |target: &String| self.layers.get(target).map(|layer| layer.level);
            let whole = layer.folders.iter().chain(layer.parts.keys()).map(|target| (target, layer.level));
            let single = layer.files.values().flatten().map(|target| (target, layer.level + 1));
            for (target, limit) in whole.chain(single) {
                if level_of(target).is_none_or(|level| level >= limit) {
                    wrong.push(format!("{name} -> {target}"));
                }
            }
        }
        wrong
    }
}

impl Layer {
    /// Reads "`base`, `mapfile::{status, state}`; its `store.rs` also `os`". Brackets hold remarks.
    fn read_cell(&mut self, cell: &str) -> Result<(), String> {
        let plain = without_remarks(cell);
        let (general, exceptions) = plain.split_once(';').unwrap_or((&plain, ""));
        only_words(general, &[])?;
        for item in quoted(general) {
            match item.split_once("::") {
                None => {
                    self.folders.insert(item.to_owned());
                }
                Some((folder, parts)) => {
                    let parts = parts.trim_start_matches('{').trim_end_matches('}').split(',');
                    self.parts.entry(folder.to_owned()).or_default().extend(parts.map(|part| part.trim().to_owned()));
                }
            }
        }
        for exception in exceptions.split(';').filter(|text| !text.trim().is_empty()) {
            only_words(exception, &["its", "also"])?;
            let mut items = quoted(exception).into_iter().map(str::to_owned);
            let file = items.next().ok_or("an exception for no file")?;
            self.files.entry(file).or_default().extend(items);
        }
        Ok(())
    }
}

/// The parts of a text between backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The text without what stands in round brackets.
fn without_remarks(text: &str) -> String {
    let mut depth = 0_u32;
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}

/// Refuses any word outside backticks that is not one of these.
fn only_words(text: &str, known: &[&str]) -> Result<(), String> {
    let outside: String = text.split('`').step_by(2).collect::<Vec<_>>().join(" ");
    let unknown = outside.split([' ', ',']).find(|word| !word.is_empty() && !known.contains(word));
    unknown.map_or(Ok(()), |word| Err(format!("`{word}` is not understood")))
}

#[cfg(test)]
mod tests {
    use super::Rules;

    const DOCUMENT: &str = "\
| level | folder | may import | notes |
|---|---|---|---|
| 0 | `base` | – | bytes |
| 1 | `os`, `scsi` | `base` | **unsafe here** |
| 1 | `mapfile` | `base`; its `store.rs` also `os` | |
| 2 | `mapfile/disk` | `os` | |
| 2 | `recovery` | `base`, `mapfile::{status, state}` (`state.rs`: pure) | **no I/O, no clock** |
| 3 | `cli` | all | |

`unsafe_code = \"deny\"` in the lint table; allowed in `os`, `scsi/sg_io.rs` only. Release keeps `panic`.
";

    fn allows(file: &str, path: &str) -> bool {
        let rules = Rules::read(DOCUMENT).expect("a table");
        let path: Vec<String> = path.split("::").map(str::to_owned).collect();
        rules.allows(file, &path)
    }

    #[test]
    fn a_folder_inside_another_may_have_a_row_of_its_own() {
        assert!(allows("mapfile/text/line.rs", "base::bytes"));
        assert!(!allows("mapfile/text/line.rs", "os::durable"));
        assert!(allows("mapfile/disk/file.rs", "os::durable"));
        assert!(allows("mapfile/disk/file.rs", "mapfile::text"));
        assert!(!allows("mapfile/disk/file.rs", "base::bytes"));
        let rules = Rules::read(DOCUMENT).expect("a table");
        assert_eq!(rules.row_of("mapfile/disk/file.rs"), Some("mapfile/disk"));
        assert_eq!(rules.row_of("mapfile/diskette.rs"), Some("mapfile"));
        assert_eq!(rules.row_of("lib.rs"), None);
    }

    #[test]
    fn a_row_allows_its_folders_and_the_folder_itself() {
        assert!(allows("scsi/cdb.rs", "base::bytes::Cursor"));
        assert!(allows("scsi/cdb.rs", "scsi::Reply"));
        assert!(!allows("scsi/cdb.rs", "os::durable"));
        assert!(!allows("base/bytes.rs", "os"));
        assert!(!allows("scsi/cdb.rs", "Unknown"));
        assert!(allows("cli/mod.rs", "recovery::Step"));
    }

    #[test]
    fn exceptions_hold_for_the_named_files_and_modules_only() {
        assert!(allows("mapfile/store.rs", "os::durable"));
        assert!(!allows("mapfile/text.rs", "os::durable"));
        assert!(allows("recovery/patch.rs", "mapfile::status::Status"));
        assert!(!allows("recovery/patch.rs", "mapfile::store::Store"));
        assert!(!allows("recovery/patch.rs", "mapfile"));
    }

    #[test]
    fn the_document_says_where_unsafe_may_stand_and_what_is_pure() {
        let rules = Rules::read(DOCUMENT).expect("a table");
        assert_eq!(rules.unsafe_places, ["os", "scsi/sg_io.rs"]);
        assert_eq!(rules.pure, ["recovery"]);
        assert_eq!(rules.upward(), Vec::<String>::new());
    }

    #[test]
    fn rows_that_are_wrong_or_unclear_are_told() {
        let upward = DOCUMENT.replace("| 1 | `os`, `scsi` | `base` |", "| 1 | `os`, `scsi` | `base`, `cli`, `none` |");
        let rules = Rules::read(&upward).expect("a table");
        assert_eq!(rules.upward(), ["os -> cli", "os -> none", "scsi -> cli", "scsi -> none"]);
        let unclear = DOCUMENT.replace("its `store.rs` also `os`", "sometimes `os`");
        assert!(Rules::read(&unclear).expect_err("unclear").contains("sometimes"));
        assert!(Rules::read("no table here").is_err());
    }
}
