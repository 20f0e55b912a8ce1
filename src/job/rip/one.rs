//! The rip of one disc, in two halves: what needs the drive, and what needs the image only. Between them the drive is free.

use std::time::Instant;

use crate::base::cancel::Cancel;
use crate::base::event::{Event, Events};
use crate::drive::tray::{self, Deed};
use crate::imaging;
use crate::job::files::Files;
use crate::job::source_name::SourceName;
use crate::os::names;

use super::disc::look::{Look, look, wait};
use super::disc::place::Place;
use super::error::Trouble;
use super::films::behind::{self, Behind};
use super::image::image;
use super::job::{Job, Keep};
use super::report::html::Shown;
use super::report::{Ripped, Verdict, pictures, written};
use super::{films, hook};

/// What a rip is made with.
#[derive(Clone, Copy)]
pub struct Rip<'a> {
    /// What is asked for.
    pub job: &'a Job,
    /// The source, and what the person called it.
    pub source: (&'a SourceName, &'a str),
    /// Exit codes and words.
    pub verdict: &'a dyn Verdict,
    /// The wish to stop.
    pub cancel: &'a Cancel,
}

/// A disc of which the drive has done its part.
#[derive(Debug)]
pub struct Imaged {
    /// What came of it so far.
    pub ripped: Ripped,
    /// Its folder; `None` where the disc was not begun.
    place: Option<Place>,
    /// Films that were begun behind the sweep.
    behind: Option<Behind>,
    begun: Instant,
}

impl Imaged {
    fn new(ripped: Ripped) -> Self {
        Self { ripped, place: None, behind: None, begun: Instant::now() }
    }
}

impl Rip<'_> {
    /// The first half: waits for the disc, finds its folder, and reads it into an image. `drained` is asked whether room is
    /// still to come, where there is too little: other discs may be on their way; it waits until they are done.
    #[must_use]
    pub fn read(&self, events: &dyn Events, drained: &dyn Fn() -> bool) -> Imaged {
        let mut imaged = Imaged::new(Ripped::of(self.source.1));
        if let Err(trouble) = self.try_read(&mut imaged, events, drained) {
            imaged.ripped.troubles.push(trouble);
        }
        imaged
    }

    fn try_read(&self, imaged: &mut Imaged, events: &dyn Events, drained: &dyn Fn() -> bool) -> Result<(), Trouble> {
        let (name, ripped) = (self.source.0, &mut imaged.ripped);
        let opened = wait(name, self.job, self.cancel, events)?;
        imaged.begun = Instant::now();
        let mut look = look(opened, self.job, events)?;
        tell(&look, ripped);
        let place = Place::take(&self.job.folder, &self.job.name.name(&look.told), &look)?;
        ripped.folder = Some(place.folder.clone());
        let place = imaged.place.insert(place);
        written::check(&place.folder)?;
        let wanted = self.job.films.text(self.job.keep);
        if let Some(code) = place.record.exit_code.filter(|_| !self.job.again && place.record.wanted == wanted) {
            (ripped.skipped, ripped.earlier) = (true, Some(code));
            let folder = place.folder.display();
            ripped.notes.push(format!("This disc was ripped already, into {folder}; --again rips it once more."));
            drop(look);
            self.eject(events);
            self.free(imaged, events);
            return Ok(());
        }
        check_files(name, place)?;
        place.forget_lost_image()?;
        while let Err(trouble) = place.check_room(&look) {
            if !drained() {
                return Err(trouble);
            }
        }
        (place.record.wanted, place.record.exit_code) = (wanted, None);
        place.save()?;
        behind::forget(&place.folder.join(behind::FOLDER));
        // What an earlier run has read, the films need not wait for.
        let is_new = matches!(names::kind_at(&place.image()), Ok(None));
        if is_new && self.job.keep != Keep::Image {
            imaged.behind = Behind::start(place, &self.job.films, &mut look, self.cancel, events);
        }
        // The drive is opened anew by whoever reads the disc.
        if imaged.behind.is_none() {
            look.known.read_on(None);
        }
        image(name, self.job, place, (self.cancel, events), ripped);
        if is_sound(ripped) {
            imaged.behind.iter().for_each(Behind::all_is_there);
        } else {
            imaged.behind = None;
        }
        self.free(imaged, events);
        Ok(())
    }

    /// Opens the tray of a drive that nothing was read from.
    fn eject(&self, events: &dyn Events) {
        let SourceName::Drive(path) = self.source.0 else { return };
        if self.job.eject && !tray::act(path, Deed::Eject).is_ok_and(|did| did) {
            events.event(Event::Warning(format!("{} cannot be ejected", self.source.1)));
        }
    }

    /// The drive is free.
    fn free(&self, imaged: &mut Imaged, events: &dyn Events) {
        let Some(command) = &self.job.on_free else { return };
        events.event(Event::Phase("command".to_owned()));
        let code = self.verdict.code(&imaged.ripped);
        let ran = hook::run("--on-free", command, &imaged.ripped, imaged.place.as_ref(), code);
        imaged.ripped.troubles.extend(ran.err());
    }

    /// What came of a source that was not even looked at.
    #[must_use]
    pub fn closed(&self, ripped: Ripped, events: &dyn Events) -> Ripped {
        self.finish(Imaged::new(ripped), events)
    }

    /// The second half: films, hashes, reports, and the command behind everything.
    #[must_use]
    pub fn finish(&self, imaged: Imaged, events: &dyn Events) -> Ripped {
        let Imaged { mut ripped, mut place, behind, begun } = imaged;
        if let Some(place) = place.as_mut().filter(|_| !ripped.skipped) {
            // Before the image may be removed.
            let shown = pictures::take(&mut ripped, &place.map());
            let is_read =
                ripped.imaged().is_some() && ripped.troubles.iter().all(|t| matches!(t, Trouble::Command { .. }));
            if is_read && self.job.keep != Keep::Image {
                let is_made =
                    behind.is_some_and(|behind| films::take(behind, place, (self.cancel, events), &mut ripped));
                if !is_made {
                    films::films(self.job, place, self.cancel, events, &mut ripped);
                }
                films::remove_image(self.job, place, events, &mut ripped);
            }
            ripped.seconds = begun.elapsed().as_secs_f64();
            ripped.compare_with_sweep();
            events.event(Event::Phase("reports".to_owned()));
            self.record(place, &mut ripped, &shown);
        }
        self.judge(&mut ripped);
        if let Some(command) = &self.job.on_done {
            events.event(Event::Phase("command".to_owned()));
            let ran = hook::run("--on-done", command, &ripped, place.as_ref(), ripped.exit_code);
            ripped.troubles.extend(ran.err());
            self.judge(&mut ripped);
        }
        ripped
    }

    /// Writes the reports, and into the record whether the disc is done.
    fn record(&self, place: &mut Place, ripped: &mut Ripped, shown: &Shown) {
        // What was begun has a report; what never got so far has nothing to tell.
        if ripped.imaged().is_none() {
            return;
        }
        self.judge(ripped);
        let written = written::write(&place.folder, ripped, &self.verdict.words(ripped), shown);
        ripped.troubles.extend(written.err());
        self.judge(ripped);
        // That a command failed makes no disc worth another rip.
        let troubles = std::mem::take(&mut ripped.troubles);
        let is_done = troubles.iter().all(|trouble| matches!(trouble, Trouble::Command { .. }));
        place.record.exit_code = is_done.then(|| self.verdict.code(ripped));
        ripped.troubles = troubles;
        ripped.troubles.extend(place.save().err());
    }

    /// Puts what came of it into words and a number.
    fn judge(&self, ripped: &mut Ripped) {
        ripped.errors = ripped.troubles.iter().map(|trouble| self.verdict.told(trouble, self.source.1)).collect();
        ripped.exit_code = self.verdict.code(ripped);
    }
}

/// No image is ripped into itself.
fn check_files(name: &SourceName, place: &Place) -> Result<(), Trouble> {
    let mut files = Files::of_source(name);
    let job = imaging::Job::new(imaging::Task::Sweep { restart: false }, place.image());
    job.outputs().iter().for_each(|(path, role)| files.writes(path, role));
    Ok(files.check()?)
}

/// Whether a sweep met nothing bad, so that what was read behind it is what the image holds.
fn is_sound(ripped: &Ripped) -> bool {
    ripped.troubles.is_empty()
        && ripped.patch.is_none()
        && ripped.sweep.as_ref().is_some_and(|report| report.complete && report.failed_reads == 0)
}

/// What the first look tells goes into the report.
fn tell(look: &Look, ripped: &mut Ripped) {
    ripped.label = Some(look.told.label.clone());
    ripped.name = Some(look.told.name.clone()).filter(|name| !name.is_empty());
    (ripped.media, ripped.sectors) = (look.media, Some(look.fingerprint.sectors));
    ripped.fingerprint = Some(look.fingerprint.id());
}
