//! Names of folders and files, out of what a disc says of itself. Pure.

use std::str::FromStr;

/// Most bytes of a name: a file system takes 255, and suffixes are added to it.
const NAME_MAX: usize = 120;

/// What a disc without a name is called.
const NAMELESS: &str = "DISC";

/// The words between braces that a template knows.
const FIELDS: [&str; 4] = ["label", "name", "media", "id"];

/// What a disc tells for its name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Told {
    /// Name of its volume.
    pub label: String,
    /// What the disc calls itself; the label where it does not.
    pub name: String,
    /// `bd`, `dvd`, … or nothing.
    pub media: String,
    /// The beginning of its fingerprint.
    pub id: String,
}

/// How the folder of a disc is called: text with `{label}`, `{name}`, `{media}` and `{id}`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Template(Vec<Part>);

#[derive(Clone, PartialEq, Eq, Debug)]
enum Part {
    Text(String),
    Field(&'static str),
}

impl Default for Template {
    fn default() -> Self {
        Self(vec![Part::Field("label")])
    }
}

impl FromStr for Template {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = || FIELDS.map(|field| format!("{{{field}}}")).join(" ");
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some(start) = rest.find(['{', '}']) {
            let (before, behind) = rest.split_at(start);
            let inner = behind.strip_prefix('{').and_then(|behind| behind.split_once('}'));
            let (field, after) = inner.ok_or_else(|| format!("'{text}' has a brace alone; there is {}", known()))?;
            let field = FIELDS.iter().find(|known| **known == field);
            let field = field.ok_or_else(|| format!("'{text}' names something unknown; there is {}", known()))?;
            parts.extend([Part::Text(before.to_owned()), Part::Field(field)]);
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        if text.contains('/') {
            return Err(format!("'{text}' names more than one folder"));
        }
        if !parts.iter().any(|part| matches!(part, Part::Field(_))) {
            return Err(format!("'{text}' would call every disc the same; there is {}", known()));
        }
        Ok(Self(parts))
    }
}

impl Template {
    /// The name of a disc, safe as a name of a file.
    #[must_use]
    pub fn name(&self, told: &Told) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Field("label") => told.label.clone(),
            Part::Field("name") => told.name.clone(),
            Part::Field("media") => told.media.clone(),
            Part::Field(_) => told.id.clone(),
        };
        safe(&self.0.iter().map(part).collect::<String>())
    }
}

/// A name that every file system takes, no shell trips over and nothing hides: letters, digits and a few signs, no more than
/// [`NAME_MAX`] bytes, without a dot in front and without a dot or space at the end.
#[must_use]
pub(super) fn safe(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || " -_.,'()&+!".contains(c);
    let mut name: String = text.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    let mut end = name.len().min(NAME_MAX);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.truncate(end);
    let name = name.trim_start_matches(['.', ' ', '-']).trim_end_matches(['.', ' ']);
    if name.is_empty() { NAMELESS.to_owned() } else { name.to_owned() }
}

/// The name that the `number`th disc of that name gets, from 1.
#[must_use]
pub(super) fn numbered(name: &str, number: u32) -> String {
    if number <= 1 { name.to_owned() } else { format!("{name} ({number})") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_from_discs_lead_nowhere_else() {
        for (label, name) in [
            ("MY_FILM", "MY_FILM"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("..", "DISC"),
            ("", "DISC"),
            ("   ", "DISC"),
            ("-rf", "rf"),
            (".hidden", "hidden"),
            ("a\0b\n\u{202e}c", "a_b__c"),
            ("Amélie 2.", "Amélie 2"),
            ("$(reboot)`x`", "_(reboot)_x_"),
        ] {
            assert_eq!(safe(label), name, "{label:?}");
        }
        let long = safe(&"é".repeat(200));
        assert!(long.len() <= NAME_MAX && long.chars().all(|c| c == 'é'), "cut between characters");
    }

    #[test]
    fn a_template_puts_fields_into_text() {
        let told = Told { label: "CAT_D1".into(), name: "The Cat".into(), media: "bd".into(), id: "0123abcd".into() };
        let name = |template: &str| template.parse::<Template>().unwrap().name(&told);
        assert_eq!(Template::default().name(&told), "CAT_D1");
        assert_eq!(name("{name} ({media}, {id})"), "The Cat (bd, 0123abcd)");
        for bad in ["film", "{", "}", "{label", "label}", "{title}", "{label}/{name}", ""] {
            assert!(bad.parse::<Template>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_second_of_a_name_gets_a_number() {
        assert_eq!([1, 2, 3].map(|n| numbered("CAT", n)), ["CAT", "CAT (2)", "CAT (3)"]);
    }
}
