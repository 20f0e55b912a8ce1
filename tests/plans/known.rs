//! Plans under which wrong data was once called good, on every kind of disc.

use freemkv::base::media::Media;

use crate::case::disc::{Content, DiscSpec};
use crate::case::{Case, Command, Step, Stop};

/// Each with what it is about.
const PLANS: [(&str, &str); 14] = [
    ("zeros from the first failure on", "zero-after 1\nbad 0 1 0"),
    ("effort that a failure behind it hides", "recovered 80 8 1\nbads 2700 1 0"),
    ("effort that was trusted too long", "recovered 0 130\nrecovered 140 100 1"),
    ("the same, at the end", "recovered 0 5000\nrecovered 5000 3 1"),
    ("zeros with no failure of a sector before them", "answer 1 1 03/11/05 2\nzero-after 2"),
    ("effort that another fault hides", "recovered 1 1 1\nanswer 2 1 host:03 2"),
    ("effort that a short transfer hides", "recovered 2 1 1\nshort 3 1 0"),
    ("effort that blank space hides", "recovered 2 2 1\nblank 4 1"),
    ("effort that is in the cache when the drive is asked again", "recovered 0 1 1\nanswer 3 1 06/29/00 2"),
    ("effort that is always wrong", "recovered 2 1 1000"),
    ("effort before the disc's end", "recovered 19 8 1000\ncapacity 8210"),
    ("wrong from the first sector on", "recovered 0 8192 2\nbads 40 1 0"),
    ("another disc in the middle", "bad 3 2 0\nat 5 swap other.iso"),
    ("another disc behind a failure that nobody vouched for", "bads 100 1 0\nat 0.3 swap other.iso"),
];

/// A sweep and two patches of a disc of 16 MiB under each of them.
pub(crate) fn cases() -> Vec<(String, Case)> {
    let patch = Command::Patch { passes: 8, thorough: false, finish: false };
    let step = |command| Step { command, plan: 0, stop: Stop::None, retries: None, speed: None, fresh: false };
    let mut cases = Vec::new();
    for (name, plan) in PLANS {
        for media in [Media::Cd, Media::Dvd, Media::Bd] {
            for content in [Content::Full, Content::Sparse] {
                let disc = DiscSpec { sectors: 8192, content, variant: 0 };
                let case = Case {
                    media,
                    disc,
                    other: DiscSpec { variant: 5, ..disc },
                    plans: vec![plan.lines().map(str::to_owned).collect()],
                    steps: vec![step(Command::Sweep), step(patch), step(patch)],
                };
                cases.push((format!("{name}, {media:?}, {content:?}"), case));
            }
        }
    }
    cases
}
