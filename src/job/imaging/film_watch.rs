//! What a patch means for the film, while it lasts: from the image's own tables and its map on disk, so that the drive is not
//! asked for anything.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use crate::base::cancel::Cancel;
use crate::base::event::{Event, Events, NoEvents};
use crate::base::sector::set::SectorSet;
use crate::scsi::sg_io::Sharing;
use crate::title::model::Title;
use crate::title::select::choose;
use crate::title::survey;

use crate::job::disc::{self, Disc};
use crate::job::source_name::SourceName;
use crate::job::titles;

/// Before the first look: a short run is over by then.
const FIRST: Duration = Duration::from_secs(1);

/// Between two looks, and how long it is slept without asking whether the run has ended.
const EVERY: Duration = Duration::from_secs(4);
const NAP: Duration = Duration::from_millis(50);

/// The longest map that is read beside the run, which has its own in memory, bytes: some 100,000 ranges.
const MAP_MAX: u64 = 8 << 20;

/// Looks in vain behind which the image has no film.
const VAIN_MAX: u32 = 3;

/// Hurt spans that are named.
const NAMED: usize = 2;

/// Does `work`, and tells meanwhile what of the film of the image is hurt as the map stands.
pub(super) fn during<T>(image: &SourceName, map: &Path, events: &dyn Events, work: impl FnOnce() -> T) -> T {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let watch = || watch(image, map, events, &is_over);
        // Without the thread the film is not told of, and all the work is done.
        let _ = thread::Builder::new().name("film".to_owned()).spawn_scoped(scope, watch);
        let done = work();
        is_over.store(true, Ordering::SeqCst);
        done
    })
}

fn watch(image: &SourceName, map: &Path, events: &dyn Events, is_over: &AtomicBool) {
    let (mut seen, mut film, mut pause): (Option<(u64, SystemTime)>, Option<Film>, _) = (None, None, FIRST);
    let mut vain = 0;
    while vain < VAIN_MAX && !slept(pause, is_over) {
        pause = EVERY;
        let metadata = std::fs::metadata(map).ok().filter(|metadata| metadata.len() <= MAP_MAX);
        let changed = metadata.and_then(|metadata| Some((metadata.ino(), metadata.modified().ok()?)));
        if changed.is_none() || changed == seen {
            continue;
        }
        seen = changed;
        let Some(disc) = open(image, map) else {
            vain += 1;
            continue;
        };
        // The tables are read once; while they are missing themselves, again.
        if film.is_none() {
            film = Film::of(&disc);
        }
        match &film {
            Some(film) => events.event(Event::Film(film.words(&disc))),
            None => vain += 1,
        }
    }
}

/// An image in a container is as its tables say on disk, which are never behind the map there.
fn open(image: &SourceName, map: &Path) -> Option<Disc> {
    disc::open(image, Some(map), Sharing::Shared, &Cancel::new(), &NoEvents).ok()
}

/// Lets time pass; whether the run has ended.
fn slept(time: Duration, is_over: &AtomicBool) -> bool {
    let mut left = time;
    while !left.is_zero() && !is_over.load(Ordering::SeqCst) {
        thread::sleep(left.min(NAP));
        left = left.saturating_sub(NAP);
    }
    is_over.load(Ordering::SeqCst)
}

/// The film of a disc.
struct Film(Title);

impl Film {
    fn of(disc: &Disc) -> Option<Self> {
        let mut titles = titles::read(disc, None, 1).ok()?;
        let main = choose(&titles.titles, &titles.navigation, &[])?.main;
        (main < titles.titles.len()).then(|| Self(titles.titles.swap_remove(main)))
    }

    /// What of it is hurt, in a few words.
    fn words(&self, disc: &Disc) -> String {
        let missing: SectorSet = disc.missing_sectors();
        let hurt = survey::hurt(&*disc.files, std::slice::from_ref(&self.0), &missing);
        let spans = hurt.spans.into_iter().next().unwrap_or_default();
        let spans: Vec<(f64, f64)> = spans.iter().map(|span| (span.start.seconds(), span.end.seconds())).collect();
        words(&spans)
    }
}

/// Spans of a film that are hurt, seconds, in a few words.
fn words(spans: &[(f64, f64)]) -> String {
    if spans.is_empty() {
        return "film whole".to_owned();
    }
    let named: Vec<String> =
        spans.iter().take(NAMED).map(|(from, to)| format!("{}-{}", short(from.floor()), short(to.ceil()))).collect();
    let more = spans.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("film hurt {}{more}", named.join(", "))
}

/// `0:29`, `1:02:03`.
#[allow(clippy::cast_sign_loss, reason = "cut at zero")]
fn short(seconds: f64) -> String {
    let seconds = seconds.max(0.0) as u64;
    match seconds / 3600 {
        0 => format!("{}:{:02}", seconds / 60, seconds % 60),
        hours => format!("{hours}:{:02}:{:02}", seconds / 60 % 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn a_film_is_told_of_in_a_few_words() {
        assert_eq!(words(&[]), "film whole");
        assert_eq!(words(&[(29.4, 30.2)]), "film hurt 0:29-0:31");
        let many: Vec<(f64, f64)> = (0..5).map(|i| (3600.0 * f64::from(i), 3600.0 * f64::from(i) + 1.0)).collect();
        assert_eq!(words(&many), "film hurt 0:00-0:01, 1:00:00-1:00:01 and 3 more");
    }

    #[derive(Default)]
    struct Heard(Mutex<Vec<String>>);

    impl Events for Heard {
        fn event(&self, event: Event) {
            if let Event::Film(text) = event {
                self.0.lock().unwrap().push(text);
            }
        }
    }

    /// What is first told of an image of the film whose 51st unit of 32 sectors failed: about 29 seconds into it.
    fn assert_told(image: &SourceName) {
        let map = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(map.path(), "0 + 1\n0 0x330000 +\n0x330000 0x10000 -\n0x340000 0x340000 +\n").unwrap();
        let heard = Heard::default();
        during(image, map.path(), &heard, || {
            while heard.0.lock().unwrap().is_empty() {
                thread::yield_now();
            }
        });
        let told = heard.0.lock().unwrap();
        assert!(told[0].starts_with("film hurt 0:2"), "{told:?}");
    }

    const FILM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/discs/film.iso");

    #[test]
    fn the_map_on_disk_says_what_of_the_film_is_hurt() {
        assert_told(&SourceName::Image(FILM.into()));
    }

    #[cfg(feature = "qcow2")]
    #[test]
    fn so_it_does_of_a_qcow2_image_that_is_open_for_writing() {
        use crate::base::clock::SystemClock;
        use crate::image::{Format, ImageStore, WriteChoice};

        let folder = tempfile::tempdir().unwrap();
        let (path, bytes) = (folder.path().join("film.qcow2"), std::fs::read(FILM).unwrap());
        let clock = std::sync::Arc::new(SystemClock::new());
        let mut image = ImageStore::create(&path, Format::Qcow2, bytes.len() as u64, WriteChoice::Auto, clock).unwrap();
        image.write_at(0, &bytes).unwrap();
        image.sync_all().unwrap();
        assert_told(&SourceName::of_written(&path, Format::Qcow2));
    }
}
