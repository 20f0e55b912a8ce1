//! From the titles of a disc to the films that were asked for.

use crate::base::cancel::Cancel;
use crate::base::event::{Event, Events};
use crate::base::human::printable;
use crate::base::sector::set::SectorSet;
use crate::base::time::Ticks90;
use crate::job::disc::Disc;
use crate::job::titles::{self, NoTitles, TitleChoice, pick};
use crate::mux::{MuxError, plan};
use crate::title::model::Title;
use crate::title::select::{Choice, Role, choose};
use crate::title::{DiscTitles, TitleError, kind};

use super::error::Error;
use super::job::{Film, Job};
use super::matching;

/// Twins of a title that its plan names.
const TWINS_NAMED: usize = 8;

/// What will be written.
#[derive(Debug, Default)]
pub struct Plans {
    /// The films.
    pub films: Vec<Film>,
    /// Why some titles that may have been meant become none; empty where titles were named.
    pub refused: Vec<MuxError>,
}

/// Reads the titles, chooses, and looks into the streams of each chosen title. What is odd about the disc, and what "all"
/// leaves out, is told to `events`. A title that was named and cannot be muxed ends it; of all, the others are planned.
///
/// # Errors
/// [`Error`].
pub fn plans(disc: &Disc, job: &Job, cancel: &Cancel, events: &dyn Events) -> Result<Plans, Error> {
    events.event(Event::Phase("plan".to_owned()));
    let wanted = job.titles();
    let titles = titles::read(disc, Some(&wanted), job.angle).map_err(|e| match e {
        NoTitles::Tables(cause) => {
            if let Some(what) = kind::of_other_disc(&*disc.files) {
                return Error::OtherDisc(what);
            }
            Error::Tables { cause, missing_bytes: disc.missing.as_ref().map_or(0, |missing| missing.bytes) }
        }
        NoTitles::Stream(TitleError::File { source, .. }) => Error::Mux(MuxError::Read(source)),
        NoTitles::Stream(error) => Error::Stream(error),
    })?;
    titles.problems.iter().for_each(|problem| events.event(Event::Warning(printable(problem))));
    let choice = choose(&titles.titles, &titles.navigation, &[]).ok_or(Error::NoTitles)?;
    let min_length = Ticks90::from_seconds(job.min_length.as_secs());
    let picked = pick(&wanted, &titles.titles, &choice, min_length)?;
    if picked.len() > 1 && !job.is_into_folder() {
        return Err(Error::OneFile(picked.len()));
    }
    let chosen: Vec<&Title> = picked.iter().filter_map(|index| titles.titles.get(*index)).collect();
    matching::check(&chosen, &job.options, job.angle)?;
    if wanted == TitleChoice::All
        && let Some(sentence) = left_out(&titles, &choice, &picked)
    {
        events.event(Event::Notice(sentence));
    }
    let planning = Planning { disc, titles: &titles, choice: &choice, missing: disc.missing_sectors(), job, cancel };
    let mut plans = Plans::default();
    for index in picked {
        match planning.film(index) {
            Err(Error::Mux(error)) if wanted == TitleChoice::All && is_of_the_title(&error) => {
                plans.refused.push(error)
            }
            film => plans.films.push(film?),
        }
    }
    match plans.refused.pop() {
        Some(error) if plans.films.is_empty() => Err(error.into()),
        error => {
            plans.refused.extend(error);
            // Whether the film is among them nobody knows.
            if matches!(wanted, TitleChoice::All | TitleChoice::Main) && !titles.unread.is_empty() {
                plans.refused.push(MuxError::Unread { why: titles.unread.clone() });
            }
            Ok(plans)
        }
    }
}

/// Whether a title cannot be muxed for what it is: others of the disc may be.
fn is_of_the_title(error: &MuxError) -> bool {
    matches!(error, MuxError::NoTracks { .. } | MuxError::NoPicture { .. })
}

/// What all plans of a disc need.
struct Planning<'a> {
    disc: &'a Disc,
    titles: &'a DiscTitles,
    choice: &'a Choice,
    missing: SectorSet,
    job: &'a Job,
    cancel: &'a Cancel,
}

impl Planning<'_> {
    /// The film of the title with this index.
    fn film(&self, index: usize) -> Result<Film, Error> {
        let (title, verdict) =
            self.titles.titles.get(index).zip(self.choice.verdicts.get(index)).ok_or(Error::NoTitles)?;
        let files = self.disc.files.as_ref();
        let reasons = verdict.reasons.iter().map(|r| format!("{} {:+}", r.text, r.points));
        let about = plan::Provenance {
            label: files.volume().label.clone(),
            name: name(self.titles, &files.volume().label, title, index == self.choice.main),
            number: title.number,
            notes: matching::notes(title, self.job.angle),
            why: reasons.chain(twins(self.titles, self.choice, index)).collect(),
        };
        let title = &title.without_end_mark();
        let plan = plan::plan(files, title, &about, &self.job.options, &self.missing, self.cancel)?;
        let output = &self.job.output;
        let path = if self.job.is_into_folder() { output.join(plan.file_name()) } else { output.clone() };
        Ok(Film { plan, path })
    }
}

/// What a title is called in its file: what the disc calls it, and where the disc does not, something that no other title of
/// the disc has. The film alone is called like the disc.
fn name(titles: &DiscTitles, label: &str, title: &Title, is_film: bool) -> Option<String> {
    let disc = titles.name.as_deref().or(Some(label)).filter(|name| !name.is_empty());
    match (disc, titles.name_of(title)) {
        (Some(disc), Some(own)) if own != disc => Some(format!("{disc}: {own}")),
        (None, Some(own)) => Some(own.to_owned()),
        (Some(disc), _) if is_film => Some(disc.to_owned()),
        (Some(disc), _) => Some(format!("{disc}, title {}", title.number)),
        (None, None) => None,
    }
}

/// The titles that one stands for: those that are the same, those with its parts in another order.
fn twins(titles: &DiscTitles, choice: &Choice, index: usize) -> Vec<String> {
    let ids = |role: &Role| -> Vec<&str> {
        let all = titles.titles.iter().zip(&choice.verdicts).filter(|(_, verdict)| verdict.role == *role);
        all.map(|(title, _)| title.id.as_str()).collect()
    };
    let kinds = [("the same as", Role::DuplicateOf(index)), ("its parts in another order are", Role::ShuffleOf(index))];
    let named = kinds.into_iter().map(|(what, role)| (what, ids(&role))).filter(|(_, ids)| !ids.is_empty());
    let sentence = |(what, ids): (&str, Vec<&str>)| {
        let first = ids.iter().take(TWINS_NAMED).copied().collect::<Vec<_>>().join(" ");
        let more = ids.len().saturating_sub(TWINS_NAMED);
        if more == 0 { format!("{what} {first}") } else { format!("{what} {first} and {more} more") }
    };
    named.map(sentence).collect()
}

/// One line for what "all" does not take.
fn left_out(titles: &DiscTitles, choice: &Choice, picked: &[usize]) -> Option<String> {
    let all = titles.titles.iter().zip(&choice.verdicts).enumerate();
    let left_out: Vec<String> = all
        .filter(|(index, _)| !picked.contains(index))
        .map(|(_, (title, verdict))| format!("{} ({})", title.id, why(&verdict.role)))
        .collect();
    (!left_out.is_empty()).then(|| format!("Left out: {}.", left_out.join(", ")))
}

fn why(role: &Role) -> &'static str {
    match role {
        Role::Own => "too short",
        Role::DuplicateOf(_) => "the same as another",
        Role::ShuffleOf(_) => "the parts of another in another order",
        Role::PlayAll(_) => "plays others one after the other",
        Role::Repetition => "plays the same part over and over",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::title::navigation::{How, Navigation, PlayedBy, Under};

    fn title(id: &str, number: usize) -> Title {
        Title {
            id: id.to_owned(),
            number,
            parts: Vec::new(),
            tracks: Vec::new(),
            sub_paths: Vec::new(),
            chapters: Vec::new(),
            angles: 1,
            static_hdr: None,
            captions: crate::title::model::Channels::default(),
            has_menu: false,
            notes: Vec::new(),
            is_random: false,
        }
    }

    #[test]
    fn no_two_films_of_a_disc_are_called_the_same() {
        let way = |number| vec![PlayedBy { under: Under::Title(number), how: How::Direct }];
        let ways = [("00001".to_owned(), way(1)), ("00002".to_owned(), way(2))];
        let named = DiscTitles {
            name: Some("The Cat".to_owned()),
            title_names: [(2, "How it was made".to_owned())].into(),
            navigation: Navigation::new(ways.into(), Vec::new()),
            ..DiscTitles::default()
        };
        let called = |titles: &DiscTitles, label: &str| {
            let name = |id: &str, number, is_film| name(titles, label, &title(id, number), is_film).unwrap_or_default();
            [name("00001", 1, true), name("00002", 2, false), name("00003", 3, false)]
        };
        assert_eq!(called(&named, "CAT"), ["The Cat", "The Cat: How it was made", "The Cat, title 3"]);
        assert_eq!(called(&DiscTitles::default(), "CAT"), ["CAT", "CAT, title 2", "CAT, title 3"]);
        assert_eq!(called(&DiscTitles { name: None, ..named }, ""), ["", "How it was made", ""]);
    }
}
