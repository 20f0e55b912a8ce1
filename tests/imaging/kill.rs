//! kill -9 at random moments while a raw image is written.

use std::fs;

use crate::support::kill::killed_it_never_lies_and_ends_whole;

#[test]
fn killed_fifty_times_it_never_lies_and_ends_whole() {
    killed_it_never_lies_and_ends_whole("iso", &|image| fs::read(image).unwrap_or_default());
}
