//! kill -9 at random moments while a qcow2 image is written: it is sound after each, too.

use super::content_of;
use crate::support::kill::killed_it_never_lies_and_ends_whole;
use crate::support::program;

#[test]
fn killed_fifty_times_it_never_lies_and_ends_whole() {
    if program("qemu-img").is_some() {
        killed_it_never_lies_and_ends_whole("qcow2", &content_of);
    }
}
