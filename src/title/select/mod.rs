//! Which title is the film: a score for each, with the reasons that make it.

mod alike;

use super::language;
use super::model::{Title, TrackKind};
use super::navigation::Navigation;
use super::played;
use super::{Attributes, VideoFormat};
use crate::base::time::Ticks90;
pub use alike::Role;
use alike::roles;

/// Points for the longest title; others get their share of it.
const LONGEST: i32 = 40;
/// A title so long has them all; where none is, each has its share of this. Of two that are over in a minute, the longer one
/// is not the film for that.
const LONG: Ticks90 = Ticks90(20 * 60 * Ticks90::SECOND.0);
const DUPLICATE: i32 = -100;
const REPETITION: i32 = -60;
const SHUFFLE: i32 = -60;
const PLAY_ALL: i32 = -40;
const RANDOM: i32 = -30;

/// One reason for or against a title.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reason {
    /// Points; negative against it.
    pub points: i32,
    /// A few words for the person.
    pub text: String,
}

/// What is thought of a title.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// What it is beside the others.
    pub role: Role,
    /// Why it has its score, in the order they were looked at.
    pub reasons: Vec<Reason>,
}

impl Verdict {
    /// Sum of the reasons' points.
    #[must_use]
    pub fn score(&self) -> i32 {
        self.reasons.iter().map(|r| r.points).sum()
    }

    /// The reasons in one line: `longest +40, 24 chapters +10`.
    #[must_use]
    pub fn line(&self) -> String {
        self.reasons.iter().map(|r| format!("{} {:+}", r.text, r.points)).collect::<Vec<_>>().join(", ")
    }
}

/// The choice of a film.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Choice {
    /// The film, as an index into the titles.
    pub main: usize,
    /// The next best that is no duplicate or twin of it.
    pub runner_up: Option<usize>,
    /// One verdict for each title.
    pub verdicts: Vec<Verdict>,
}

impl Choice {
    /// The titles that stand for themselves, in order: no duplicates, no twins, no repetitions, and no title that only
    /// plays others.
    #[must_use]
    pub fn distinct(&self) -> Vec<usize> {
        (0..self.verdicts.len()).filter(|i| self.verdicts[*i].role == Role::Own).collect()
    }
}

/// Chooses the film among `titles`, of which the disc's programs play those that `navigation` says. Sound in one of
/// the languages `wanted` (codes as a person writes them, the best first) counts in favour. `None` where there are no
/// titles.
#[must_use]
pub fn choose(titles: &[Title], navigation: &Navigation, wanted: &[String]) -> Option<Choice> {
    let roles = roles(titles, |title| played::standing(navigation, title), order);
    let counts = |role: &Role| matches!(role, Role::Own | Role::PlayAll(_));
    let longest =
        titles.iter().zip(&roles).filter(|(_, r)| counts(r)).map(|(t, _)| t.duration()).max().unwrap_or_default();
    let mut verdicts: Vec<Verdict> =
        titles.iter().zip(roles).map(|(t, role)| verdict(t, role, titles, longest, wanted)).collect();
    for (title, verdict) in titles.iter().zip(&mut verdicts) {
        let (points, text) = played::reason(navigation, title);
        if points != 0 {
            verdict.reasons.push(Reason { points, text });
        }
    }
    let mut ranking: Vec<usize> = (0..titles.len()).collect();
    ranking.sort_by_key(|i| (std::cmp::Reverse(verdicts[*i].score()), std::cmp::Reverse(titles[*i].duration()), *i));
    let main = *ranking.first()?;
    let other = |i: &usize| match verdicts[*i].role {
        Role::DuplicateOf(of) | Role::ShuffleOf(of) => of != main,
        _ => true,
    };
    let runner_up = ranking.iter().skip(1).copied().find(other);
    Some(Choice { main, runner_up, verdicts })
}

fn verdict(title: &Title, role: Role, titles: &[Title], longest: Ticks90, wanted: &[String]) -> Verdict {
    let mut reasons = Vec::new();
    let mut add = |points: i32, text: String| {
        if points != 0 {
            reasons.push(Reason { points, text });
        }
    };
    let length = length(title, longest);
    add(length.0, length.1);
    let window = window(title.duration().whole_seconds());
    add(window.0, window.1.to_owned());
    let chapters = title.chapters.len();
    add(few(chapters.saturating_sub(1), 10), plural(chapters, "chapter"));
    let picture = picture(title);
    add(picture.0, picture.1);
    let audio = title.primary(TrackKind::Audio).count();
    add(few(audio, 5) * 2, plural(audio, "audio track"));
    let subtitles = title.primary(TrackKind::Subtitle).count();
    add(few(subtitles, 8), plural(subtitles, "subtitle track"));
    if let Some(code) = spoken(title, wanted) {
        add(10, format!("sound in {}", language::name(code).unwrap_or(code)));
    }
    if title.tracks.iter().any(|t| t.kind == TrackKind::Video && t.secondary) {
        add(-5, "picture in picture".to_owned());
    }
    if title.is_random {
        add(RANDOM, "its parts play in random order".to_owned());
    }
    let role_points = against(title, &role, titles);
    add(role_points.0, role_points.1);
    Verdict { role, reasons }
}

fn against(title: &Title, role: &Role, titles: &[Title]) -> (i32, String) {
    let id = |index: &usize| titles.get(*index).map_or("?", |t| t.id.as_str());
    match role {
        Role::Own => (0, String::new()),
        Role::DuplicateOf(of) => (DUPLICATE, format!("the same as {}", id(of))),
        Role::ShuffleOf(of) if titles.get(*of).is_some_and(|of| of.parts.len() != title.parts.len()) => {
            (SHUFFLE, format!("the parts of {}, some more often", id(of)))
        }
        Role::ShuffleOf(of) => (SHUFFLE, format!("the parts of {} in another order", id(of))),
        Role::Repetition => (REPETITION, "plays the same part over and over".to_owned()),
        Role::PlayAll(of) => {
            let names: Vec<&str> = of.iter().map(id).collect();
            (PLAY_ALL, format!("plays {} one after the other", names.join(", ")))
        }
    }
}

fn length(title: &Title, longest: Ticks90) -> (i32, String) {
    let duration = title.duration();
    let whole = longest.max(LONG);
    let share = i128::from(duration.min(longest).0) * i128::from(LONGEST) / i128::from(whole.0);
    let points = i32::try_from(share).unwrap_or(LONGEST);
    (points, if duration >= longest { "the longest".to_owned() } else { "length".to_owned() })
}

/// Points for a length that films and episodes have.
fn window(seconds: u64) -> (i32, &'static str) {
    match seconds {
        3600..18_000 => (20, "as long as a film"),
        1200..3600 => (10, "as long as an episode"),
        _ => (0, ""),
    }
}

fn picture(title: &Title) -> (i32, String) {
    let format = title.primary(TrackKind::Video).find_map(|t| match t.attributes {
        Attributes::Video { format, .. } => Some(format),
        _ => None,
    });
    let points = match format {
        Some(VideoFormat::P2160) => 10,
        Some(VideoFormat::P1080 | VideoFormat::I1080) => 6,
        Some(VideoFormat::P720) => 3,
        _ => 0,
    };
    (points, format.map_or_else(String::new, |f| f.to_string()))
}

/// The best wanted language that the title speaks.
fn spoken(title: &Title, wanted: &[String]) -> Option<&'static str> {
    let speaks = |code: &&'static str| title.primary(TrackKind::Audio).any(|t| t.language == Some(code));
    wanted.iter().filter_map(|w| language::bibliographic(w)).find(speaks)
}

/// How much the order of a title's parts looks meant: seamless joins, clips in ascending order, chapters.
fn order(title: &Title) -> i32 {
    let joins = title.parts.len().saturating_sub(1);
    let seamless = title.parts.iter().skip(1).filter(|p| p.join.is_seamless()).count();
    let ascending = title.parts.windows(2).filter(|pair| pair[0].clip() <= pair[1].clip()).count();
    let share = |count: usize| i32::try_from(count * 100 / joins.max(1)).unwrap_or(100);
    share(seamless) + 2 * share(ascending) + few(title.chapters.len(), 20) * 5
}

/// A count as points, with an upper end.
fn few(count: usize, most: i32) -> i32 {
    i32::try_from(count).unwrap_or(most).min(most)
}

fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

#[cfg(test)]
mod tests;
