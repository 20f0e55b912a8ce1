//! Titles of several parts: where one ends and the next begins, and which of them are in the film.

mod cut_streams;
mod edges;
pub(crate) mod entry;
mod layers;
mod left_out;
mod links;
mod seams;
