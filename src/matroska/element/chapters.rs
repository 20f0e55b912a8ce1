//! Chapters (RFC 9559, section 5.1.7): one plain edition, the default one.

use crate::base::time::Nanoseconds;
use crate::matroska::ebml::{put_master, put_text, put_uint};
use crate::matroska::ids;
use crate::matroska::uid::Uids;

/// A place in the film with a name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chapter {
    /// From the start of the film.
    pub start: Nanoseconds,
    /// Its name, in no particular language; empty: none.
    pub name: String,
}

/// The content of the Chapters element; `None` without a chapter, because an empty edition is not allowed.
pub(in crate::matroska) fn content(chapters: &[Chapter], uids: Uids) -> Option<Vec<u8>> {
    if chapters.is_empty() {
        return None;
    }
    let mut out = Vec::new();
    put_master(&mut out, ids::EDITION_ENTRY, |out| {
        put_uint(out, ids::EDITION_UID, uids.edition());
        put_uint(out, ids::EDITION_FLAG_HIDDEN, 0);
        put_uint(out, ids::EDITION_FLAG_DEFAULT, 1);
        put_uint(out, ids::EDITION_FLAG_ORDERED, 0);
        for (index, chapter) in (0..).zip(chapters) {
            put_atom(out, chapter, uids.chapter(index));
        }
    });
    Some(out)
}

fn put_atom(out: &mut Vec<u8>, chapter: &Chapter, uid: u64) {
    put_master(out, ids::CHAPTER_ATOM, |out| {
        put_uint(out, ids::CHAPTER_UID, uid);
        put_uint(out, ids::CHAPTER_TIME_START, chapter.start.0);
        put_uint(out, ids::CHAPTER_FLAG_HIDDEN, 0);
        put_uint(out, ids::CHAPTER_FLAG_ENABLED, 1);
        if !chapter.name.is_empty() {
            put_master(out, ids::CHAPTER_DISPLAY, |out| {
                put_text(out, ids::CHAP_STRING, &chapter.name);
                put_text(out, ids::CHAP_LANGUAGE, "und");
            });
        }
    });
}
