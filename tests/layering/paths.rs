//! The paths in a file that name something of the crate.

use crate::text;

/// A path below the crate, and the line that it starts on.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Found {
    pub(crate) line: usize,
    pub(crate) path: Vec<String>,
    /// It is shown on: `pub use`, whatever the scope.
    pub(crate) shown: bool,
    /// It stands in an inline module `tests`.
    pub(crate) in_tests: bool,
}

/// Every path in blanked text that starts at the crate (`crate::`, `$crate::`), climbs with `super::`, or starts at one of
/// the `children` of the module that the file is, as it reads from the crate. Groups are spread.
pub(crate) fn named(module: &[String], children: &[String], blanked: &str) -> Vec<Found> {
    let tokens = text::tokens(blanked);
    let word = |at: usize| tokens.get(at).map_or("", |(_, token)| *token);
    let mut found = Vec::new();
    // Inline modules, with the depth of braces inside them: `super` climbs out of those first.
    let mut inline: Vec<(usize, &str)> = Vec::new();
    let mut depth = 0;
    let mut at = 0;
    let mut shown = false;
    while at < tokens.len() {
        let line = tokens[at].0;
        let in_tests = inline.iter().any(|(_, name)| *name == "tests");
        let mut spread = |at, prefix: &[String], shown| {
            tree(&tokens, at, &mut prefix.to_vec(), &mut |path| found.push(Found { line, path, shown, in_tests }))
        };
        let continues = at > 0 && word(at - 1) == "::";
        // `pub(in path)` says who may see something, and imports nothing.
        let is_visibility = at > 1 && word(at - 1) == "in" && word(at - 2) == "(";
        match word(at) {
            "{" => depth += 1,
            "}" => {
                inline.retain(|(inside, _)| *inside < depth);
                depth = depth.saturating_sub(1);
            }
            "use" => shown = at > 0 && matches!(word(at - 1), "pub" | ")"),
            ";" => shown = false,
            "mod" if word(at + 2) == "{" => inline.push((depth + 1, word(at + 1))),
            "crate" if word(at + 1) == "::" && !continues && !is_visibility => {
                at = spread(at + 2, &[], shown);
                continue;
            }
            "super" if !continues => {
                let here: Vec<String> =
                    module.iter().cloned().chain(inline.iter().map(|(_, name)| (*name).to_owned())).collect();
                let mut climbed = 0;
                while word(at) == "super" && word(at + 1) == "::" {
                    (climbed, at) = (climbed + 1, at + 2);
                }
                at = if climbed > 0 { spread(at, &here[..here.len().saturating_sub(climbed)], shown) } else { at + 1 };
                continue;
            }
            child if word(at + 1) == "::" && !continues && children.iter().any(|name| name == child) => {
                at = spread(at, module, shown);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// Spreads the tree of paths that starts at a token, `a::{b, c::d}`; returns the token behind it.
fn tree(tokens: &[(usize, &str)], at: usize, prefix: &mut Vec<String>, found: &mut dyn FnMut(Vec<String>)) -> usize {
    let word = |at: usize| tokens.get(at).map_or("", |(_, token)| *token);
    if word(at) == "{" {
        let mut at = at + 1;
        while at < tokens.len() && word(at) != "}" {
            let end = if word(at) == "," { at + 1 } else { tree(tokens, at, prefix, found) };
            // Anything that is no path (`as name`) is stepped over.
            at = end.max(at + 1);
        }
        return at + 1;
    }
    let is_name = |token: &str| token == "*" || token.starts_with(|c: char| c.is_alphabetic() || c == '_');
    if !is_name(word(at)) || word(at) == "as" {
        return at;
    }
    if word(at) == "self" && !prefix.is_empty() {
        found(prefix.clone());
        return at + 1;
    }
    prefix.push(word(at).to_owned());
    let next_is_path = word(at + 1) == "::" && (is_name(word(at + 2)) || word(at + 2) == "{");
    let end = if next_is_path {
        tree(tokens, at + 2, prefix, found)
    } else {
        found(prefix.clone());
        // A renamed import: the new name is no path.
        if word(at + 1) == "as" { at + 3 } else { at + 1 }
    };
    prefix.pop();
    end
}

#[cfg(test)]
mod tests {
    use super::named;
    use crate::text::blank;

    fn paths(module: &str, source: &str) -> Vec<String> {
        let module: Vec<String> = module.split("::").map(str::to_owned).collect();
        named(&module, &["inner".to_owned()], &blank(source))
            .iter()
            .map(|found| format!("{} {}", found.line, found.path.join("::")))
            .collect()
    }

    #[test]
    fn plain_paths_are_found_in_imports_and_in_code() {
        assert_eq!(paths("a::b", "use crate::base::bytes::Cursor;"), ["1 base::bytes::Cursor"]);
        assert_eq!(paths("a::b", "fn f(x: &crate::os::X) -> crate::base::Y<u8> {}"), ["1 os::X", "1 base::Y"]);
        assert_eq!(paths("a::b", "macro_rules! m { () => { $crate::os::call() } }"), ["1 os::call"]);
        assert_eq!(paths("a::b", "let v = crate::base::v::<u8>(1);"), ["1 base::v"]);
        assert_eq!(paths("a::b", "pub(crate) struct S; // crate::os"), Vec::<String>::new());
        assert_eq!(paths("a::b", "pub(in crate::a) fn f() {} fn g() { for x in crate::os::X {} }"), ["1 os::X"]);
    }

    #[test]
    fn groups_are_spread_however_deep_and_long() {
        let source = "use crate::{\n    base::{self, bytes::{Cursor, Error as E}, set::*},\n    os::durable as d, scsi,\n};\nfn f() { crate::mux::g() }";
        assert_eq!(
            paths("a::b", source),
            [
                "1 base",
                "1 base::bytes::Cursor",
                "1 base::bytes::Error",
                "1 base::set::*",
                "1 os::durable",
                "1 scsi",
                "5 mux::g"
            ]
        );
    }

    #[test]
    fn super_climbs_from_where_the_file_is() {
        assert_eq!(paths("scsi::cdb", "use super::Reply;"), ["1 scsi::Reply"]);
        assert_eq!(paths("scsi::cdb", "use super::super::base::bytes;"), ["1 base::bytes"]);
        assert_eq!(paths("scsi", "use super::{base, os::durable};"), ["1 base", "1 os::durable"]);
        assert_eq!(paths("scsi::cdb::tests", "use super::super::Reply;"), ["1 scsi::Reply"]);
    }

    #[test]
    fn children_are_named_from_where_the_file_is() {
        assert_eq!(
            paths("a", "use inner::{B, c::D}; fn f() { inner::g(); x.inner::h() }"),
            ["1 a::inner::B", "1 a::inner::c::D", "1 a::inner::g", "1 a::inner::h"]
        );
        assert_eq!(paths("a", "use other::inner::B; let inner = 1;"), Vec::<String>::new());
        let shown = |source| named(&["a".to_owned()], &["inner".to_owned()], &blank(source))[0].shown;
        assert!(shown("pub(super) use inner::B;") && shown("pub use inner::B;") && !shown("use inner::B;"));
    }

    #[test]
    fn inline_modules_add_a_step_to_climb() {
        let source = "mod tests {\n    use super::super::Reply;\n    fn f() { if x {} }\n    use super::super::super::os::X;\n}\nuse super::super::base::Y;";
        assert_eq!(paths("scsi::cdb", source), ["2 scsi::Reply", "4 os::X", "6 base::Y"]);
    }
}
