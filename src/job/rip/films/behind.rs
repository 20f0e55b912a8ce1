//! Films of a disc that seems sound, made behind its sweep from what is on the disk already. They count only when the sweep
//! met nothing bad; else they are made again when all is read.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::base::cancel::Cancel;
use crate::base::event::{Event, Events};
use crate::job::disc::Disc;
use crate::job::files::Files;
use crate::job::mux::{self, Job as MuxJob, Plans};
use crate::job::source_name::SourceName;
use crate::mux::report::OutputReport;

use super::growing::Growing;
use crate::job::rip::disc::look::{Look, nap};
use crate::job::rip::disc::place::Place;
use crate::job::rip::job::Films;

/// The folder, inside the disc's, that they are made in.
pub(in crate::job::rip) const FOLDER: &str = "behind.tmp";

/// The part of the disc that the drive is asked for so that films can be planned before the sweep: one in so many sectors, but
/// never fewer than 8 MiB.
const SHARE: u64 = 100;
const LEAST: u64 = 4096;

/// Sentences that are kept until somebody hears them.
const SENTENCES: usize = 1000;

/// How often whoever waits for them is told how far they are.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// Films under way.
#[derive(Debug)]
pub(in crate::job::rip) struct Behind {
    thread: Option<JoinHandle<Option<Vec<OutputReport>>>>,
    heard: Arc<Heard>,
    leave: Cancel,
    done: Cancel,
    folder: PathBuf,
}

impl Behind {
    /// Plans the films of the disc whose image `place` is about to get, while its drive is still at hand, and begins them.
    /// `None` where the drive cannot read all that the plans need, or no thread or folder can be had: they are made later then.
    pub(in crate::job::rip) fn start(
        place: &Place,
        films: &Films,
        look: &mut Look,
        cancel: &Cancel,
        events: &dyn Events,
    ) -> Option<Self> {
        let folder = place.folder.join(FOLDER);
        let disc = look.disc.take()?;
        let image = place.image();
        let job = MuxJob {
            titles: films.titles.clone(),
            min_length: films.min_length,
            angle: films.angle,
            options: films.options.clone(),
            output: folder.clone(),
            force: false,
            read: Files::of_source(&SourceName::Image(image.clone())),
        };
        std::fs::create_dir(&folder).ok()?;
        let (heard, leave, done) = (Arc::new(Heard::default()), Cancel::new(), Cancel::new());
        events.event(Event::Phase("plan".to_owned()));
        look.known.limit((look.facts.sectors / SHARE).max(LEAST));
        let plans = mux::plans(&disc, &job, cancel, &*heard).ok().filter(|plans| plans.refused.is_empty());
        // What takes the drive too long is planned behind the sweep too; what it cannot read, or what is no film, is not.
        let is_spent = look.known.is_spent();
        if look.known.is_hurt() || (plans.is_none() && !is_spent) {
            forget(&folder);
            return None;
        }
        let plans = plans.filter(|_| !is_spent);
        let (map, count) = (place.map(), look.facts.sectors);
        let (own_done, own_leave) = (done.clone(), leave.clone());
        let growing = Growing { image, map, count, done: own_done, leave: own_leave, state: Mutex::default() };
        look.known.read_on(Some(Arc::new(growing)));
        let (own_leave, own_heard) = (leave.clone(), Arc::clone(&heard));
        let work = move || films_of(&disc, plans, &job, (&own_leave, &*own_heard));
        let thread = thread::Builder::new().name("films behind".to_owned()).spawn(work).ok();
        thread.as_ref()?;
        Some(Self { thread, heard, leave, done, folder })
    }

    /// The sweep has ended, and met nothing bad: nobody needs to wait any more.
    pub(in crate::job::rip) fn all_is_there(&self) {
        self.done.raise();
    }

    /// Waits for the films of a sweep that met nothing bad, and tells how far they are; `None` where they came to nothing.
    pub(in crate::job::rip) fn join(mut self, cancel: &Cancel, events: &dyn Events) -> Option<Vec<OutputReport>> {
        let thread = self.thread.take()?;
        events.event(Event::Phase("mux".to_owned()));
        while !thread.is_finished() && !cancel.is_raised() {
            self.heard.tell_progress(events);
            nap(TELL_EVERY, cancel);
        }
        if cancel.is_raised() {
            self.leave.raise();
        }
        let outputs = thread.join().ok().flatten()?;
        self.heard.tell_sentences(events);
        Some(outputs)
    }
}

/// What is under way ends, and leaves nothing.
impl Drop for Behind {
    fn drop(&mut self) {
        self.leave.raise();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
            forget(&self.folder);
        }
    }
}

/// Removes what is in the folder of films that count for nothing; files only, as they are made here.
pub(in crate::job::rip) fn forget(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let _ = std::fs::remove_file(entry.path());
    }
    let _ = std::fs::remove_dir(folder);
}

/// Makes the films; `None` where any of it fails, or is not whole.
fn films_of(
    disc: &Disc,
    plans: Option<Plans>,
    job: &MuxJob,
    (leave, events): (&Cancel, &dyn Events),
) -> Option<Vec<OutputReport>> {
    let plans = plans.or_else(|| mux::plans(disc, job, leave, events).ok()).filter(|plans| plans.refused.is_empty())?;
    let written = mux::write(disc, plans, job, leave, events);
    let is_whole = written.failure.is_none() && written.outputs.iter().all(|output| output.losses.is_empty());
    is_whole.then_some(written.outputs)
}

/// What the films tell, kept until the drive has done its part: its own progress is shown until then.
#[derive(Debug, Default)]
struct Heard(Mutex<(Option<Event>, Vec<Event>)>);

impl Heard {
    fn tell_progress(&self, events: &dyn Events) {
        let progress = self.0.lock().unwrap_or_else(PoisonError::into_inner).0.take();
        progress.into_iter().for_each(|progress| events.event(progress));
    }

    fn tell_sentences(&self, events: &dyn Events) {
        let sentences = std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).1);
        sentences.into_iter().for_each(|sentence| events.event(sentence));
    }
}

impl Events for Heard {
    fn event(&self, event: Event) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Progress(_) => heard.0 = Some(event),
            Event::Notice(_) | Event::Warning(_) if heard.1.len() < SENTENCES => heard.1.push(event),
            _ => {}
        }
    }
}
