//! Films in the page: a line of their time with what is hurt, and their tracks.

use std::fmt::Write as _;

use crate::base::human::{bytes, clock, counted};

use super::strip::{Tone, columns, strip};
use super::text::escaped;
use crate::job::rip::report::Film;

/// Hurt places of a film that are named, and films that are shown.
const NAMED: usize = 50;
const FILMS: usize = 200;

/// All films.
pub(super) fn films(page: &mut String, films: &[Film]) {
    if films.is_empty() {
        return;
    }
    page.push_str("<h2>Films</h2>\n");
    films.iter().take(FILMS).for_each(|told| film(page, told));
    if films.len() > FILMS {
        let _ = writeln!(page, "<p>and {} more (report.json has all)</p>", films.len() - FILMS);
    }
}

fn film(page: &mut String, film: &Film) {
    let name = film.path.rsplit('/').next().unwrap_or(&film.path);
    let hurt = film.hurt();
    let length = film.duration_seconds.max(0.001);
    let lost = |cause: &str| if cause == "not_read" { Tone::Untried } else { Tone::Bad };
    let spans =
        film.losses.iter().map(|loss| (loss.from_seconds / length, loss.to_seconds / length, lost(&loss.cause)));
    let line = strip(&columns(spans), "The film from its beginning to its end, and what of it is hurt");
    let _ = write!(
        page,
        "<h3>{}</h3>\n<p class=\"dim\">title {}, {}, {}, {} chapters</p>\n<figure>{line}\
         <figcaption class=\"ends\"><span>{}</span><span>{}</span></figcaption></figure>\n",
        escaped(name),
        escaped(&film.title),
        clock(film.duration_seconds),
        bytes(film.bytes),
        film.chapters,
        clock(0.0),
        clock(film.duration_seconds),
    );
    let late = film.undecodable_seconds();
    if film.complete && late == 0.0 {
        page.push_str("<p class=\"whole\">Whole.</p>\n");
    }
    if !hurt.is_empty() {
        let seconds: f64 = hurt.iter().map(|(from, to)| to - from).sum();
        let named: Vec<String> =
            hurt.iter().take(NAMED).map(|(from, to)| format!("{}–{}", clock(*from), clock(*to))).collect();
        let more = hurt.len().saturating_sub(named.len());
        let more = if more > 0 { format!(" and {more} more places") } else { String::new() };
        let _ = writeln!(page, "<p class=\"lacks\">{seconds:.1} s are hurt: {}{more}.</p>", named.join(", "));
    }
    if late > 0.0 {
        let _ =
            writeln!(page, "<p>{late:.1} s are left out, which the disc plays from where no decoder can begin.</p>");
    }
    if hurt.is_empty() && !film.complete {
        let tracks = counted(film.left_out.len(), "track is", "tracks are");
        let _ = writeln!(page, "<p class=\"lacks\">{tracks} left out.</p>");
    }
    tracks(page, film);
}

fn tracks(page: &mut String, film: &Film) {
    page.push_str("<table><tr><th>#</th><th>track</th><th>language</th><th>frames</th><th>size</th><th>hurt</th></tr>");
    for track in &film.tracks {
        let hurt: f64 = film
            .losses
            .iter()
            .filter(|loss| loss.track == track.number)
            .map(|loss| loss.to_seconds - loss.from_seconds)
            .sum();
        let hurt = if hurt > 0.0 { format!("{hurt:.1} s") } else { String::new() };
        let _ = write!(
            page,
            "<tr><td>{}</td><td>{} {}{}</td><td>{}</td><td>{}</td><td class=\"short\">{}</td><td class=\"short\">{hurt}</td></tr>",
            track.number,
            escaped(&track.codec),
            escaped(&track.kind),
            if track.forced { ", forced" } else { "" },
            escaped(&track.language),
            track.frames,
            bytes(track.bytes),
        );
    }
    for left_out in &film.left_out {
        let word = |key: &str| escaped(left_out[key].as_str().unwrap_or_default());
        let _ = write!(
            page,
            "<tr><td></td><td>{}</td><td>{}</td><td colspan=\"3\">left out: {}</td></tr>",
            word("codec"),
            word("language"),
            word("reason")
        );
    }
    page.push_str("</table>\n");
}
