//! What it says for a title that the disc's own programs play it.

use super::model::Title;
use super::navigation::{How, Navigation, PlayedBy, Under};

/// Points for a title that plays by itself or from the menu. Different films may all be played, so it is one reason
/// among others.
const PLAYS: i32 = 15;
/// Points for one that the viewer must ask for by its number, or that a program which is not followed may play.
const MAY_PLAY: i32 = 10;
/// Points for what plays when the disc is inserted, or in its menu: that is a logo more often than a film.
const AROUND: i32 = 5;

/// How much the programs speak for a title among those that are the same film; a way that rests on an unknown value
/// speaks for none.
pub(super) fn standing(navigation: &Navigation, title: &Title) -> u8 {
    match navigation.best(&title.id) {
        None | Some(How::Unknown) => 0,
        Some(How::Listed) => 1,
        Some(How::Number) => 2,
        Some(How::Button | How::Direct) => 3,
    }
}

/// Points for the best way in which a title plays, and a few words.
pub(super) fn reason(navigation: &Navigation, title: &Title) -> (i32, String) {
    let ways = navigation.played_by(&title.id).iter();
    let best = ways.max_by_key(|way| (points(**way), way.how, std::cmp::Reverse(way.under)));
    best.map_or((0, String::new()), |way| (points(*way), words(*way)))
}

fn points(way: PlayedBy) -> i32 {
    match (way.how, way.under) {
        (How::Unknown, _) => 0,
        (_, Under::FirstPlay | Under::Menu) => AROUND,
        (How::Listed | How::Number, Under::Title(_)) => MAY_PLAY,
        (How::Button | How::Direct, Under::Title(_)) => PLAYS,
    }
}

fn words(way: PlayedBy) -> String {
    match (way.how, way.under) {
        (How::Unknown, _) => String::new(),
        (How::Listed, Under::Title(number)) => format!("a program of title {number} may play it"),
        (How::Listed, _) => "a program may play it".to_owned(),
        (_, Under::FirstPlay) => "plays when the disc is inserted".to_owned(),
        (_, Under::Menu) => "plays in the menu".to_owned(),
        (How::Number, Under::Title(number)) => format!("plays as title {number}"),
        (How::Button, Under::Title(number)) => format!("the menu plays it as title {number}"),
        (How::Direct, Under::Title(number)) => format!("plays by itself as title {number}"),
    }
}
