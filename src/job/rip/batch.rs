//! Several drives at once, and one disc after the other in each.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Sender, bounded};

use crate::base::cancel::Cancel;
use crate::base::event::{Event, Events};
use crate::base::outcome::Fault;
use crate::imaging::{self, End};
use crate::job::open;
use crate::job::source_name::SourceName;

use super::disc::lock;
use super::disc::look::{fingerprint_of, is_empty, nap};
use super::error::Trouble;
use super::job::{Job, Wait};
use super::one::{Imaged, Rip};
use super::report::{Ripped, Verdict};

/// Discs of one drive whose films wait to be written.
const QUEUE: usize = 2;

/// How long is waited before the next look whether a disc was changed, or films are done.
const LOOK_EVERY: Duration = Duration::from_millis(500);
const CHANGED_EVERY: Duration = Duration::from_secs(2);

/// A drive of a batch.
pub struct Station<'a> {
    /// The source.
    pub name: SourceName,
    /// What the person called it.
    pub shown: String,
    /// Who hears of its discs while they are read, and who while their films are made.
    pub events: (&'a dyn Events, &'a dyn Events),
}

/// Rips from all stations at once, a thread each. `done` hears of each disc when it is done.
pub fn run(
    stations: &[Station<'_>],
    job: &Job,
    verdict: &dyn Verdict,
    cancel: &Cancel,
    done: &(dyn Fn(Ripped) + Sync),
) {
    thread::scope(|scope| {
        for station in stations {
            let rip = Rip { job, source: (&station.name, &station.shown), verdict, cancel };
            let work = move || at_station(rip, station.events, done);
            // One that cannot be started does its work here, behind the others.
            if thread::Builder::new().name("rip".to_owned()).spawn_scoped(scope, work).is_err() {
                at_station(rip, station.events, done);
            }
        }
    });
}

/// The discs of one drive.
fn at_station(rip: Rip<'_>, (events, film_events): (&dyn Events, &dyn Events), done: &(dyn Fn(Ripped) + Sync)) {
    let shown = rip.source.1;
    let _lock = match lock::of_drive(rip.source.0) {
        Ok(lock) => lock,
        Err(_) => {
            let mut ripped = Ripped::of(shown);
            ripped.troubles.push(Trouble::InUse { what: shown.to_owned() });
            return done(rip.closed(ripped, film_events));
        }
    };
    if !rip.job.keep_going {
        let imaged = rip.read(events, &|| false);
        return done(rip.finish(imaged, film_events));
    }
    // Discs that are read, and not done.
    let under_way = AtomicUsize::new(0);
    thread::scope(|scope| {
        let (queue, discs) = bounded::<Imaged>(QUEUE);
        let under_way = &under_way;
        let finish = move || {
            for imaged in discs {
                done(rip.finish(imaged, film_events));
                under_way.fetch_sub(1, Ordering::SeqCst);
            }
        };
        if let Err(error) = thread::Builder::new().name("films".to_owned()).spawn_scoped(scope, finish) {
            let mut ripped = Ripped::of(shown);
            ripped.troubles.push(Trouble::Thread(error.to_string()));
            return done(rip.closed(ripped, film_events));
        }
        one_after_the_other(rip, events, &queue, under_way);
    });
}

/// Reads discs until none comes any more, and hands them on.
fn one_after_the_other(rip: Rip<'_>, events: &dyn Events, queue: &Sender<Imaged>, under_way: &AtomicUsize) {
    let drained = || {
        if under_way.load(Ordering::SeqCst) == 0 || rip.cancel.is_raised() {
            return false;
        }
        events.event(Event::Notice("Too little room: waiting until the films of earlier discs are written.".into()));
        events.event(Event::Phase("wait for room".to_owned()));
        while under_way.load(Ordering::SeqCst) > 0 && !rip.cancel.is_raised() {
            nap(LOOK_EVERY, rip.cancel);
        }
        !rip.cancel.is_raised()
    };
    let mut first = true;
    while !rip.cancel.is_raised() {
        let imaged = rip.read(events, &drained);
        let may_go_on = may_go_on(&imaged.ripped);
        // Without a disc there is nothing to tell of, but that the very first one never came.
        if is_nothing(&imaged.ripped) && !first {
            return;
        }
        first = false;
        let waits = queue.is_full();
        if waits {
            events.event(Event::Notice("Waiting until the films of earlier discs are written.".into()));
            events.event(Event::Phase("wait for films".to_owned()));
        }
        under_way.fetch_add(1, Ordering::SeqCst);
        let id = imaged.ripped.fingerprint.clone();
        if queue.send(imaged).is_err() || !may_go_on || !changed(rip, events, id.as_deref()) {
            return;
        }
    }
}

/// Whether the next disc may fare better: what went wrong is the disc's own, not that of the drive, the folder or the system.
fn may_go_on(ripped: &Ripped) -> bool {
    ripped.troubles.iter().all(|trouble| match trouble {
        Trouble::Command { .. } | Trouble::OtherDisc { .. } | Trouble::InTheWay { .. } => true,
        Trouble::Source { fault, .. } => fault_is_of_disc(*fault),
        Trouble::Ended { end: End::Fault { fault, .. }, .. } => fault_is_of_disc(*fault),
        Trouble::NotBegun { error, .. } => matches!(
            error,
            imaging::Error::WrongDisc { .. } | imaging::Error::UnknownDisc { .. } | imaging::Error::ShortImage { .. }
        ),
        _ => false,
    })
}

fn fault_is_of_disc(fault: Fault) -> bool {
    matches!(
        fault,
        Fault::Protected | Fault::Region | Fault::MediumChanged | Fault::NoMedium | Fault::Incompatible | Fault::Blank
    )
}

/// Whether no disc came, and nothing else went wrong.
fn is_nothing(ripped: &Ripped) -> bool {
    ripped.fingerprint.is_none()
        && ripped.troubles.iter().all(|trouble| match trouble {
            Trouble::Open(error) => is_empty(error),
            Trouble::Stopped => true,
            _ => false,
        })
}

/// Waits until another disc lies in the drive than the one with this fingerprint, or none; whether it came to that.
fn changed(rip: Rip<'_>, events: &dyn Events, id: Option<&str>) -> bool {
    events.event(Event::Phase("wait for another disc".to_owned()));
    let mut waited = Duration::ZERO;
    while !rip.cancel.is_raised() {
        let is_other = match open::open(rip.source.0, rip.cancel) {
            Err(_) => true,
            Ok(mut opened) => {
                let mut input = opened.source.input();
                match fingerprint_of(input.sectors()) {
                    Ok(now) => Some(now.id().as_str()) != id,
                    Err(_) => true,
                }
            }
        };
        if is_other {
            return true;
        }
        if matches!(rip.job.wait, Wait::For(limit) if waited >= limit) {
            return false;
        }
        nap(CHANGED_EVERY, rip.cancel);
        waited += CHANGED_EVERY;
    }
    false
}
