//! How titles are named, and what they are beside each other.

use crate::base::human::{self, printable};
use crate::job::info::{Report, TitleReport};
use crate::title::select::Role;

/// Most members of a list that are named.
const NAMED: usize = 8;

/// What a title is beside the others: those that are the same, those that it plays.
pub(super) fn twins(report: &Report, title: &TitleReport) -> Vec<String> {
    let index = title.number - 1;
    let ids = |wanted: &dyn Fn(&Role) -> bool| -> Vec<String> {
        report.titles.iter().filter(|t| wanted(&t.role)).map(|t| printable(&t.id)).collect()
    };
    let mut lines = Vec::new();
    let same = ids(&|role| *role == Role::DuplicateOf(index));
    if !same.is_empty() {
        lines.push(format!("The same as title {}: {}.", named(title), some(&same, "titles")));
    }
    let shuffled = ids(&|role| *role == Role::ShuffleOf(index));
    if !shuffled.is_empty() {
        let which = some(&shuffled, "titles");
        lines.push(format!("The parts of title {} in another order: {which}.", named(title)));
    }
    if let Role::PlayAll(of) = &title.role {
        let of: Vec<String> = of.iter().filter_map(|i| report.titles.get(*i)).map(named).collect();
        lines.push(format!("Title {} plays {} one after the other.", named(title), some(&of, "titles")));
    }
    if let Some(disc) = report.disc.size_bytes.filter(|disc| title.size_bytes > *disc) {
        let (title_bytes, disc) = (human::bytes(title.size_bytes), human::bytes(disc));
        lines.push(format!(
            "Title {} is larger than the disc ({title_bytes} of {disc}): it plays some of it more than once.",
            named(title)
        ));
    }
    lines
}

/// Why it is the film, or why not.
pub(super) fn reason(title: &TitleReport) -> &str {
    if title.reason.is_empty() { "nothing speaks for it" } else { &title.reason }
}

/// `2 (00001)`.
pub(super) fn named(title: &TitleReport) -> String {
    format!("{} ({})", title.number, printable(&title.id))
}

/// The first of a list, and how many more there are.
pub(super) fn some(list: &[String], what: &str) -> String {
    let first = list.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    let more = list.len().saturating_sub(NAMED);
    if more == 0 { first } else { format!("{first} and {more} more {what}") }
}

/// `1:23:45`; a part of a second is left out.
pub(super) fn clock(seconds: f64) -> String {
    #[allow(clippy::cast_sign_loss, reason = "cut at zero")]
    let seconds = seconds.max(0.0) as u64;
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}
