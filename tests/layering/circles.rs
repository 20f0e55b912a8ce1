//! Circles among the files of a folder: a file that imports, by way of others, what imports it.

use std::collections::{BTreeMap, BTreeSet};

use crate::paths::{self, Found};

type Module = Vec<String>;

/// Who imports whom in a folder. A folder inside it is one file, and `mod` is the folder's own.
type Graph = BTreeMap<String, BTreeSet<String>>;

/// Circles in folders that are not `excepted`, and excepted folders that have none. `files`: modules with their blanked text.
pub(crate) fn check(files: &BTreeMap<Module, &str>, excepted: &[&str]) -> (Vec<String>, Vec<String>) {
    let circles: BTreeMap<String, BTreeSet<String>> =
        graphs(files).into_iter().map(|(folder, graph)| (folder, circle(&graph))).collect();
    let has_one = |folder: &str| circles.get(folder).is_some_and(|files| !files.is_empty());
    let wrong = circles.iter().filter(|(folder, files)| !files.is_empty() && !excepted.contains(&folder.as_str()));
    let wrong = wrong.map(|(folder, files)| {
        let names: Vec<&str> = files.iter().map(String::as_str).collect();
        format!("src/{folder}: {}", names.join(", "))
    });
    let mended = excepted.iter().filter(|folder| !has_one(folder)).map(|folder| (*folder).to_owned());
    (wrong.collect(), mended.collect())
}

/// The files that lead back to themselves.
fn circle(graph: &Graph) -> BTreeSet<String> {
    let leads_back = |start: &String| {
        let mut seen = BTreeSet::new();
        let mut next = vec![start];
        while let Some(file) = next.pop() {
            next.extend(graph.get(file).into_iter().flatten().filter(|to| seen.insert(*to)));
        }
        seen.contains(start)
    };
    graph.keys().filter(|file| leads_back(file)).cloned().collect()
}

fn graphs(files: &BTreeMap<Module, &str>) -> BTreeMap<String, Graph> {
    let children = |module: &Module| {
        let inside = files.keys().filter(|file| file.len() == module.len() + 1 && file.starts_with(module));
        inside.filter_map(|file| file.last().cloned()).collect::<Vec<_>>()
    };
    let found: BTreeMap<&Module, Vec<Found>> =
        files.iter().map(|(module, text)| (module, paths::named(module, &children(module), text))).collect();
    // What a folder shows on is where it comes from.
    let mut shown: BTreeMap<Module, &Module> = BTreeMap::new();
    for (module, found) in &found {
        for path in found.iter().filter(|found| found.shown).map(|found| &found.path) {
            let name = path.last().cloned();
            shown.insert(module.iter().cloned().chain(name).collect(), path);
        }
    }
    let mut graphs: BTreeMap<String, Graph> = BTreeMap::new();
    for (module, found) in &found {
        for path in found.iter().filter(|found| !found.shown && !found.in_tests).map(|found| &found.path) {
            let Some(target) = file_of(path, files, &shown) else { continue };
            let common = module.iter().zip(&target).take_while(|(a, b)| a == b).count();
            if common > 0 && **module != target {
                let name = |module: &Module| module.get(common).cloned().unwrap_or_else(|| "mod".to_owned());
                let graph = graphs.entry(module[..common].join("/")).or_default();
                graph.entry(name(module)).or_default().insert(name(&target));
            }
        }
    }
    graphs
}

/// The file that has what a path names.
fn file_of(path: &Module, files: &BTreeMap<Module, &str>, shown: &BTreeMap<Module, &Module>) -> Option<Module> {
    let mut path = path.clone();
    // A name is shown on through a few folders at most.
    for _ in 0..8 {
        let Some((length, to)) = (1..=path.len()).rev().find_map(|n| Some((n, shown.get(&path[..n])?))) else { break };
        path = to.iter().chain(&path[length..]).cloned().collect();
    }
    (1..=path.len()).rev().map(|length| path[..length].to_vec()).find(|module| files.contains_key(module))
}

#[cfg(test)]
mod tests {
    use super::check;

    fn told(files: &[(&str, &str)], excepted: &[&str]) -> (Vec<String>, Vec<String>) {
        let files = files.iter().map(|(name, text)| (name.split("::").map(str::to_owned).collect(), *text));
        check(&files.collect(), excepted)
    }

    #[test]
    fn a_circle_is_found_however_it_is_imported() {
        let circle = (vec!["src/a: b, c".to_owned()], Vec::<String>::new());
        let mod_rs = ("a", "mod b; mod c; mod d; pub use c::C; use d::D;");
        let rest = ("a::d", "");
        assert_eq!(told(&[mod_rs, ("a::b", "use super::c::C;"), ("a::c", "use crate::a::b::B;"), rest], &[]), circle);
        assert_eq!(told(&[mod_rs, ("a::b", "use super::C;"), ("a::c", "fn f(b: super::b::B) {}"), rest], &[]), circle);
        let deep = [mod_rs, ("a::b", ""), ("a::b::e", "use super::super::C;"), ("a::c", "use super::b::e::E;"), rest];
        assert_eq!(told(&deep, &[]), circle);
    }

    #[test]
    fn a_circle_within_a_folder_inside_another_is_told_where_it_is() {
        let files = [
            ("a", "mod b; mod c;"),
            ("a::b", "mod d; mod e; pub use d::D;"),
            ("a::b::d", "use super::e::E;"),
            ("a::b::e", "use crate::a::b::D;"),
            ("a::c", "use super::b::D;"),
        ];
        assert_eq!(told(&files, &[]), (vec!["src/a/b: d, e".to_owned()], vec![]));
        assert_eq!(
            told(&files, &["a"]),
            (vec!["src/a/b: d, e".to_owned()], vec!["a".to_owned()]),
            "only where it is named"
        );
        assert_eq!(told(&files, &["a/b"]), (vec![], vec![]));
    }

    #[test]
    fn a_folder_and_its_file_are_a_circle_too() {
        let files = [("a", "mod b; use b::B; struct A;"), ("a::b", "use super::A;")];
        assert_eq!(told(&files, &[]).0, ["src/a: b, mod"]);
        assert_eq!(told(&files, &["a"]), (vec![], vec![]));
        let straight = [("a", "mod b; pub use b::B; struct A;"), ("a::b", "use super::A; mod tests { use super::*; }")];
        assert_eq!(told(&straight, &["a"]), (vec![], vec!["a".to_owned()]));
    }
}
